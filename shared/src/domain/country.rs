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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::Country;
    use std::collections::HashSet;

    #[test]
    fn two_and_three_letters_name_the_same_country() {
        for (two, three) in [("FR", "FRA"), ("jp", "jpn"), (" Gb ", " Gbr "), ("DE", "DEU"), ("BQ", "BES")] {
            assert_eq!(Country::parse(two), Country::parse_alpha3(three));
            assert_eq!(Country::parse(two).unwrap().as_str(), two.trim().to_uppercase());
        }
    }

    #[test]
    fn what_the_standard_does_not_list_is_refused() {
        for text in ["", "F", "FRA", "ZZ", "XX", "UK", "EU", "F1", "ＦＲ", "fr-FR"] {
            assert!(Country::parse(text).is_err(), "{text:?}");
        }
        for text in ["", "FR", "ZZZ", "XXX"] {
            assert!(Country::parse_alpha3(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn every_country_of_the_standard_has_its_own_ordinal() {
        let letters = || 'A'..='Z';
        let all: Vec<_> = letters().flat_map(|a| letters().filter_map(move |b| Country::parse(&format!("{a}{b}")).ok())).collect();
        assert_eq!(all.len(), 249);
        let ordinals: HashSet<_> = all.iter().map(|country| country.ordinal()).collect();
        assert_eq!(ordinals.len(), all.len());
        assert!(ordinals.iter().all(|ordinal| *ordinal < Country::ORDINALS));
    }

    #[test]
    fn json_is_the_code() {
        let country: Country = serde_json::from_str(r#""jp""#).unwrap();
        assert_eq!(serde_json::to_string(&country).unwrap(), r#""JP""#);
        assert!(serde_json::from_str::<Country>(r#""ZZ""#).is_err());
    }
}
