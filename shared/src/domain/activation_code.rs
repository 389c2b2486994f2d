//! The activation code of SGP.22 §4.1: whoever holds it can take the profile.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::Invalid;

/// An activation code, kept as the provider wrote it. Cannot be printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ActivationCode {
    original: String,
    smdp_address: String,
    matching_id: String,
    oid: Option<String>,
    confirmation_code_required: bool,
}

impl ActivationCode {
    /// Reads a code with or without its `LPA:` prefix, by the rules of SGP.22 §4.1: format `1`, an SM-DP+ host name,
    /// a token of letters, digits and hyphens that may be empty, an optional OID, an optional confirmation flag;
    /// later fields are kept and not looked at. 255 characters at most, the prefix not counted.
    ///
    /// # Errors
    /// [`Invalid`] names the rule that was broken and never repeats the text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let original = text.trim();
        let code = strip_prefix(original);
        if code.chars().count() > 255 || code.chars().any(char::is_control) {
            return Err(Invalid("must be an activation code of 255 characters at most, without control characters"));
        }
        let mut fields = code.split('$');
        if fields.next() != Some("1") {
            return Err(Invalid("must start with activation code format 1"));
        }
        let smdp_address = host(fields.next().unwrap_or_default())?;
        let matching_id = token(fields.next().ok_or(Invalid("must hold an SM-DP+ address and a token"))?)?;
        let oid = oid(fields.next().unwrap_or_default())?;
        let confirmation_code_required = fields.next() == Some("1");
        Ok(Self { original: original.to_owned(), smdp_address, matching_id, oid, confirmation_code_required })
    }

    /// Builds the code from its parts, for providers that send them apart. Trailing empty fields are left out.
    ///
    /// # Errors
    /// [`Invalid`] as for [`ActivationCode::parse`].
    pub fn from_parts(smdp_address: &str, matching_id: &str, confirmation_code_required: bool) -> Result<Self, Invalid> {
        let smdp_address = host(smdp_address.trim())?;
        // Checked apart: a `$` in a part would make a field of its own out of it.
        let matching_id = token(matching_id.trim())?;
        let flag = if confirmation_code_required { "$$1" } else { "" };
        Self::parse(&format!("LPA:1${smdp_address}${matching_id}{flag}"))
    }

    /// What a QR code must hold: the provider's own text, with the `LPA:` prefix put before it where it was missing.
    #[must_use]
    pub fn lpa(&self) -> String {
        if strip_prefix(&self.original).len() == self.original.len() { format!("LPA:{}", self.original) } else { self.original.clone() }
    }

    /// The code as a person types it: without the prefix (SGP.22 §4.1).
    #[must_use]
    pub fn without_prefix(&self) -> &str {
        strip_prefix(&self.original)
    }

    /// What is odd about the code and no reason to refuse it, for logs: never repeats the text.
    #[must_use]
    pub fn oddities(&self) -> Vec<&'static str> {
        let flag = self.original.split('$').nth(4).unwrap_or_default();
        let checks = [
            (self.matching_id.bytes().any(|b| b.is_ascii_lowercase()), "the token holds lower-case letters"),
            (!matches!(flag, "" | "1"), "the confirmation flag is neither absent nor 1"),
            (self.original.ends_with('$') && self.original.split('$').count() > 3, "the code ends with an empty field"),
        ];
        checks.into_iter().filter(|(odd, _)| *odd).map(|(_, oddity)| oddity).collect()
    }

    /// The SM-DP+ host, for manual entry.
    #[must_use]
    pub fn smdp_address(&self) -> &str {
        &self.smdp_address
    }

    /// The token (MatchingID), for manual entry. Its case matters.
    #[must_use]
    pub fn matching_id(&self) -> &str {
        &self.matching_id
    }

    /// The SM-DP+ OID, where the code carries one.
    #[must_use]
    pub fn oid(&self) -> Option<&str> {
        self.oid.as_deref()
    }

    /// Whether the traveller must type a confirmation code, which travels by another channel (SGP.22 §3.1.1.3).
    #[must_use]
    pub fn confirmation_code_required(&self) -> bool {
        self.confirmation_code_required
    }
}

