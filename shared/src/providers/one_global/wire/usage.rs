//! `GET v2/subscriptions?iccid=` (§2, Subscription): every plan that the SIM ever had.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Page, success};
use crate::domain::{UsageReading, usage::ReportedStatus};
use crate::outbound::Answer;
use crate::providers::{ProviderError, bytes, lenient, reason};

#[derive(Deserialize, Clone)]
struct Plan {
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    created_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    activation_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    expiry_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    initial_balance: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    current_balance: Option<Decimal>,
}

impl Plan {
    fn is_over(&self) -> bool {
        matches!(self.status.as_deref(), Some("DEPLETED" | "EXPIRED"))
    }

    fn created(&self) -> Option<Timestamp> {
        self.created_date.as_deref().and_then(lenient::moment)
    }
}

/// Whether no plan has started, so that only the SIM can say more.
pub(in super::super) fn waits(answer: &Answer) -> bool {
    read(answer, Timestamp::UNIX_EPOCH).is_ok_and(|reading| reading.status == ReportedStatus::NotActive)
}

/// What remains is the sum of the plans that run or wait; when all are over, the newest one tells how it ended.
pub(in super::super) fn read(answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
    let rows = success::<Page>(answer)?.data.ok_or(ProviderError::Unknown("the list of subscriptions holds no list"))?;
    let plans = rows.into_iter().map(serde_json::from_value::<Plan>).collect::<Result<Vec<_>, _>>();
    let plans = plans.map_err(|_| ProviderError::Unknown("a subscription cannot be read"))?;
    if plans.iter().any(|plan| plan.status.is_none()) {
        return Err(ProviderError::Unknown("a subscription has no status"));
    }
    let open: Vec<Plan> = plans.iter().filter(|plan| !plan.is_over()).cloned().collect();
    let counted = if open.is_empty() { plans.into_iter().max_by_key(Plan::created).into_iter().collect() } else { open };
    reading(&counted, now)
}

fn reading(plans: &[Plan], now: Timestamp) -> Result<UsageReading, ProviderError> {
    let status = status(plans).ok_or(ProviderError::Unknown("the SIM has no subscription"))?;
    let total = sum(plans, |plan| plan.initial_balance);
    let left = sum(plans, |plan| plan.current_balance.map(|left| left.max(Decimal::ZERO)));
    Ok(UsageReading {
        status,
        used_mb: total.zip(left).and_then(|(total, left)| bytes::used((total - left).max(Decimal::ZERO))),
        remaining_mb: left.and_then(bytes::left),
        total_mb: total.and_then(bytes::used),
        unlimited: false,
        expires_at: plans.iter().filter_map(|plan| plan.expiry_date.as_deref().and_then(lenient::end)).max(),
        activated_at: plans
            .iter()
            .filter_map(|plan| plan.activation_date.as_deref().and_then(lenient::moment))
            .min()
            .filter(|at| *at <= now),
        measured_at: now,
    })
}

/// `None` when a plan does not say: a sum without it would be a lie.
fn sum(plans: &[Plan], number: impl Fn(&Plan) -> Option<Decimal>) -> Option<Decimal> {
    plans.iter().map(number).try_fold(Decimal::ZERO, |sum, number| sum.checked_add(number?))
}

/// Running before waiting; a word that we do not know only where there is nothing else.
fn status(plans: &[Plan]) -> Option<ReportedStatus> {
    let words: Vec<&str> = plans.iter().filter_map(|plan| plan.status.as_deref()).collect();
    let has = |word: &str| words.contains(&word);
    Some(if has("ACTIVE") {
        ReportedStatus::Active
    } else if has("PENDING") || has("PENDING_USAGE") {
        ReportedStatus::NotActive
    } else {
        match *words.first()? {
            "DEPLETED" => ReportedStatus::Exhausted,
            "EXPIRED" => ReportedStatus::Expired,
            other => ReportedStatus::Unknown(reason::reason(other)),
        }
    })
}
