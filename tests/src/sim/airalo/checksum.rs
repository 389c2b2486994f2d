//! The `airalo-signature` header (Airalo Partner API v2, "airalo-signature header").

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;

use super::super::core::form::{Encoding, Fields};
use super::super::core::php_json::{Spelling, object, respell};

/// Lower-case hexadecimal HMAC-SHA512 of a text.
#[must_use]
pub fn sign(secret: &str, text: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Whether a signature fits a request in one of the spellings of the official SDKs. Forms are signed as the JSON text
/// of their fields, in the order of the form.
#[must_use]
pub fn fits(secret: &str, signature: &str, body: &[u8], fields: &Fields) -> bool {
    candidates(body, fields).iter().any(|text| sign(secret, text) == signature)
}

fn candidates(body: &[u8], fields: &Fields) -> Vec<String> {
    let raw = String::from_utf8_lossy(body).into_owned();
    if fields.encoding == Encoding::Json {
        let respelled = Spelling::ALL.iter().filter_map(|spelling| respell(&raw, *spelling));
        return respelled.chain([raw.clone()]).collect();
    }
    let spell = |numbers: bool| Spelling::ALL.map(|spelling| object(&fields.pairs, spelling, numbers));
    spell(false).into_iter().chain(spell(true)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "test-secret";
    const ESCAPED: &str =
        "7d45f6dd27a6c4235a8cdf53892db157d111f62df33b7ac6391c1a80685c485559999226a6203ddd905b86e91129e5958b85c06cfb42992215f200b7e3d022c1";
    const RAW: &str =
        "f14be37b76b3c06b1bf51cb0d774773ef6500239b689ff0d3cbca88955c8f362f1b6a279462d9e4a394c0d839e0744c5c3bc216bc792a66f40c428379dc001fc";
    const PHP: &str =
        "fc260e74826a790be7a3eeba548ca927fa6fed554e4dd8fe0685d16526bd32e0b0029b8fd52d44144daffb3484f4b1a435f5d998cc79f19c71eb93b528de69fa";
    const NODE: &str =
        "d3d20cc02a3e2b33cc412e8ba4613684e91cf9e3ab125c32fcfb4e73673639fcc4c33c773368d96287db05185b644027a59ee34840820eeb41fdbc745324c365";

    fn payload(description: &str) -> String {
        format!(
            r#"{{"package_id":"change-7days-1gb","quantity":1,"type":"sim","description":"{description}","webhook_url":"https://example.com/hook"}}"#
        )
    }

    fn json(body: &str) -> Fields {
        Fields { encoding: Encoding::Json, value: serde_json::from_str(body).unwrap_or_default(), pairs: Vec::new() }
    }

    #[test]
    fn the_four_published_vectors() {
        let spelled = |text: &str, escaped_slash, ascii| respell(text, Spelling { escaped_slash, ascii });
        let signed = |text: Option<String>| sign(SECRET, &text.unwrap_or_default());
        assert_eq!(signed(spelled(&payload("CRM-1001"), true, true)), ESCAPED);
        assert_eq!(signed(spelled(&payload("CRM-1001"), false, false)), RAW);
        assert_eq!(signed(spelled(&payload("Zürich trip"), true, true)), PHP);
        assert_eq!(signed(spelled(&payload("Zürich trip"), true, false)), NODE);
    }

    #[test]
    fn a_request_is_accepted_in_every_spelling_and_refused_when_altered() {
        for (description, signature) in [("CRM-1001", ESCAPED), ("CRM-1001", RAW), ("Zürich trip", PHP), ("Zürich trip", NODE)] {
            let body = payload(description);
            assert!(fits(SECRET, signature, body.as_bytes(), &json(&body)));
            let altered = body.replace("change-7days-1gb", "change-30days-20gb");
            assert!(!fits(SECRET, signature, altered.as_bytes(), &json(&altered)));
            assert!(!fits("other", signature, body.as_bytes(), &json(&body)));
        }
    }

    #[test]
    fn a_form_is_signed_as_the_json_it_came_from() {
        let pairs: Vec<(String, String)> = [
            ("package_id", "change-7days-1gb"),
            ("quantity", "1"),
            ("type", "sim"),
            ("description", "CRM-1001"),
            ("webhook_url", "https://example.com/hook"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let fields = Fields { encoding: Encoding::Urlencoded, value: serde_json::json!({}), pairs };
        assert!(fits(SECRET, ESCAPED, b"package_id=change-7days-1gb", &fields));
    }
}
