//! An agency's colour, made readable: it is given once, for white paper, and is darkened or lightened until text in it, and on it, can be
//! read (WCAG 2.2, 1.4.3: 4.5 to 1).

use serde::{Deserialize, Deserializer, de::Error};
use std::fmt;

/// A colour: red, green and blue. Written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

/// The sheets that text stands on, by day and by night: `--sheet` of the pages' style sheet, and the mails'.
const DAY: Colour = Colour([255, 255, 255]);
const NIGHT: Colour = Colour([30, 36, 43]);
/// What is asked for, and a little to spare.
const READABLE: f64 = 4.6;

impl Colour {
    /// The colour as it can be read on a white sheet.
    #[must_use]
    pub fn by_day(self) -> Self {
        readable_on(self, DAY)
    }

    /// The colour as it can be read on a dark sheet.
    #[must_use]
    pub fn by_night(self) -> Self {
        readable_on(self, NIGHT)
    }

    /// What can be read on the colour: black or white.
    #[must_use]
    pub fn ink(self) -> Self {
        ink_on(self)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut rgb = [0; 3];
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6);
        match hex.map(|hex| hex::decode_to_slice(hex, &mut rgb)) {
            Some(Ok(())) => Ok(Self(rgb)),
            _ => Err(D::Error::custom("must be a colour such as #0b5cad")),
        }
    }
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
    use super::{Colour, DAY, NIGHT, contrast, ink_on, readable_on};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_colour_can_be_read_by_day_and_by_night(rgb in any::<[u8; 3]>()) {
            for sheet in [DAY, NIGHT] {
                let colour = readable_on(Colour(rgb), sheet);
                prop_assert!(contrast(colour, sheet) >= 4.5);
                prop_assert!(contrast(ink_on(colour), colour) >= 4.5);
            }
        }
    }
}
