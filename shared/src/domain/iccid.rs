//! The number of an eSIM profile (ITU-T E.118), as SGP.22 §5.2.1 and the providers really write it.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::Invalid;

/// An ICCID in normal form: 18 to 20 digits, padding stripped. Cannot be printed; see [`Iccid::masked`].
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iccid(String);

impl Iccid {
    /// Reads an ICCID: white space, hyphens and one trailing `F` of padding are dropped, 18 to 20 ASCII digits must be left.
    /// The Luhn digit is no acceptance rule, as published numbers fail it.
    ///
    /// # Errors
    /// [`Invalid`]; the message does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut digits: String = text.chars().filter(|c| *c != '-' && !c.is_whitespace()).collect();
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::Iccid;
    use proptest::prelude::*;

    fn read(text: &str) -> Iccid {
        Iccid::parse(text).unwrap()
    }

    #[test]
    fn padding_spaces_and_hyphens_name_the_same_profile() {
        let plain = read("8933200000000000127");
        for text in [
            "8933200000000000127F",
            "8933200000000000127f",
            " 8933 2000 0000 0000 127 ",
            "8933-2000-0000-0000-127-F",
            "8933200000000000127\n",
        ] {
            assert_eq!(read(text), plain, "{text:?}");
        }
    }

    #[test]
    fn eighteen_to_twenty_digits_are_read_whatever_they_start_with() {
        for text in ["893320000000000012", "8933200000000000127", "89332000000000001279", "0001020304050607080", "89332000000000001279F"] {
            assert!(Iccid::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "F",
            "89332000000000001",
            "893320000000000012790",
            "8933200000000000127FF",
            "F8933200000000000127",
            "893320000000000012X",
            "89332000000000001２7",
            "8933200000000000.27",
        ] {
            assert!(Iccid::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_check_digit_is_a_hint_only() {
        assert!(read("8933200000000000127").luhn_holds());
        assert!(!read("8933200000000000128").luhn_holds());
    }

    #[test]
    fn a_twentieth_digit_that_is_the_check_digit_of_the_others_is_left_out_for_looking_up() {
        let nineteen = "8933200000000000127";
        let check = (0..10).find(|digit| read(&format!("{nineteen}{digit}")).luhn_holds()).unwrap();
        assert_eq!(read(&format!("{nineteen}{check}")).lookup_form(), nineteen);
        let other = (check + 1) % 10;
        assert_eq!(read(&format!("{nineteen}{other}")).lookup_form(), format!("{nineteen}{other}"));
        assert_eq!(read(nineteen).lookup_form(), nineteen);
        assert_eq!(read("893320000000000012").lookup_form(), "893320000000000012");
    }

    #[test]
    fn neither_debug_nor_errors_show_the_number() {
        assert_eq!(format!("{:?}", read("8933200000000000127")), "Iccid(…0127)");
        let error = serde_json::from_str::<Iccid>(r#""89332000000000001""#).unwrap_err();
        assert!(!error.to_string().contains("8933"));
    }

    proptest! {
        #[test]
        fn padded_and_plain_are_equal(digits in "[0-9]{18,20}", wide: bool) {
            let written = if wide { digits.as_bytes().chunks(4).map(|c| std::str::from_utf8(c).unwrap()).collect::<Vec<_>>().join(" ") } else { digits.clone() };
            prop_assert_eq!(read(&format!("{written}F")), read(&digits));
            let iccid = read(&written);
            prop_assert_eq!(iccid.expose(), digits);
        }

        #[test]
        fn exactly_one_check_digit_fits(body in "[0-9]{18,19}") {
            prop_assert_eq!((0..10).filter(|digit| read(&format!("{body}{digit}")).luhn_holds()).count(), 1);
        }

        #[test]
        fn any_unicode_is_survived(text in any::<String>()) {
            if let Ok(iccid) = Iccid::parse(&text) {
                prop_assert!((18..=20).contains(&iccid.expose().len()));
            }
        }
    }
}
