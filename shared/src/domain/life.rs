//! The life of an eSIM, as its provider's readings tell it: status only moves forward within a plan, usage never falls,
//! each event is told once a plan, and readings that are late or belong to the plan before change nothing.
//!
//! Thresholds are derived here from used and total, as providers push other ones (Airalo: 75 and 90 %) or none
//! (reference contract → provider APIs, consequence 1). What a provider cannot see is never told: *installed* comes from its own
//! word only. *Activated* is also told when data was used, because a plan that does not run carries no data.

use jiff::{SignedDuration, Timestamp};

use super::{
    Esim, EsimStatus, OrderId, Package, UsageReading,
    esim::{DayOfUse, LifeEvent, Plan},
    usage::ReportedStatus,
};

/// How long after a top-up a reading that still shows the old plan's end is taken for the old plan's: providers
/// answer usage from caches of up to an hour (Airalo: 20 minutes, 60 in its sandbox).
const STALE_AFTER_TOP_UP: SignedDuration = SignedDuration::from_hours(1);

/// How long past its end a provider's word that the plan still runs is believed. After that the end it named itself counts.
const EXPIRY_GRACE: SignedDuration = SignedDuration::from_hours(24);

const SECONDS_A_DAY: i64 = 86_400;

/// Days of use that are kept of a plan.
const MOST_DAYS: usize = 62;

impl Esim {
    /// Takes a reading in, and returns what is to be told for the first time in this plan, in the order of life. What is
    /// returned is recorded as told: keep the eSIM and the telling in one transaction. [`Esim::version`] is left alone.
    ///
    /// `now` is only used to see that the plan's end has passed.
    pub fn apply(&mut self, reading: &UsageReading, now: Timestamp) -> Vec<LifeEvent> {
        if self.status == EsimStatus::Cancelled || self.is_late(reading) || self.is_of_earlier_plan(reading) {
            return Vec::new();
        }
        let before = self.status;
        self.plan.take_in(reading);
        let running = self.shows_running(reading);
        let expired = reading.status == ReportedStatus::Expired || self.has_ended(reading, now);
        let reached = [
            status_of(&reading.status),
            running.then_some(EsimStatus::Activated),
            (expired && reading.status != ReportedStatus::Cancelled).then_some(EsimStatus::Expired),
        ];
        self.status = reached.into_iter().flatten().fold(before, EsimStatus::max);
        if self.status == EsimStatus::Cancelled || self.plan.told.contains(&LifeEvent::Expired) {
            return Vec::new();
        }
        let installed = reading.status == ReportedStatus::Installed && before < EsimStatus::Installed;
        let used_up = reading.status == ReportedStatus::Exhausted;
        let facts = [
            (installed, LifeEvent::Installed),
            (running, LifeEvent::Activated),
            (self.plan.has_used(80) || (used_up && self.plan.total_mb.is_some()), LifeEvent::Used80),
            (self.plan.has_used(100) || (used_up && self.plan.total_mb.is_some()), LifeEvent::Used100),
            (expired, LifeEvent::Expired),
        ];
        facts.into_iter().filter(|(true_now, event)| *true_now && self.tell_once(*event)).map(|(_, event)| event).collect()
    }

    /// Records an event as told in this plan. `false` when it was before: then it must not be told again.
    pub fn tell_once(&mut self, event: LifeEvent) -> bool {
        let first = !self.plan.told.contains(&event);
        if first {
            self.plan.told.push(event);
        }
        first
    }

    /// Starts a new plan on this eSIM: a top-up was bought.
    ///
    /// The profile stays on the device, so *installed* is not told again; everything else is, once, for the new plan. The end
    /// of the plan before stays in [`Plan::expires_at`] until a reading names the new one: the traveller has at least that long.
    pub fn start_plan(&mut self, order_id: OrderId, package: Package, now: Timestamp) {
        if matches!(self.status, EsimStatus::Exhausted | EsimStatus::Expired) {
            self.status = EsimStatus::Activated;
        }
        self.plan.told.retain(|event| *event == LifeEvent::Installed);
        self.plan.previous_expires_at = self.plan.expires_at;
        self.plan.total_mb = package.data_volume_mb;
        self.plan.order_id = order_id;
        self.plan.package = package;
        self.plan.begun_at = now;
        self.plan.used_mb = 0;
        self.plan.days.clear();
        self.plan.activated_at = None;
        self.plan.measured_at = None;
    }

    /// Data left in the plan, MB; `None` when it has no limit. None is left once the provider says that it is used up, even
    /// where its own counter stops short of the total.
    #[must_use]
    pub fn remaining_mb(&self) -> Option<u64> {
        let total = self.plan.total_mb?;
        Some(if self.status == EsimStatus::Exhausted { 0 } else { total.saturating_sub(self.plan.used_mb) })
    }

    /// Whether the running plan is a top-up, with a plan before it whose readings may still arrive.
    #[must_use]
    pub fn is_topped_up(&self) -> bool {
        self.plan.order_id != self.order_id
    }

