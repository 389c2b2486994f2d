//! Celitech's own types and their conversion.

pub(super) mod catalogue;
pub(super) mod esims;
pub(super) mod purchases;
pub(super) mod usage;

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::de::DeserializeOwned;
use std::time::Duration;

use super::refusals;
use crate::outbound::Answer;
use crate::providers::{AccessToken, ProviderError, answers};

/// Bytes of the contract's MB (reference contract → provider APIs, MB rule).
const MEGABYTE: i64 = 1_048_576;

/// Celitech refreshes its own tokens so long before they end.
const BEFORE_THE_END: Duration = Duration::from_secs(5);
/// A token that does not say is kept for a short time.
const UNSTATED: Duration = Duration::from_secs(300);

fn success<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    answers::success(answer, refusals::refusal)
}

/// Bytes as MB: rounded up for what is left, so that nothing is called used up while something is.
fn megabytes_left(bytes: Decimal) -> Option<u64> {
    (bytes.max(Decimal::ZERO) / Decimal::from(MEGABYTE)).ceil().to_u64()
}

/// Bytes as whole MB of a plan; none for a plan without any.
fn megabytes(bytes: Decimal) -> Option<u64> {
    (bytes / Decimal::from(MEGABYTE)).floor().to_u64().filter(|mb| *mb > 0)
}

pub(super) fn read_login(answer: &Answer) -> Result<AccessToken, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::login_refusal(answer));
    }
    answers::access_token(answer.json(), |stated| stated.map_or(UNSTATED, |stated| stated.saturating_sub(BEFORE_THE_END)))
}
