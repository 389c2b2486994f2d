//! The breaker as sandboxes share it: what is read and written, who probes, and what happens without the shelf.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use super::{Breaker, BreakerKey, Held, HeldBy, KNOWN_CLOSED_FOR, OperationClass, Outcome, Phase, Ticket};
use crate::{
    domain::{AccountName, AgencyId},
    outbound::doubles::{MemoryBreakers, Recorder},
    testing::{ManualClock, manual_world},
    world::Clock,
};
use std::{sync::Arc, time::Duration};

const PLACE: &str = "place_order";

fn key() -> BreakerKey {
    let (agency, account) = (AgencyId::parse("horizon").unwrap(), AccountName::parse("airalo").unwrap());
    BreakerKey { agency, account, class: OperationClass::Money, system: "airalo" }
}

struct Sandboxes {
    one: Breaker,
    two: Breaker,
    shelf: Arc<MemoryBreakers>,
    clock: Arc<ManualClock>,
}

fn sandboxes() -> Sandboxes {
    let (world, clock) = manual_world("2026-11-24T12:00:00Z", 7);
    let shelf = Arc::new(MemoryBreakers::default());
    let sandbox = || Breaker::new(world.clone(), shelf.clone());
    Sandboxes { one: sandbox(), two: sandbox(), shelf, clock }
}

impl Sandboxes {
    async fn call(&self, breaker: &Breaker, outcome: Outcome) {
        let ticket = breaker.admit(&key(), PLACE).await.unwrap();
        breaker.settle(&key(), PLACE, ticket, outcome).await;
    }

