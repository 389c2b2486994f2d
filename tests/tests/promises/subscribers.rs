//! Those who registered a URL: tried for a day, told with either secret while it changes, disabled after days, and their owner told once.

use crate::fixture::World;
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use passerelle::flows::{subscribe, subscriptions};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

async fn subscribed(world: &World) -> Value {
    let events = ["esim.activated", "usage.threshold_reached", "esim.expired"];
    let new = serde_json::from_value(json!({"url": format!("{}/hook", world.sims.inbox.url), "events": events})).unwrap();
    serde_json::from_str(&subscribe::subscribe(&world.run().await, new, true).await.unwrap().view()).unwrap()
}

fn id(subscribed: &Value) -> String {
    subscribed["subscription_id"].as_str().unwrap().to_owned()
}

async fn answer_with(world: &World, status: u16) {
    world.sims.inbox.client().post("status", &json!({ "status": status })).await.unwrap();
}

async fn received(world: &World) -> Vec<Value> {
    world.sims.inbox.client().requests_to("POST", "/hook").await.unwrap()
}

async fn activate(world: &mut World, iccid: &str) {
    world.sims.airalo.client().set_esim(iccid, &json!({"status": "ACTIVE", "used_mb": 10})).await.unwrap();
    world.pass(HOUR * 12).await;
    world.poll().await;
}

async fn state(world: &World) -> Value {
    let listed: Value = serde_json::from_str(&subscriptions::list(&world.run().await).await.unwrap()).unwrap();
    listed["subscriptions"][0].clone()
}

/// A test event signed by hand, after the specification.
fn signature(secret: &str, request: &Value) -> String {
    let header = |name: &str| request["headers"][name].as_str().unwrap().to_owned();
    let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    // The record holds the body as JSON, its members sorted: here is the text again as it was sent.
    let body = format!(r#"{{"type":"webhook.test","timestamp":{},"data":{}}}"#, request["body"]["timestamp"], request["body"]["data"]);
    mac.update(format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn an_event_is_tried_for_a_day_ever_more_rarely_and_then_kept_with_one_task() {
    let mut world = World::with_accounts(&["airalo"]).await;
    let _ = subscribed(&world).await;
    let (_, iccid) = world.delivered("airalo").await;
    answer_with(&world, 503).await;
    activate(&mut world, &iccid).await;
    let began = world.now();
    world.settle().await;
    let tried_for = world.now().duration_since(began);
    assert!(tried_for >= SignedDuration::from_hours(24) && tried_for < SignedDuration::from_hours(29), "{tried_for:?}");
    let tries = received(&world).await;
    assert!((12..=30).contains(&tries.len()), "{} tries", tries.len());
    let ids: std::collections::BTreeSet<&str> = tries.iter().map(|request| request["headers"]["webhook-id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 1, "one event");
    assert_eq!((world.dead.len(), world.tasks().await.len()), (1, 1), "a dead letter, and a person who knows");
    assert_eq!(state(&world).await["active"], true, "a day is not days");
}

#[tokio::test]
async fn an_address_that_is_back_gets_the_event_once_and_is_well_again() {
    let mut world = World::with_accounts(&["airalo"]).await;
    let _ = subscribed(&world).await;
    let (_, iccid) = world.delivered("airalo").await;
    answer_with(&world, 500).await;
    activate(&mut world, &iccid).await;
    assert!(state(&world).await["failing_since"].is_string());
    answer_with(&world, 204).await;
    world.settle().await;
    assert_eq!(received(&world).await.iter().filter(|request| request["status"] == 204).count(), 1);
    assert_eq!(state(&world).await["failing_since"], Value::Null);
    assert!(world.dead.is_empty() && world.tasks().await.is_empty());
}

#[tokio::test]
async fn after_days_of_failure_the_address_is_disabled_its_owner_told_and_a_good_test_brings_it_back() {
    let mut world = World::with_accounts(&["airalo"]).await;
    let subscription = id(&subscribed(&world).await);
    let (esim, iccid) = world.delivered("airalo").await;
    answer_with(&world, 500).await;
    activate(&mut world, &iccid).await;
    world.settle().await;
    world.pass(HOUR * 72).await;
    let total = world.esim(&esim).await.esim.plan.total_mb.unwrap();
    world.sims.airalo.client().set_esim(&iccid, &json!({"used_mb": total * 85 / 100})).await.unwrap();
    world.poll().await;
    world.settle().await;
    assert_eq!(state(&world).await["active"], false);
    let tasks = world.tasks().await;
    assert_eq!(tasks.iter().filter(|task| task.to_string().contains("-disabled")).count(), 1, "{tasks:?}");
    let failed: Value = serde_json::from_str(&subscriptions::test(&world.run().await, &subscription).await.unwrap()).unwrap();
    assert_eq!((&failed["delivered"], &state(&world).await["active"]), (&json!(false), &json!(false)));
    answer_with(&world, 200).await;
    let taken: Value = serde_json::from_str(&subscriptions::test(&world.run().await, &subscription).await.unwrap()).unwrap();
    assert_eq!((&taken["delivered"], &state(&world).await["active"]), (&json!(true), &json!(true)));
    assert_eq!(received(&world).await.last().unwrap()["body"]["type"], "webhook.test");
}

#[tokio::test]
async fn while_a_secret_is_changed_both_sign_and_then_the_new_one_alone() {
    let mut world = World::with_accounts(&["airalo"]).await;
    let old = subscribed(&world).await;
    let new: Value = serde_json::from_str(&subscriptions::rotate(&world.run().await, &id(&old)).await.unwrap()).unwrap();
    let (old, new, subscription) = (old["secret"].as_str().unwrap(), new["secret"].as_str().unwrap(), id(&old));
    assert_ne!(old, new);
    subscriptions::test(&world.run().await, &subscription).await.unwrap();
    world.pass(HOUR * 25).await;
    subscriptions::test(&world.run().await, &subscription).await.unwrap();
    let received = received(&world).await;
    let signed = |place: usize| received[place]["headers"]["webhook-signature"].as_str().unwrap().to_owned();
    assert_eq!(signed(0), format!("{} {}", signature(new, &received[0]), signature(old, &received[0])));
    assert_eq!(signed(1), signature(new, &received[1]));
    let listed = subscriptions::list(&world.run().await).await.unwrap();
    assert!(!listed.contains("whsec_"), "secrets are shown once");
    world.settle().await;
}

#[tokio::test]
async fn an_ended_subscription_is_told_nothing_and_does_not_come_back() {
    let mut world = World::with_accounts(&["airalo"]).await;
    let subscription = id(&subscribed(&world).await);
    let (_, iccid) = world.delivered("airalo").await;
    answer_with(&world, 500).await;
    activate(&mut world, &iccid).await;
    let before = received(&world).await.len();
    subscriptions::end(&world.run().await, &subscription).await.unwrap();
    answer_with(&world, 204).await;
    world.settle().await;
    assert_eq!(received(&world).await.len(), before);
    assert!(world.items("subscription").await.is_empty() && world.dead.is_empty());
    let again = subscriptions::end(&world.run().await, &subscription).await;
    assert_eq!(again.unwrap_err().status, 404);
    assert_eq!(subscriptions::test(&world.run().await, "sub_of_nobody").await.unwrap_err().status, 404);
}
