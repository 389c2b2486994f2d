//! QR pictures as providers serve them.

use qrcode::{EcLevel, QrCode};

use crate::sim::SimError;

/// Modules of white around the symbol (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;
/// Pixels of a module's side.
const SCALE: usize = 8;

/// A black and white PNG of a text.
///
/// # Errors
/// When the text is too long for a QR code.
pub fn png(text: &str) -> Result<Vec<u8>, SimError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let width = code.width();
    let side = (width + 2 * QUIET_ZONE) * SCALE;
    let mut pixels = vec![255_u8; side * side];
    for (at, pixel) in pixels.iter_mut().enumerate() {
        let (x, y) = (at % side / SCALE, at / side / SCALE);
        let inside = |place: usize| (QUIET_ZONE..QUIET_ZONE + width).contains(&place);
        if inside(x) && inside(y) && code[(x - QUIET_ZONE, y - QUIET_ZONE)] == qrcode::Color::Dark {
            *pixel = 0;
        }
    }
    grey(&pixels, u32::try_from(side)?)
}

fn grey(pixels: &[u8], side: u32) -> Result<Vec<u8>, SimError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}
