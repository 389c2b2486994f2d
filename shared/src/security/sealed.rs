//! Sealed fields: AES-256-GCM before anything secret reaches the table.
//!
//! A sealed value reads `v1.<key id>.<base64url of nonce ‖ ciphertext ‖ tag>`. What it is authenticated with names its place (tenant, table,
//! row and attribute), so that a ciphertext moved to another row, tenant or attribute does not open.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::aead::{Aad, MAX_TAG_LEN, NONCE_LEN, Nonce};
use secrecy::zeroize::Zeroizing;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::{Arc, PoisonError, RwLock};

use super::KeyRing;
use crate::{domain::AgencyId, world::World};

const VERSION: &str = "v1";

/// Where a sealed value lives. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct SealContext<'a> {
    /// The tenant.
    pub tenant: &'a AgencyId,
    /// The table's name.
    pub table: &'a str,
    /// Partition key of the row.
    pub pk: &'a str,
    /// Sort key of the row.
    pub sk: &'a str,
    /// The attribute.
    pub attribute: &'a str,
}

impl SealContext<'_> {
    /// What is authenticated besides the ciphertext: a list whose entries carry their length, so that no two places read the same.
    fn associated_data(&self, kid: &str) -> Vec<u8> {
        let parts = [VERSION, kid, self.tenant.as_str(), self.table, self.pk, self.sk, self.attribute];
        let mut list = Vec::new();
        for part in parts {
            list.extend_from_slice(&(part.len() as u64).to_be_bytes());
            list.extend_from_slice(part.as_bytes());
        }
        list
    }
}

/// A sealed value did not open: altered, moved, of an unknown key, or not sealed at all. Says no more than the key's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot decrypt (key {kid})")]
pub struct CannotOpen {
    /// The key id that the value names; `?` when it names none.
    pub kid: String,
    /// Whether this ring has no key of that id: a newer ring may.
    pub unknown_key: bool,
}

/// A value did not seal: it is larger than AES-GCM allows (64 GiB), or no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot encrypt")]
pub struct CannotSeal;

/// Seals and opens. Clones share one ring, which [`Sealer::replace`] swaps when the keys' secret has changed.
#[derive(Debug, Clone)]
pub struct Sealer {
    ring: Arc<RwLock<Arc<KeyRing>>>,
}