fn strip_prefix(text: &str) -> &str {
    match text.split_at_checked(4) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("LPA:") => rest,
        _ => text,
    }
}

fn host(text: &str) -> Result<String, Invalid> {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() > 253 || !text.contains('.') || !text.split('.').all(label_ok) {
        return Err(Invalid("must hold an SM-DP+ host name"));
    }
    Ok(text.to_owned())
}

fn token(text: &str) -> Result<String, Invalid> {
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Invalid("must hold a token of letters, digits and hyphens"));
    }
    Ok(text.to_owned())
}

fn oid(text: &str) -> Result<Option<String>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    let arcs = text.split('.');
    let all_digits = arcs.clone().all(|arc| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()));
    if arcs.count() < 2 || !all_digits {
        return Err(Invalid("must hold an SM-DP+ OID of digits and dots"));
    }
    Ok(Some(text.to_owned()))
}

impl TryFrom<String> for ActivationCode {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<ActivationCode> for String {
    fn from(code: ActivationCode) -> String {
        code.original
    }
}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ActivationCode(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::ActivationCode;
    use proptest::prelude::*;

    const PLAIN: &str = "LPA:1$smdp.example.com$K2-48XR-77TB";

    #[test]
    fn the_three_shapes_are_read_and_forwarded_untouched() {
        for (text, oid, confirmation) in [
            (PLAIN, None, false),
            ("LPA:1$smdp.example.com$K2-48XR-77TB$$1", None, true),
            ("LPA:1$smdp.example.com$K2-48XR-77TB$2.999.7$1", Some("2.999.7"), true),
            ("LPA:1$smdp.example.com$K2-48XR-77TB$2.999.7", Some("2.999.7"), false),
        ] {
            let code = ActivationCode::parse(text).unwrap();
            assert_eq!(code.lpa(), text);
            assert_eq!(code.smdp_address(), "smdp.example.com");
            assert_eq!(code.matching_id(), "K2-48XR-77TB");
            assert_eq!((code.oid(), code.confirmation_code_required()), (oid, confirmation));
            assert_eq!(code.oddities(), Vec::<&str>::new());
        }
    }

    #[test]
    fn the_prefix_is_taken_off_once_in_any_case_and_put_on_where_it_was_missing() {
        assert_eq!(ActivationCode::parse("1$smdp.example.com$T").unwrap().lpa(), "LPA:1$smdp.example.com$T");
        assert_eq!(ActivationCode::parse("  lpa:1$smdp.example.com$T\n").unwrap().lpa(), "lpa:1$smdp.example.com$T");
        assert_eq!(ActivationCode::parse(PLAIN).unwrap().without_prefix(), "1$smdp.example.com$K2-48XR-77TB");
        assert!(ActivationCode::parse("LPA:LPA:1$smdp.example.com$T").is_err());
    }

    #[test]
    fn later_fields_and_an_odd_flag_are_kept_and_not_looked_at() {
        let text = "LPA:1$SMDP.Example.com$tok$2.999$yes$ci-key$notify$";
        let code = ActivationCode::parse(text).unwrap();
        assert_eq!(code.lpa(), text);
        assert_eq!(code.smdp_address(), "SMDP.Example.com");
        assert!(!code.confirmation_code_required());
        assert_eq!(code.oddities().len(), 3);
    }

    #[test]
    fn the_token_may_be_empty_but_not_missing() {
        assert_eq!(ActivationCode::parse("1$smdp.example.com$").unwrap().matching_id(), "");
        assert_eq!(ActivationCode::parse("1$smdp.example.com$").unwrap().oddities(), Vec::<&str>::new());
        assert!(ActivationCode::parse("1$smdp.example.com").is_err());
    }

    #[test]
    fn what_breaks_a_rule_is_refused() {
        for text in [
            "",
            "LPA:",
            "1",
            "$smdp.example.com$T",
            "2$smdp.example.com$T",
            "11$smdp.example.com$T",
            " $smdp.example.com$T",
            "1$$T",
            "1$localhost$T",
            "1$smdp.example.com:443$T",
            "1$https://smdp.example.com$T",
            "1$smdp.example.com/x$T",
            "1$me@smdp.example.com$T",
            "1$-smdp.example.com$T",
            "1$smdp-.example.com$T",
            "1$smdp..com$T",
            "1$smdp.example.com.$T",
            "1$smdp.exämple.com$T",
            "1$smdp.example.com$T T",
            "1$smdp.example.com$T_T",
            "1$smdp.example.com$Té",
            "1$smdp.example.com$T$2",
            "1$smdp.example.com$T$2.",
            "1$smdp.example.com$T$2.x",
            "1$smdp.example.com$T$.2",
            "1$smdp.example.com$T\u{0}",
            "1$smdp.example.com$T$2.999$1$a\tb",
            "1$smdp.example.com$T\nX",
        ] {
            assert!(ActivationCode::parse(text).is_err(), "{text:?}");
        }
        let label = "a".repeat(64);
        assert!(ActivationCode::parse(&format!("1${label}.com$T")).is_err());
        assert!(ActivationCode::parse(&format!("1${}.com$T", "a".repeat(63))).is_ok());
    }

    #[test]
    fn two_hundred_and_fifty_five_characters_are_the_most_the_prefix_not_counted() {
        let start = "1$smdp.example.com$";
        let longest = format!("{start}{}", "A".repeat(255 - start.len()));
        assert!(ActivationCode::parse(&longest).is_ok());
        assert!(ActivationCode::parse(&format!("LPA:{longest}")).is_ok());
        assert!(ActivationCode::parse(&format!("{longest}A")).is_err());
    }

    #[test]
    fn parts_are_joined_without_trailing_empty_fields() {
        let joined = |flag| ActivationCode::from_parts("smdp.example.com", "K2-48XR-77TB", flag).unwrap().lpa();
        assert_eq!(joined(false), PLAIN);
        assert_eq!(joined(true), format!("{PLAIN}$$1"));
        assert_eq!(ActivationCode::from_parts(" smdp.example.com ", "", false).unwrap().lpa(), "LPA:1$smdp.example.com$");
        for (address, token) in [("smdp.example.com$X", "T"), ("smdp.example.com", "T$2.999$1"), ("", "T"), ("LPA:1$a.b", "T")] {
            assert!(ActivationCode::from_parts(address, token, false).is_err());
        }
    }

    #[test]
    fn neither_debug_nor_errors_show_the_code() {
        assert_eq!(format!("{:?}", ActivationCode::parse(PLAIN).unwrap()), "ActivationCode(…)");
        let error = serde_json::from_str::<ActivationCode>(r#""1$smdp.example.com$SECRET TOKEN""#).unwrap_err();
        assert!(!error.to_string().contains("SECRET") && !error.to_string().contains("smdp"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_comes_back(text in "(LPA:)?1?\\$?[a-z.\\-]{0,20}\\$[A-Za-z0-9\\-$. ]{0,40}") {
            if let Ok(code) = ActivationCode::parse(&text) {
                prop_assert!(code.lpa().ends_with(text.trim()));
                prop_assert_eq!(&ActivationCode::parse(&code.lpa()).unwrap().lpa(), &code.lpa());
                let json = serde_json::to_string(&code).unwrap();
                prop_assert_eq!(serde_json::from_str::<ActivationCode>(&json).unwrap(), code);
            }
        }

        #[test]
        fn any_unicode_is_survived(text in any::<String>()) {
            let _ = ActivationCode::parse(&text);
        }

        #[test]
        fn parts_come_back_from_what_they_were_joined_to(host in "[a-z0-9]{1,12}\\.[a-z]{2,6}", token in "[A-Z0-9-]{0,30}", flag: bool) {
            let code = ActivationCode::from_parts(&host, &token, flag).unwrap();
            prop_assert_eq!(code.smdp_address(), host);
            prop_assert_eq!(code.matching_id(), token);
            prop_assert_eq!(code.confirmation_code_required(), flag);
        }
    }
}
