//! How long a call may take: API deadline > call time-out > connect time-out, and nothing is started that cannot finish.

use jiff::Timestamp;
use std::time::Duration;

use super::{
    time::{after, between},
    transport::CONNECT_TIME_OUT,
};

/// The shortest time-out that a call is started with. Longer than [`CONNECT_TIME_OUT`], so that a host that cannot be reached is
/// found out as such (surely not sent), and not as a call without answer.
pub const LEAST_CALL: Duration = CONNECT_TIME_OUT.saturating_add(Duration::from_secs(1));

/// The moment by which an invocation, or a request's answer, must be done. By the world's clock, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Timestamp);

impl Deadline {
    /// At this moment.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self(moment)
    }

    /// So long after `now`.
    #[must_use]
    pub fn within(now: Timestamp, time: Duration) -> Self {
        Self(after(now, time))
    }

    /// The earlier of the two.
    #[must_use]
    pub fn or_sooner(self, other: Self) -> Self {
        self.min(other)
    }

    /// The moment.
    #[must_use]
    pub fn moment(self) -> Timestamp {
        self.0
    }

    /// What is left; zero once it is over.
    #[must_use]
    pub fn left(self, now: Timestamp) -> Duration {
        between(now, self.0)
    }

    /// The time-out of a call that may take `most` and must leave `reserve` for what follows it (writing down what was bought).
    /// `None` when less than [`LEAST_CALL`] would be left: then nothing is started.
    #[must_use]
    pub fn call_time_out(self, now: Timestamp, most: Duration, reserve: Duration) -> Option<Duration> {
        let time_out = self.left(now).saturating_sub(reserve).min(most);
        (time_out >= LEAST_CALL).then_some(time_out)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::{Deadline, LEAST_CALL};
    use crate::outbound::transport::CONNECT_TIME_OUT;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::constant(1_796_000_000, 0);

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn a_call_takes_what_it_needs_when_there_is_time() {
        let deadline = Deadline::within(NOW, seconds(25));
        assert_eq!(deadline.call_time_out(NOW, seconds(15), seconds(2)), Some(seconds(15)));
    }

    #[test]
    fn a_call_is_cut_to_what_is_left_and_not_started_for_less_than_it_needs() {
        let deadline = Deadline::within(NOW, seconds(8));
        assert_eq!(deadline.call_time_out(NOW, seconds(15), seconds(2)), Some(seconds(6)));
        let later = NOW.saturating_add(seconds(3)).unwrap();
        assert_eq!(deadline.call_time_out(later, seconds(15), seconds(2)), None);
    }

    #[test]
    fn nothing_is_left_once_it_is_over() {
        let deadline = Deadline::at(NOW);
        assert_eq!(deadline.left(NOW.saturating_add(seconds(9)).unwrap()), Duration::ZERO);
        assert_eq!(deadline.call_time_out(NOW, seconds(15), Duration::ZERO), None);
    }

    proptest! {
        #[test]
        fn a_call_that_is_started_ends_before_the_deadline_and_outlasts_its_connect(left in 0u64..120_000, most in 0u64..60_000, reserve in 0u64..5_000) {
            let [left, most, reserve] = [left, most, reserve].map(Duration::from_millis);
            if let Some(time_out) = Deadline::within(NOW, left).call_time_out(NOW, most, reserve) {
                prop_assert!(time_out + reserve <= left);
                prop_assert!(time_out <= most);
                prop_assert!(time_out >= LEAST_CALL && time_out > CONNECT_TIME_OUT);
            }
        }
    }
}
