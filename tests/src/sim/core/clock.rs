//! The date a simulator believes in.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use super::hold;

#[derive(Debug, Clone, Copy, Default)]
enum Mode {
    #[default]
    System,
    Frozen(Timestamp),
    Shifted(SignedDuration),
}

/// A clock that the machine drives until somebody sets it. Clones share the setting.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<Mutex<Mode>>);

impl Clock {
    /// The present instant of this simulator.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match *hold(&self.0) {
            Mode::System => Timestamp::now(),
            Mode::Frozen(at) => at,
            Mode::Shifted(by) => Timestamp::now().checked_add(by).unwrap_or(Timestamp::MAX),
        }
    }

    /// Stops the clock at an instant.
    pub fn freeze(&self, at: Timestamp) {
        *hold(&self.0) = Mode::Frozen(at);
    }

    /// Sets the clock to an instant and lets it run on.
    pub fn run_from(&self, at: Timestamp) {
        *hold(&self.0) = Mode::Shifted(at.duration_since(Timestamp::now()));
    }

    /// Returns to the machine's clock.
    pub fn reset(&self) {
        *hold(&self.0) = Mode::System;
    }
}

/// ISO 8601 in UTC with whole seconds, `2026-11-24T08:00:00Z`.
#[must_use]
pub fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// ISO 8601 in UTC with milliseconds.
#[must_use]
pub fn iso_ms(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `YYYY-MM-DD HH:MM:SS` in UTC without saying so, as Airalo writes dates.
#[must_use]
pub fn zoneless(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// An instant a number of days (24 hours each) later.
#[must_use]
pub fn plus_days(at: Timestamp, days: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}
