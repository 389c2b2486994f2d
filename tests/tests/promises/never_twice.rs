//! §2.1 Never bought twice. §2.3 Never twice seen.

use crate::fixture::{World, esim_id};
use passerelle_tests::sim::Fault;
use serde_json::Value;
use std::time::Duration;

#[tokio::test]
async fn one_key_sent_five_times_buys_once_and_is_answered_the_same() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "airalo");
    let first = world.order("key-1", &package, "VH-1").await.unwrap();
    for _ in 0..4 {
        let again = world.order("key-1", &package, "VH-1").await.unwrap();
        assert!(again.replayed);
        assert_eq!(again.answer, first.answer, "the same bytes again");
    }
    world.settle().await;
    assert_eq!(world.purchases("airalo").await.len(), 1);
    assert_eq!(world.mails().await.len(), 1);
}

#[tokio::test]
async fn two_calls_at_once_with_one_key_buy_once() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "airalo");
    let (one, other) = tokio::join!(world.order("key-1", &package, "VH-1"), world.order("key-1", &package, "VH-1"));
    for answer in [one, other] {
        match answer {
            Ok(answer) => assert_eq!(answer.answer.status, 201),
            Err(problem) => assert_eq!((problem.status, problem.code), (409, "order_in_progress")),
        }
    }
    world.settle().await;
    assert_eq!(world.purchases("airalo").await.len(), 1);
}

#[tokio::test]
async fn a_key_with_another_request_is_refused_and_nothing_is_sent() {
    let world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "airalo");
    world.order("key-1", &package, "VH-1").await.unwrap();
    let problem = world.order("key-1", &World::best(&offers, "reference"), "VH-1").await.unwrap_err();
    assert_eq!((problem.status, problem.code), (422, "idempotency_key_reused"));
    assert!(world.purchases("reference").await.is_empty());
    assert_eq!(world.purchases("airalo").await.len(), 1);
}

/// The reply is lost after the purchase was made: the order is found by its reference, not bought again.
async fn a_lost_reply_is_asked_about(account: &str, path: &str) {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let sim = if account == "airalo" { &world.sims.airalo } else { &world.sims.reference };
    sim.client().fault(&Fault::on("POST", path).times(1).dropping_the_reply()).await.unwrap();
    let answer = world.order("key-1", &World::best(&offers, account), "VH-1").await.unwrap();
    assert_eq!(answer.answer.status, 202);
    assert_eq!(world.order_status(&answer.order_id).await, "unknown");
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert_eq!(world.purchases(account).await.len(), 1, "bought once");
    assert_eq!(world.mails().await.len(), 1);
    let again = world.order("key-1", &World::best(&offers, account), "VH-1").await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.answer.status, 201);
}

#[tokio::test]
async fn a_lost_reply_of_a_provider_with_a_list_is_asked_about() {
    a_lost_reply_is_asked_about("airalo", "/v2/orders").await;
}

#[tokio::test]
async fn a_lost_reply_of_a_provider_with_keys_is_asked_about() {
    a_lost_reply_is_asked_about("reference", "/orders").await;
}

#[tokio::test]
async fn a_purchase_that_surely_was_not_made_is_sent_again_only_after_proof() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let began = world.now();
    world.sims.airalo.client().fault(&Fault::on("POST", "/v2/orders").times(1).dropping_the_request()).await.unwrap();
    let answer = world.order("key-1", &World::best(&offers, "airalo"), "VH-1").await.unwrap();
    assert_eq!(answer.answer.status, 202);
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert_eq!(world.purchases("airalo").await.len(), 1);
    let looks = world.sims.airalo.client().requests_to("GET", "/v2/orders").await.unwrap();
    assert!(looks.len() >= 2, "absence was seen twice before the order was sent again");
    let waited = world.now().duration_since(began);
    assert!(waited >= jiff::SignedDuration::from_secs(120), "an order may show up for two minutes; sent again after {waited}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_counts_as_unknown() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/v2/orders").times(1).malformed()).await.unwrap();
    let answer = world.order("key-1", &World::best(&offers, "airalo"), "VH-1").await.unwrap();
    assert_eq!(world.order_status(&answer.order_id).await, "unknown");
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert_eq!(world.purchases("airalo").await.len(), 1);
}

