//! `POST refund` (Airalo Partner API v2, endpoints): a request that a person at Airalo reviews.

use serde::Deserialize;

use super::{One, success};
use crate::outbound::Answer;
use crate::providers::{ProviderError, lenient};

#[derive(Deserialize)]
struct Refund {
    #[serde(default, deserialize_with = "lenient::text")]
    refund_id: Option<String>,
}

/// The id of the request. A success without one may have been taken.
pub(in super::super) fn read(answer: &Answer) -> Result<String, ProviderError> {
    success::<One<Refund>>(answer)?.data.refund_id.ok_or(ProviderError::Unknown("the provider gave the request no id"))
}