impl Sealer {
    /// A sealer with these keys.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self { ring: Arc::new(RwLock::new(Arc::new(ring))) }
    }

    /// Goes on with other keys.
    pub fn replace(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Seals a value with the current key and a random 96-bit nonce (NIST SP 800-38D §8.2.2: at most 2³² values a key).
    ///
    /// # Errors
    /// [`CannotSeal`] beyond 64 GiB.
    pub fn seal(&self, world: &World, context: &SealContext<'_>, plain: &[u8]) -> Result<String, CannotSeal> {
        let ring = self.ring();
        let kid = ring.current();
        let key = ring.key(kid).ok_or(CannotSeal)?;
        let mut nonce = [0; NONCE_LEN];
        world.entropy.fill(&mut nonce);
        // Room for the tag from the start: a buffer that grows would leave a copy of the plain text behind.
        let mut sealed = Zeroizing::new(Vec::with_capacity(plain.len() + MAX_TAG_LEN));
        sealed.extend_from_slice(plain);
        let aad = Aad::from(context.associated_data(kid));
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut *sealed).map_err(|_| CannotSeal)?;
        let bytes = [nonce.as_slice(), sealed.as_slice()].concat();
        Ok(format!("{VERSION}.{kid}.{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens a value where it was sealed.
    ///
    /// # Errors
    /// [`CannotOpen`], with nothing but the key id.
    pub fn open(&self, context: &SealContext<'_>, sealed: &str) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (kid, nonce, mut bytes) = parts(sealed).ok_or_else(|| CannotOpen { kid: "?".to_owned(), unknown_key: false })?;
        let cannot = |unknown_key| CannotOpen { kid: kid.to_owned(), unknown_key };
        let ring = self.ring();
        let key = ring.key(kid).ok_or_else(|| cannot(true))?;
        let aad = Aad::from(context.associated_data(kid));
        let length = key.open_in_place(nonce, aad, &mut bytes).map_err(|_| cannot(false))?.len();
        bytes.truncate(length);
        Ok(bytes)
    }

    /// Seals a value as JSON.
    ///
    /// # Errors
    /// [`CannotSeal`] when the value is no JSON.
    pub fn seal_json<T: Serialize + ?Sized>(&self, world: &World, context: &SealContext<'_>, value: &T) -> Result<String, CannotSeal> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|_| CannotSeal)?);
        self.seal(world, context, &plain)
    }

    /// Opens a value that was sealed as JSON.
    ///
    /// # Errors
    /// [`CannotOpen`], also when the JSON is of another form; its text is not repeated.
    pub fn open_json<T: DeserializeOwned>(&self, context: &SealContext<'_>, sealed: &str) -> Result<T, CannotOpen> {
        let plain = self.open(context, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| CannotOpen { kid: kid_of(sealed).to_owned(), unknown_key: false })
    }
}

/// The id of the key that sealed a value; `?` when the text is no sealed value. Rotation looks for rows of an old key by it.
#[must_use]
pub fn kid_of(sealed: &str) -> &str {
    parts(sealed).map_or("?", |(kid, _, _)| kid)
}

fn parts(sealed: &str) -> Option<(&str, Nonce, Zeroizing<Vec<u8>>)> {
    let (kid, text) = sealed.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
    Some((kid, Nonce::assume_unique_for_key(*nonce), Zeroizing::new(sealed.to_vec())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{KeyRing, SealContext, Sealer, kid_of};
    use crate::{domain::AgencyId, world::World};
    use proptest::prelude::*;

    fn ring(current: &str) -> KeyRing {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        KeyRing::from_json(&format!(r#"{{"current":"{current}","k1":"{one}","k2":"{two}"}}"#)).unwrap()
    }

    fn context(tenant: &AgencyId) -> SealContext<'_> {
        SealContext { tenant, table: "passerelle", pk: "A#demo#ESIM#1", sk: "ESIM", attribute: "profile" }
    }

    #[test]
    fn a_value_opens_where_it_was_sealed_and_nowhere_else() {
        let (demo, other) = (AgencyId::parse("demo").unwrap(), AgencyId::parse("other").unwrap());
        let (sealer, home) = (Sealer::new(ring("k1")), context(&demo));
        let sealed = sealer.seal(&World::real(), &home, b"LPA:1$smdp.example$TOKEN").unwrap();
        assert_eq!(sealer.open(&home, &sealed).unwrap().as_slice(), b"LPA:1$smdp.example$TOKEN");
        for elsewhere in [
            SealContext { tenant: &other, ..home },
            SealContext { table: "another", ..home },
            SealContext { pk: "A#demo#ESIM#2", ..home },
            SealContext { sk: "ESIM2", ..home },
            SealContext { attribute: "token", ..home },
            // The same letters, cut elsewhere: without lengths these two would read alike.
            SealContext { pk: "A#demo#ESIM#", sk: "1ESIM", ..home },
        ] {
            assert_eq!(sealer.open(&elsewhere, &sealed).unwrap_err().kid, "k1");
        }
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let demo = AgencyId::parse("demo").unwrap();
        let sealer = Sealer::new(ring("k1"));
        let sealed = sealer.seal(&World::real(), &context(&demo), b"secret").unwrap();
        for place in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            let byte = bytes.get_mut(place).unwrap();
            *byte = if *byte == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            assert!(sealer.open(&context(&demo), &altered).is_err(), "place {place}");
        }
        // The key's name is authenticated too: k2 exists, and does not open what k1 sealed.
        assert!(sealer.open(&context(&demo), &sealed.replacen("k1", "k2", 1)).is_err());
    }

    #[test]
    fn a_new_key_seals_while_the_old_one_still_opens() {
        let demo = AgencyId::parse("demo").unwrap();
        let sealer = Sealer::new(ring("k1"));
        let old = sealer.seal(&World::real(), &context(&demo), b"old").unwrap();
        sealer.clone().replace(ring("k2"));
        let new = sealer.seal(&World::real(), &context(&demo), b"new").unwrap();
        assert_eq!((kid_of(&old), kid_of(&new)), ("k1", "k2"));
        assert_eq!(sealer.open(&context(&demo), &old).unwrap().as_slice(), b"old");
        let unknown = sealer.open(&context(&demo), &new.replacen("k2", "k3", 1)).unwrap_err();
        assert!(unknown.unknown_key);
        assert_eq!(unknown.to_string(), "cannot decrypt (key k3)");
    }

    #[test]
    fn the_same_value_never_looks_the_same_twice() {
        let demo = AgencyId::parse("demo").unwrap();
        let sealer = Sealer::new(ring("k1"));
        let seal = || sealer.seal(&World::real(), &context(&demo), b"same").unwrap();
        assert_ne!(seal(), seal());
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_comes_back(plain in proptest::collection::vec(any::<u8>(), 0..300)) {
            let demo = AgencyId::parse("demo").unwrap();
            let sealer = Sealer::new(ring("k2"));
            let sealed = sealer.seal(&World::real(), &context(&demo), &plain).unwrap();
            let opened = sealer.open(&context(&demo), &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
        }

        #[test]
        fn any_text_is_refused_quietly(text in ".*") {
            let demo = AgencyId::parse("demo").unwrap();
            prop_assert!(Sealer::new(ring("k1")).open(&context(&demo), &text).is_err());
        }
    }

    #[test]
    fn json_values_keep_their_form() {
        let demo = AgencyId::parse("demo").unwrap();
        let sealer = Sealer::new(ring("k1"));
        let sealed = sealer.seal_json(&World::real(), &context(&demo), &("a", 7)).unwrap();
        assert_eq!(sealer.open_json::<(String, u8)>(&context(&demo), &sealed).unwrap(), ("a".to_owned(), 7));
        assert_eq!(sealer.open_json::<bool>(&context(&demo), &sealed).unwrap_err().to_string(), "cannot decrypt (key k1)");
    }
}
