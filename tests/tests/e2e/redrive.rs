//! Dead letters, replayed on the deployed system: what failed for good is done once its cause is mended, and done once.

use crate::{alone, api, booked, demo, order, until_order};
use passerelle_tests::{
    local::{
        redrive::{Moved, Plan, SqsLetters, on_this_machine, replay},
        wait::{Seen, until},
    },
    sim::Fault,
    stack::{QueueState, Result},
};
use serde_json::{Value, json};

const DEAD: &str = "notifier-dlq";

async fn until_queue(name: &str, what: &str, holds: impl Fn(QueueState) -> bool) {
    let look = async || {
        let state = demo().stack.queue(name).await?;
        Ok(Seen::of(holds(state).then_some(()), || format!("{state:?}")))
    };
    until(&format!("{name} {what}"), look).await.unwrap_or_else(|error| panic!("{error}"));
}

/// How often HubSpot's record of an eSIM was written; 0 when there is none.
async fn writes(esim_id: &str) -> Result<Vec<u64>> {
    let records = demo().sims.hubspot.client().objects("esim_subscription").await.expect("HubSpot's records");
    let ours = records.iter().filter(|record| record["properties"].to_string().contains(esim_id));
    Ok(ours.map(|record| record["writes"].as_u64().unwrap_or_default()).collect())
}

async fn letters() -> SqsLetters {
    let deployed = &demo().stack.deployed;
    let client = on_this_machine(&deployed.aws_endpoint, &deployed.region);
    SqsLetters::new(client, &deployed.queues[DEAD], Some(&deployed.queues["notifier"])).await.unwrap()
}

#[tokio::test]
async fn a_dead_letter_is_replayed_and_its_work_is_done_exactly_once() {
    let _alone = alone().await;
    let api = api().await;
    let hubspot = demo().sims.hubspot.client();
    let package = booked(&api, "DEAD-1", "reference").await;
    hubspot.fault(&Fault::on("POST", "esim_subscription/batch/upsert").times(500).status(400)).await.unwrap();
    let placed = api.post("/orders", &order("DEAD-1", &package), Some("dead-1")).await.unwrap().expect(&[201]).unwrap();
    let esim_id = placed["esim_id"].as_str().unwrap();
    until_order(&api, placed["order_id"].as_str().unwrap(), "delivered").await;
    until_queue(DEAD, "with a letter", |state| state.visible > 0).await;
    assert!(writes(esim_id).await.unwrap().is_empty());
    demo().stack.send(DEAD, &json!("points to nothing"), 0).await.unwrap();
    let bodies: Vec<Value> = demo().stack.messages(DEAD).await.unwrap();

    let dry = replay(&letters().await, &Plan { dry_run: true, rate: 50, ..Plan::default() }).await.unwrap();
    assert!(dry.moved >= 1 && dry.unreadable == 1 && dry.left == dry.moved + 1, "{dry:?}");
    hubspot.clear_faults().await.unwrap();
    let moved = replay(&letters().await, &Plan { rate: 50, ..Plan::default() }).await.unwrap();
    assert_eq!(moved, Moved { moved: dry.moved, unreadable: 1, discarded: 0, left: 1 });
    let told = until("the eSIM in HubSpot", async || {
        let seen = writes(esim_id).await?;
        Ok(Seen::of((seen.len() == 1).then(|| seen.clone()), || format!("{seen:?}")))
    })
    .await
    .unwrap();

    // The same letters once more: their work is done, and they change nothing.
    for body in bodies.iter().filter_map(|message| serde_json::from_str::<Value>(message["Body"].as_str()?).ok()) {
        demo().stack.send("notifier", &body, 0).await.unwrap();
    }
    until_queue("notifier", "empty", QueueState::is_empty).await;
    assert_eq!(writes(esim_id).await.unwrap(), told);
    let discarded = replay(&letters().await, &Plan { rate: 50, discard_unreadable: true, ..Plan::default() }).await.unwrap();
    assert!(discarded.discarded >= 1 && discarded.left == 0, "{discarded:?}");
    let items = demo().stack.items().await.unwrap();
    assert!(!items.iter().any(|item| item["kind"] == "outbox" && item.to_string().contains(esim_id)), "nothing is left to do");
}
