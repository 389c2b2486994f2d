//! QR codes as PNG, for activation codes (GSMA eSIM facts, "Install links and QR"): error correction level M,
//! a quiet zone of four modules, whole pixels per module so that no edge is blurred.

use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// Light modules around the symbol on each side (ISO/IEC 18004).
const QUIET_ZONE: u32 = 4;
/// Largest side that is drawn, in pixels.
const MOST_PX: u32 = 4096;

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// The text does not fit into one symbol.
    #[error("the text is too long for a QR code")]
    TooLong,
    /// More pixels were asked for than are drawn.
    #[error("a QR code is drawn with 4096 pixels a side at most")]
    TooLarge,
    /// The picture could not be written.
    #[error("the QR code could not be written as PNG")]
    Png,
}

/// The text as a black and white PNG, square, `min_px` pixels a side at least.
///
/// # Errors
/// [`QrError`]; the text is never part of it.
pub fn png(text: &str, min_px: u32) -> Result<Vec<u8>, QrError> {
    if min_px > MOST_PX {
        return Err(QrError::TooLarge);
    }
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| QrError::TooLong)?;
    let width = code.width();
    let modules = u32::try_from(width).map_err(|_| QrError::TooLong)? + 2 * QUIET_ZONE;
    let scale = min_px.div_ceil(modules).max(1);
    encode(modules * scale, &pixels(&code.into_colors(), width, scale as usize))
}

/// A QR code to be drawn by a browser: the path of its dark modules, one unit a module, quiet zone included in the side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Modules a side.
    pub side: usize,
    /// The `d` of an SVG path.
    pub path: String,
}

impl Drawing {
    /// Pixels a side, `least` at least and whole ones for each module, so that no edge is blurred where there is room for it.
    #[must_use]
    pub fn pixels(&self, least: usize) -> usize {
        self.side * least.div_ceil(self.side.max(1))
    }
}

/// The text as a path for SVG: what [`png()`] draws, sharp at every size.
///
/// # Errors
/// [`QrError::TooLong`]; the text is never part of it.
pub fn drawing(text: &str) -> Result<Drawing, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| QrError::TooLong)?;
    let (width, quiet) = (code.width(), QUIET_ZONE as usize);
    let mut path = String::new();
    for (y, row) in code.into_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                // Writing to a text cannot fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + quiet, y + quiet, run.len(), run.len());
            }
            x += run.len();
        }
    }
    Ok(Drawing { side: width + 2 * quiet, path })
}

/// One bit a pixel, rows padded to whole bytes, 1 is white: PNG's greyscale of depth one.
fn pixels(colors: &[Color], width: usize, scale: usize) -> Vec<u8> {
    let quiet = QUIET_ZONE as usize;
    let row_bytes = ((width + 2 * quiet) * scale).div_ceil(8);
    let blank = vec![0xFF; row_bytes * quiet * scale];
    let mut picture = blank.clone();
    for modules in colors.chunks(width) {
        let row = row(modules, quiet, scale, row_bytes);
        for _ in 0..scale {
            picture.extend_from_slice(&row);
        }
    }
    picture.extend_from_slice(&blank);
    picture
}

fn row(modules: &[Color], quiet: usize, scale: usize, row_bytes: usize) -> Vec<u8> {
    let mut row = vec![0xFF_u8; row_bytes];
    for (place, _) in modules.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let first = (quiet + place) * scale;
        for pixel in first..first + scale {
            if let Some(byte) = row.get_mut(pixel / 8) {
                *byte &= !(0x80 >> (pixel % 8));
            }
        }
    }
    row
}

fn encode(side: u32, pixels: &[u8]) -> Result<Vec<u8>, QrError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    // Rows repeat: what differs from the row above is zero nearly everywhere, and the quick compressor is made for that. The file has
    // less than 3 KB; 2 KB less of it would take thirty times as long.
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Up);
    let mut writer = encoder.write_header().map_err(|_| QrError::Png)?;
    writer.write_image_data(pixels).map_err(|_| QrError::Png)?;
    writer.finish().map_err(|_| QrError::Png)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use super::{QrError, png};

    struct Picture {
        side: usize,
        grey: Vec<u8>,
    }

    fn read(file: &[u8]) -> Picture {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut grey = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut grey).unwrap();
        assert_eq!(info.width, info.height);
        Picture { side: info.width as usize, grey }
    }

    fn scan(picture: &Picture) -> String {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(picture.side, picture.side, |x, y| picture.grey[y * picture.side + x]);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        let (meta, text) = grids[0].decode().unwrap();
        assert_eq!(meta.ecc_level, 0, "level M is written as 00 (ISO/IEC 18004)");
        text
    }

    #[test]
    fn what_is_scanned_is_exactly_what_was_written() {
        let longest = format!("LPA:1$smdp.example.com$K2-48XR-77TB$$1${}", "9".repeat(210));
        for text in ["LPA:1$smdp.example.com$K2-48XR-77TB", "LPA:1$rsp.Example.com$$2.999.7$1", longest.as_str()] {
            for min_px in [1, 300, 600, 1000] {
                let picture = read(&png(text, min_px).unwrap());
                assert!(picture.side >= min_px as usize);
                // One pixel a module is a valid file, but too fine for the scanner used here.
                if min_px > 1 {
                    assert_eq!(scan(&picture), text, "{min_px} px");
                }
            }
        }
    }

    #[test]
    fn four_white_modules_stand_on_every_side_and_every_module_is_a_square_of_whole_pixels() {
        let picture = read(&png("LPA:1$smdp.example.com$K2-48XR-77TB", 600).unwrap());
        let dark = |x: usize, y: usize| picture.grey[y * picture.side + x] == 0;
        let first = (0..picture.side).find(|&at| dark(at, at)).unwrap();
        // The finder pattern begins at the first module after the quiet zone, so the quiet zone is four modules exactly.
        assert_eq!(first % 4, 0);
        let scale = first / 4;
        assert!(scale > 1);
        for at in 0..picture.side {
            for edge in 0..first {
                let far = picture.side - 1 - edge;
                assert!(!dark(at, edge) && !dark(edge, at) && !dark(at, far) && !dark(far, at));
            }
        }
        for y in 0..picture.side {
            for x in 0..picture.side {
                assert_eq!(dark(x, y), dark(x / scale * scale, y / scale * scale));
            }
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        assert_eq!(png(&"x".repeat(3000), 300), Err(QrError::TooLong));
        assert_eq!(png("x", 100_000), Err(QrError::TooLarge));
    }
}
