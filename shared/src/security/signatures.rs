//! HMAC signatures over raw bytes, compared in constant time.
//!
//! Any of several secrets may have signed, so that a secret is changed without losing a webhook. A signature that cannot be decoded is
//! simply not good, and an empty secret never verifies anything.

use base64::{Engine, engine::DecodePaddingMode, engine::GeneralPurpose, engine::GeneralPurposeConfig, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Sha256, Sha512};

/// A secret that is empty, or not of the form that its scheme asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing secret is empty or malformed")]
pub struct UnusableSecret;

/// The hash below the HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// HMAC-SHA256, 32 bytes.
    Sha256,
    /// HMAC-SHA512, 64 bytes.
    Sha512,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Hexadecimal, either case.
    Hex,
    /// Base64 of the standard alphabet, with or without padding.
    Base64,
}

const LENIENT_BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

impl Encoding {
    fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex::encode(bytes),
            Self::Base64 => BASE64_STANDARD.encode(bytes),
        }
    }

    fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => hex::decode(text.trim()).ok(),
            Self::Base64 => LENIENT_BASE64.decode(text.trim()).ok(),
        }
    }
}

/// Signs the parts, one after the other, with the secret's bytes as they are.
///
/// # Errors
/// [`UnusableSecret`] when the secret is empty.
pub fn sign(hash: Hash, encoding: Encoding, secret: &SecretString, parts: &[&[u8]]) -> Result<String, UnusableSecret> {
    Ok(encoding.encode(&raw_signature(hash, secret.expose_secret().as_bytes(), parts)?))
}

/// Whether one of the secrets signed the parts. All secrets are tried, so that the time taken does not tell which one did.
#[must_use]
pub fn verify(hash: Hash, encoding: Encoding, secrets: &[SecretString], parts: &[&[u8]], signature: &str) -> bool {
    let Some(signature) = encoding.decode(signature) else { return false };
    secrets.iter().fold(false, |good, secret| good | raw_verify(hash, secret.expose_secret().as_bytes(), parts, &signature))
}

/// [`verify`] for the form most providers use.
#[must_use]
pub fn verify_hmac_sha256_hex(secrets: &[SecretString], parts: &[&[u8]], signature: &str) -> bool {
    verify(Hash::Sha256, Encoding::Hex, secrets, parts, signature)
}

/// [`verify`] for the form that Airalo uses.
#[must_use]
pub fn verify_hmac_sha512_hex(secrets: &[SecretString], parts: &[&[u8]], signature: &str) -> bool {
    verify(Hash::Sha512, Encoding::Hex, secrets, parts, signature)
}

/// The signature's bytes.
pub(super) fn raw_signature(hash: Hash, key: &[u8], parts: &[&[u8]]) -> Result<Vec<u8>, UnusableSecret> {
    Ok(match hash {
        Hash::Sha256 => fed::<Hmac<Sha256>>(key, parts)?.finalize().into_bytes().to_vec(),
        Hash::Sha512 => fed::<Hmac<Sha512>>(key, parts)?.finalize().into_bytes().to_vec(),
    })
}

/// Whether these are the signature's bytes, in constant time.
pub(super) fn raw_verify(hash: Hash, key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    match hash {
        Hash::Sha256 => fed::<Hmac<Sha256>>(key, parts).is_ok_and(|mac| mac.verify_slice(signature).is_ok()),
        Hash::Sha512 => fed::<Hmac<Sha512>>(key, parts).is_ok_and(|mac| mac.verify_slice(signature).is_ok()),
    }
}

fn fed<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Result<M, UnusableSecret> {
    if key.is_empty() {
        return Err(UnusableSecret);
    }
    let mut mac = <M as KeyInit>::new_from_slice(key).map_err(|_| UnusableSecret)?;
    for part in parts {
        mac.update(part);
    }
    Ok(mac)
}

/// A header `t=<unix seconds>,v1=<hex>[,v1=<hex>…]`; entries of other names are passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedSignature<'a> {
    /// The time as it is written, which is what was signed.
    pub timestamp: &'a str,
    /// That time.
    pub signed_at: Timestamp,
    /// The `v1` signatures.
    pub signatures: Vec<&'a str>,
}

/// Reads a timed signature header. `None` when it has no time, two times, or no `v1` signature.
#[must_use]
pub fn parse_timed_signature(header: &str) -> Option<TimedSignature<'_>> {
    let mut timestamp = None;
    let mut signatures = Vec::new();
    for entry in header.split(',') {
        match entry.trim().split_once('=')? {
            ("t", text) if timestamp.replace(text).is_some() => return None,
            ("v1", text) => signatures.push(text),
            _ => {}
        }
    }
    let timestamp = timestamp?;
    let signed_at = unix_seconds(timestamp)?;
    (!signatures.is_empty()).then_some(TimedSignature { timestamp, signed_at, signatures })
}

/// Whether a `t=…,v1=…` header signs `<t>.<body>` with HMAC-SHA256 of one of the secrets, at most `tolerance` before or after `now`.
#[must_use]
pub fn verify_timed(secrets: &[SecretString], header: &str, body: &[u8], now: Timestamp, tolerance: SignedDuration) -> bool {
    let Some(timed) = parse_timed_signature(header) else { return false };
    let parts = [timed.timestamp.as_bytes(), b".", body];
    is_recent(timed.signed_at, now, tolerance)
        && timed.signatures.iter().fold(false, |good, signature| good | verify_hmac_sha256_hex(secrets, &parts, signature))
}

/// Whether a time is at most `tolerance` away from now, before or after.
pub(super) fn is_recent(then: Timestamp, now: Timestamp, tolerance: SignedDuration) -> bool {
    now.duration_since(then).abs() <= tolerance
}

/// Unix seconds as digits only: a sign or a space would be another text with the same time.
pub(super) fn unix_seconds(text: &str) -> Option<Timestamp> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Timestamp::from_second(text.parse().ok()?).ok()
}

#[cfg(test)]
#[path = "signatures_tests.rs"]
mod tests;
