//! Reading a QR code from a PNG, as a phone would.

/// The texts of every QR code in an image; none when the bytes are no PNG or hold no code.
#[must_use]
pub fn read(png: &[u8]) -> Vec<String> {
    let Some((width, height, pixels)) = greyscale(png) else { return Vec::new() };
    let at = |x: usize, y: usize| pixels.get(y * width + x).copied().unwrap_or(u8::MAX);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, at);
    image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

/// Width, height and one byte a pixel.
fn greyscale(bytes: &[u8]) -> Option<(usize, usize, Vec<u8>)> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let mut buffer = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut buffer).ok()?;
    buffer.truncate(info.buffer_size());
    // Black and white are told by any colour; transparency is not looked at.
    let samples = info.color_type.samples();
    let pixels = buffer.chunks(samples).filter_map(|pixel| pixel.first().copied()).collect();
    Some((usize::try_from(info.width).ok()?, usize::try_from(info.height).ok()?, pixels))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_is_no_image_holds_no_code() {
        assert!(read(b"%PDF-1.7").is_empty());
    }
}
