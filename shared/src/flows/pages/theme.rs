//! The agency's colour and logo, and the headers that keep a page to itself.
//!
//! The colour is given by one agency for white paper; it is darkened or lightened here until text in it, and on it, can be read
//! (WCAG 2.2, 1.4.3: 4.5 to 1).

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use crate::config::{Agency, Colour};

/// The sheet that text in the agency's colour stands on, by day and by night: `--sheet` of the style sheet.
const LIGHT_SHEET: Colour = Colour([255, 255, 255]);
const DARK_SHEET: Colour = Colour([30, 36, 43]);
/// What is asked for, and a little to spare.
const READABLE: f64 = 4.6;

/// What a page takes from its agency.
pub(super) struct Theme {
    pub(super) agency: String,
    pub(super) logo: Option<String>,
    /// The agency's tokens, as the content of a style element; empty for the look of the house.
    pub(super) tokens: String,
}

impl Theme {
    pub(super) fn of(agency: &Agency) -> Self {
        Self {
            agency: agency.name.clone(),
            logo: agency.pages.logo_png.as_ref().map(crate::config::Logo::data_url),
            tokens: agency.pages.accent.map(tokens).unwrap_or_default(),
        }
    }

    /// For pages that belong to nobody.
    pub(super) fn of_nobody() -> Self {
        Self { agency: "Passerelle".to_owned(), logo: None, tokens: String::new() }
    }

    /// Nothing from elsewhere, nothing in line but the agency's tokens, and frames only where the agency wants them.
    pub(super) fn policy(&self, agency: Option<&Agency>) -> String {
        let frames: Vec<&str> = agency.iter().flat_map(|agency| &agency.pages.framed_by).map(crate::config::FrameOrigin::as_str).collect();
        let frames = if frames.is_empty() { "'none'".to_owned() } else { frames.join(" ") };
        let style = match self.tokens.as_str() {
            "" => "'self'".to_owned(),
            tokens => format!("'self' 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(tokens))),
        };
        format!(
            "default-src 'none'; script-src 'self'; style-src {style}; img-src data:; connect-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors {frames}"
        )
    }
}

fn tokens(accent: Colour) -> String {
    let (light, dark) = (readable_on(accent, LIGHT_SHEET), readable_on(accent, DARK_SHEET));
    let set = |colour: Colour| format!("--accent:{};--on-accent:{}", hex(colour), hex(ink_on(colour)));
    format!(":root{{{}}}@media (prefers-color-scheme:dark){{:root{{{}}}}}", set(light), set(dark))
}

fn hex(colour: Colour) -> String {
    format!("#{}", hex::encode(colour.0))
}

/// The colour, moved towards black or white until it can be read on the sheet.
fn readable_on(colour: Colour, sheet: Colour) -> Colour {
    let towards = if luminance(sheet) > 0.5 { 0 } else { 255 };
    let mut moved = colour;
    for _ in 0..64 {
        if contrast(moved, sheet) >= READABLE {
            break;
        }
        moved = Colour(moved.0.map(|part| step(part, towards)));
    }
    moved
}

fn step(part: u8, towards: u8) -> u8 {
    if towards == 0 { part.saturating_sub(6) } else { part.saturating_add(6) }
}

/// Black or white, whichever can be read better on the colour.
fn ink_on(colour: Colour) -> Colour {
    let (white, black) = (Colour([255; 3]), Colour([16, 21, 26]));
    if contrast(white, colour) >= contrast(black, colour) { white } else { black }
}

/// WCAG 2.2, "contrast ratio".
fn contrast(a: Colour, b: Colour) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// WCAG 2.2, "relative luminance".
fn luminance(colour: Colour) -> f64 {
    let [red, green, blue] = colour.0.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::{DARK_SHEET, LIGHT_SHEET, contrast, ink_on, readable_on};
    use crate::config::Colour;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_colour_can_be_read_by_day_and_by_night(rgb in any::<[u8; 3]>()) {
            for sheet in [LIGHT_SHEET, DARK_SHEET] {
                let colour = readable_on(Colour(rgb), sheet);
                prop_assert!(contrast(colour, sheet) >= 4.5);
                prop_assert!(contrast(ink_on(colour), colour) >= 4.5);
            }
        }
    }
}
