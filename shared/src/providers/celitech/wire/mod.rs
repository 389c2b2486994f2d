//! Celitech's own types and their conversion.

pub(super) mod catalogue;
pub(super) mod esims;
pub(super) mod purchases;
pub(super) mod usage;

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;

use super::refusals;
use crate::outbound::Answer;
use crate::providers::{AccessToken, ProviderError, lenient};

/// Bytes of the contract's MB (reference contract → provider APIs, MB rule).
const MEGABYTE: i64 = 1_048_576;

/// Celitech refreshes its own tokens so long before they end.
const BEFORE_THE_END: Duration = Duration::from_secs(5);
/// A token that does not say is kept for a short time.
const UNSTATED: Duration = Duration::from_secs(300);

/// The body of a success; anything else as its refusal.
fn success<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::refusal(answer));
    }
    answer.json().ok_or(ProviderError::Unknown("the provider's answer cannot be read"))
}

/// Bytes as MB: rounded up for what is left, so that nothing is called used up while something is.
fn megabytes_left(bytes: Decimal) -> Option<u64> {
    (bytes.max(Decimal::ZERO) / Decimal::from(MEGABYTE)).ceil().to_u64()
}

/// Bytes as whole MB of a plan; none for a plan without any.
fn megabytes(bytes: Decimal) -> Option<u64> {
    (bytes / Decimal::from(MEGABYTE)).floor().to_u64().filter(|mb| *mb > 0)
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    #[serde(default, deserialize_with = "lenient::whole")]
    expires_in: Option<u64>,
}

pub(super) fn read_login(answer: &Answer) -> Result<AccessToken, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::login_refusal(answer));
    }
    let token = answer.json::<Token>().filter(|token| !token.access_token.is_empty());
    let token = token.ok_or(ProviderError::NotSent("the provider's log-in gave no token"))?;
    let lifetime = token.expires_in.map_or(UNSTATED, |seconds| Duration::from_secs(seconds).saturating_sub(BEFORE_THE_END));
    Ok(AccessToken { token: token.access_token.into(), lifetime })
}
