//! eSIM Go's own types and their conversion. ICCIDs are sometimes JSON numbers, longer than any number that JSON readers keep.

pub(super) mod catalogue;
pub(super) mod esims;
pub(super) mod find;
pub(super) mod orders;
pub(super) mod usage;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::time::Duration;

use super::refusals;
use crate::outbound::Answer;
use crate::providers::{AccessToken, ProviderError};

/// The body of a success; anything else as its refusal.
fn success<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::refusal(answer));
    }
    read(answer).ok_or(ProviderError::Unknown("the provider's answer cannot be read"))
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Option<T> {
    serde_json::from_str(&exact(&answer.body)?).ok()
}

/// Digits that a reader of numbers keeps for certain.
const SAFE_DIGITS: usize = 15;

/// The JSON text with every long whole number as a text, digit by digit. `None` when it is not UTF-8.
pub(super) fn exact(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let mut exact = String::with_capacity(text.len() + 16);
    let (mut in_text, mut escaped) = (false, false);
    let mut number = String::new();
    for c in text.chars() {
        if !in_text && (c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E') && !number.is_empty()) {
            number.push(c);
            continue;
        }
        flush(&mut exact, &mut number);
        exact.push(c);
        match c {
            '"' if !escaped => in_text = !in_text,
            _ => {}
        }
        escaped = in_text && c == '\\' && !escaped;
    }
    flush(&mut exact, &mut number);
    Some(exact)
}

fn flush(exact: &mut String, number: &mut String) {
    let long = number.len() > SAFE_DIGITS && number.bytes().all(|byte| byte.is_ascii_digit()) && !exact.ends_with('-');
    if long {
        exact.push('"');
    }
    exact.push_str(number);
    if long {
        exact.push('"');
    }
    number.clear();
}

/// The answer holds the key itself and is not kept; calls carry the account's own.
pub(super) fn read_proof(answer: &Answer) -> Result<AccessToken, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::proof_refusal(answer));
    }
    if answer.json::<Map<String, Value>>().is_none() {
        return Err(ProviderError::NotSent("the provider could not prove the key"));
    }
    Ok(AccessToken { token: String::new().into(), lifetime: Duration::ZERO })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::exact;
    use proptest::prelude::*;

    #[test]
    fn long_numbers_become_texts_and_nothing_else_changes() {
        let read = |text: &str| exact(text.as_bytes()).unwrap();
        assert_eq!(
            read(r#"{"iccid":89445385320081602221,"n":1000000000,"x":[8944538532008160222]}"#),
            r#"{"iccid":"89445385320081602221","n":1000000000,"x":["8944538532008160222"]}"#
        );
        for same in [r#"{"a":"8944538532008160222"}"#, r#"{"a\"":"\\","b":1.2345678901234567}"#, "-12345678901234567", "true", ""] {
            assert_eq!(read(same), same);
        }
        assert_eq!(exact(b"\xff"), None);
    }

    proptest! {
        #[test]
        fn an_iccid_survives_as_a_number(iccid in "89[0-9]{16,18}") {
            let exact = exact(format!("{{\"iccid\": {iccid} }}").as_bytes()).unwrap();
            let value: serde_json::Value = serde_json::from_str(&exact).unwrap();
            prop_assert_eq!(value.get("iccid").and_then(|v| v.as_str()), Some(iccid.as_str()));
        }

        #[test]
        fn any_text_is_survived(text in any::<String>()) {
            let _ = exact(text.as_bytes());
        }
    }
}
