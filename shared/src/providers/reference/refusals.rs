//! What a provider's errors mean for money. Bodies are RFC 9457 problems (`title`, `detail`, `code`), read leniently, or the errors
//! of RFC 6749 §5.2 on the log-in.

use serde::Deserialize;

use crate::outbound::Answer;
use crate::providers::{ProviderError, answers, lenient, reason};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Problem {
    #[serde(deserialize_with = "lenient::text")]
    r#type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) detail: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    code: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
}

impl Problem {
    /// One of our codes, from `code` or else from the last part of `type`.
    fn known_code(&self) -> Option<&'static str> {
        let of_type = self.r#type.as_deref().and_then(|address| address.rsplit(['/', ':', '#']).next());
        self.code.as_deref().and_then(ours).or_else(|| of_type.and_then(ours))
    }

    fn words(self) -> String {
        reason::reason(&self.detail.or(self.title).or(self.message).or(self.code).unwrap_or_default())
    }
}

/// The spellings that providers have for our codes.
fn ours(code: &str) -> Option<&'static str> {
    Some(match code.to_ascii_lowercase().replace('-', "_").as_str() {
        "sold_out" | "out_of_stock" | "no_stock" => "sold_out",
        "insufficient_credit" | "insufficient_balance" | "insufficient_funds" => "insufficient_credit",
        "invalid_package" | "unknown_package" | "package_not_found" => "invalid_package",
        "maintenance" => "maintenance",
        "not_rechargeable" | "topup_not_supported" => "not_rechargeable",
        "not_found" => "not_found",
        _ => return None,
    })
}

/// What an answer that is not a success means. On reads it is the same: what is unknown there costs nothing and is read again.
pub(super) fn refusal(answer: &Answer) -> ProviderError {
    match answer.status.as_u16() {
        401 => ProviderError::Unauthorised,
        429 => ProviderError::Throttled { retry_after: answer.retry_after() },
        408 | 425 => ProviderError::Unknown("the provider gave up waiting"),
        400..=499 => refused(answer),
        500..=599 => ProviderError::Unknown("the provider failed (5xx)"),
        _ => ProviderError::Unknown("the provider gave an answer that is neither yes nor no"),
    }
}

fn refused(answer: &Answer) -> ProviderError {
    let problem = answer.json::<Problem>().unwrap_or_default();
    let code = match (problem.known_code(), answer.status.as_u16()) {
        (Some(code), _) => code,
        // A first request with our key may still be running: that is no no.
        (None, 409) => return ProviderError::Unknown("the provider has the same request in hand (409)"),
        (None, 402) => "insufficient_credit",
        (None, 404) => "not_found",
        (None, _) => "refused",
    };
    ProviderError::Rejected { code, reason: problem.words() }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LoginError {
    #[serde(deserialize_with = "lenient::text")]
    error: Option<String>,
}

/// Why there is no token. Nothing can have been bought by logging in.
pub(super) fn login_refusal(answer: &Answer) -> ProviderError {
    // `error` is a word of RFC 6749; the description may repeat what we sent.
    answers::login_refusal(answer, || answer.json::<LoginError>().and_then(|body| body.error).unwrap_or_default())
}