    /// Whether [`Plan::expires_at`] is still the end of the plan before the top-up.
    pub(super) fn keeps_previous_end(&self) -> bool {
        self.is_topped_up() && self.plan.expires_at == self.plan.previous_expires_at
    }

    /// Measured before what we know already.
    fn is_late(&self, reading: &UsageReading) -> bool {
        self.plan.measured_at.is_some_and(|known| reading.measured_at < known)
    }

    /// Measured before the top-up, or so soon after it that the old plan's end (or an end of data, with no date to tell the
    /// plans apart) gives the reading away as coming from a cache.
    fn is_of_earlier_plan(&self, reading: &UsageReading) -> bool {
        if !self.is_topped_up() || reading.status == ReportedStatus::Cancelled {
            return false;
        }
        let age = self.plan.begun_at.duration_until(reading.measured_at);
        let at_an_end = matches!(reading.status, ReportedStatus::Exhausted | ReportedStatus::Expired);
        let shows_old_end = match reading.expires_at {
            Some(end) => Some(end) == self.plan.previous_expires_at,
            None => at_an_end,
        };
        age.is_negative() || (shows_old_end && age <= STALE_AFTER_TOP_UP)
    }

    /// Whether the plan runs or has run: said by the provider, or shown by data used.
    fn shows_running(&self, reading: &UsageReading) -> bool {
        matches!(reading.status, ReportedStatus::Active | ReportedStatus::Exhausted)
            || self.plan.used_mb > 0
            || (reading.status == ReportedStatus::Expired && self.plan.activated_at.is_some())
    }

    /// Whether the end of the plan has passed without the provider having said so.
    fn has_ended(&self, reading: &UsageReading, now: Timestamp) -> bool {
        let unknown_end = self.keeps_previous_end() && reading.expires_at.is_none();
        let Some(end) = self.plan.expires_at.filter(|end| *end <= now && !unknown_end) else { return false };
        let contradicted = reading.status == ReportedStatus::Active && reading.measured_at >= end;
        !contradicted || end.duration_until(now) > EXPIRY_GRACE
    }
}

impl Plan {
    /// Whether so many per cent of the data are used. Never, of a plan without a limit.
    fn has_used(&self, percent: u64) -> bool {
        self.total_mb.is_some_and(|total| total > 0 && u128::from(self.used_mb) * 100 >= u128::from(total) * u128::from(percent))
    }

    /// Whether so much is used that the end of the data should be watched closely.
    pub(super) fn is_nearly_used(&self) -> bool {
        self.has_used(70)
    }

    /// The numbers of a reading that is neither late nor of an earlier plan. A total of zero is how some providers write
    /// that they do not know, and is passed over.
    fn take_in(&mut self, reading: &UsageReading) {
        let said_total = reading.total_mb.filter(|total| *total > 0);
        if reading.unlimited {
            self.total_mb = None;
        } else if said_total.is_some() {
            self.total_mb = said_total;
        }
        let derived = || Some(said_total?.saturating_sub(reading.remaining_mb?));
        if let Some(used) = reading.used_mb.or_else(derived) {
            self.used_mb = self.used_mb.max(used);
        }
        self.take_in_end(reading);
        self.activated_at = self.activated_at.or(reading.activated_at);
        self.measured_at = Some(reading.measured_at);
        self.note_day(reading.measured_at);
    }

    /// One entry a UTC day, the latest.
    fn note_day(&mut self, at: Timestamp) {
        let day = |at: Timestamp| at.as_second().div_euclid(SECONDS_A_DAY);
        let today = DayOfUse { at, used_mb: self.used_mb };
        match self.days.last_mut() {
            Some(last) if day(last.at) == day(at) => *last = today,
            _ => self.days.push(today),
        }
        if self.days.len() > MOST_DAYS {
            self.days.remove(0);
        }
    }

    /// Of two readings of the same moment the later end counts; a newer reading may also bring it forward.
    fn take_in_end(&mut self, reading: &UsageReading) {
        let newer = self.measured_at.is_none_or(|known| reading.measured_at > known);
        if reading.expires_at.is_some() && (newer || reading.expires_at > self.expires_at) {
            self.expires_at = reading.expires_at;
        }
    }
}

/// The status that a provider's word stands for; a word that we do not know stands for none.
fn status_of(reported: &ReportedStatus) -> Option<EsimStatus> {
    match reported {
        // It says no more than that it was bought: released is told by who has the code.
        ReportedStatus::NotActive => Some(EsimStatus::Ordered),
        ReportedStatus::Downloaded => Some(EsimStatus::Downloaded),
        ReportedStatus::Installed => Some(EsimStatus::Installed),
        ReportedStatus::Active => Some(EsimStatus::Activated),
        ReportedStatus::Exhausted => Some(EsimStatus::Exhausted),
        ReportedStatus::Expired => Some(EsimStatus::Expired),
        ReportedStatus::Cancelled => Some(EsimStatus::Cancelled),
        ReportedStatus::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests;
