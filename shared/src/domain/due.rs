//! When an eSIM is next looked at, and when its traveller is asked about a top-up.

use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use std::time::Duration;

use super::{Esim, EsimStatus, esim::LifeEvent};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The mission's bounds of polling: every 6 to 12 hours.
const SHORTEST: SignedDuration = SignedDuration::from_hours(6);
const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// Before the end of the plan, its usage is watched closely.
const NEAR_END: SignedDuration = SignedDuration::from_hours(24);
/// After the end, the provider is given time to notice it itself.
const AFTER_END: SignedDuration = SignedDuration::from_mins(5);
/// An expired eSIM is looked at daily for a week, in case it was topped up elsewhere.
const EXPIRED_EVERY: SignedDuration = SignedDuration::from_hours(24);
const EXPIRED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Hour of the day at which people are written to.
const REMINDER_HOUR: i8 = 9;

impl Esim {
    /// When to ask the provider for usage again; `None` when there is nothing left to see.
    ///
    /// - Running: after 6 to 12 hours, spread by `jitter01` (0 to 1) so that eSIMs sold together are not asked about together.
    /// - 70 % used, or within a day of the end: every hour. This goes before a webhook, as providers push other thresholds than ours.
    /// - A webhook just told us, or not activated yet, or used up (a top-up may be bought elsewhere): after 12 hours.
    /// - In any case five minutes after the end, when that is sooner.
    /// - Expired: daily until a week after the end. Cancelled: never.
    ///
    /// Never sooner than the provider's `staleness`: asking again would be answered from its cache.
    #[must_use]
    pub fn next_poll(&self, staleness: Duration, heard_by_webhook: bool, now: Timestamp, jitter01: f64) -> Option<Timestamp> {
        let staleness = SignedDuration::try_from(staleness).unwrap_or(SignedDuration::MAX);
        match self.status {
            EsimStatus::Cancelled => None,
            EsimStatus::Expired => self.poll_when_expired(staleness, now),
            _ => {
                let wait = self.wait(heard_by_webhook, now, jitter01).max(staleness);
                Some(self.not_long_after_end(after(now, wait), after(now, staleness), now))
            }
        }
    }

    fn wait(&self, heard_by_webhook: bool, now: Timestamp, jitter01: f64) -> SignedDuration {
        let started = self.status >= EsimStatus::Activated;
        let near_end = self.plan.expires_at.is_some_and(|end| now.duration_until(end) <= NEAR_END);
        match self.status {
            EsimStatus::Exhausted => LONGEST,
            _ if started && (self.plan.is_nearly_used() || near_end) => HOUR,
            _ if heard_by_webhook || !started => LONGEST,
            _ => SHORTEST + (LONGEST - SHORTEST).mul_f64(if jitter01.is_finite() { jitter01.clamp(0.0, 1.0) } else { 0.0 }),
        }
    }

    fn not_long_after_end(&self, planned: Timestamp, soonest: Timestamp, now: Timestamp) -> Timestamp {
        match self.plan.expires_at {
            Some(end) if end > now => planned.min(after(end, AFTER_END)).max(soonest),
            _ => planned,
        }
    }

    fn poll_when_expired(&self, staleness: SignedDuration, now: Timestamp) -> Option<Timestamp> {
        let last = after(self.plan.expires_at.or(self.plan.measured_at)?, EXPIRED_FOR);
        Some(after(now, EXPIRED_EVERY.max(staleness))).filter(|next| *next <= last)
    }

    /// When the traveller is asked about a top-up: at 9 o'clock in the agency's zone, two civil days before the day of expiry
    /// there (the mission's J-2); at once when the plan began after that. `None` when no end is known, when the end came first, or
    /// when it was proposed already.
    ///
    /// A top-up that leaves the end where it was brings no second proposal for the same end, unless that is still to come.
    #[must_use]
    pub fn reminder_at(&self, tz: &TimeZone) -> Option<Timestamp> {
        let over = matches!(self.status, EsimStatus::Expired | EsimStatus::Cancelled);
        if over || self.plan.told.contains(&LifeEvent::TopupProposed) {
            return None;
        }
        let end = self.plan.expires_at?;
        let day = end.to_zoned_datetime(tz.clone()).date().checked_sub(2.days()).ok()?;
        let due = day.at(REMINDER_HOUR, 0, 0, 0).to_zoned_datetime(tz.clone()).ok()?.timestamp();
        let began = self.plan.activated_at.unwrap_or(self.plan.begun_at);
        if began <= due {
            return Some(due);
        }
        (began < end && !self.keeps_previous_end()).then_some(began)
    }
}

/// The moment so much later, at the end of time at most.
fn after(moment: Timestamp, wait: SignedDuration) -> Timestamp {
    moment.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
