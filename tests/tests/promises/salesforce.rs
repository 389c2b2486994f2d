//! Salesforce as the agency's CRM: one record an eSIM, one task a reason, one event told, whatever the org says in between.

use crate::fixture::World;
use passerelle_tests::{
    local::Crm,
    sim::{Fault, Simulators},
};
use serde_json::{Value, json};
use std::time::Duration;

async fn org() -> World {
    World::with_partners(&["airalo"], |sims: &Simulators| json!({"crm": Crm::Salesforce.settings(sims)})).await
}

async fn records(world: &World) -> Vec<Value> {
    world.sims.salesforce.client().objects("eSIM_Subscription__c").await.unwrap()
}

#[tokio::test]
async fn an_esim_is_one_record_on_its_opportunity_and_shows_how_it_stands() {
    let mut world = org().await;
    let (esim, iccid) = world.delivered("airalo").await;
    let found = records(&world).await;
    assert_eq!(found.len(), 1);
    let shown = &found[0]["properties"];
    assert_eq!((&shown["eSIM_Id__c"], &shown["Status__c"]), (&json!(esim.as_str()), &json!("released")));
    assert!(shown["Opportunity__c"].as_str().unwrap().starts_with("006") && shown["Price__c"].is_number());
    assert!(!shown.to_string().contains(&iccid), "the ICCID is masked");
    world.sims.airalo.client().set_esim(&iccid, &json!({"status": "ACTIVE", "used_mb": 100})).await.unwrap();
    world.pass(Duration::from_secs(12 * 3600)).await;
    world.poll().await;
    let found = records(&world).await;
    assert_eq!((found.len(), &found[0]["properties"]["Status__c"]), (1, &json!("activated")));
    let events: Vec<Value> = serde_json::from_value(world.sims.salesforce.client().get("events").await.unwrap()).unwrap();
    assert_eq!(events.len(), 1, "told once: {events:?}");
    assert_eq!(events[0]["Event_Type__c"], "esim.activated");
    let opportunity = &world.sims.salesforce.client().objects("Opportunity").await.unwrap()[0]["properties"];
    assert!(opportunity["eSIM_Best_Package_Id__c"].is_string(), "the offers stand on the dossier");
}

#[tokio::test]
async fn a_session_that_ends_a_limit_and_a_lost_reply_leave_one_record() {
    let mut world = org().await;
    let salesforce = world.sims.salesforce.client();
    salesforce.post("tokens/expire", &json!({})).await.unwrap();
    salesforce.fault(&Fault::on("PATCH", "/eSIM_Subscription__c/").times(1).dropping_the_reply()).await.unwrap();
    salesforce.post("limit", &json!({"kind": "daily"})).await.unwrap();
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let answer = world.order("key-1", &World::best(&offers, "airalo"), "VH-1").await.unwrap();
    assert_eq!(answer.answer.status, 201, "a CRM that says no holds no purchase up");
    world.settle_without_waiting().await;
    assert!(records(&world).await.is_empty());
    salesforce.post("limit", &json!({})).await.unwrap();
    world.settle().await;
    assert_eq!(records(&world).await.len(), 1);
    assert!(world.dead.is_empty() && world.tasks().await.is_empty(), "a limit is a wait and no failure");
}

#[tokio::test]
async fn a_failure_is_one_task_on_the_opportunity_however_often_it_is_told() {
    let mut world = org().await;
    world.sims.sendgrid.client().fault(&Fault::on("POST", "/v3/mail/send").times(1).status(400)).await.unwrap();
    world.sims.salesforce.client().fault(&Fault::on("PATCH", "/Task/").times(1).dropping_the_reply()).await.unwrap();
    let _ = world.delivered("airalo").await;
    let tasks = world.tasks().await;
    assert_eq!((tasks.len(), &tasks[0]["writes"]), (1, &json!(1)), "made once, and not written again: {tasks:?}");
    let shown = &tasks[0]["properties"];
    assert!(shown["WhatId"].as_str().unwrap().starts_with("006"));
    assert_eq!((&shown["Priority"], &shown["Status"]), (&json!("High"), &json!("Not Started")));
}

#[tokio::test]
async fn an_org_that_lacks_fields_is_told_what_is_left_out_and_gets_the_rest() {
    let mut world = org().await;
    let lacking =
        json!({"fields": ["eSIM_Subscription__c.Mail_Status__c", "Opportunity.eSIM_Offers__c", "Opportunity.eSIM_Best_Package_Id__c"]});
    world.sims.salesforce.client().post("missing", &lacking).await.unwrap();
    let crm = passerelle::crm::adapter(&serde_json::from_value(Crm::Salesforce.settings(&world.sims)).unwrap());
    let prepared = crm.prepare(&world.run().await.http("crm")).await.unwrap();
    let warnings = prepared.warnings.join("; ");
    assert!(warnings.contains("Mail_Status__c") && warnings.contains("eSIM_Offers__c"), "{warnings}");
    // A process that starts now learns what is there.
    world.house.crms = passerelle::flows::CrmShelf::default();
    let _ = world.delivered("airalo").await;
    assert_eq!(records(&world).await.len(), 1);
    assert!(world.dead.is_empty());
}
