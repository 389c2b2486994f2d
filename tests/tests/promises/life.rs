//! A plan's life: installed, activated, 80 %, 100 %, J-2, top-up, expired. Each is told once, whatever comes twice or late.

use crate::{
    fixture::{World, agency_id, trace},
    never_twice::states,
};
use passerelle::{
    domain::EsimStatus,
    flows::{receive_webhook, remind_topup, topup},
    outbound::Deadline,
};
use passerelle_tests::sim::Fault;
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What HubSpot was told of a kind of event.
async fn told(world: &World, name: &str) -> usize {
    let sent = world.sims.hubspot.client().requests_to("POST", "/send").await.unwrap();
    sent.iter().filter(|request| request["body"]["eventName"].as_str().is_some_and(|full| full.contains(name))).count()
}

#[tokio::test]
async fn polls_tell_activation_and_thresholds_once() {
    let mut world = World::new().await;
    let (esim, iccid) = world.delivered("airalo").await;
    let airalo = world.sims.airalo.client();
    let total = world.esim(&esim).await.esim.plan.total_mb.unwrap();
    let expires = world.now().checked_add(jiff::SignedDuration::from_hours(24 * 7)).unwrap().to_string();
    airalo.set_esim(&iccid, &json!({"status": "ACTIVE", "used_mb": total / 10, "expires_at": expires})).await.unwrap();
    for _ in 0..3 {
        world.pass(DAY / 2).await;
        world.poll().await;
    }
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Activated);
    assert_eq!(told(&world, "activated").await, 1);
    airalo.set_esim(&iccid, &json!({"used_mb": total * 85 / 100})).await.unwrap();
    for _ in 0..3 {
        world.pass(DAY / 2).await;
        world.poll().await;
    }
    assert_eq!(told(&world, "threshold").await, 1);
    assert_eq!(told(&world, "installed").await, 0, "Airalo cannot tell that a profile is installed");
    let states = states(&world.sims.hubspot.client().requests_to("POST", "esim_subscription/batch/upsert").await.unwrap());
    assert_eq!(states.iter().filter(|state| *state == "released").count(), 1);
}

#[tokio::test]
async fn a_poll_is_made_every_6_to_12_hours_and_not_more() {
    let mut world = World::new().await;
    let _ = world.delivered("airalo").await;
    world.clear_records().await;
    for _ in 0..(48 * 2) {
        world.pass(Duration::from_secs(1800)).await;
        world.poll().await;
    }
    let reads = world.sims.airalo.client().requests_to("GET", "/usage").await.unwrap().len();
    assert!((4..=8).contains(&reads), "{reads} reads in two days");
}

#[tokio::test]
async fn two_days_before_the_end_a_top_up_is_proposed_once() {
    let mut world = World::new().await;
    let (esim, iccid) = world.delivered("airalo").await;
    let expires = world.now().checked_add(jiff::SignedDuration::from_hours(24 * 7)).unwrap();
    world
        .sims
        .airalo
        .client()
        .set_esim(&iccid, &json!({"status": "ACTIVE", "used_mb": 10, "expires_at": expires.to_string()}))
        .await
        .unwrap();
    world.pass(DAY).await;
    world.poll().await;
    assert_eq!(world.remind().await, 0, "not yet");
    world.set_time(expires.checked_sub(jiff::SignedDuration::from_hours(47)).unwrap()).await;
    assert_eq!(world.remind().await, 1);
    assert_eq!(world.remind().await, 0, "once");
    assert_eq!(world.mails().await.len(), 2, "the codes, and the proposal");
    assert_eq!(world.tasks().await.len(), 1);
    // Accepted: the new plan runs, with a proposal of its own to come.
    let listed: Value = serde_json::from_str(&topup::list(&world.run().await, &esim).await.unwrap()).unwrap();
    let package = listed["packages"][0]["package_id"].as_str().unwrap();
    let answer = world.top_up("key-2", &esim, package).await.unwrap();
    assert_eq!(answer.answer.status, 201, "{}", answer.answer.body);
    world.settle().await;
    world.pass(DAY / 4).await;
    world.poll().await;
    let after = world.esim(&esim).await;
    assert!(after.esim.plan.expires_at.unwrap() > expires, "the plan ends later");
    assert!(after.timers.reminder.is_some(), "and a proposal for it waits");
}

