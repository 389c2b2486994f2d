//! `airalo-signature`: lower-case hex HMAC-SHA512 with the API secret over the JSON text (Airalo Partner API v2,
//! `airalo-signature` header). The official sources disagree on how that text is written, so there is one way to write it
//! that all of them read alike, and four to try when checking.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, de::IgnoredAny};
use sha2::Sha512;
use std::fmt::Write;

/// The header, the same in both directions.
pub(super) const HEADER: &str = "airalo-signature";

/// How a JSON text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// `/` as `\/`.
    pub slashes_escaped: bool,
    /// Everything beyond ASCII as `\uXXXX`.
    pub ascii_only: bool,
}

/// The ways that official sources write, the likeliest (PHP's `json_encode`) first.
pub(super) const FORMS: [Form; 4] = [
    Form { slashes_escaped: true, ascii_only: true },
    Form { slashes_escaped: true, ascii_only: false },
    Form { slashes_escaped: false, ascii_only: false },
    Form { slashes_escaped: false, ascii_only: true },
];

/// Our own bodies: compact, `/` escaped, ASCII only.
pub(super) fn wire_text<T: Serialize>(body: &T) -> String {
    // Our wire types hold texts and numbers only: writing them cannot fail, and Airalo refuses an empty body.
    let text = serde_json::to_string(body).unwrap_or_default();
    let [php, ..] = FORMS;
    rewrite(&text, php).unwrap_or(text)
}

/// The signature of a text.
pub(super) fn sign(secret: &str, text: &[u8]) -> String {
    keyed(secret, text).map(|mac| hex::encode(mac.finalize().into_bytes())).unwrap_or_default()
}

/// Whether `signature` is that of `text`, in constant time. No secret signs nothing.
pub(super) fn holds(secret: &str, text: &[u8], signature: &[u8]) -> bool {
    !secret.is_empty() && keyed(secret, text).is_some_and(|mac| mac.verify_slice(signature).is_ok())
}

/// `None` never happens: HMAC takes a key of any length.
fn keyed(secret: &str, text: &[u8]) -> Option<Hmac<Sha512>> {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(text);
    Some(mac)
}

/// The same JSON without white space and with its texts written in `form`. Keys stay in their order and numbers as they are,
/// which no way through parsed values would keep. `None` when it is not JSON.
pub(super) fn rewrite(json: &str, form: Form) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(json).ok()?;
    let mut written = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(c) = rest.chars().next() {
        let (token, after) = rest.split_at_checked(if c == '"' { text_length(rest)? } else { c.len_utf8() })?;
        match c {
            '"' => write_text(&mut written, &serde_json::from_str::<String>(token).ok()?, form),
            c if c.is_ascii_whitespace() => {}
            c => written.push(c),
        }
        rest = after;
    }
    Some(written)
}

/// Length of the JSON text that `json` starts with, both quotes included.
fn text_length(json: &str) -> Option<usize> {
    let mut escaped = false;
    for (place, byte) in json.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(place + 1),
            _ => {}
        }
    }
    None
}

fn write_text(written: &mut String, text: &str, form: Form) {
    written.push('"');
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\u{8}' => written.push_str("\\b"),
            '\u{c}' => written.push_str("\\f"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '/' if form.slashes_escaped => written.push_str("\\/"),
            c if c.is_control() && c.is_ascii() && c != '\u{7f}' => write_units(written, c),
            c if !c.is_ascii() && form.ascii_only => write_units(written, c),
            c => written.push(c),
        }
    }
    written.push('"');
}

