//! The traveller's e-mail address: needed to send a QR code, and never printed.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::Invalid;

/// An e-mail address that cannot be printed by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address: one `@`, a local part of 1 to 64 characters, a domain with a dot, 254 characters at most, no white space.
    ///
    /// # Errors
    /// [`Invalid`]; the message does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const WRONG: Invalid = Invalid("must be an e-mail address such as name@example.com");
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(WRONG)?;
        let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"');
        let labels_ok = domain.contains('.') && domain.split('.').all(|label| !label.is_empty() && label.len() <= 63);
        if text.len() > 254 || local.is_empty() || local.len() > 64 || local.contains('@') || !labels_ok || text.contains(bad) {
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
