//! Sums of moments and durations that cannot fail.

use jiff::Timestamp;
use std::time::Duration;

/// `by` after `at`; the end of the calendar when that lies beyond it.
pub(super) fn after(at: Timestamp, by: Duration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// From `from` to `to`; zero when `to` is not later.
pub(super) fn between(from: Timestamp, to: Timestamp) -> Duration {
    from.duration_until(to).try_into().unwrap_or(Duration::ZERO)
}
