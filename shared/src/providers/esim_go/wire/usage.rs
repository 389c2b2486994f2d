//! `GET /esims/{iccid}/bundles`, and `GET /esims/{iccid}` while the bundle waits. Quantities are bytes.

use jiff::Timestamp;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Deserialize;
use serde_json::Value;

use super::success;
use crate::domain::{UsageReading, usage::ReportedStatus};
use crate::outbound::Answer;
use crate::providers::{ProviderError, lenient, reason};

/// Bytes of the contract's MB (reference contract → provider APIs, MB rule).
const MEGABYTE: i64 = 1_048_576;

/// What is told of a bundle, here and in callbacks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct Quantities {
    #[serde(default, deserialize_with = "lenient::decimal")]
    initial_quantity: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    remaining_quantity: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::flag")]
    unlimited: bool,
    /// In callbacks and newer versions.
    #[serde(default, deserialize_with = "lenient::text")]
    start_time: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    end_time: Option<String>,
}

impl Quantities {
    fn total(&self) -> Option<u64> {
        let bytes = self.initial_quantity.filter(|_| !self.unlimited)?;
        (bytes / Decimal::from(MEGABYTE)).floor().to_u64().filter(|mb| *mb > 0)
    }

    /// Rounded up, so that nothing is called used up while something is left.
    fn remaining(&self) -> Option<u64> {
        let total = self.total()?;
        let left = (self.remaining_quantity?.max(Decimal::ZERO) / Decimal::from(MEGABYTE)).ceil().to_u64()?;
        Some(left.min(total))
    }

    /// Rounded down, so that no threshold is reached early.
    fn used(&self) -> Option<u64> {
        let used = self.initial_quantity.filter(|_| self.total().is_some())? - self.remaining_quantity?.max(Decimal::ZERO);
        (used.max(Decimal::ZERO) / Decimal::from(MEGABYTE)).floor().to_u64()
    }

    /// Whether a callback says more than that something happened.
    pub(in super::super) fn says_something(&self) -> bool {
        self.unlimited || self.remaining().is_some()
    }

    fn reading(&self, status: ReportedStatus, measured_at: Timestamp) -> UsageReading {
        let started = self.start_time.as_deref().and_then(lenient::moment);
        UsageReading {
            activated_at: started.filter(|_| status != ReportedStatus::NotActive),
            status,
            used_mb: self.used(),
            remaining_mb: self.remaining(),
            total_mb: self.total(),
            unlimited: self.unlimited,
            expires_at: self.end_time.as_deref().and_then(lenient::end),
            measured_at,
        }
    }

    /// A bundle that a callback tells of runs, or is used up.
    pub(in super::super) fn running(&self, measured_at: Timestamp) -> UsageReading {
        let status = if self.remaining() == Some(0) { ReportedStatus::Exhausted } else { ReportedStatus::Active };
        self.reading(status, measured_at)
    }
}

#[derive(Deserialize)]
struct Bundles {
    #[serde(default, deserialize_with = "lenient::rows")]
    bundles: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Bundle {
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    assignments: Vec<Value>,
}

/// A bundle on an eSIM.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Assignment {
    #[serde(skip)]
    pub(super) bundle: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    assignment_date_time: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    assignment_reference: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    bundle_state: Option<String>,
    #[serde(flatten)]
    quantities: Quantities,
}

impl Assignment {
    pub(super) fn made_at(&self) -> Option<Timestamp> {
        self.assignment_date_time.as_deref().and_then(lenient::moment)
    }

    pub(super) fn reference(&self) -> Option<String> {
        self.assignment_reference.clone()
    }

    pub(super) fn is_revoked(&self) -> bool {
        self.bundle_state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("revoked"))
    }

    /// Written with and without a capital letter.
    fn status(&self) -> Option<ReportedStatus> {
        let word = self.bundle_state.as_deref()?;
        Some(match word.to_ascii_lowercase().as_str() {
            "processing" | "queued" => ReportedStatus::NotActive,
            "active" => ReportedStatus::Active,
            "depleted" => ReportedStatus::Exhausted,
            "expired" | "lapsed" => ReportedStatus::Expired,
            "revoked" => ReportedStatus::Cancelled,
            _ => ReportedStatus::Unknown(reason::reason(word)),
        })
    }
}

/// Everything that an eSIM carries or carried.
pub(super) fn assignments(answer: &Answer) -> Result<Vec<Assignment>, ProviderError> {
    let bundles: Bundles = success(answer)?;
    let bundles = bundles.bundles.ok_or(ProviderError::Unknown("the usage answer holds no list"))?;
    let mut all = Vec::new();
    for bundle in bundles {
        let bundle: Bundle = serde_json::from_value(bundle).map_err(|_| UNREADABLE)?;
        for assignment in bundle.assignments {
            let assignment: Assignment = serde_json::from_value(assignment).map_err(|_| UNREADABLE)?;
            all.push(Assignment { bundle: bundle.name.clone(), ..assignment });
        }
    }
    Ok(all)
}

const UNREADABLE: ProviderError = ProviderError::Unknown("a bundle of the eSIM cannot be read");

/// What was assigned last is the plan that counts.
pub(in super::super) fn read(answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
    let latest = assignments(answer)?.into_iter().max_by_key(Assignment::made_at);
    let latest = latest.ok_or(ProviderError::Unknown("the eSIM carries no bundle"))?;
    let status = latest.status().ok_or(ProviderError::Unknown("the bundle has no state"))?;
    Ok(latest.quantities.reading(status, now))
}

/// Whether the bundle has not begun, so that the profile's own state tells more.
pub(in super::super) fn is_waiting(answer: &Answer) -> bool {
    read(answer, Timestamp::UNIX_EPOCH).is_ok_and(|reading| reading.status == ReportedStatus::NotActive)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProfileState {
    #[serde(default, deserialize_with = "lenient::text")]
    profile_status: Option<String>,
}

pub(in super::super) fn with_profile(so_far: UsageReading, answer: &Answer) -> Result<UsageReading, ProviderError> {
    let state: ProfileState = success(answer)?;
    let status = match (state.profile_status.as_deref(), so_far.status) {
        (Some("Installed"), ReportedStatus::NotActive) => ReportedStatus::Installed,
        (Some("Downloaded"), ReportedStatus::NotActive) => ReportedStatus::Downloaded,
        (_, status) => status,
    };
    Ok(UsageReading { status, ..so_far })
}
