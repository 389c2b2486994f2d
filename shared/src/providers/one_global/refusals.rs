//! What 1GLOBAL's errors mean for money (§1, Errors): `{"type", "messages": []}`.

use serde::Deserialize;
use serde_json::Value;

use crate::outbound::Answer;
use crate::providers::{ProviderError, answers, lenient, reason};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    #[serde(deserialize_with = "lenient::text")]
    r#type: Option<String>,
    #[serde(deserialize_with = "lenient::rows_or_none")]
    messages: Vec<Value>,
}

impl Body {
    fn words(&self) -> String {
        let messages: Vec<String> = self.messages.iter().filter_map(lenient::text_of).collect();
        let words = if messages.is_empty() { self.r#type.clone().unwrap_or_default() } else { messages.join("; ") };
        reason::reason(&words)
    }
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

/// 406 is the account's daily or monthly quota: like a credit that is used up, a matter between the agency and 1GLOBAL.
fn refused(answer: &Answer) -> ProviderError {
    let code = match answer.status.as_u16() {
        404 => "not_found",
        406 => "insufficient_credit",
        _ => "refused",
    };
    ProviderError::Rejected { code, reason: answer.json::<Body>().unwrap_or_default().words() }
}

/// Why there is no token (RFC 6749 §5.2). Nothing can have been bought by logging in.
pub(super) fn login_refusal(answer: &Answer) -> ProviderError {
    answers::login_refusal(answer, || "the client credentials were refused".to_owned())
}
