//! Asynchronous orders at Airalo: taken at once, carried out some time, told by webhook only. Bought once whatever is lost, and never
//! taken for "not bought" because a list does not show it yet.

use crate::fixture::{AIRALO_ADDRESS, World, agency_id};
use hmac::{Hmac, KeyInit, Mac};
use passerelle::{
    domain::OrderId,
    flows::onboard::{self, Onboarding},
};
use passerelle_tests::sim::{Fault, Simulators};
use serde_json::{Value, json};
use sha2::Sha512;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn settings(sims: &Simulators) -> Value {
    account(sims, json!({"orders": "async"}))
}

fn account(sims: &Simulators, airalo: Value) -> Value {
    json!({"providers": [{
        "account": "airalo", "kind": "airalo", "base_url": sims.airalo.base_url, "webhook_account": AIRALO_ADDRESS,
        "client_id": sims.airalo.credential("client_id"), "client_secret": sims.airalo.credential("client_secret"),
        "airalo": airalo,
    }]})
}

/// Airalo takes orders and carries none out before it is told to.
async fn holding() -> World {
    let world = World::with_partners(&["airalo"], settings).await;
    world.sims.airalo.client().post("settings", &json!({"hold_async": true})).await.unwrap();
    world
}

async fn ordered(world: &World) -> OrderId {
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let answer = world.order("key-1", &World::best(&offers, "airalo"), "VH-1").await.unwrap();
    assert_eq!(answer.answer.status, 202, "{}", answer.answer.body);
    answer.order_id
}