/// `\uXXXX`, a pair of them beyond the basic plane.
fn write_units(written: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a String does not fail.
        let _ = write!(written, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{FORMS, Form, holds, rewrite, sign, wire_text};
    use proptest::prelude::*;
    use serde_json::Value;

    /// The vectors of the partner page: secret `test-secret`, one payload in four written forms.
    const VECTORS: [(&str, Form, &str); 4] = [
        (
            "CRM-1001",
            Form { slashes_escaped: true, ascii_only: true },
            "7d45f6dd27a6c4235a8cdf53892db157d111f62df33b7ac6391c1a80685c485559999226a6203ddd905b86e91129e5958b85c06cfb42992215f200b7e3d022c1",
        ),
        (
            "CRM-1001",
            Form { slashes_escaped: false, ascii_only: false },
            "f14be37b76b3c06b1bf51cb0d774773ef6500239b689ff0d3cbca88955c8f362f1b6a279462d9e4a394c0d839e0744c5c3bc216bc792a66f40c428379dc001fc",
        ),
        (
            "Zürich trip",
            Form { slashes_escaped: true, ascii_only: true },
            "fc260e74826a790be7a3eeba548ca927fa6fed554e4dd8fe0685d16526bd32e0b0029b8fd52d44144daffb3484f4b1a435f5d998cc79f19c71eb93b528de69fa",
        ),
        (
            "Zürich trip",
            Form { slashes_escaped: true, ascii_only: false },
            "d3d20cc02a3e2b33cc412e8ba4613684e91cf9e3ab125c32fcfb4e73673639fcc4c33c773368d96287db05185b644027a59ee34840820eeb41fdbc745324c365",
        ),
    ];

    fn payload(description: &str) -> String {
        format!(
            "{{\n  \"package_id\": \"change-7days-1gb\",\n  \"quantity\": 1,\n  \"type\": \"sim\",\n  \"description\": \"{description}\",\n  \
             \"webhook_url\": \"https://example.com/hook\"\n}}"
        )
    }

    #[test]
    fn the_vectors_of_the_page_hold() {
        for (description, form, expected) in VECTORS {
            let text = rewrite(&payload(description), form).unwrap();
            assert_eq!(sign("test-secret", text.as_bytes()), expected, "{description} {form:?}");
            assert!(holds("test-secret", text.as_bytes(), &hex::decode(expected).unwrap()));
            assert!(!holds("other-secret", text.as_bytes(), &hex::decode(expected).unwrap()));
        }
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let signature = hex::decode(sign("", b"{}")).unwrap();
        assert!(!holds("", b"{}", &signature));
    }

    #[test]
    fn what_we_send_reads_alike_under_every_rule() {
        #[derive(serde::Serialize)]
        struct Body {
            url: &'static str,
            name: &'static str,
        }
        let text = wire_text(&Body { url: "https://a.example/b", name: "Zürich 😀" });
        assert_eq!(text, r#"{"url":"https:\/\/a.example\/b","name":"Z\u00fcrich \ud83d\ude00"}"#);
    }

    #[test]
    fn order_numbers_and_escapes_survive_a_rewrite() {
        let form = Form { slashes_escaped: true, ascii_only: false };
        let rewritten = rewrite("{ \"z\" : 1.50 , \"a\":[ true , null ], \"t\":\"a\\u00e9\\\"\\\\ \\u0001\\/\" }", form);
        assert_eq!(rewritten.as_deref(), Some("{\"z\":1.50,\"a\":[true,null],\"t\":\"aé\\\"\\\\ \\u0001\\/\"}"));
        assert_eq!(rewrite("{\"a\":", form), None);
        assert_eq!(rewrite("\"\\ud800\"", form), None);
    }

    proptest! {
        #[test]
        fn a_rewrite_says_the_same(text in "\\PC{0,40}", key in "\\PC{0,10}", number in any::<i64>()) {
            let value = serde_json::json!({ key: [text, number], "/": { "é": null } });
            for form in FORMS {
                let rewritten = rewrite(&serde_json::to_string_pretty(&value).unwrap(), form).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Value>(&rewritten).unwrap(), &value);
                prop_assert!(!form.ascii_only || rewritten.is_ascii());
            }
        }

        #[test]
        fn no_text_makes_it_fail(text in "\\PC{0,60}") {
            for form in FORMS {
                let _ = rewrite(&text, form);
            }
        }
    }
}
