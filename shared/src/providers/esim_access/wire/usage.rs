//! Usage, from two calls: the eSIM's state (`/esim/query`), and what was measured when (`/esim/usage/query`).
//!
//! What is told may be two to three hours old. Where it does not say when it was measured, it is taken to be as old as that.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::super::STALENESS;
use super::{esims, megabytes, megabytes_left, object};
use crate::domain::{UsageReading, usage::ReportedStatus};
use crate::outbound::Answer;
use crate::providers::{ProviderError, lenient, reason};

/// The state, and how much is used of how much. `expiredTime` of an eSIM that waits is the end of its shelf life, not of its plan.
pub(in super::super) fn read_state(answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
    let esim = esims::first(answer)?;
    let word = esim.esim_status.as_deref().ok_or(ProviderError::Unknown("the eSIM has no status"))?;
    let status = status(word, esim.smdp_status.as_deref().unwrap_or_default());
    let waits = matches!(status, ReportedStatus::NotActive | ReportedStatus::Downloaded | ReportedStatus::Installed);
    let mut reading = UsageReading {
        status,
        used_mb: None,
        remaining_mb: None,
        total_mb: None,
        unlimited: false,
        expires_at: esim.expired_time.as_deref().and_then(lenient::end).filter(|_| !waits),
        activated_at: None,
        measured_at: now.saturating_sub(STALENESS).unwrap_or(now),
    };
    take_in(&mut reading, esim.order_usage, esim.total_volume);
    Ok(reading)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Measured {
    #[serde(default, deserialize_with = "lenient::decimal")]
    data_usage: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    total_data: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::text")]
    last_update_time: Option<String>,
}

/// A list of one, also below a name; an eSIM that was never measured has none.
pub(in super::super) fn read_measured(mut so_far: UsageReading, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
    let obj: Value = object(answer)?;
    let below = obj.as_object().and_then(|named| named.values().find_map(Value::as_array));
    let Some(first) = obj.as_array().or(below).and_then(|list| list.first()) else { return Ok(so_far) };
    let measured: Measured = serde_json::from_value(first.clone()).map_err(|_| super::UNREADABLE)?;
    let at = measured.last_update_time.as_deref().and_then(lenient::moment).filter(|at| *at <= now);
    so_far.measured_at = at.unwrap_or(so_far.measured_at);
    take_in(&mut so_far, measured.data_usage, measured.total_data);
    Ok(so_far)
}

fn take_in(reading: &mut UsageReading, used: Option<Decimal>, total: Option<Decimal>) {
    let (Some(used), Some(total)) = (used, total.filter(|total| *total > Decimal::ZERO)) else { return };
    reading.total_mb = megabytes(total);
    reading.used_mb = megabytes(used.min(total));
    reading.remaining_mb = megabytes_left(total - used);
}

/// The table of states (eSIM Access API, status reading). A profile that was deleted cannot be installed again (SGP.22 §3.1.6).
fn status(esim: &str, smdp: &str) -> ReportedStatus {
    match (esim, smdp) {
        ("CANCEL" | "REVOKED", _) | ("USED_UP" | "IN_USE", "DELETED") => ReportedStatus::Cancelled,
        ("USED_EXPIRED" | "UNUSED_EXPIRED", _) => ReportedStatus::Expired,
        ("USED_UP", _) => ReportedStatus::Exhausted,
        ("IN_USE", _) => ReportedStatus::Active,
        ("GOT_RESOURCE", "INSTALLATION" | "ENABLED" | "DISABLED") => ReportedStatus::Installed,
        ("GOT_RESOURCE", "DOWNLOAD") => ReportedStatus::Downloaded,
        ("GOT_RESOURCE", _) => ReportedStatus::NotActive,
        (other, _) => ReportedStatus::Unknown(reason::reason(other)),
    }
}