/// Lets Airalo carry out what it holds; the webhook that it sent of it.
async fn carried_out(world: &World) -> (String, String) {
    let client = world.sims.airalo.client();
    let before = client.deliveries().await.unwrap().len();
    client.post("async/release", &json!({})).await.unwrap();
    for _ in 0..200 {
        if let Some(sent) = client.deliveries().await.unwrap().get(before) {
            return (sent["headers"]["airalo-signature"].as_str().unwrap().to_owned(), sent["body"].as_str().unwrap().to_owned());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("Airalo sent no webhook");
}

async fn arrives(world: &mut World, (signature, body): &(String, String)) {
    world.webhook_at(AIRALO_ADDRESS, &[("airalo-signature", signature)], body).await.unwrap();
    world.settle_without_waiting().await;
}

async fn bought(world: &World) -> (usize, usize, usize) {
    let sent = world.sims.airalo.client().requests_to("POST", "/orders-async").await.unwrap().len();
    (sent, world.purchases("airalo").await.len(), world.mails().await.len())
}

#[tokio::test]
async fn a_webhook_makes_us_ask_at_once_and_its_repeats_change_nothing() {
    let mut world = holding().await;
    let order = ordered(&world).await;
    world.settle_without_waiting().await;
    assert_eq!(world.order_status(&order).await, "accepted");
    let told = carried_out(&world).await;
    for _ in 0..3 {
        arrives(&mut world, &told).await;
        assert_eq!(world.order_status(&order).await, "delivered", "no time has passed: nobody waited for the watch");
    }
    assert_eq!((bought(&world).await, world.items("receipt").await.len()), ((1, 1, 1), 1));
    world.settle().await;
    assert_eq!(bought(&world).await, (1, 1, 1));
}

#[tokio::test]
async fn an_order_whose_webhook_is_lost_is_found_in_the_list() {
    let mut world = holding().await;
    let order = ordered(&world).await;
    carried_out(&world).await;
    world.settle().await;
    assert_eq!(world.order_status(&order).await, "delivered");
    assert_eq!(bought(&world).await, (1, 1, 1));
}

#[tokio::test]
async fn an_order_that_takes_hours_is_not_sent_again_because_the_list_lacks_it() {
    let mut world = holding().await;
    let order = ordered(&world).await;
    for _ in 0..40 {
        world.pass(5 * MINUTE).await;
        world.settle_without_waiting().await;
    }
    assert_eq!((world.order_status(&order).await.as_str(), bought(&world).await), ("accepted", (1, 0, 0)));
    carried_out(&world).await;
    world.settle().await;
    assert_eq!((world.order_status(&order).await.as_str(), bought(&world).await), ("delivered", (1, 1, 1)));
}

#[tokio::test]
async fn an_order_that_never_comes_is_asked_about_ever_more_rarely_and_given_to_a_person_after_a_day() {
    let mut world = holding().await;
    let order = ordered(&world).await;
    let begun = world.now();
    world.settle().await;
    let asked = world.sims.airalo.client().requests_to("GET", "/orders").await.unwrap().len();
    assert!((40..150).contains(&asked), "asked {asked} times");
    assert!(world.now().duration_since(begun).as_hours() >= 24);
    assert_eq!((world.order_status(&order).await.as_str(), bought(&world).await), ("parked", (1, 0, 0)));
    assert_eq!(world.tasks().await.len(), 1);
}

#[tokio::test]
async fn an_acceptance_that_is_lost_is_looked_for_and_the_order_bought_once() {
    let mut world = holding().await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/orders-async").dropping_the_reply()).await.unwrap();
    let order = ordered(&world).await;
    assert_eq!(world.order_status(&order).await, "unknown");
    for _ in 0..4 {
        world.pass(5 * MINUTE).await;
        world.settle_without_waiting().await;
    }
    assert_eq!((world.order_status(&order).await.as_str(), bought(&world).await), ("unknown", (1, 0, 0)), "absence proves nothing");
    let told = carried_out(&world).await;
    arrives(&mut world, &told).await;
    assert_eq!((world.order_status(&order).await.as_str(), bought(&world).await), ("delivered", (1, 1, 1)));
}

#[tokio::test]
async fn an_account_that_is_set_back_meanwhile_does_not_buy_again_what_it_ordered_asynchronously() {
    let mut world = holding().await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/orders-async").dropping_the_reply()).await.unwrap();
    let order = ordered(&world).await;
    world.change_settings(|agency| agency["providers"][0]["airalo"] = json!({"orders": "sync"}));
    for _ in 0..6 {
        world.pass(5 * MINUTE).await;
        world.settle_without_waiting().await;
    }
    assert_eq!((world.order_status(&order).await.as_str(), bought(&world).await), ("unknown", (1, 0, 0)));
    let sent = world.sims.airalo.client().requests_to("POST", "/v2/orders").await.unwrap();
    assert_eq!(sent.len(), 1, "in either way: absence proves nothing of this order");
    carried_out(&world).await;
    world.settle().await;
    assert_eq!((world.order_status(&order).await.as_str(), bought(&world).await), ("delivered", (1, 1, 1)));
}

#[tokio::test]
async fn a_request_that_is_lost_is_never_sent_again_on_hope() {
    let mut world = holding().await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/orders-async").dropping_the_request()).await.unwrap();
    let (order, began) = (ordered(&world).await, world.now());
    world.settle().await;
    assert_eq!((world.order_status(&order).await.as_str(), bought(&world).await), ("parked", (1, 0, 0)));
    assert!(world.now().duration_since(began) >= jiff::SignedDuration::from_mins(60), "it was looked for an hour");
    assert_eq!(world.tasks().await.len(), 1);
}

#[tokio::test]
async fn a_signed_failure_that_the_list_bears_out_ends_the_order() {
    let mut world = holding().await;
    let order = ordered(&world).await;
    world.sims.airalo.client().post("balance", &json!({"hundredths": 0})).await.unwrap();
    let told = carried_out(&world).await;
    let stranger = ("00".repeat(64), told.1.clone());
    assert_eq!(world.webhook_at(AIRALO_ADDRESS, &[("airalo-signature", &stranger.0)], &stranger.1).await.unwrap_err().status, 401);
    assert_eq!(world.order_status(&order).await, "accepted");
    arrives(&mut world, &told).await;
    let record = world.order_record(&order).await;
    assert_eq!((record.status.as_str(), bought(&world).await), ("rejected", (1, 0, 0)));
    assert!(record.problem.unwrap().detail.contains("Insufficient Airalo credit"));
    assert_eq!(world.tasks().await.len(), 1);
}

#[tokio::test]
async fn a_failure_that_the_list_contradicts_is_no_failure() {
    let mut world = holding().await;
    let order = ordered(&world).await;
    carried_out(&world).await;
    let request = world.order_record(&order).await.provider_order_id.unwrap();
    let body = json!({"request_id": request, "reason": "Operator maintenance"}).to_string();
    let mut mac = Hmac::<Sha512>::new_from_slice(world.sims.airalo.credential("client_secret").as_bytes()).unwrap();
    mac.update(body.as_bytes());
    arrives(&mut world, &(hex::encode(mac.finalize().into_bytes()), body)).await;
    assert_eq!((world.order_status(&order).await.as_str(), bought(&world).await), ("delivered", (1, 1, 1)));
}

#[tokio::test]
async fn an_agency_that_cannot_be_told_is_not_ready_for_asynchronous_orders() {
    let world = holding().await;
    let request = Onboarding { agency: agency_id(), client_id: None, public_base_url: None };
    let report = onboard::onboard(&world.run().await, &request).await.unwrap();
    let step = report.steps.iter().find(|step| step.step == "webhooks of airalo").unwrap();
    assert_eq!((report.ready, step.result), (false, "failed"), "{report:?}");
}

#[tokio::test]
async fn the_plans_of_an_esim_say_when_its_plan_began_and_their_limit_takes_nothing_from_usage() {
    let mut world = World::with_partners(&["airalo"], |sims| account(sims, json!({"history": true}))).await;
    let (esim, iccid) = world.delivered("airalo").await;
    world.sims.airalo.client().set_esim(&iccid, &json!({"used_mb": 100, "activated_at": "2027-04-20T09:30:00Z"})).await.unwrap();
    let limit = Fault::on("GET", "/packages").status(429).header("Retry-After", "900");
    world.sims.airalo.client().fault(&limit).await.unwrap();
    world.pass(Duration::from_secs(12 * 3600)).await;
    world.poll().await;
    let plan = world.esim(&esim).await.esim.plan;
    assert_eq!((plan.used_mb, plan.activated_at), (100, None));
    world.pass(Duration::from_secs(24 * 3600)).await;
    world.poll().await;
    assert_eq!(world.esim(&esim).await.esim.plan.activated_at, Some("2027-04-20T09:30:00Z".parse().unwrap()));
}
