//! States of several eSIMs of one agency in one batch of messages: one call to the CRM, and each with an outcome of its own.

use crate::fixture::World;
use passerelle::{
    flows::{
        consume::Disposition,
        intake::{self, NewBooking},
        poll_usage, together,
    },
    outbound::Deadline,
};
use passerelle_tests::{
    local::Crm,
    sim::{Fault, Simulators},
};
use serde_json::{Value, json};
use std::time::Duration;

/// Three eSIMs that were used since, and the entries that will tell the CRM.
async fn used(crm: Crm) -> (World, Vec<String>) {
    let mut world = match crm {
        Crm::Salesforce => World::with_partners(&["airalo"], |sims: &Simulators| json!({"crm": Crm::Salesforce.settings(sims)})).await,
        _ => World::with_accounts(&["airalo"]).await,
    };
    for number in 1..=3 {
        let reference = format!("VH-{number}");
        let offers = world.book(&reference, "JP", "2027-05-03", "2027-05-09").await;
        world.order(&format!("key-{number}"), &World::best(&offers, "airalo"), &reference).await.unwrap();
    }
    world.settle().await;
    let airalo = world.sims.airalo.client();
    for esim in airalo.esims().await.unwrap() {
        airalo.set_esim(esim["iccid"].as_str().unwrap(), &json!({"status": "ACTIVE", "used_mb": 100})).await.unwrap();
    }
    world.pass(Duration::from_secs(13 * 3600)).await;
    let deadline = Deadline::within(world.now(), Duration::from_secs(60));
    assert_eq!(poll_usage::poll_due(&world.house, world.now(), &crate::fixture::trace(), deadline).await.unwrap().read, 3);
    world.clear_records().await;
    let ids = world.outbox().await.into_iter().filter(|entry| entry.work == "sync_esim").map(|entry| entry.id).collect::<Vec<_>>();
    assert_eq!(ids.len(), 3);
    (world, ids)
}

async fn together(world: &World, ids: &[String]) -> Vec<(String, Disposition)> {
    let all: Vec<String> = world.outbox().await.into_iter().map(|entry| entry.id).collect();
    let groups = together::groups(&world.house, &all).await;
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].iter().collect::<std::collections::BTreeSet<_>>(), ids.iter().collect(), "states, and nothing else");
    together::consume(&world.house, &groups[0], Deadline::within(world.now(), Duration::from_secs(60))).await
}

/// Of each record in the CRM, the MB used.
async fn shown(world: &World) -> Vec<String> {
    let (object, field) =
        if world.crm == Crm::Salesforce { ("eSIM_Subscription__c", "Data_Used_MB__c") } else { ("esim_subscription", "data_used_mb") };
    let records = world.crm.sim(&world.sims).client().objects(object).await.unwrap();
    records.iter().map(|record| record["properties"][field].to_string().trim_matches('"').to_owned()).collect()
}

async fn writes(world: &World, method: &str, path: &str) -> usize {
    world.crm.sim(&world.sims).client().requests_to(method, path).await.unwrap().len()
}

#[tokio::test]
async fn three_states_are_one_call() {
    for (crm, method, path) in
        [(Crm::Hubspot, "POST", "/esim_subscription/batch/upsert"), (Crm::Salesforce, "PATCH", "eSIM_Subscription__c/eSIM_Id__c")]
    {
        let (mut world, ids) = used(crm).await;
        assert!(together(&world, &ids).await.iter().all(|(_, disposition)| *disposition == Disposition::Done));
        assert_eq!((shown(&world).await, writes(&world, method, path).await), (vec!["100".to_owned(); 3], 1));
        assert!(!world.outbox().await.iter().any(|entry| ids.contains(&entry.id)));
        world.settle().await;
        assert_eq!(writes(&world, method, path).await, 1, "told once");
        assert!(world.dead.is_empty() && world.tasks().await.is_empty());
    }
}

#[tokio::test]
async fn a_call_that_is_lost_is_made_again_and_a_message_that_comes_twice_changes_nothing() {
    for (crm, method, path) in
        [(Crm::Hubspot, "POST", "/esim_subscription/batch/upsert"), (Crm::Salesforce, "PATCH", "/composite/sobjects")]
    {
        let (mut world, ids) = used(crm).await;
        world.crm.sim(&world.sims).client().fault(&Fault::on(method, path).times(1).dropping_the_reply()).await.unwrap();
        assert!(together(&world, &ids).await.iter().all(|(_, disposition)| matches!(disposition, Disposition::Later(_))));
        world.settle().await;
        assert_eq!(shown(&world).await, vec!["100".to_owned(); 3]);
        let again = together::consume(&world.house, &ids, Deadline::within(world.now(), Duration::from_secs(60))).await;
        assert!(again.iter().all(|(_, disposition)| *disposition == Disposition::Done));
        assert!(together::groups(&world.house, &ids).await.is_empty());
        assert!(world.dead.is_empty() && world.tasks().await.is_empty());
    }
}

#[tokio::test]
async fn one_that_is_refused_fails_alone() {
    let (mut world, ids) = used(Crm::Salesforce).await;
    // A dossier whose opportunity is gone: its record is refused, with the others and alone.
    let booking: NewBooking = serde_json::from_value(json!({
        "reference": "VH-4", "external_reference": "crm-4", "destinations": [{"iso_country": "JP", "from": "2027-05-03", "to": "2027-05-09"}],
        "traveller": {"name": "Paul Moreau", "email": "paul@example.com"}, "crm": {"deal_id": "006000000000000AAA"},
    }))
    .unwrap();
    let offers: Vec<Value> = intake::take(&world.run().await, booking).await.unwrap().1.offers;
    world.order("key-4", &World::best(&offers, "airalo"), "VH-4").await.unwrap();
    let fourth = world.outbox().await.into_iter().find(|entry| entry.work == "sync_esim" && !ids.contains(&entry.id)).unwrap().id;
    let all: Vec<String> = ids.iter().cloned().chain([fourth.clone()]).collect();
    for (id, disposition) in together(&world, &all).await {
        assert_eq!(matches!(disposition, Disposition::Dead(_)), id == fourth, "{id}: {disposition:?}");
    }
    assert_eq!(shown(&world).await, vec!["100".to_owned(); 3]);
    world.dead.push((fourth, "refused"));
    world.settle().await;
    assert!(world.tasks().await.iter().any(|task| task.to_string().contains("INVALID_CROSS_REFERENCE_KEY")), "a person is told");
}