    async fn open(&self) {
        for _ in 0..5 {
            self.call(&self.one, Outcome::Failure).await;
        }
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn a_hundred_good_calls_read_once_and_write_nothing() {
    let s = sandboxes();
    for _ in 0..100 {
        s.call(&s.one, Outcome::Success).await;
    }
    assert_eq!((s.shelf.loads(), s.shelf.writes()), (1, 0));
    s.clock.advance(KNOWN_CLOSED_FOR);
    s.call(&s.one, Outcome::Success).await;
    assert_eq!((s.shelf.loads(), s.shelf.writes()), (2, 0));
}

#[tokio::test]
async fn what_one_sandbox_found_out_holds_the_other_within_seconds() {
    let s = sandboxes();
    s.call(&s.two, Outcome::Success).await;
    s.pass(3);
    s.open().await;
    s.pass(1);
    assert!(s.one.admit(&key(), PLACE).await.is_err());
    assert!(s.two.admit(&key(), PLACE).await.is_ok(), "four seconds ago it was closed");
    // Opened at second 3 for at least 2.5: at 5.4 it is still open, and what the other knew is too old.
    s.clock.advance(Duration::from_millis(1_400));
    assert!(s.two.admit(&key(), PLACE).await.is_err());
}

#[tokio::test]
async fn the_successes_of_a_sandbox_count_when_it_reports_a_failure() {
    let s = sandboxes();
    for _ in 0..20 {
        s.call(&s.one, Outcome::Success).await;
    }
    for _ in 0..6 {
        s.call(&s.one, Outcome::Failure).await;
    }
    let record = s.one.show(&key()).await.unwrap();
    assert_eq!((record.window.successes, record.window.failures, record.phase), (20, 6, Phase::Closed));
}

#[tokio::test]
async fn of_two_who_want_to_probe_one_does() {
    let s = sandboxes();
    s.open().await;
    s.pass(10);
    let (one, two) = tokio::join!(async { s.one.admit(&key(), PLACE).await }, async { s.two.admit(&key(), PLACE).await });
    assert_eq!([one.is_ok(), two.is_ok()].into_iter().filter(|ok| *ok).count(), 1, "{one:?} {two:?}");
    let probe: Ticket = one.or(two).unwrap();
    s.one.settle(&key(), PLACE, probe, Outcome::Success).await;
    assert!(s.one.admit(&key(), PLACE).await.is_ok() && s.two.admit(&key(), PLACE).await.is_ok());
}

#[tokio::test]
async fn a_race_that_is_lost_at_every_try_is_a_wait_not_a_second_probe() {
    let s = sandboxes();
    s.open().await;
    s.pass(10);
    s.shelf.lose_races(usize::MAX);
    let held = s.one.admit(&key(), PLACE).await.unwrap_err();
    assert_eq!(held.by, HeldBy::Breaker);
}

#[tokio::test]
async fn a_prober_whose_claim_was_taken_without_a_reply_recognises_it() {
    let s = sandboxes();
    s.open().await;
    s.pass(10);
    s.shelf.write_then_deny(1);
    let probe = s.one.admit(&key(), PLACE).await.unwrap();
    assert!(probe.probe.is_some());
    assert!(s.two.admit(&key(), PLACE).await.is_err());
}

#[tokio::test]
async fn a_probe_that_is_never_heard_of_is_replaced_when_its_lease_is_over() {
    let s = sandboxes();
    s.open().await;
    s.pass(10);
    let crashed = s.one.admit(&key(), PLACE).await.unwrap();
    let Held { until, .. } = s.two.admit(&key(), PLACE).await.unwrap_err();
    s.clock.set(until);
    let second = s.two.admit(&key(), PLACE).await.unwrap();
    s.one.settle(&key(), PLACE, crashed, Outcome::Success).await;
    assert!(s.one.admit(&key(), PLACE).await.is_err(), "the late success of a lost lease closes nothing");
    s.two.settle(&key(), PLACE, second, Outcome::Success).await;
    assert!(s.one.admit(&key(), PLACE).await.is_ok());
}

#[tokio::test]
async fn without_the_shelf_it_is_closed() {
    let s = sandboxes();
    s.open().await;
    s.shelf.set_reachable(false);
    let fresh = Breaker::new(manual_world("2026-11-24T12:00:00Z", 9).0, s.shelf.clone());
    let ticket = fresh.admit(&key(), PLACE).await.unwrap();
    fresh.settle(&key(), PLACE, ticket, Outcome::Failure).await;
    assert!(fresh.admit(&key(), PLACE).await.is_ok());
    assert!(fresh.show(&key()).await.is_err());
}

#[tokio::test]
async fn held_says_how_long_and_takes_no_probe() {
    let s = sandboxes();
    assert_eq!(s.one.held(&key(), PLACE).await, None);
    s.open().await;
    let held = s.one.held(&key(), PLACE).await.unwrap();
    assert_eq!(held.by, HeldBy::Breaker);
    let wait = Duration::try_from(s.clock.now().duration_until(held.until)).unwrap();
    assert!(wait >= Duration::from_millis(2_500) && wait <= Duration::from_secs(5), "{wait:?}");
    s.clock.advance(wait);
    assert_eq!(s.one.held(&key(), PLACE).await, None);
    assert!(s.two.admit(&key(), PLACE).await.is_ok(), "the probe is still to be had");
}

#[tokio::test]
async fn a_pause_holds_the_operation_and_says_so() {
    let s = sandboxes();
    s.call(&s.one, Outcome::Throttled { retry_after: Some(Duration::from_secs(30)) }).await;
    assert_eq!(s.one.admit(&key(), PLACE).await.unwrap_err().by, HeldBy::Pause);
    assert!(s.one.admit(&key(), "top_up").await.is_ok());
    s.pass(30);
    assert!(s.one.admit(&key(), PLACE).await.is_ok());
}

#[tokio::test]
async fn every_change_of_state_is_told_once_in_words_that_name_nobody() {
    let s = sandboxes();
    let told = Arc::new(Recorder::default());
    let one = Breaker::new(manual_world("2026-11-24T12:00:00Z", 3).0, s.shelf.clone()).observed_by(told.clone());
    for _ in 0..5 {
        let ticket = one.admit(&key(), PLACE).await.unwrap();
        one.settle(&key(), PLACE, ticket, Outcome::Failure).await;
    }
    assert_eq!(told.words(), ["breaker airalo money open"], "five failures, one change");
    s.pass(10);
    let probe = s.two.admit(&key(), PLACE).await.unwrap();
    s.two.settle(&key(), PLACE, probe, Outcome::Success).await;
    assert_eq!(told.words().len(), 1, "what another sandbox changed, it tells");
}
