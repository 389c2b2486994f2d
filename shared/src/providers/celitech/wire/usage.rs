//! Usage, from three calls: which plan runs and until when (`GET /purchases?iccid=`), what is left of it (`GET /purchases/{id}/consumption`),
//! and what became of the profile (`GET /esim?iccid=`).

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::{megabytes, megabytes_left, success};
use crate::domain::{UsageReading, usage::ReportedStatus};
use crate::outbound::Answer;
use crate::providers::{ProviderError, lenient, reason};

#[derive(Deserialize)]
struct Purchases {
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    purchases: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Purchase {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    created_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    end_date: Option<String>,
    #[serde(default)]
    package: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Size {
    #[serde(default, deserialize_with = "lenient::decimal")]
    data_limit_in_bytes: Option<Decimal>,
}

impl Purchase {
    fn created(&self) -> Option<Timestamp> {
        self.created_date.as_deref().and_then(lenient::moment)
    }

    fn bytes(&self) -> Option<Decimal> {
        serde_json::from_value::<Size>(self.package.clone()).ok()?.data_limit_in_bytes
    }
}

/// The purchase made last is the plan that counts.
fn newest(answer: &Answer) -> Result<Purchase, ProviderError> {
    let list: Purchases = success(answer)?;
    let purchases = list.purchases.into_iter().filter_map(|purchase| serde_json::from_value::<Purchase>(purchase).ok());
    purchases.max_by_key(Purchase::created).ok_or(ProviderError::Unknown("the eSIM has no purchase"))
}

/// The id of the plan that counts, to ask what is left of it.
pub(in super::super) fn running_purchase(answer: &Answer) -> Option<String> {
    newest(answer).ok()?.id
}

/// The plan's size and end. Celitech does not say when it measured, nor when the plan was first used.
pub(in super::super) fn read_plan(answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
    let purchase = newest(answer)?;
    let bytes = purchase.bytes();
    let expires_at = purchase.end_date.as_deref().and_then(lenient::end);
    let over = expires_at.is_some_and(|end| end <= now);
    Ok(UsageReading {
        status: if over { ReportedStatus::Expired } else { ReportedStatus::NotActive },
        used_mb: None,
        remaining_mb: None,
        total_mb: bytes.and_then(megabytes),
        unlimited: bytes.is_some_and(|bytes| bytes.is_sign_negative()),
        expires_at,
        activated_at: None,
        measured_at: now,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consumption {
    #[serde(default, deserialize_with = "lenient::decimal")]
    data_usage_remaining_in_bytes: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    /// Of the third call.
    #[serde(default)]
    esim: Option<State>,
}

#[derive(Deserialize)]
struct State {
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
}

/// The second answer, or the third: it alone has an `esim`.
pub(in super::super) fn read_more(mut so_far: UsageReading, answer: &Answer, _: Timestamp) -> Result<UsageReading, ProviderError> {
    let more: Consumption = success(answer)?;
    match more.esim {
        Some(state) => so_far.status = with_profile(so_far.status, state.status.as_deref().unwrap_or_default()),
        None => take_in(&mut so_far, more.data_usage_remaining_in_bytes, more.status.as_deref())?,
    }
    Ok(so_far)
}

/// Less than nothing left is how unlimited plans are written (-1).
fn take_in(reading: &mut UsageReading, remaining: Option<Decimal>, status: Option<&str>) -> Result<(), ProviderError> {
    let word = status.ok_or(ProviderError::Unknown("the consumption has no status"))?;
    if !reading.unlimited {
        reading.remaining_mb = remaining.and_then(megabytes_left).map(|left| reading.total_mb.map_or(left, |total| left.min(total)));
        reading.used_mb = reading.total_mb.zip(reading.remaining_mb).map(|(total, left)| total - left);
    }
    if reading.status == ReportedStatus::Expired {
        return Ok(());
    }
    let used_up = reading.total_mb.is_some() && reading.remaining_mb == Some(0);
    let begun = reading.used_mb.is_some_and(|used| used > 0);
    reading.status = match word {
        _ if used_up => ReportedStatus::Exhausted,
        "ACTIVE" => ReportedStatus::Active,
        // Not connected at this moment: a plan that was used has begun all the same.
        "NOT_ACTIVE" if begun => ReportedStatus::Active,
        "NOT_ACTIVE" => ReportedStatus::NotActive,
        other => ReportedStatus::Unknown(reason::reason(other)),
    };
    Ok(())
}

/// What the profile's state adds to the plan's. A profile that was deleted cannot be installed again (SGP.22 §3.1.6).
fn with_profile(plan: ReportedStatus, word: &str) -> ReportedStatus {
    match (word, plan) {
        ("DELETED", _) => ReportedStatus::Cancelled,
        ("DOWNLOADED", ReportedStatus::NotActive) => ReportedStatus::Downloaded,
        ("INSTALLED" | "ENABLED", ReportedStatus::NotActive) => ReportedStatus::Installed,
        ("RELEASED" | "DOWNLOADED" | "INSTALLED" | "ENABLED", plan) => plan,
        (_, plan @ (ReportedStatus::Exhausted | ReportedStatus::Expired)) => plan,
        (other, _) => ReportedStatus::Unknown(reason::reason(other)),
    }
}
