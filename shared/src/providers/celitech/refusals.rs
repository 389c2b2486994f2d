//! What Celitech's errors mean for money (Celitech, Errors): a `message` for people, and the status. There are no codes, so that a purchase is
//! refused without our knowing whether for want of stock or of credit.

use serde::Deserialize;

use crate::outbound::Answer;
use crate::providers::{ProviderError, answers, lenient, reason};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    error: Option<String>,
}

/// What an answer that is not a success means. On reads it is the same: what is unknown there costs nothing and is read again.
pub(super) fn refusal(answer: &Answer) -> ProviderError {
    let body = answer.json::<Body>().unwrap_or_default();
    match answer.status.as_u16() {
        401 => ProviderError::Unauthorised,
        429 => ProviderError::Throttled { retry_after: answer.retry_after() },
        408 => ProviderError::Unknown("the provider gave up waiting (408)"),
        409 => ProviderError::Unknown("the provider has the same request in hand (409)"),
        422 => ProviderError::Unknown("the key was used for another request (422)"),
        // Its own word that the request was not processed; a proxy's 503 has no message.
        503 if body.message.is_some() => ProviderError::NotSent("the provider's store of keys is away (503)"),
        status @ 400..=499 => {
            let code = if status == 404 { "not_found" } else { "refused" };
            ProviderError::Rejected { code, reason: reason::reason(&body.message.unwrap_or_default()) }
        }
        500..=599 => ProviderError::Unknown("the provider failed (5xx)"),
        _ => ProviderError::Unknown("the provider gave an answer that is neither yes nor no"),
    }
}

/// Why there is no token. Nothing can have been bought by logging in.
pub(super) fn login_refusal(answer: &Answer) -> ProviderError {
    // `error` is a word of RFC 6749; the rest may repeat what we sent.
    answers::login_refusal(answer, || answer.json::<Body>().and_then(|body| body.error).unwrap_or_default())
}
