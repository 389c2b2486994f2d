//! One log-in at a time, and a token for all.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use super::{HeldToken, LOGIN_ELSEWHERE, Login, TokenKeeper, TokenKey, TokenShelf};
use crate::{
    domain::{AccountName, AgencyId},
    outbound::{
        Deadline,
        doubles::{MemoryTokens, PlainSealer},
    },
    providers::{AccessToken, ProviderError},
    testing::{ManualClock, manual_world},
    world::World,
};
use async_trait::async_trait;
use secrecy::ExposeSecret;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

fn key() -> TokenKey {
    TokenKey { agency: AgencyId::parse("horizon").unwrap(), account: AccountName::parse("airalo").unwrap() }
}

/// Logs in and counts; each token is `t1`, `t2` … for an hour, unless told to fail.
#[derive(Default)]
struct Desk {
    log_ins: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    failing: Mutex<Option<ProviderError>>,
    lifetime: Mutex<Option<Duration>>,
}

#[async_trait]
impl Login for Desk {
    async fn log_in(&self) -> Result<AccessToken, ProviderError> {
        let at_once = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(at_once, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        let n = self.log_ins.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(error) = self.failing.lock().unwrap().clone() {
            return Err(error);
        }
        let lifetime = self.lifetime.lock().unwrap().unwrap_or(Duration::from_secs(3_600));
        Ok(AccessToken { token: format!("t{n}").into(), lifetime })
    }
}

struct House {
    world: World,
    clock: Arc<ManualClock>,
    shelf: Arc<MemoryTokens>,
    desk: Desk,
}

impl House {
    fn new() -> Self {
        let (world, clock) = manual_world("2026-11-24T12:00:00Z", 3);
        Self { world, clock, shelf: Arc::default(), desk: Desk::default() }
    }

    fn sandbox(&self) -> TokenKeeper {
        TokenKeeper::new(self.world.clone(), self.shelf.clone(), Arc::new(PlainSealer))
    }

    async fn ask(&self, sandbox: &TokenKeeper) -> Result<HeldToken, ProviderError> {
        sandbox.token(&key(), &self.desk, Deadline::within(self.world.now(), Duration::from_secs(20))).await
    }

    async fn token(&self, sandbox: &TokenKeeper) -> String {
        self.ask(sandbox).await.map(|held| held.secret().expose_secret().to_owned()).unwrap()
    }

