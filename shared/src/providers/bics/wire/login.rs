//! `POST login` (§1): two JSON web tokens.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use std::time::Duration;

use super::super::refusals;
use crate::outbound::Answer;
use crate::providers::{AccessToken, ProviderError, lenient};

/// How long a token is kept that does not say.
const UNSTATED: Duration = Duration::from_secs(300);
/// How long one is kept at most.
const LONGEST: Duration = Duration::from_secs(60 * 60);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Login {
    #[serde(default, deserialize_with = "lenient::text")]
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(default, deserialize_with = "lenient::whole")]
    iat: Option<u64>,
    #[serde(default, deserialize_with = "lenient::whole")]
    exp: Option<u64>,
}

pub(in super::super) fn read(answer: &Answer) -> Result<AccessToken, ProviderError> {
    let token = answer.json::<Login>().and_then(|login| login.access_token).filter(|_| answer.status.is_success());
    match token {
        Some(token) => Ok(AccessToken { lifetime: lifetime(&token), token: token.into() }),
        None => Err(refusals::login_refusal(answer)),
    }
}

/// From `iat` to `exp` (RFC 7519 §4.1): a life that no clock of ours has to agree with. Lifetimes are not documented.
fn lifetime(token: &str) -> Duration {
    let claims = token.split('.').nth(1).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok());
    let claims = claims.and_then(|bytes| serde_json::from_slice::<Claims>(&bytes).ok());
    let seconds = claims.and_then(|claims| claims.exp?.checked_sub(claims.iat?)).filter(|seconds| *seconds > 0);
    seconds.map_or(UNSTATED, |seconds| Duration::from_secs(seconds).min(LONGEST))
}
