//! The number of an eSIM profile (ITU-T E.118), as SGP.22 §5.2.1 and the providers really write it.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::Invalid;

/// An ICCID in normal form: 18 to 20 digits, padding stripped. Cannot be printed; see [`Iccid::masked`].
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iccid(String);

impl Iccid {
    /// Reads an ICCID: spaces, hyphens and one trailing `F` of padding are dropped, 18 to 20 ASCII digits must be left.
    /// The Luhn digit is no acceptance rule, as published numbers fail it.
    ///
    /// # Errors
    /// [`Invalid`]; the message does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        if digits.ends_with(['F', 'f']) {
            digits.pop();
        }
        if !(18..=20).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Invalid("must be an ICCID of 18 to 20 digits"));
        }
        Ok(Self(digits))
    }

    /// The digits themselves, for provider calls and for sealing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What people may see: the last four digits.
    #[must_use]
    pub fn masked(&self) -> String {
        let tail = self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default();
        format!("…{tail}")
    }

    /// The form to look the profile up by: a 20th digit that is the Luhn digit of the first 19 is left out,
    /// as some systems write it and others do not.
    #[must_use]
    pub fn lookup_form(&self) -> &str {
        match self.0.split_at_checked(19) {
            Some((first, check)) if check.len() == 1 && check.parse::<u32>().ok() == luhn_digit(first) => first,
            _ => &self.0,
        }
    }

    /// Whether the last digit is the Luhn digit of the others: a hint for people, never a reason to refuse.
    #[must_use]
    pub fn luhn_holds(&self) -> bool {
        let (body, check) = self.0.split_at(self.0.len() - 1);
        check.parse::<u32>().ok() == luhn_digit(body)
    }
}

/// The digit that ISO/IEC 7812 appends to `digits`; `None` when one of them is no digit.
fn luhn_digit(digits: &str) -> Option<u32> {
    let mut sum = 0;
    for (place, c) in digits.chars().rev().enumerate() {
        let digit = c.to_digit(10)?;
        let doubled = if place % 2 == 0 { digit * 2 } else { digit };
        sum += if doubled > 9 { doubled - 9 } else { doubled };
    }
    Some((10 - sum % 10) % 10)
}

impl TryFrom<String> for Iccid {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Iccid> for String {
    fn from(iccid: Iccid) -> String {
        iccid.0
    }
}

impl fmt::Debug for Iccid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iccid({})", self.masked())
    }
}
