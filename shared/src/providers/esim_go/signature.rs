//! `X-Signature-SHA256`: HMAC-SHA256 of the raw body with the API key (callbacks V3). One page shows hex, another base64: both are accepted.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::providers::WebhookHeaders;

/// The header.
const HEADER: &str = "x-signature-sha256";

/// Whether the signature is that of the body with one of the secrets, in constant time. No secret signs nothing.
pub(super) fn holds_with_any<'a>(mut secrets: impl Iterator<Item = &'a SecretString>, headers: &WebhookHeaders, body: &[u8]) -> bool {
    let Some(signature) = headers.get(HEADER).and_then(|value| read(value.as_bytes().trim_ascii())) else {
        return false;
    };
    secrets.any(|secret| holds(secret.expose_secret(), body, &signature))
}

/// 64 characters are hex; 44, with their padding, are base64.
fn read(written: &[u8]) -> Option<Vec<u8>> {
    if written.len() == 64 { hex::decode(written).ok() } else { STANDARD.decode(written).ok() }
}

fn holds(secret: &str, body: &[u8], signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    !secret.is_empty() && mac.verify_slice(signature).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::holds_with_any;
    use secrecy::SecretString;

    /// The vector of the page on callbacks.
    const BODY: &[u8] = br#"{"iccid":"8943108165014760657","alertType":"Utilisation"}"#;
    const HEX: &str = "42c36c23dde1c332ff843cb6221a470c8c39cdb5749d158fe19b83433b68a49b";
    const BASE64: &str = "QsNsI93hwzL/hDy2IhpHDIw5zbV0nRWP4ZuDQztopJs=";

    fn holds(secret: &str, signature: &str, body: &[u8]) -> bool {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-signature-sha256", signature.parse().unwrap());
        holds_with_any([SecretString::from(""), SecretString::from(secret)].iter(), &headers, body)
    }

    #[test]
    fn hex_in_either_case_and_base64_are_believed() {
        for signature in [HEX, &HEX.to_uppercase(), BASE64] {
            assert!(holds("test-api-key", signature, BODY), "{signature}");
            assert!(!holds("another-key", signature, BODY));
            assert!(!holds("test-api-key", signature, b"{}"));
        }
        for nonsense in ["", "42c3", &HEX.replace('4', "z"), "QsNs"] {
            assert!(!holds("test-api-key", nonsense, BODY), "{nonsense}");
        }
    }
}
