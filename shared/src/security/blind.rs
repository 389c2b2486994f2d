//! Blind indexes: keyed hashes by which a sealed ICCID or e-mail address is found again without standing in a key of the table.
//!
//! A blind index is still personal data: it goes when the person's data goes.

use hmac::Mac;
use sha2::{Digest, Sha256};

use super::{IndexKey, LinkSigner};
use crate::domain::{AgencyId, EmailAddress, Iccid};

/// Makes blind indexes. Each is bound to its tenant: the same value of two agencies gives two unrelated indexes.
#[derive(Debug, Clone)]
pub struct BlindIndex(IndexKey);

impl BlindIndex {
    /// With this key.
    #[must_use]
    pub fn new(key: IndexKey) -> Self {
        Self(key)
    }

    /// Signs page links, with a key of its own from the same secret.
    #[must_use]
    pub fn links(&self) -> LinkSigner {
        LinkSigner::new(self.0.links.clone())
    }

    /// The index of an ICCID, the same for its forms with and without the 20th digit; 64 hexadecimal digits.
    #[must_use]
    pub fn iccid(&self, agency: &AgencyId, iccid: &Iccid) -> String {
        self.index("iccid", agency, iccid.lookup_form())
    }

    /// The index of an e-mail address, written in whatever case; 64 hexadecimal digits.
    #[must_use]
    pub fn email(&self, agency: &AgencyId, address: &EmailAddress) -> String {
        self.index("email", agency, &address.expose().to_lowercase())
    }

    /// The index of a whole content: equal contents are known again, and what they were cannot be tried out; 64 hexadecimal digits.
    #[must_use]
    pub fn content(&self, agency: &AgencyId, content: &[u8]) -> String {
        self.index("content", agency, &hex::encode(Sha256::digest(content)))
    }

    fn index(&self, kind: &str, agency: &AgencyId, value: &str) -> String {
        let mut mac = self.0.index.clone();
        // An agency id may hold `|`, but the kind is ours and the values hold none: the last bar is always the one before the value.
        for part in [kind, "|", agency.as_str(), "|", value] {
            mac.update(part.as_bytes());
        }
        hex::encode(mac.finalize().into_bytes())
    }
}

/// What is stored of an idempotency key: its SHA-256 with the agency's id, so that two agencies' equal keys are two keys and none can be read
/// back from the table; 64 hexadecimal digits.
#[must_use]
pub fn hash_idempotency_key(agency: &AgencyId, key: &str) -> String {
    let mut hash = Sha256::new();
    // The length keeps `a|b` + `c` and `a` + `b|c` apart.
    hash.update(format!("{}|{agency}|", agency.as_str().len()));
    hash.update(key);
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{BlindIndex, IndexKey, hash_idempotency_key};
    use crate::domain::{AgencyId, EmailAddress, Iccid};

    fn index(letter: &str) -> BlindIndex {
        BlindIndex::new(IndexKey::from_json(&format!(r#"{{"key":"{}"}}"#, letter.repeat(64))).unwrap())
    }

    #[test]
    fn one_profile_has_one_index_however_it_is_written() {
        let (blind, demo) = (index("a"), AgencyId::parse("demo").unwrap());
        let of = |text: &str| blind.iccid(&demo, &Iccid::parse(text).unwrap());
        let nineteen = Iccid::parse("8944501123456789012").unwrap();
        let twenty = (0..10).map(|digit| Iccid::parse(&format!("8944501123456789012{digit}")).unwrap()).find(Iccid::luhn_holds).unwrap();
        assert_eq!(blind.iccid(&demo, &nineteen), blind.iccid(&demo, &twenty));
        assert_eq!(of("8944 5011 2345 6789 012F"), of("8944501123456789012"));
        assert_ne!(of("8944501123456789012"), of("8944501123456789013"));
        assert_eq!(of("8944501123456789012").len(), 64);
    }

    #[test]
    fn tenants_kinds_and_keys_are_apart() {
        let (demo, other) = (AgencyId::parse("demo").unwrap(), AgencyId::parse("other").unwrap());
        let iccid = Iccid::parse("8944501123456789012").unwrap();
        assert_ne!(index("a").iccid(&demo, &iccid), index("a").iccid(&other, &iccid));
        assert_ne!(index("a").iccid(&demo, &iccid), index("b").iccid(&demo, &iccid));
        let email = |text: &str| index("a").email(&demo, &EmailAddress::parse(text).unwrap());
        assert_eq!(email("Marie@Example.com"), email("marie@example.COM"));
        assert_ne!(email("marie@example.com"), email("mario@example.com"));
    }

    #[test]
    fn idempotency_keys_belong_to_their_agency() {
        let of = |agency: &str, key: &str| hash_idempotency_key(&AgencyId::parse(agency).unwrap(), key);
        assert_eq!(of("demo", "k"), of("demo", "k"));
        assert_ne!(of("demo", "k"), of("other", "k"));
        assert_ne!(of("a", "b|c"), of("a|b", "c"));
    }
}
