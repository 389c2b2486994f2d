//! An endpoint's add-ons as usage (§3.5): MB with decimals, not real-time. The names of the members are settings.

use jiff::Timestamp;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde_json::Value;

use super::super::refusals::success;
use super::text;
use crate::config::BicsNames;
use crate::domain::{UsageReading, money::decimal_number, usage::ReportedStatus};
use crate::outbound::Answer;
use crate::providers::{ProviderError, lenient};

struct Addon {
    total: Option<Decimal>,
    used: Decimal,
    activated_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

impl Addon {
    /// `None` when it does not say what was used.
    fn read(names: &BicsNames, row: &Value) -> Option<Self> {
        let number = |name: &str| text(row, name).and_then(|text| decimal_number::read(&Value::from(text)));
        let moment = |name: &str| text(row, name).as_deref().and_then(lenient::end);
        Some(Self {
            total: number(&names.total_mb),
            used: number(&names.used_mb)?.max(Decimal::ZERO),
            activated_at: moment(&names.activated_at),
            expires_at: moment(&names.expires_at),
        })
    }

    fn has_ended(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    fn is_used_up(&self) -> bool {
        self.total.is_some_and(|total| self.used >= total)
    }

    fn left(&self) -> Option<Decimal> {
        Some((self.total? - self.used).max(Decimal::ZERO))
    }
}

/// The add-ons that run or wait, together; when all are over, the one that ended last.
pub(in super::super) fn read(names: &BicsNames, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
    let rows = success(answer)?.rows().ok_or(ProviderError::Unknown("the list of add-ons holds no list"))?;
    let addons: Option<Vec<Addon>> = rows.iter().map(|row| Addon::read(names, row)).collect();
    let addons = addons.filter(|addons| !addons.is_empty()).ok_or(ProviderError::Unknown("the usage answer says nothing"))?;
    let (over, open): (Vec<Addon>, Vec<Addon>) = addons.into_iter().partition(|addon| addon.has_ended(now) || addon.is_used_up());
    let counted = if open.is_empty() { over.into_iter().max_by_key(|addon| addon.expires_at).into_iter().collect() } else { open };
    Ok(reading(&counted, now))
}

/// What the numbers and dates prove, and no more: the words of a state are not public.
fn reading(addons: &[Addon], now: Timestamp) -> UsageReading {
    let sum =
        |number: fn(&Addon) -> Option<Decimal>| addons.iter().map(number).try_fold(Decimal::ZERO, |sum, number| sum.checked_add(number?));
    let total = sum(|addon| addon.total);
    let used = sum(|addon| Some(addon.total.map_or(addon.used, |total| addon.used.min(total))));
    let status = if addons.iter().all(|addon| addon.has_ended(now)) {
        ReportedStatus::Expired
    } else if addons.iter().all(Addon::is_used_up) {
        ReportedStatus::Exhausted
    } else if addons.iter().any(|addon| addon.used > Decimal::ZERO || addon.activated_at.is_some_and(|at| at <= now)) {
        ReportedStatus::Active
    } else {
        ReportedStatus::NotActive
    };
    UsageReading {
        status,
        used_mb: used.and_then(|used| used.floor().to_u64()),
        remaining_mb: sum(Addon::left).and_then(|left| left.ceil().to_u64()),
        total_mb: total.and_then(|total| total.floor().to_u64()),
        // Whether a plan has a limit is known from the settings: a total that is not said is no limit taken away.
        unlimited: false,
        expires_at: addons.iter().filter_map(|addon| addon.expires_at).max(),
        activated_at: addons.iter().filter_map(|addon| addon.activated_at).min().filter(|at| *at <= now),
        measured_at: now,
    }
}
