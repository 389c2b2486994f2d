//! The agency's credit at a provider: looked at every hour, and one task a day when it runs low.

use crate::fixture::{World, agency_id, trace};
use passerelle::{
    flows::{
        onboard::{self, Onboarding},
        sync_catalogue,
    },
    outbound::Deadline,
};
use serde_json::{Value, json};
use std::time::Duration;

async fn watched(account: &'static str) -> World {
    World::with_partners(&[account], |sims| {
        let sim = sims.each().into_iter().find(|sim| sim.name == account).unwrap();
        json!({"providers": [{
            "account": account, "kind": account, "base_url": sim.base_url, "client_id": sim.credential("client_id"),
            "client_secret": sim.credential("client_secret"), "credit_alert_below": if account == "airalo" { json!(200) } else { Value::Null },
        }]})
    })
    .await
}

async fn next_hour(world: &mut World) {
    world.pass(Duration::from_secs(3600)).await;
    let deadline = Deadline::within(world.now(), Duration::from_secs(60));
    sync_catalogue::sync_all(&world.house, &trace(), deadline).await.unwrap();
    world.settle().await;
}

async fn asked(world: &World) -> usize {
    world.sims.airalo.client().requests_to("GET", "/balance").await.unwrap().len()
}

#[tokio::test]
async fn a_person_is_told_once_a_day_while_orders_still_go_through() {
    let mut world = watched("airalo").await;
    next_hour(&mut world).await;
    assert_eq!((asked(&world).await, world.tasks().await.len()), (1, 0), "there is enough");
    world.sims.airalo.client().post("balance", &json!({"hundredths": 15_050})).await.unwrap();
    for _ in 0..3 {
        next_hour(&mut world).await;
    }
    let tasks = world.tasks().await;
    assert_eq!((asked(&world).await, tasks.len()), (4, 1));
    assert!(tasks[0].to_string().contains("airalo: 150.5 USD"), "{}", tasks[0]);
}

#[tokio::test]
async fn a_credit_that_cannot_be_read_stops_nothing() {
    let mut world = watched("airalo").await;
    let fault = passerelle_tests::sim::Fault::on("GET", "/balance").status(500);
    world.sims.airalo.client().fault(&fault).await.unwrap();
    next_hour(&mut world).await;
    assert_eq!(world.tasks().await.len(), 0);
    assert!(!world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await.is_empty(), "the catalogue is there");
}

#[tokio::test]
async fn without_a_threshold_nobody_asks_and_onboarding_says_what_a_threshold_does() {
    let mut world = World::with_accounts(&["airalo"]).await;
    next_hour(&mut world).await;
    assert_eq!(asked(&world).await, 0);
    let world = watched("airalo").await;
    world.sims.airalo.client().post("balance", &json!({"hundredths": 19_999})).await.unwrap();
    let request = Onboarding { agency: agency_id(), client_id: None, public_base_url: None };
    let report = onboard::onboard(&world.run().await, &request).await.unwrap();
    let step = report.steps.iter().find(|step| step.step == "credit of airalo").unwrap();
    assert_eq!((step.result, step.detail.contains("199.99 USD")), ("warning", true), "{}", step.detail);
}
