//! Webhooks: believed only when signed, kept once, and never able to take anything back.

use crate::fixture::{AIRALO_ADDRESS, World};
use hmac::{Hmac, KeyInit, Mac};
use passerelle::domain::EsimStatus;
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};
use std::time::Duration;

/// Signed as the reference contract's simulator does, written anew here.
fn signature(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

fn event(id: &str, kind: &str, esim: &str, used: u64) -> String {
    json!({"id": id, "type": kind, "occurred_at": "2027-04-21T08:00:00Z",
           "data": {"esim_id": esim, "data_used_mb": used, "data_remaining_mb": 5_000 - used, "data_total_mb": 5_000,
                    "expiry_date": "2027-05-20T00:00:00Z", "threshold": 80}})
    .to_string()
}

async fn send(world: &World, body: &str, secret: &str, at: i64) -> Result<(), u16> {
    let signature = signature(secret, at, body);
    world.webhook(&[("x-passerelle-signature", &signature)], body).await.map_err(|problem| problem.status)
}

#[tokio::test]
async fn a_good_webhook_moves_the_plan_and_its_repeats_change_nothing() {
    let mut world = World::new().await;
    let (esim, theirs) = world.delivered("reference").await;
    let secret = world.sims.reference.credential("webhook_secret");
    let body = event("evt-1", "esim.activated", &theirs, 100);
    for _ in 0..3 {
        send(&world, &body, &secret, world.now().as_second()).await.unwrap();
        world.settle().await;
    }
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Activated);
    assert_eq!(world.items("receipt").await.len(), 1, "kept once");
    let told = world.sims.hubspot.client().requests_to("POST", "/send").await.unwrap();
    assert_eq!(told.len(), 1, "told once");
}

#[tokio::test]
async fn an_event_that_comes_late_takes_nothing_back() {
    let mut world = World::new().await;
    let (esim, theirs) = world.delivered("reference").await;
    let secret = world.sims.reference.credential("webhook_secret");
    for (id, kind, used) in [("evt-2", "usage.threshold_reached", 4_100), ("evt-1", "esim.activated", 100), ("evt-0", "esim.installed", 0)]
    {
        send(&world, &event(id, kind, &theirs, used), &secret, world.now().as_second()).await.unwrap();
        world.settle().await;
    }
    let after = world.esim(&esim).await.esim;
    assert_eq!(after.status, EsimStatus::Activated);
    assert_eq!(after.plan.used_mb, 4_100, "usage never falls");
}

#[tokio::test]
async fn forged_altered_stale_and_misdirected_webhooks_are_refused_alike_and_leave_no_trace() {
    let mut world = World::new().await;
    let (esim, theirs) = world.delivered("reference").await;
    let before = (world.esim(&esim).await, world.items("receipt").await.len());
    let secret = world.sims.reference.credential("webhook_secret");
    let now = world.now().as_second();
    let body = event("evt-1", "esim.expired", &theirs, 4_999);
    let good = signature(&secret, now, &body);
    assert_eq!(send(&world, &body, "another secret", now).await, Err(401), "forged");
    assert_eq!(send(&world, &body, &secret, now - 3_600).await, Err(401), "stale");
    let altered = body.replace("4999", "4998");
    assert_eq!(world.webhook(&[("x-passerelle-signature", &good)], &altered).await.unwrap_err().status, 401, "altered");
    assert_eq!(world.webhook(&[], &body).await.unwrap_err().status, 401, "unsigned");
    world.settle().await;
    assert_eq!((world.esim(&esim).await, world.items("receipt").await.len()), before);
}

#[tokio::test]
async fn a_hint_is_read_back_from_the_provider_before_anything_is_told() {
    let mut world = World::new().await;
    let (esim, iccid) = world.delivered("airalo").await;
    world.clear_records().await;
    let body = json!({"level": "90%", "iccid": iccid, "remaining_amount": "0"}).to_string();
    let mut mac = Hmac::<Sha512>::new_from_slice(world.sims.airalo.credential("client_secret").as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    world.webhook_at(AIRALO_ADDRESS, &[("airalo-signature", &signature)], &body).await.unwrap();
    world.settle().await;
    let looks = world.sims.airalo.client().requests_to("GET", "/usage").await.unwrap();
    assert_eq!(looks.len(), 1, "the provider was asked");
    let plan = world.esim(&esim).await.esim.plan;
    assert_eq!((plan.used_mb, plan.told), (0, Vec::new()), "and what it says counts, not what the webhook said");
    assert!(world.sims.hubspot.client().requests_to("POST", "/send").await.unwrap().is_empty());
}

#[tokio::test]
async fn an_event_for_an_esim_that_is_not_known_yet_waits_for_it_and_gives_up_quietly() {
    let mut world = World::new().await;
    let secret = world.sims.reference.credential("webhook_secret");
    send(&world, &event("evt-1", "esim.activated", "esim_of_somebody", 1), &secret, world.now().as_second()).await.unwrap();
    let began = world.now();
    world.settle().await;
    assert!(world.outbox().await.is_empty());
    assert!(world.now().duration_since(began) >= jiff::SignedDuration::from_mins(15), "it waited a quarter of an hour");
}

#[tokio::test]
async fn a_registered_url_is_told_with_a_signature_that_holds() {
    let mut world = World::new().await;
    let new = serde_json::from_value(json!({"url": format!("{}/hook", world.sims.inbox.url), "events": ["esim.activated"]})).unwrap();
    let subscribed = passerelle::flows::subscribe::subscribe(&world.run().await, new, true).await.unwrap();
    let subscribed: Value = serde_json::from_str(&subscribed.view()).unwrap();
    let (_, theirs) = world.delivered("reference").await;
    let secret = world.sims.reference.credential("webhook_secret");
    send(&world, &event("evt-1", "esim.activated", &theirs, 100), &secret, world.now().as_second()).await.unwrap();
    world.settle().await;
    world.pass(Duration::from_secs(60)).await;
    let received = world.sims.inbox.client().requests_to("POST", "/hook").await.unwrap();
    assert_eq!(received.len(), 1);
    let header = |name: &str| received[0]["headers"][name].as_str().unwrap().to_owned();
    let body = received[0]["body"].to_string();
    let parsed: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(parsed["type"], "esim.activated");
    assert!(header("webhook-signature").starts_with("v1,"));
    assert!(subscribed["secret"].as_str().unwrap().starts_with("whsec_"));
    assert!(!header("webhook-id").contains('.'));
}