#[tokio::test]
async fn a_proposal_is_made_though_the_esim_changes_while_top_ups_are_asked_for() {
    let mut world = World::new().await;
    let (esim, iccid) = world.delivered("airalo").await;
    let airalo = world.sims.airalo.client();
    let expires = world.now().checked_add(jiff::SignedDuration::from_hours(24 * 7)).unwrap();
    airalo.set_esim(&iccid, &json!({"status": "ACTIVE", "used_mb": 10, "expires_at": expires.to_string()})).await.unwrap();
    world.pass(DAY).await;
    world.poll().await;
    world.set_time(expires.checked_sub(jiff::SignedDuration::from_hours(47)).unwrap()).await;
    airalo.fault(&Fault::on("GET", "/topups").times(1).delayed(1_500)).await.unwrap();
    let changes = async {
        while airalo.requests_to("GET", "/topups").await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        airalo.set_esim(&iccid, &json!({"used_mb": 20})).await.unwrap();
        receive_webhook::refresh(&world.run().await, &esim).await.unwrap();
    };
    let deadline = Deadline::within(world.now(), Duration::from_secs(60));
    let trace = trace();
    let (reminded, ()) = tokio::join!(remind_topup::remind_due(&world.house, world.now(), &trace, deadline), changes);
    assert_eq!((reminded.unwrap().proposed, world.esim(&esim).await.esim.plan.used_mb), (1, 20));
    world.settle_without_waiting().await;
    assert_eq!((world.mails().await.len(), world.tasks().await.len()), (2, 1));
}

#[tokio::test]
async fn expiry_is_told_once_and_polling_ends() {
    let mut world = World::new().await;
    let (esim, iccid) = world.delivered("airalo").await;
    let expires = world.now().checked_add(jiff::SignedDuration::from_hours(30)).unwrap();
    world
        .sims
        .airalo
        .client()
        .set_esim(&iccid, &json!({"status": "ACTIVE", "used_mb": 10, "expires_at": expires.to_string()}))
        .await
        .unwrap();
    world.pass(DAY / 2).await;
    world.poll().await;
    world.sims.airalo.client().set_esim(&iccid, &json!({"status": "EXPIRED"})).await.unwrap();
    for _ in 0..6 {
        world.pass(DAY * 2).await;
        world.poll().await;
    }
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Expired);
    assert_eq!(told(&world, "expired").await, 1);
    let timers = world.esim(&esim).await.timers;
    assert_eq!(timers.poll, None, "nothing more to read at {}", world.now());
    let past = world.house.store.past_use(&agency_id()).await.unwrap();
    assert_eq!((past.plans, past.used_mb), (1, 10));
}

#[tokio::test]
async fn usage_is_anonymised_after_its_time_and_nothing_of_the_traveller_remains() {
    let mut world = World::new().await;
    let (_, iccid) = world.delivered("airalo").await;
    let expires = world.now().checked_add(jiff::SignedDuration::from_hours(30)).unwrap();
    world
        .sims
        .airalo
        .client()
        .set_esim(&iccid, &json!({"status": "EXPIRED", "used_mb": 10, "expires_at": expires.to_string()}))
        .await
        .unwrap();
    world.pass(DAY * 2).await;
    world.poll().await;
    let deadline = |world: &World| passerelle::outbound::Deadline::within(world.now(), Duration::from_secs(60));
    let early =
        passerelle::flows::anonymise::anonymise_due(&world.house, world.now(), &crate::fixture::trace(), deadline(&world)).await.unwrap();
    assert_eq!(early.esims, 0);
    world.pass(DAY * 31 * 14).await;
    let done =
        passerelle::flows::anonymise::anonymise_due(&world.house, world.now(), &crate::fixture::trace(), deadline(&world)).await.unwrap();
    assert_eq!((done.esims, done.bookings, done.remaining), (1, 1, 0));
    for kind in ["esim", "order", "booking", "alias", "mail", "timer"] {
        assert!(world.items(kind).await.is_empty(), "{kind} items remain");
    }
}
