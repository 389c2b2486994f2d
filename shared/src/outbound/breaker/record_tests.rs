#![allow(clippy::unwrap_used, reason = "a test may fail")]

use super::{Admission, BreakerRecord, HeldBy, Outcome, PROBE_LEASE, Phase, Window, after};
use crate::outbound::OperationClass;
use jiff::Timestamp;
use proptest::prelude::*;
use std::time::Duration;

const NOW: Timestamp = Timestamp::constant(1_796_000_000, 0);
const PLACE: (OperationClass, &str) = (OperationClass::Money, "place_order");

fn at(seconds: u64) -> Timestamp {
    after(NOW, Duration::from_secs(seconds))
}

/// Without luck: the longest wait.
fn longest(most: Duration) -> Duration {
    most
}

/// A call without probe, at so many seconds.
fn call(record: &BreakerRecord, outcome: Outcome, successes: u32, second: u64) -> BreakerRecord {
    record.after(None, PLACE, outcome, successes, at(second), longest).unwrap_or_else(|| record.clone())
}

fn fail(record: &BreakerRecord, times: u64, from: u64) -> BreakerRecord {
    (0..times).fold(record.clone(), |record, n| call(&record, Outcome::Failure, 0, from + n))
}

fn open_until(record: &BreakerRecord) -> Option<Timestamp> {
    match record.phase {
        Phase::Open { until } => Some(until),
        Phase::Closed | Phase::HalfOpen { .. } => None,
    }
}

/// Sends the probe at `second` and settles it.
fn probe(record: &BreakerRecord, outcome: Outcome, second: u64) -> BreakerRecord {
    assert_eq!(record.admit("place_order", at(second)), Admission::Probe);
    let probing = record.probed_by("me", at(second));
    probing.after(Some("me"), PLACE, outcome, 0, at(second), longest).unwrap()
}

#[test]
fn a_new_breaker_is_closed() {
    assert_eq!(BreakerRecord::default().admit("place_order", NOW), Admission::Go);
}

#[test]
fn five_failures_in_a_window_open_it_and_four_do_not() {
    let four = fail(&BreakerRecord::default(), 4, 0);
    assert_eq!(four.admit("place_order", at(4)), Admission::Go);
    let five = fail(&four, 1, 4);
    assert_eq!(five.admit("place_order", at(4)), Admission::Held { until: at(9), by: HeldBy::Breaker });
}

#[test]
fn failures_far_apart_never_open_it() {
    let record = (0..50).fold(BreakerRecord::default(), |record, n| call(&record, Outcome::Failure, 0, n * 20));
    assert_eq!(record.phase, Phase::Closed);
}

#[test]
fn failures_among_many_successes_do_not_open_it() {
    let mut record = BreakerRecord::default();
    for second in 0..20 {
        record = call(&record, Outcome::Failure, 3, second);
    }
    assert_eq!(record.phase, Phase::Closed, "a quarter failed: {:?}", record.window);
    assert_eq!((record.window.successes, record.window.failures), (60, 20));
}

#[test]
fn slow_calls_alone_open_it() {
    let slow = (0..5).fold(BreakerRecord::default(), |record, n| call(&record, Outcome::Slow, 0, n));
    assert!(open_until(&slow).is_some());
    let mixed = (0..8).fold(BreakerRecord::default(), |record, n| call(&record, Outcome::Slow, 1, n));
    assert_eq!(mixed.phase, Phase::Closed, "half are good");
}

#[test]
fn successes_and_what_taught_nothing_are_not_written() {
    let record = fail(&BreakerRecord::default(), 2, 0);
    for outcome in [Outcome::Success, Outcome::Neutral] {
        assert_eq!(record.after(None, PLACE, outcome, 7, at(3), longest), None);
    }
}

#[test]
fn when_its_time_is_over_one_probe_goes_out() {
    let open = fail(&BreakerRecord::default(), 5, 0);
    assert_eq!(open.admit("place_order", at(9)), Admission::Probe);
    let probing = open.probed_by("me", at(9));
    let lease_until = after(at(9), PROBE_LEASE);
    assert_eq!(probing.admit("place_order", at(10)), Admission::Held { until: lease_until, by: HeldBy::Breaker });
    assert_eq!(probing.admit("place_order", lease_until), Admission::Probe, "a prober that is never heard of is replaced");
}

