//! The breaker's policy: what a record says of the next call, and what a call makes of the record. Pure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

use super::OperationClass;
use crate::outbound::time::{after, between};

/// How long calls are counted together.
pub const WINDOW: Duration = Duration::from_secs(60);
/// Fewer failures (or slow calls) than this in a window say nothing.
const LEAST_BAD: u32 = 5;
/// It opens when this share of a window's calls failed …
const FAILED_PERCENT: u32 = 50;
/// … or this share was slow.
const SLOW_PERCENT: u32 = 80;
/// How long it opens for the first time; doubled each further time in a row, half of it drawn by lot.
const OPEN_FIRST: Duration = Duration::from_secs(5);
/// The longest that it opens for.
const OPEN_MOST: Duration = Duration::from_secs(300);
/// Opening again this soon after closing goes on with the growing times.
const RELAPSE: Duration = Duration::from_secs(300);
/// How long one probe may take: longer than the longest call.
const PROBE_LEASE: Duration = Duration::from_secs(40);
/// The pause after a 429 that does not say how long.
const PAUSE_UNSAID: Duration = Duration::from_secs(5);
/// The longest shared pause of reads: providers limit those by eSIM (Airalo Partner API v2, limits: 10 a minute, or one in 15 minutes,
/// for one ICCID), and one eSIM's wait must not become that of all. The call that was refused waits its own time in full.
const PAUSE_READS_MOST: Duration = Duration::from_secs(60);
/// The longest pause that is believed.
const PAUSE_MOST: Duration = Duration::from_secs(86_400);
/// How long a record outlives its last change.
const KEEP: Duration = Duration::from_secs(7 * 86_400);

/// What came of a call, as far as it tells of the provider's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It answered, in time; a refusal for reasons of the trade is an answer too.
    Success,
    /// It answered, but took too long.
    Slow,
    /// It could not be reached, did not answer, or answered with its own failure (5xx).
    Failure,
    /// It asked for patience (429).
    Throttled {
        /// `Retry-After`, where given.
        retry_after: Option<Duration>,
    },
    /// Nothing was learnt: the call was not made after all.
    Neutral,
}

/// Open or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub enum Phase {
    /// Calls are made.
    #[default]
    Closed,
    /// No calls until then; the first after it is the probe.
    Open {
        /// Until when.
        until: Timestamp,
    },
    /// One call is out to see whether the provider is back.
    HalfOpen {
        /// Who makes it.
        probe: String,
        /// When another may, should this one never be heard of.
        lease_until: Timestamp,
    },
}

impl Phase {
    /// The word for logs and metrics.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open { .. } => "open",
            Self::HalfOpen { .. } => "half_open",
        }
    }
}

/// Calls counted together. Successes are those that the sandboxes which saw failures saw too: a success alone writes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Since when.
    pub since: Timestamp,
    /// Good ones.
    pub successes: u32,
    /// Failed ones.
    pub failures: u32,
    /// Slow ones.
    pub slow: u32,
}

impl Window {
    fn new(since: Timestamp) -> Self {
        Self { since, successes: 0, failures: 0, slow: 0 }
    }

    fn opens(&self) -> bool {
        let total = self.successes.saturating_add(self.failures).saturating_add(self.slow);
        let share = |bad: u32, percent: u32| bad >= LEAST_BAD && u64::from(bad) * 100 >= u64::from(total) * u64::from(percent);
        share(self.failures, FAILED_PERCENT) || share(self.slow, SLOW_PERCENT)
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::new(Timestamp::UNIX_EPOCH)
    }
}

/// All that is remembered of one breaker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerRecord {
    /// Open or not.
    #[serde(flatten)]
    pub phase: Phase,
    /// The calls that decide.
    pub window: Window,
    /// How often it opened in a row.
    pub trips: u32,
    /// When a probe last closed it.
    pub closed_at: Option<Timestamp>,
    /// Until when the provider asked us to leave an operation alone (429).
    #[serde(default)]
    pub pauses: BTreeMap<String, Timestamp>,
}

/// What the record says of the next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Make it.
    Go,
    /// Not now.
    Held {
        /// When it is worth asking again.
        until: Timestamp,
        /// Why.
        by: HeldBy,
    },
    /// Become the prober, then make it.
    Probe,
}

/// What holds a call back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBy {
    /// The breaker is open, or its probe is under way.
    Breaker,
    /// The provider asked for a pause.
    Pause,
}

impl BreakerRecord {
    /// What may be done now.
    #[must_use]
    pub fn admit(&self, operation: &str, now: Timestamp) -> Admission {
        if let Some(&until) = self.pauses.get(operation)
            && until > now
        {
            return Admission::Held { until, by: HeldBy::Pause };
        }
        match self.phase {
            Phase::Closed => Admission::Go,
            Phase::Open { until } | Phase::HalfOpen { lease_until: until, .. } if until > now => {
                Admission::Held { until, by: HeldBy::Breaker }
            }
            Phase::Open { .. } | Phase::HalfOpen { .. } => Admission::Probe,
        }
    }

