//! Late runs and their successors: what the model check (`tests/tests/model`) found, on the real flows.

use crate::fixture::{World, agency_id};
use jiff::SignedDuration;
use passerelle::{
    domain::{OrderId, OrderStatus},
    flows::purchase,
    store::{StoreError, orders::OrderRecord},
};
use passerelle_tests::sim::Fault;
use std::time::Duration;

async fn record(world: &World, order_id: &OrderId) -> OrderRecord {
    world.house.store.order(&agency_id(), order_id, &world.house.seals).await.unwrap().unwrap()
}

/// An order that the provider got no request for, and whose outcome we do not know.
async fn lost_on_the_way(account: &str, path: &str) -> (World, OrderId) {
    let world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let sim = if account == "airalo" { &world.sims.airalo } else { &world.sims.reference };
    sim.client().fault(&Fault::on("POST", path).times(1).dropping_the_request()).await.unwrap();
    let answer = world.order("key-1", &World::best(&offers, account), "VH-1").await.unwrap();
    assert_eq!(world.order_status(&answer.order_id).await, "unknown");
    (world, answer.order_id)
}

/// A late run settles the order after its successor has read it, and before it takes it: what was read is no longer true.
#[tokio::test]
async fn an_order_that_was_written_since_it_was_read_is_not_taken_over() {
    let (world, order_id) = lost_on_the_way("reference", "/orders").await;
    let mut read = record(&world, &order_id).await;
    world.pass(Duration::from_secs(1)).await;
    let mut late = read.clone();
    late.order.move_to(OrderStatus::Rejected, world.now(), "refused");
    late.fence.lease_until = world.now();
    world.house.store.transaction().write_order(&late, &world.house.seals).unwrap().commit().await.unwrap();
    let until = world.now().checked_add(SignedDuration::from_secs(35)).unwrap();
    assert_eq!(world.house.store.take_order(&mut read, "run_successor", until).await, Err(StoreError::Conflict));
    let mut now = record(&world, &order_id).await;
    world.house.store.take_order(&mut now, "run_successor", until).await.expect("as it is now, it is taken");
}

/// Asking a provider with keys is buying: a worker that thaws after its lease sends nothing.
#[tokio::test]
async fn nothing_that_may_buy_is_asked_after_the_lease() {
    let (world, order_id) = lost_on_the_way("reference", "/orders").await;
    let sent = world.sims.reference.client().requests_to("POST", "/orders").await.unwrap().len();
    let mut late = record(&world, &order_id).await;
    world.pass(Duration::from_secs(1)).await;
    purchase::ask(&world.run().await, &mut late).await.expect("what came of it is written");
    assert_eq!(world.sims.reference.client().requests_to("POST", "/orders").await.unwrap().len(), sent);
    assert!(world.purchases("reference").await.is_empty());
}

/// A list that was asked for before an order would have to show proves nothing, however late its answer comes.
#[tokio::test]
async fn absence_is_as_old_as_the_question() {
    let (mut world, order_id) = lost_on_the_way("airalo", "/v2/orders").await;
    world.pass(Duration::from_secs(115)).await;
    let airalo = world.sims.airalo.client();
    airalo.fault(&Fault::on("GET", "/v2/orders").times(1).delayed(500)).await.unwrap();
    let watch = record(&world, &order_id).await.watch.unwrap();
    let clock = world.clock.clone();
    let time_passes = async {
        while airalo.requests_to("GET", "/v2/orders").await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(10));
    };
    tokio::join!(world.consume(&watch), time_passes);
    assert_eq!(record(&world, &order_id).await.order.absences, 0);
    world.settle().await;
    assert_eq!(world.order_status(&order_id).await, "delivered", "absent twice, and sent again");
    assert_eq!(world.purchases("airalo").await.len(), 1);
}