    fn log_ins(&self) -> usize {
        self.desk.log_ins.load(Ordering::SeqCst)
    }
}

fn expect_error(result: Result<HeldToken, ProviderError>) -> ProviderError {
    result.map(|_| ()).unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn one_log_in_serves_all_calls_of_all_sandboxes() {
    let house = House::new();
    let (one, two) = (house.sandbox(), house.sandbox());
    for _ in 0..10 {
        assert_eq!(house.token(&one).await, "t1");
    }
    assert_eq!(house.token(&two).await, "t1");
    assert_eq!(house.log_ins(), 1);
    assert_ne!(house.shelf.only().unwrap().sealed, "t1", "kept sealed");
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_in_five_sandboxes_at_once_log_in_once() {
    let house = House::new();
    let sandboxes: Vec<_> = (0..5).map(|_| house.sandbox()).collect();
    let asks = (0..50).map(|n| house.token(sandboxes.get(n % 5).unwrap()));
    assert!(futures::future::join_all(asks).await.iter().all(|token| token == "t1"));
    assert_eq!((house.log_ins(), house.desk.most_at_once.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn it_is_renewed_before_it_expires_and_the_others_go_on_with_the_old_one_meanwhile() {
    let house = House::new();
    let (one, two) = (house.sandbox(), house.sandbox());
    house.token(&one).await;
    house.token(&two).await;
    house.clock.advance(Duration::from_secs(3_239));
    assert_eq!(house.token(&one).await, "t1", "a tenth of its life is left, and a second");
    house.clock.advance(Duration::from_secs(1));
    let (a, b) = tokio::join!(house.token(&one), house.token(&two));
    assert_eq!((a.as_str(), b.as_str()), ("t2", "t1"));
    assert_eq!(house.token(&two).await, "t2");
    assert_eq!(house.log_ins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_of_short_life_is_used_for_half_of_it() {
    let house = House::new();
    *house.desk.lifetime.lock().unwrap() = Some(Duration::from_secs(30));
    let sandbox = house.sandbox();
    house.token(&sandbox).await;
    house.clock.advance(Duration::from_secs(14));
    assert_eq!(house.token(&sandbox).await, "t1");
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(house.token(&sandbox).await, "t2");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_dropped_everywhere_and_got_anew_once() {
    let house = House::new();
    let (one, two) = (house.sandbox(), house.sandbox());
    let first = house.ask(&one).await.unwrap();
    house.token(&two).await;
    assert!(one.refused(&key(), &first).await);
    assert!(house.shelf.only().is_none());
    let second = house.ask(&one).await.unwrap();
    assert_eq!(second.secret().expose_secret(), "t2");
    assert!(two.refused(&key(), &first).await, "the other sandbox finds its own out");
    assert_eq!(house.token(&two).await, "t2", "and takes the new one, which it did not drop");
    assert!(!one.refused(&key(), &second).await, "refused at once again: the token is not the reason");
    assert_eq!(house.token(&one).await, "t2");
    house.clock.advance(Duration::from_secs(60));
    assert!(one.refused(&key(), &second).await);
    assert_eq!(house.log_ins(), 2);
}

#[tokio::test(start_paused = true)]
async fn after_a_failed_log_in_nobody_tries_for_a_while() {
    let house = House::new();
    *house.desk.failing.lock().unwrap() = Some(ProviderError::Unauthorised);
    let (one, two) = (house.sandbox(), house.sandbox());
    assert_eq!(expect_error(house.ask(&one).await), ProviderError::Unauthorised);
    assert_eq!(expect_error(house.ask(&two).await), ProviderError::NotSent(LOGIN_ELSEWHERE));
    assert_eq!(house.log_ins(), 1);
    *house.desk.failing.lock().unwrap() = None;
    house.clock.advance(Duration::from_secs(20));
    assert_eq!(house.token(&two).await, "t2");
}

#[tokio::test(start_paused = true)]
async fn a_log_in_that_is_throttled_is_not_tried_before_it_may_be() {
    let house = House::new();
    let wait = Duration::from_secs(45);
    *house.desk.failing.lock().unwrap() = Some(ProviderError::Throttled { retry_after: Some(wait) });
    let sandbox = house.sandbox();
    assert_eq!(expect_error(house.ask(&sandbox).await), ProviderError::Throttled { retry_after: Some(wait) });
    house.clock.advance(Duration::from_secs(44));
    assert_eq!(expect_error(house.ask(&sandbox).await), ProviderError::NotSent(LOGIN_ELSEWHERE));
    assert_eq!(house.log_ins(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_leaves_the_old_token_in_use() {
    let house = House::new();
    let sandbox = house.sandbox();
    house.token(&sandbox).await;
    house.clock.advance(Duration::from_secs(3_300));
    *house.desk.failing.lock().unwrap() = Some(ProviderError::NotSent("down"));
    assert_eq!(house.token(&sandbox).await, "t1");
    house.clock.advance(Duration::from_secs(301));
    assert_eq!(expect_error(house.ask(&sandbox).await), ProviderError::NotSent("down"), "until it has expired");
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_that_died_while_logging_in_holds_nobody_up_for_long() {
    let house = House::new();
    let now = house.world.now();
    let until = now.saturating_add(Duration::from_secs(15)).unwrap();
    assert!(house.shelf.try_login_lease(&key(), "dead", now, until).await.unwrap());
    assert_eq!(expect_error(house.ask(&house.sandbox()).await), ProviderError::NotSent(LOGIN_ELSEWHERE));
    house.clock.set(until);
    assert_eq!(house.token(&house.sandbox()).await, "t1");
}

#[tokio::test(start_paused = true)]
async fn without_the_shelf_a_sandbox_looks_after_itself() {
    let house = House::new();
    house.shelf.set_reachable(false);
    let sandbox = house.sandbox();
    let asks = (0..10).map(|_| house.token(&sandbox));
    assert!(futures::future::join_all(asks).await.iter().all(|token| token == "t1"));
    house.clock.advance(Duration::from_secs(3_300));
    assert_eq!(house.token(&sandbox).await, "t1");
    assert_eq!(house.log_ins(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_does_not_open_is_as_good_as_none() {
    let house = House::new();
    house.token(&house.sandbox()).await;
    let mut stored = house.shelf.only().unwrap();
    stored.sealed = "another|1t".to_owned();
    let now = house.world.now();
    house.shelf.try_login_lease(&key(), "x", now, now).await.unwrap();
    assert!(house.shelf.save(&key(), "x", &stored).await.unwrap());
    assert_eq!(house.token(&house.sandbox()).await, "t2");
}
