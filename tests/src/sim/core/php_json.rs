//! JSON text as PHP's `json_encode` writes it, and the neighbouring spellings of the other official SDKs
//! (Airalo Partner API v2, "airalo-signature header").

use std::fmt::Write as _;

use serde_json::Value;

/// Which characters are escaped beyond what JSON demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spelling {
    /// `/` is written `\/`.
    pub escaped_slash: bool,
    /// Everything outside ASCII is written `\uXXXX`.
    pub ascii: bool,
}

impl Spelling {
    /// PHP's own.
    pub const PHP: Self = Self { escaped_slash: true, ascii: true };

    /// All four that Airalo's SDKs and samples use.
    pub const ALL: [Self; 4] = [
        Self::PHP,
        Self { escaped_slash: true, ascii: false },
        Self { escaped_slash: false, ascii: true },
        Self { escaped_slash: false, ascii: false },
    ];
}

/// Writes JSON text anew without spaces, members in the order they have in the text. `None` when a string is not valid JSON.
///
/// Works on the text, not on a parsed tree: a tree would lose the order of members and the spelling of numbers.
#[must_use]
pub fn respell(text: &str, spelling: Spelling) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if character == '"' {
            let end = string_end(rest)?;
            let (literal, after) = rest.split_at(end);
            out.push_str(&string(&serde_json::from_str::<String>(literal).ok()?, spelling));
            rest = after;
        } else {
            if !character.is_ascii_whitespace() {
                out.push(character);
            }
            rest = rest.get(character.len_utf8()..)?;
        }
    }
    Some(out)
}

/// The JSON text of form fields in the order given: PHP's `json_encode` of the array that became the form.
/// `numbers` writes all-digit values as numbers, as they were before the form made them texts.
#[must_use]
pub fn object(pairs: &[(String, String)], spelling: Spelling, numbers: bool) -> String {
    let members: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            let plain = numbers && value.parse::<u32>().is_ok_and(|number| number.to_string() == *value);
            let written = if plain { value.clone() } else { string(value, spelling) };
            format!("{}:{written}", string(name, spelling))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A JSON value in a spelling; members of objects in the order of the value.
#[must_use]
pub fn value(value: &Value, spelling: Spelling) -> String {
    respell(&value.to_string(), spelling).unwrap_or_default()
}

/// One string literal.
fn string(text: &str, spelling: Spelling) -> String {
    let escaped = Value::from(text).to_string();
    let mut out = String::with_capacity(escaped.len());
    for character in escaped.chars() {
        match character {
            '/' if spelling.escaped_slash => out.push_str("\\/"),
            wide if spelling.ascii && !wide.is_ascii() => {
                for unit in wide.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// Length of the string literal at the start of a text, quotes included.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test reports by failing")]
    use super::*;

    #[test]
    fn respelling_keeps_order_and_numbers_and_drops_spaces_outside_strings() {
        let text = "{ \"b\": 1.50, \"a\": [\"x / y\", \"Zürich 😀\"] }";
        assert_eq!(respell(text, Spelling::PHP).unwrap(), r#"{"b":1.50,"a":["x \/ y","Z\u00fcrich \ud83d\ude00"]}"#);
        let plain = Spelling { escaped_slash: false, ascii: false };
        assert_eq!(respell(text, plain).unwrap(), r#"{"b":1.50,"a":["x / y","Zürich 😀"]}"#);
    }

    #[test]
    fn escapes_of_the_sender_are_read_before_they_are_written_again() {
        let plain = Spelling { escaped_slash: false, ascii: false };
        assert_eq!(respell(r#"{"u":"https:\/\/a\u00e9"}"#, plain).unwrap(), r#"{"u":"https://aé"}"#);
        assert_eq!(respell(r#"{"u":"open"#, plain), None);
    }
}