    /// The record once `owner` is the prober.
    #[must_use]
    pub fn probed_by(&self, owner: &str, now: Timestamp) -> Self {
        Self { phase: Phase::HalfOpen { probe: owner.to_owned(), lease_until: after(now, PROBE_LEASE) }, ..self.clone() }
    }

    /// Whether `owner` is the prober.
    #[must_use]
    pub fn is_probed_by(&self, owner: &str) -> bool {
        matches!(&self.phase, Phase::HalfOpen { probe, .. } if probe == owner)
    }

    /// The record after a call; `None` when nothing changes. `probe` is the caller's probe, if its call was one: a prober whose lease
    /// went to another, and a call from before the breaker opened, change nothing. `successes` were not counted yet;
    /// `chance` draws a wait from zero to its argument.
    #[must_use]
    pub fn after(
        &self,
        probe: Option<&str>,
        (class, operation): (OperationClass, &str),
        outcome: Outcome,
        successes: u32,
        now: Timestamp,
        chance: impl FnOnce(Duration) -> Duration,
    ) -> Option<Self> {
        if let Outcome::Throttled { retry_after } = outcome {
            return self.paused(probe, (class, operation), retry_after, now);
        }
        match probe {
            Some(owner) if self.is_probed_by(owner) => Some(self.after_probe(outcome, now, chance)),
            Some(_) => None,
            None if self.phase == Phase::Closed => self.counted(outcome, successes, now, chance),
            None => None,
        }
    }

    /// Until when the record is worth keeping.
    #[must_use]
    pub fn keep_until(&self, now: Timestamp) -> Timestamp {
        after(now, KEEP)
    }

    fn after_probe(&self, outcome: Outcome, now: Timestamp, chance: impl FnOnce(Duration) -> Duration) -> Self {
        match outcome {
            Outcome::Success => Self { phase: Phase::Closed, window: Window::new(now), closed_at: Some(now), ..self.clone() },
            Outcome::Slow | Outcome::Failure => self.opened(self.trips.saturating_add(1), now, chance),
            // The probe did not take place: the next caller may have it.
            Outcome::Neutral | Outcome::Throttled { .. } => Self { phase: Phase::Open { until: now }, ..self.clone() },
        }
    }

    fn counted(&self, outcome: Outcome, successes: u32, now: Timestamp, chance: impl FnOnce(Duration) -> Duration) -> Option<Self> {
        let rolled = between(self.window.since, now) >= WINDOW;
        let mut window = if rolled { Window::new(now) } else { self.window };
        window.successes = window.successes.saturating_add(successes);
        match outcome {
            Outcome::Failure => window.failures = window.failures.saturating_add(1),
            Outcome::Slow => window.slow = window.slow.saturating_add(1),
            Outcome::Success | Outcome::Neutral | Outcome::Throttled { .. } => return None,
        }
        let counted = Self { window, ..self.clone() };
        if !window.opens() {
            return Some(counted);
        }
        let relapsed = self.closed_at.is_some_and(|closed| between(closed, now) < RELAPSE);
        Some(counted.opened(if relapsed { self.trips.saturating_add(1) } else { 1 }, now, chance))
    }

    fn opened(&self, trips: u32, now: Timestamp, chance: impl FnOnce(Duration) -> Duration) -> Self {
        let doubled = OPEN_FIRST.saturating_mul(2_u32.saturating_pow(trips.saturating_sub(1)));
        let half = doubled.min(OPEN_MOST) / 2;
        let until = after(now, half.saturating_add(chance(half)));
        Self { phase: Phase::Open { until }, window: Window::new(now), trips, ..self.clone() }
    }

    /// A 429 pauses the operation and tells nothing of health; a probe that met one is given back.
    fn paused(
        &self,
        probe: Option<&str>,
        (class, operation): (OperationClass, &str),
        retry_after: Option<Duration>,
        now: Timestamp,
    ) -> Option<Self> {
        let most = match class {
            OperationClass::Money => PAUSE_MOST,
            OperationClass::Read => PAUSE_READS_MOST,
        };
        let until = after(now, retry_after.unwrap_or(PAUSE_UNSAID).min(most));
        let mut record = self.clone();
        if probe.is_some_and(|owner| self.is_probed_by(owner)) {
            record.phase = Phase::Open { until: now };
        }
        record.pauses.retain(|_, until| *until > now);
        if record.pauses.get(operation).is_none_or(|known| *known < until) {
            record.pauses.insert(operation.to_owned(), until);
        }
        (record != *self).then_some(record)
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
