//! `GET sims/{iccid}/packages` (Airalo Partner API v2, usage, history, top-up): every plan of an eSIM, with dates that have their zone.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Page, success};
use crate::outbound::Answer;
use crate::providers::{ProviderError, lenient};

#[derive(Deserialize)]
struct Plan {
    #[serde(default, deserialize_with = "lenient::text")]
    activated_at: Option<String>,
}

/// When the newest plan that has begun did so. A plan that cannot be read is passed over: it takes nothing from the others.
pub(in super::super) fn read(answer: &Answer) -> Result<Option<Timestamp>, ProviderError> {
    let rows: Vec<Value> = success::<Page>(answer)?.data.ok_or(ProviderError::Unknown("the plans are no list"))?;
    let plans = rows.into_iter().filter_map(|row| serde_json::from_value::<Plan>(row).ok());
    Ok(plans.filter_map(|plan| lenient::moment(&plan.activated_at?)).max())
}