#[test]
fn a_good_probe_closes_it_and_a_bad_one_opens_it_for_longer() {
    let open = fail(&BreakerRecord::default(), 5, 0);
    assert_eq!(probe(&open, Outcome::Success, 9).phase, Phase::Closed);
    let mut record = open;
    let mut waits = Vec::new();
    let mut second = 9;
    for outcome in
        [Outcome::Failure, Outcome::Slow, Outcome::Failure, Outcome::Failure, Outcome::Failure, Outcome::Failure, Outcome::Failure]
    {
        record = probe(&record, outcome, second);
        let wait = open_until(&record).unwrap().duration_since(at(second)).as_secs();
        waits.push(wait);
        second += u64::try_from(wait).unwrap();
    }
    assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300]);
}

#[test]
fn part_of_the_open_time_is_drawn_by_lot_but_never_all_of_it() {
    let four = fail(&BreakerRecord::default(), 4, 0);
    let shortest = four.after(None, PLACE, Outcome::Failure, 0, at(4), |_| Duration::ZERO).unwrap();
    assert_eq!(open_until(&shortest), Some(after(at(4), Duration::from_millis(2_500))));
}

#[test]
fn falling_ill_again_soon_after_a_recovery_goes_on_with_longer_times() {
    let closed = probe(&fail(&BreakerRecord::default(), 5, 0), Outcome::Success, 9);
    let soon = fail(&closed, 5, 20);
    assert_eq!((soon.trips, open_until(&soon)), (2, Some(at(34))));
    let much_later = fail(&closed, 5, 2_000);
    assert_eq!((much_later.trips, open_until(&much_later)), (1, Some(at(2_009))));
}

#[test]
fn a_probe_that_learnt_nothing_leaves_the_turn_to_the_next() {
    let given_back = probe(&fail(&BreakerRecord::default(), 5, 0), Outcome::Neutral, 9);
    assert_eq!(given_back.admit("place_order", at(9)), Admission::Probe);
    assert_eq!(given_back.trips, 1, "and is not held against the provider");
}

#[test]
fn late_news_changes_nothing() {
    let open = fail(&BreakerRecord::default(), 5, 0);
    for outcome in [Outcome::Success, Outcome::Failure, Outcome::Slow] {
        assert_eq!(open.after(None, PLACE, outcome, 3, at(5), longest), None, "a call from before it opened");
        let others = open.probed_by("another", at(9));
        assert_eq!(others.after(Some("me"), PLACE, outcome, 0, at(60), longest), None, "a probe whose lease went to another");
    }
}

#[test]
fn a_429_pauses_that_operation_for_as_long_as_it_says_and_is_no_failure() {
    let throttled = Outcome::Throttled { retry_after: Some(Duration::from_secs(900)) };
    let mut record = BreakerRecord::default();
    for second in 0..10 {
        record = call(&record, throttled, 0, second);
    }
    assert_eq!(record.phase, Phase::Closed);
    assert_eq!(record.window, Window::default());
    assert_eq!(record.admit("place_order", at(100)), Admission::Held { until: at(909), by: HeldBy::Pause });
    assert_eq!(record.admit("top_up", at(100)), Admission::Go);
    assert_eq!(record.admit("place_order", at(909)), Admission::Go);
}

#[test]
fn a_read_that_must_wait_long_does_not_make_all_reads_wait_so_long() {
    let throttled = Outcome::Throttled { retry_after: Some(Duration::from_secs(900)) };
    let record = BreakerRecord::default().after(None, (OperationClass::Read, "topups"), throttled, 0, NOW, longest).unwrap();
    assert_eq!(record.admit("topups", NOW), Admission::Held { until: at(60), by: HeldBy::Pause });
}

