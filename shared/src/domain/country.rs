//! Countries: ISO 3166-1.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::Invalid;

/// A country by its ISO 3166-1 alpha-2 code, upper case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// Reads an alpha-2 code, in either case.
    ///
    /// # Errors
    /// [`Invalid`] for anything that ISO 3166-1 does not list.
    pub fn parse(alpha2: &str) -> Result<Self, Invalid> {
        Self::found(rust_iso3166::from_alpha2(&alpha2.trim().to_ascii_uppercase()))
    }

    /// Reads an alpha-3 code, which some providers send.
    ///
    /// # Errors
    /// [`Invalid`] for anything that ISO 3166-1 does not list.
    pub fn parse_alpha3(alpha3: &str) -> Result<Self, Invalid> {
        Self::found(rust_iso3166::from_alpha3(&alpha3.trim().to_ascii_uppercase()))
    }

    fn found(country: Option<rust_iso3166::CountryCode>) -> Result<Self, Invalid> {
        match country.map(|c| c.alpha2.as_bytes()) {
            Some([a, b]) => Ok(Self([*a, *b])),
            _ => Err(Invalid("must be an ISO 3166-1 country code of two letters")),
        }
    }

    /// How many values [`Country::ordinal`] can take.
    pub(super) const ORDINALS: usize = 26 * 26;

    /// The place of the code among all pairs of letters: a table of countries is an array, not a map.
    pub(super) fn ordinal(self) -> usize {
        let [first, second] = self.0.map(|letter| usize::from(letter.wrapping_sub(b'A')));
        first * 26 + second
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl TryFrom<String> for Country {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.as_str().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
