#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{
    Encoding, Hash, UnusableSecret, parse_timed_signature, raw_signature, raw_verify, sign, verify, verify_hmac_sha256_hex,
    verify_hmac_sha512_hex, verify_timed,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

fn secrets(texts: &[&str]) -> Vec<SecretString> {
    texts.iter().map(|text| SecretString::from(*text)).collect()
}

fn rfc4231(key: &[u8], data: &[u8], sha256: &str, sha512: &str) {
    for (hash, expected) in [(Hash::Sha256, sha256), (Hash::Sha512, sha512)] {
        let signature = raw_signature(hash, key, &[data]).unwrap();
        assert_eq!(hex::encode(&signature), expected);
        let (head, tail) = data.split_at(data.len() / 2);
        assert!(raw_verify(hash, key, &[head, tail], &signature));
        // A part of the signature is not the signature.
        assert!(!raw_verify(hash, key, &[data], signature.split_last().unwrap().1));
    }
}

/// RFC 4231 §4.2 to §4.8, without the truncated case 5.
#[test]
fn the_vectors_of_rfc_4231() {
    rfc4231(
        &[0x0b; 20],
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    );
    rfc4231(
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    );
    rfc4231(
        &[0xaa; 20],
        &[0xdd; 50],
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
    );
    rfc4231(
        &std::array::from_fn::<u8, 25, _>(|place| place as u8 + 1),
        &[0xcd; 50],
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
    );
    rfc4231(
        &[0xaa; 131],
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    );
    rfc4231(
        &[0xaa; 131],
        b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
    );
}

/// The fixed message of GitHub's page on validating webhook deliveries.
#[test]
fn a_published_webhook_verifies_with_the_new_and_the_old_secret() {
    let signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let everybody = "It's a Secret to Everybody";
    assert!(verify_hmac_sha256_hex(&secrets(&[everybody]), &[b"Hello, World!"], signature));
    assert!(verify_hmac_sha256_hex(&secrets(&["new", everybody]), &[b"Hello, ", b"World!"], &signature.to_uppercase()));
    assert!(verify_hmac_sha256_hex(&secrets(&[everybody, "new"]), &[b"Hello, World!"], signature));
    assert!(!verify_hmac_sha256_hex(&secrets(&["new"]), &[b"Hello, World!"], signature));
    assert!(!verify_hmac_sha256_hex(&secrets(&[everybody]), &[b"Hello, World"], signature));
    assert!(!verify_hmac_sha256_hex(&[], &[b"Hello, World!"], signature));
}

#[test]
fn what_is_no_signature_is_refused() {
    for text in ["", "zz", "75", "sha256=757107", "\u{e9}\u{e9}"] {
        assert!(!verify_hmac_sha256_hex(&secrets(&["secret"]), &[b"body"], text));
        assert!(!verify_hmac_sha512_hex(&secrets(&["secret"]), &[b"body"], text));
    }
}

#[test]
fn an_empty_secret_neither_signs_nor_verifies() {
    let empty = SecretString::from("");
    assert_eq!(sign(Hash::Sha256, Encoding::Hex, &empty, &[b"body"]), Err(UnusableSecret));
    // HMAC-SHA256 of nothing with the empty key: what a forger would send to a receiver that fell back to it.
    let forged = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    assert!(!verify_hmac_sha256_hex(&[empty], &[b""], forged));
}

#[test]
fn both_hashes_are_written_and_read_in_both_encodings() {
    let secret = SecretString::from("secret");
    for hash in [Hash::Sha256, Hash::Sha512] {
        for encoding in [Encoding::Hex, Encoding::Base64] {
            let signature = sign(hash, encoding, &secret, &[b"body"]).unwrap();
            let good = |signature: &str, body: &[u8]| verify(hash, encoding, std::slice::from_ref(&secret), &[body], signature);
            assert!(good(&signature, b"body") && good(signature.trim_end_matches('='), b"body"));
            assert!(!good(&signature, b"Body"));
        }
    }
}

#[test]
fn a_timed_header_is_read_whole_or_not_at_all() {
    let timed = parse_timed_signature("t=1614265330, v1=aa,v0=cc,v1=bb").unwrap();
    assert_eq!((timed.timestamp, timed.signed_at.as_second(), timed.signatures), ("1614265330", 1_614_265_330, vec!["aa", "bb"]));
    for bad in ["", "t=1", "v1=aa", "t=x,v1=aa", "t=+1,v1=aa", "t=1,t=2,v1=aa", "t=99999999999999999999,v1=aa", "nonsense"] {
        assert_eq!(parse_timed_signature(bad), None, "{bad}");
    }
}

#[test]
fn a_timed_signature_is_good_for_five_minutes_either_way() {
    let body = br#"{"id":"evt_1"}"#;
    let shared = secrets(&["new", "old"]);
    let old = shared.last().unwrap();
    let signature = sign(Hash::Sha256, Encoding::Hex, old, &[b"1614265330", b".", body]).unwrap();
    let header = format!("t=1614265330,v1={},v1={signature}", "0".repeat(64));
    let good_at = |second: i64, body: &[u8]| {
        verify_timed(&shared, &header, body, Timestamp::from_second(second).unwrap(), SignedDuration::from_mins(5))
    };
    assert!(good_at(1_614_265_330, body) && good_at(1_614_265_630, body) && good_at(1_614_265_030, body));
    assert!(!good_at(1_614_265_631, body) && !good_at(1_614_265_029, body));
    assert!(!good_at(1_614_265_330, b"{}"));
    // Another time in the header is another signed text.
    let moved = header.replace("t=1614265330", "t=1614265331");
    assert!(!verify_timed(&shared, &moved, body, Timestamp::from_second(1_614_265_331).unwrap(), SignedDuration::from_mins(5)));
}
