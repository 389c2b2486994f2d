//! The traveller's e-mail address: needed to send a QR code, and never printed.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::Invalid;

/// An e-mail address that cannot be printed by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address: one `@`, a local part of 1 to 64 characters without dots at its ends, a domain of two
    /// labels at least made of letters, digits and hyphens, 254 bytes at most, no white space and nothing that ends an address in a header.
    ///
    /// # Errors
    /// [`Invalid`]; the message does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const WRONG: Invalid = Invalid("must be an e-mail address such as name@example.com");
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(WRONG)?;
        if text.len() > 254 || !is_local_part(local) || !domain.contains('.') || !domain.split('.').all(is_label) {
            return Err(WRONG);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address itself, for the mail request and for sealing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn is_local_part(local: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || "<>()[]@,;:\\\"".contains(c);
    !local.is_empty() && local.len() <= 64 && !local.contains(bad) && !local.starts_with('.') && !local.ends_with('.')
}

/// Letters of any script: domains may be international.
fn is_label(label: &str) -> bool {
    let hyphen_at_end = label.starts_with('-') || label.ends_with('-');
    !label.is_empty() && label.len() <= 63 && !hyphen_at_end && label.chars().all(|c| c.is_alphanumeric() || c == '-')
}

impl TryFrom<String> for EmailAddress {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::EmailAddress;
    use proptest::prelude::*;

    #[test]
    fn addresses_that_people_have_are_read() {
        for text in ["a@b.fr", "Jean.D'Arc+esim@mail.example.co.uk", "prénom@exämple.de", "x_y-z%w@1and1.com", " marie@example.com "] {
            assert_eq!(EmailAddress::parse(text).unwrap().expose(), text.trim());
        }
        assert!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(64))).is_ok());
    }

    #[test]
    fn what_cannot_be_written_to_is_refused() {
        for text in [
            "",
            "@",
            "a",
            "a@",
            "@b.fr",
            "a@b",
            "a@b..fr",
            "a@.fr",
            "a@b.fr.",
            "a@@b.fr",
            "a@c@b.fr",
            "a b@c.fr",
            "a@b c.fr",
            "a@b.fr, c@d.fr",
            "a@b.fr;c@d.fr",
            "<a@b.fr>",
            "A <a@b.fr>",
            "\"a\"@b.fr",
            ".a@b.fr",
            "a.@b.fr",
            "a@-b.fr",
            "a@b-.fr",
            "a@b_c.fr",
            "a@[127.0.0.1]",
            "a\r\nBcc: x@y.fr",
            "a@b.fr\r\nBcc: x",
            "a\u{0}@b.fr",
            "mailto:a@b.fr",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
        assert!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(65))).is_err());
        assert!(EmailAddress::parse(&format!("a@{}.com", "b".repeat(64))).is_err());
        assert!(EmailAddress::parse(&format!("a@{}com", "bcdefghi.".repeat(30))).is_err());
    }

    #[test]
    fn neither_debug_nor_errors_show_the_address() {
        assert_eq!(format!("{:?}", EmailAddress::parse("marie@example.com").unwrap()), "EmailAddress(…)");
        let error = serde_json::from_str::<EmailAddress>(r#""marie at example.com""#).unwrap_err();
        assert!(!error.to_string().contains("marie"));
    }

    proptest! {
        #[test]
        fn no_header_can_be_broken_out_of(text in any::<String>()) {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(!address.expose().contains(|c: char| c.is_control() || c.is_whitespace() || "<>,;\"".contains(c)));
                prop_assert_eq!(address.expose().matches('@').count(), 1);
            }
        }
    }
}
