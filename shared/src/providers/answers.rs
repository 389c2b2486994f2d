//! What adapters read from an answer in the same way: the body of a success, a token of OAuth2, and the refusal of a log-in.

use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;

use super::{AccessToken, ProviderError, lenient, reason};
use crate::outbound::Answer;

const NO_TOKEN: ProviderError = ProviderError::NotSent("the provider's log-in gave no token");

/// The body of a success; anything else as its refusal.
pub(super) fn success<T: DeserializeOwned>(answer: &Answer, refusal: impl FnOnce(&Answer) -> ProviderError) -> Result<T, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusal(answer));
    }
    answer.json().ok_or(ProviderError::Unknown("the provider's answer cannot be read"))
}

/// An access token as OAuth2 gives it (RFC 6749 §5.1).
#[derive(Deserialize)]
pub(super) struct Token {
    access_token: String,
    /// Only recommended.
    #[serde(default, deserialize_with = "lenient::whole")]
    expires_in: Option<u64>,
}

/// The token of a log-in, kept for as long as `lifetime` makes of what it says about itself.
pub(super) fn access_token(
    token: Option<Token>,
    lifetime: impl FnOnce(Option<Duration>) -> Duration,
) -> Result<AccessToken, ProviderError> {
    let Token { access_token, expires_in } = token.filter(|token| !token.access_token.is_empty()).ok_or(NO_TOKEN)?;
    Ok(AccessToken { token: access_token.into(), lifetime: lifetime(expires_in.map(Duration::from_secs)) })
}

/// A log-in that gave no token; `words` are the provider's where it said no. They must not repeat what we sent.
pub(super) fn login_refusal(answer: &Answer, words: impl FnOnce() -> String) -> ProviderError {
    match answer.status.as_u16() {
        429 => ProviderError::Throttled { retry_after: answer.retry_after() },
        // Too late, or too early: no word on the credentials.
        408 | 425 => NO_TOKEN,
        400..=499 => ProviderError::Rejected { code: "refused", reason: reason::reason(&format!("log-in: {}", words())) },
        _ => NO_TOKEN,
    }
}