#[test]
fn a_probe_that_is_throttled_is_given_back_and_paused() {
    let record = probe(&fail(&BreakerRecord::default(), 5, 0), Outcome::Throttled { retry_after: Some(Duration::from_secs(30)) }, 9);
    assert_eq!(record.admit("place_order", at(10)), Admission::Held { until: at(39), by: HeldBy::Pause });
    assert_eq!(record.admit("place_order", at(39)), Admission::Probe);
}

#[test]
fn a_shorter_pause_does_not_cut_a_longer_one_and_is_not_written() {
    let long = call(&BreakerRecord::default(), Outcome::Throttled { retry_after: Some(Duration::from_secs(60)) }, 0, 0);
    assert_eq!(long.after(None, PLACE, Outcome::Throttled { retry_after: None }, 0, at(1), longest), None);
}

#[test]
fn pauses_that_are_over_are_forgotten() {
    let record = call(&BreakerRecord::default(), Outcome::Throttled { retry_after: None }, 0, 0);
    let throttled = Outcome::Throttled { retry_after: None };
    let later = record.after(None, (OperationClass::Money, "top_up"), throttled, 0, at(100), longest).unwrap();
    assert_eq!(later.pauses.into_keys().collect::<Vec<_>>(), ["top_up"]);
}

#[test]
fn a_record_survives_being_written_down() {
    let open = fail(&BreakerRecord::default(), 5, 0);
    let paused = call(&open.probed_by("me", at(9)), Outcome::Throttled { retry_after: None }, 0, 10);
    for record in [BreakerRecord::default(), open, paused] {
        assert_eq!(serde_json::from_str::<BreakerRecord>(&serde_json::to_string(&record).unwrap()).unwrap(), record);
    }
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        1 => Just(Outcome::Success),
        1 => Just(Outcome::Slow),
        3 => Just(Outcome::Failure),
        1 => Just(Outcome::Neutral),
        1 => proptest::option::of(0u64..1_000_000).prop_map(|s| Outcome::Throttled { retry_after: s.map(Duration::from_secs) }),
    ]
}

proptest! {
    /// Whatever happens, in whatever order and with clocks that disagree by minutes: at most one probe holds a lease, nothing is held for ever.
    #[test]
    fn at_most_one_probe_and_never_for_ever(steps in proptest::collection::vec((outcomes(), 0u64..120, -300i64..300, 0u32..4), 0..120)) {
        let mut record = BreakerRecord::default();
        let mut clock = NOW;
        let mut lease: Option<(String, Timestamp)> = None;
        for (n, (outcome, pass, skew, successes)) in steps.into_iter().enumerate() {
            clock = after(clock, Duration::from_secs(pass));
            let now = clock.saturating_add(jiff::SignedDuration::from_secs(skew)).unwrap();
            match record.admit("place_order", now) {
                Admission::Go => {
                    prop_assert_eq!(&record.phase, &Phase::Closed);
                    record = record.after(None, PLACE, outcome, successes, now, longest).unwrap_or(record);
                }
                Admission::Probe => {
                    if let Some((_, lease_until)) = &lease {
                        prop_assert!(*lease_until <= now, "a second probe under a running lease");
                    }
                    let owner = format!("probe{n}");
                    let probing = record.probed_by(&owner, now);
                    // Every third probe crashes.
                    if n % 3 == 0 {
                        lease = Some((owner, after(now, PROBE_LEASE)));
                        record = probing;
                    } else {
                        lease = None;
                        record = probing.after(Some(&owner), PLACE, outcome, 0, now, longest).unwrap();
                        prop_assert_ne!(record.phase.as_str(), "half_open");
                    }
                }
                Admission::Held { until, .. } => prop_assert!(until > now),
            }
            if record.phase == Phase::Closed { lease = None; }
            if let Some(until) = open_until(&record) {
                prop_assert!(until.duration_since(now).as_secs() <= 300 + 600);
            }
        }
        let far = after(clock, Duration::from_secs(2_000_000));
        let held = matches!(record.admit("place_order", far), Admission::Held { .. });
        prop_assert!(!held);
    }
}
