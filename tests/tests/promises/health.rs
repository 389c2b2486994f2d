//! `GET /health`: what a person would want to know before pressing the button, without writing anything.

use crate::fixture::{World, trace};
use passerelle::flows::health::{self, Health, Part, Reason, State, Status};
use passerelle_tests::sim::Fault;

async fn seen(world: &World) -> Health {
    assert!(health::table_answers(&world.house).await);
    health::look(&world.run().await).await
}

#[tokio::test]
async fn with_nothing_in_the_way_it_is_ok_and_nothing_is_written_or_sent() {
    let world = World::new().await;
    let writes = world.table.writes();
    let health = seen(&world).await;
    assert_eq!((health.status, health.http_status()), (Status::Ok, 200));
    let names: Vec<_> = health.accounts.iter().map(|account| (account.account.as_str(), account.provider)).collect();
    assert_eq!(names, [("airalo", "airalo"), ("reference", "reference")]);
    assert!(health.accounts.iter().all(|account| account.money.state == State::Closed && account.read.state == State::Closed));
    assert_eq!(world.table.writes(), writes);
    for sim in [&world.sims.airalo, &world.sims.reference] {
        assert!(sim.client().requests().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_provider_that_fails_shows_as_an_open_breaker_until_it_is_probed() {
    let world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "reference");
    world.sims.reference.client().fault(&Fault::on("POST", "/orders").times(5).status(500)).await.unwrap();
    for number in 0..5 {
        assert_eq!(world.order(&format!("key-{number}"), &package, "VH-1").await.unwrap().answer.status, 202);
    }
    let health = seen(&world).await;
    assert_eq!((health.status, health.http_status()), (Status::Degraded, 200), "orders are taken all the same");
    let reference = &health.accounts[1];
    assert_eq!((reference.money.state, reference.money.reason), (State::Open, Some(Reason::Failing)));
    let until = reference.money.until.expect("a time");
    assert!(until > world.now());
    assert_eq!((reference.read.state, health.accounts[0].money.state), (State::Closed, State::Closed));
    world.set_time(until).await;
    assert_eq!(seen(&world).await.accounts[1].money.state, State::HalfOpen, "the next call decides");
}

#[tokio::test]
async fn a_provider_that_asks_for_patience_shows_as_throttled() {
    let world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let throttle = Fault::on("POST", "/orders").times(1).status(429).header("Retry-After", "45");
    world.sims.reference.client().fault(&throttle).await.unwrap();
    world.order("key-1", &World::best(&offers, "reference"), "VH-1").await.unwrap();
    let money = seen(&world).await.accounts[1].money.clone();
    assert_eq!((money.state, money.reason), (State::Closed, Some(Reason::Throttled)));
    assert_eq!((money.paused.len(), money.paused[0].operation.as_str()), (1, "place_order"));
    assert_eq!(money.until, Some(money.paused[0].until));
}

#[tokio::test]
async fn without_the_table_it_still_answers_and_says_down() {
    let world = World::new().await;
    let run = world.run().await;
    world.table.set_reachable(false);
    assert!(!health::table_answers(&world.house).await);
    for health in [health::look(&run).await, Health::without_table(world.now(), trace())] {
        assert_eq!((health.status, health.table, health.http_status()), (Status::Down, Part::Unreachable, 503));
        assert!(health.accounts.is_empty());
    }
}
