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
        if code.len() > 255 || code.chars().any(char::is_control) {
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
        let flag = if confirmation_code_required { "$$1" } else { "" };
        Self::parse(&format!("LPA:1${smdp_address}${matching_id}{flag}"))
    }

    /// What a QR code must hold: the provider's own text, with the `LPA:` prefix put before it where it was missing.
    #[must_use]
    pub fn lpa(&self) -> String {
        if strip_prefix(&self.original).len() == self.original.len() { format!("LPA:{}", self.original) } else { self.original.clone() }
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
