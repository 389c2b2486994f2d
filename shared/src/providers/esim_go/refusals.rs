//! What eSIM Go's errors mean for money (eSIM Go API v2.x, base and auth): `{"message"}` and a status that means several things. 403 is a bad
//! key, no bundles left, or somebody else's ICCID; only the bad key has a word of its own. The other words are ours to guess, and only tell
//! a person more: whatever they are, nothing was bought.

use serde::Deserialize;

use crate::outbound::Answer;
use crate::providers::{ProviderError, lenient, reason};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
}

/// What an answer that is not a success means. On reads it is the same: what is unknown there costs nothing and is read again.
pub(super) fn refusal(answer: &Answer) -> ProviderError {
    let words = answer.json::<Body>().unwrap_or_default().message.unwrap_or_default();
    match answer.status.as_u16() {
        401 => ProviderError::Unauthorised,
        403 if words == "Forbidden" => ProviderError::Unauthorised,
        429 => ProviderError::Throttled { retry_after: answer.retry_after() },
        408 => ProviderError::Unknown("the provider gave up waiting (408)"),
        503 => ProviderError::Unknown("the provider is still processing (503)"),
        status @ 400..=499 => ProviderError::Rejected { code: code(status, &words.to_lowercase()), reason: reason::reason(&words) },
        500..=599 => ProviderError::Unknown("the provider failed (5xx)"),
        _ => ProviderError::Unknown("the provider gave an answer that is neither yes nor no"),
    }
}

/// By its words, as far as they go.
fn code(status: u16, words: &str) -> &'static str {
    let says = |some: &[&str]| some.iter().any(|part| words.contains(part));
    if says(&["balance", "credit", "funds"]) {
        "insufficient_credit"
    } else if says(&["not compatible", "incompatible", "deactivated"]) {
        "not_rechargeable"
    } else if says(&["no bundles", "not in inventory", "out of stock", "sold out"]) {
        "sold_out"
    } else if says(&["bundle not found", "invalid bundle", "unknown bundle", "no such bundle"]) {
        "invalid_package"
    } else if says(&["maintenance"]) {
        "maintenance"
    } else if status == 404 {
        "not_found"
    } else {
        "refused"
    }
}

/// Why the key is not proved. Nothing can have been bought by that.
pub(super) fn proof_refusal(answer: &Answer) -> ProviderError {
    match answer.status.as_u16() {
        429 => ProviderError::Throttled { retry_after: answer.retry_after() },
        400..=499 if answer.status != http::StatusCode::REQUEST_TIMEOUT => {
            ProviderError::Rejected { code: "refused", reason: reason::reason("the API key was refused") }
        }
        _ => ProviderError::NotSent("the provider could not prove the key"),
    }
}
