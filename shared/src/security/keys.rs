//! Key material, derived from the texts that the template lets Secrets Manager draw.
//!
//! Every text goes through HKDF-SHA256 (RFC 5869), so that its alphabet and length do not matter and no two uses share a key.

use hmac::{Hmac, KeyInit};
use ring::{aead, hkdf};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use serde::Deserialize;
use sha2::Sha256;
use std::{collections::BTreeMap, fmt};

/// The shortest secret text accepted: what 32 random bytes are in base64.
pub const SHORTEST_SECRET: usize = 43;

const SALT: &[u8] = b"passerelle";
const SEALING: &[u8] = b"seal/v1/";
const INDEXING: &[u8] = b"blind-index/v1";
const LINKING: &[u8] = b"page-links/v1";

/// Why a secret's text is no key. Names the field, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret's field {field} {problem}")]
pub struct UnusableKey {
    /// The field of the secret's JSON.
    pub field: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl UnusableKey {
    fn new(field: &str, problem: &'static str) -> Self {
        Self { field: field.to_owned(), problem }
    }
}

/// The sealing keys: one that seals, and all that may still open. `Debug` shows key ids only.
pub struct KeyRing {
    current: String,
    keys: BTreeMap<String, aead::LessSafeKey>,
}

impl KeyRing {
    /// Reads the sealing-keys secret: `{"current":"k2","k1":"…","k2":"…"}`. To change keys: add the new one, wait until every warm
    /// function has read it (five minutes), then make it `current`; take the old one out when no row carries its id.
    ///
    /// # Errors
    /// [`UnusableKey`] names the field that is missing, too short, or no key id.
    pub fn from_json(json: &str) -> Result<Self, UnusableKey> {
        let mut texts: BTreeMap<String, SecretString> =
            serde_json::from_str(json).map_err(|_| UnusableKey::new("(root)", "must be a JSON object of texts"))?;
        let current = texts.remove("current").ok_or_else(|| UnusableKey::new("current", "is missing"))?;
        let keys = texts.iter().map(|(kid, text)| Ok((kid.clone(), sealing_key(kid, text)?))).collect::<Result<BTreeMap<_, _>, _>>()?;
        let current = current.expose_secret().to_owned();
        if !keys.contains_key(&current) {
            return Err(UnusableKey::new("current", "names no key of this secret"));
        }
        Ok(Self { current, keys })
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn current(&self) -> &str {
        &self.current
    }

    /// The key of this id.
    pub(super) fn key(&self, kid: &str) -> Option<&aead::LessSafeKey> {
        self.keys.get(kid)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("current", &self.current).field("keys", &self.keys.keys()).finish()
    }
}

fn sealing_key(kid: &str, text: &SecretString) -> Result<aead::LessSafeKey, UnusableKey> {
    if kid.is_empty() || kid.len() > 32 || !kid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(UnusableKey { field: kid.chars().take(32).collect(), problem: "is no key id (1 to 32 letters, digits or -)" });
    }
    let unbound = extract(kid, text)?
        .expand(&[SEALING, kid.as_bytes()], &aead::AES_256_GCM)
        .map(aead::UnboundKey::from)
        .map_err(|_| UnusableKey::new(kid, "cannot be made a key"))?;
    Ok(aead::LessSafeKey::new(unbound))
}

/// The keys of the blind indexes and of page links, from one secret. They are not changed with the sealing keys: that would need every
/// index written anew, and every link in a traveller's mail sent again.
#[derive(Clone)]
pub struct IndexKey {
    pub(super) index: Hmac<Sha256>,
    pub(super) links: Hmac<Sha256>,
}

impl IndexKey {
    /// Reads the index-key secret: `{"key":"…"}`.
    ///
    /// # Errors
    /// [`UnusableKey`] when `key` is missing or too short.
    pub fn from_json(json: &str) -> Result<Self, UnusableKey> {
        #[derive(Deserialize)]
        struct Text {
            key: SecretString,
        }
        let Text { key } = serde_json::from_str(json).map_err(|_| UnusableKey::new("key", "is missing or no text"))?;
        let prk = extract("key", &key)?;
        Ok(Self { index: mac(&prk, INDEXING)?, links: mac(&prk, LINKING)? })
    }
}

/// The HMAC of one use of the key.
fn mac(prk: &hkdf::Prk, purpose: &'static [u8]) -> Result<Hmac<Sha256>, UnusableKey> {
    let cannot = || UnusableKey::new("key", "cannot be made a key");
    let mut bytes = Zeroizing::new([0; 32]);
    let purpose = [purpose];
    let okm = prk.expand(&purpose, hkdf::HKDF_SHA256).map_err(|_| cannot())?;
    okm.fill(bytes.as_mut_slice()).map_err(|_| cannot())?;
    Hmac::new_from_slice(bytes.as_slice()).map_err(|_| cannot())
}

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKey(…)")
    }
}

fn extract(field: &str, text: &SecretString) -> Result<hkdf::Prk, UnusableKey> {
    if text.expose_secret().len() < SHORTEST_SECRET {
        return Err(UnusableKey::new(field, "is shorter than 43 characters"));
    }
    Ok(hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(text.expose_secret().as_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{IndexKey, KeyRing};

    const LONG: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01";

    #[test]
    fn a_ring_keeps_every_key_and_seals_with_the_current_one() {
        let ring = KeyRing::from_json(&format!(r#"{{"current":"k2","k1":"{LONG}","k2":"{LONG}x"}}"#)).unwrap();
        assert_eq!(ring.current(), "k2");
        assert!(ring.key("k1").is_some() && ring.key("k3").is_none());
        assert!(!format!("{ring:?}").contains(LONG));
    }

    #[test]
    fn a_bad_secret_is_refused_by_the_name_of_its_field() {
        let field = |json: &str| KeyRing::from_json(json).unwrap_err();
        assert_eq!(field(&format!(r#"{{"k1":"{LONG}"}}"#)).field, "current");
        assert_eq!(field(&format!(r#"{{"current":"k9","k1":"{LONG}"}}"#)).field, "current");
        assert_eq!(field(r#"{"current":"k1","k1":""}"#).field, "k1");
        let short = field(r#"{"current":"k1","k1":"hunter2"}"#);
        assert_eq!(short.field, "k1");
        assert!(!short.to_string().contains("hunter2"));
        assert_eq!(field(&format!(r#"{{"current":"k.1","k.1":"{LONG}"}}"#)).field, "k.1");
        assert_eq!(field("[]").field, "(root)");
    }

    #[test]
    fn an_index_key_must_be_there_and_long() {
        assert!(IndexKey::from_json(&format!(r#"{{"key":"{LONG}"}}"#)).is_ok());
        for bad in ["{}", r#"{"key":""}"#, r#"{"key":"hunter2"}"#, r#"{"key":7}"#] {
            assert_eq!(IndexKey::from_json(bad).unwrap_err().field, "key");
        }
    }
}