#[tokio::test]
async fn a_throttled_order_waits_as_long_as_it_was_asked_to_and_is_bought_once() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let throttle = Fault::on("POST", "/v2/orders").times(1).status(429).header("Retry-After", "45");
    world.sims.airalo.client().fault(&throttle).await.unwrap();
    let began = world.now();
    let answer = world.order("key-1", &World::best(&offers, "airalo"), "VH-1").await.unwrap();
    assert_eq!(answer.answer.status, 202);
    assert_eq!(world.order_status(&answer.order_id).await, "queued");
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert!(world.now().duration_since(began) >= jiff::SignedDuration::from_secs(45));
    assert_eq!(world.purchases("airalo").await.len(), 1);
}

#[tokio::test]
async fn a_top_up_whose_reply_is_lost_is_bought_once() {
    let mut world = World::new().await;
    let (esim, iccid) = world.delivered("airalo").await;
    let listed = passerelle::flows::topup::list(&world.run().await, &esim).await.unwrap();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let package = listed["packages"][0]["package_id"].as_str().unwrap().to_owned();
    world.sims.airalo.client().fault(&Fault::on("POST", "/v2/orders/topups").times(1).dropping_the_reply()).await.unwrap();
    let answer = world.top_up("key-2", &esim, &package).await.unwrap();
    assert_eq!(answer.answer.status, 202);
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "placed");
    let topups = world.purchases("airalo").await.into_iter().filter(|p| p["kind"] == "topup").count();
    assert_eq!(topups, 1, "one top-up of {iccid}");
    assert_eq!(world.esim(&esim).await.esim.plan.order_id, answer.order_id, "the new plan runs");
}

#[tokio::test]
async fn messages_that_come_again_change_nothing() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.order("key-1", &World::best(&offers, "reference"), "VH-1").await.unwrap();
    let entries: Vec<String> = world.outbox().await.into_iter().map(|entry| entry.id).collect();
    for _ in 0..3 {
        for id in &entries {
            world.consume(id).await;
        }
    }
    world.settle().await;
    assert_eq!(world.mails().await.len(), 1);
    let requests = world.sims.hubspot.client().requests_to("POST", "esim_subscription/batch/upsert").await.unwrap();
    assert_eq!(states(&requests), ["released"], "HubSpot got the state once");
}

/// The states that HubSpot was told, in order.
pub fn states(requests: &[Value]) -> Vec<String> {
    requests.iter().filter_map(|r| r["body"]["inputs"][0]["properties"]["status"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_process_that_dies_after_the_claim_leaves_an_order_that_is_asked_about() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "airalo");
    // The provider takes its time; the process is gone before the answer comes.
    world.sims.airalo.client().fault(&Fault::on("POST", "/v2/orders").times(1).with_late_effect(300)).await.unwrap();
    let died = tokio::time::timeout(Duration::from_millis(100), world.order("key-1", &package, "VH-1")).await;
    assert!(died.is_err(), "the process dies while it waits for the provider");
    let problem = world.order("key-1", &package, "VH-1").await.unwrap_err();
    assert_eq!(problem.code, "order_in_progress");
    world.settle().await;
    assert_eq!(world.purchases("airalo").await.len(), 1);
    let answer = world.order("key-1", &package, "VH-1").await.unwrap();
    assert_eq!(answer.answer.status, 201);
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert_eq!(world.mails().await.len(), 1);
    assert!(world.esim(&esim_id(&answer)).await.profile.is_some());
}

#[tokio::test]
async fn an_outcome_that_cannot_be_written_is_called_unknown_and_bought_once() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "airalo");
    let airalo = world.sims.airalo.client();
    airalo.fault(&Fault::on("POST", "/v2/orders").times(1).delayed(1_500)).await.unwrap();
    let table_goes_down = async {
        while airalo.requests_to("POST", "/v2/orders").await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        world.table.set_reachable(false);
    };
    let (answer, ()) = tokio::join!(world.order("key-1", &package, "VH-1"), table_goes_down);
    let answer = answer.expect("an answer, not a claim that nothing was sent");
    assert_eq!(answer.answer.status, 202);
    assert!(answer.answer.body.contains("unknown"), "{}", answer.answer.body);
    world.table.set_reachable(true);
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert_eq!(world.purchases("airalo").await.len(), 1);
}
