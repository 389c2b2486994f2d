//! What Telna's errors mean for money (§1): `{"error": text}`; a catalogue of errors is not documented.

use serde::Deserialize;

use crate::outbound::Answer;
use crate::providers::{ProviderError, lenient, reason};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    #[serde(deserialize_with = "lenient::text")]
    error: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
}

/// What an answer that is not a success means. On reads it is the same: what is unknown there costs nothing and is read again.
pub(super) fn refusal(answer: &Answer) -> ProviderError {
    match answer.status.as_u16() {
        401 => ProviderError::Unauthorised,
        429 => ProviderError::Throttled { retry_after: answer.retry_after() },
        408 => ProviderError::Unknown("the provider gave up waiting (408)"),
        400..=499 => refused(answer),
        500..=599 => ProviderError::Unknown("the provider failed (5xx)"),
        _ => ProviderError::Unknown("the provider gave an answer that is neither yes nor no"),
    }
}

fn refused(answer: &Answer) -> ProviderError {
    let body = answer.json::<Body>().unwrap_or_default();
    let code = if answer.status == http::StatusCode::NOT_FOUND { "not_found" } else { "refused" };
    ProviderError::Rejected { code, reason: reason::reason(&body.error.or(body.message).unwrap_or_default()) }
}

/// Whether the key is good. A refusal is one of the key.
pub(super) fn key_refusal(answer: &Answer) -> ProviderError {
    match answer.status.as_u16() {
        429 => ProviderError::Throttled { retry_after: answer.retry_after() },
        400..=499 if answer.status != http::StatusCode::REQUEST_TIMEOUT => {
            ProviderError::Rejected { code: "refused", reason: "the API key was refused".to_owned() }
        }
        _ => ProviderError::NotSent("the provider did not say whether the key is good"),
    }
}
