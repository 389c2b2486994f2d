//! ECDSA over P-256 with SHA-256, as mail services sign: the key is base64 of an X.509 SubjectPublicKeyInfo, the signature base64 of DER.

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

/// What precedes the point in every SubjectPublicKeyInfo of this curve (RFC 5480 §2): the algorithm id-ecPublicKey with prime256v1.
const P256_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
    0x07, 0x03, 0x42, 0x00,
];

/// Whether the holder of one of the keys signed the parts, one after the other. A key or signature that cannot be read holds for nothing.
#[must_use]
pub fn verify_p256_sha256(public_keys: &[String], parts: &[&[u8]], signature: &str) -> bool {
    let Ok(signature) = BASE64_STANDARD.decode(signature.trim()) else { return false };
    let message = parts.concat();
    let holds = |key: &String| {
        point(key).is_some_and(|point| UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(&message, &signature).is_ok())
    };
    public_keys.iter().any(holds)
}

/// The uncompressed point of a key; `None` for another curve or anything unreadable.
fn point(key: &str) -> Option<Vec<u8>> {
    let written: String = key.split_whitespace().filter(|line| !line.starts_with("-----")).collect();
    let der = BASE64_STANDARD.decode(written).ok()?;
    der.strip_prefix(P256_HEAD.as_slice()).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::verify_p256_sha256;

    /// The vector of SendGrid's own library for event webhooks.
    const KEY: &str =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    const SIGNATURE: &str = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    const TIME: &[u8] = b"1600112502";
    const BODY: &[u8] = b"[{\"email\":\"hello@world.com\",\"event\":\"dropped\",\"reason\":\"Bounced Address\",\"sg_event_id\":\"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA\",\"sg_message_id\":\"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0\",\"smtp-id\":\"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>\",\"timestamp\":1600112492}]\r\n";

    #[test]
    fn the_services_own_vector_holds_and_nothing_near_it() {
        let keys = ["not a key".to_owned(), KEY.to_owned()];
        assert!(verify_p256_sha256(&keys, &[TIME, BODY], SIGNATURE));
        let without_its_end = BODY.strip_suffix(b"\r\n").unwrap_or_default();
        assert!(!verify_p256_sha256(&keys, &[TIME, without_its_end], SIGNATURE));
        assert!(!verify_p256_sha256(&keys, &[b"1600112503", BODY], SIGNATURE));
        assert!(!verify_p256_sha256(&keys, &[TIME, BODY], "not base64!"));
        assert!(!verify_p256_sha256(&[], &[TIME, BODY], SIGNATURE));
        assert!(!verify_p256_sha256(&keys[..1], &[TIME, BODY], SIGNATURE));
    }
}
