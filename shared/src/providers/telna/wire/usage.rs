//! `GET diagnostic/usages?iccid=` (§2, Usage response): all work orders of the SIM, without states and ends.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::success;
use crate::domain::{UsageReading, usage::ReportedStatus};
use crate::outbound::Answer;
use crate::providers::{ProviderError, bytes, lenient};

#[derive(Deserialize)]
struct Usages {
    #[serde(default, deserialize_with = "lenient::rows")]
    orders: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default, deserialize_with = "lenient::decimal")]
    data_total_bytes: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    data_used_bytes: Option<Decimal>,
}

/// Used and total of all orders together: which of them runs is not said.
fn sums(answer: &Answer) -> Result<(Decimal, Decimal), ProviderError> {
    const NOTHING: ProviderError = ProviderError::Unknown("the usage answer says nothing");
    let rows = success::<Usages>(answer)?.orders.filter(|rows| !rows.is_empty()).ok_or(NOTHING)?;
    let mut sums = (Decimal::ZERO, Decimal::ZERO);
    for row in rows {
        let usage: Usage = serde_json::from_value(row).map_err(|_| NOTHING)?;
        let (used, total) = usage.data_used_bytes.zip(usage.data_total_bytes).ok_or(NOTHING)?;
        let added = sums.0.checked_add(used.max(Decimal::ZERO).min(total)).zip(sums.1.checked_add(total));
        sums = added.ok_or(NOTHING)?;
    }
    Ok(sums)
}

/// The state is what the numbers prove, and no more.
pub(in super::super) fn read(answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
    let (used, total) = sums(answer)?;
    let status = if total > Decimal::ZERO && used >= total {
        ReportedStatus::Exhausted
    } else if used > Decimal::ZERO {
        ReportedStatus::Active
    } else {
        ReportedStatus::NotActive
    };
    Ok(UsageReading {
        status,
        used_mb: bytes::used(used),
        remaining_mb: bytes::left(total - used),
        total_mb: bytes::used(total),
        unlimited: false,
        expires_at: None,
        activated_at: None,
        measured_at: now,
    })
}

/// Whether no byte was used, so that only the profile can say more.
pub(in super::super) fn is_unused(answer: &Answer) -> bool {
    sums(answer).is_ok_and(|(used, _)| used.is_zero())
}
