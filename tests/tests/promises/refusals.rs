//! §2.5 Never anonymous in error: what a person must handle becomes a task, with what happened and what to do.

use crate::fixture::World;
use passerelle_tests::sim::Fault;
use serde_json::json;

#[tokio::test]
async fn a_definite_refusal_is_answered_with_the_reason_and_becomes_a_task_once() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let refusal = Fault::on("POST", "/v2/orders").times(1).status(422).body(json!({"code": 11, "reason": "Insufficient Airalo Credit"}));
    world.sims.airalo.client().fault(&refusal).await.unwrap();
    let package = World::best(&offers, "airalo");
    let answer = world.order("key-1", &package, "VH-1").await.unwrap();
    assert_eq!(answer.answer.status, 422);
    assert!(answer.answer.body.contains("Insufficient Airalo Credit"), "{}", answer.answer.body);
    let again = world.order("key-1", &package, "VH-1").await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.answer, answer.answer);
    world.settle().await;
    assert!(world.purchases("airalo").await.is_empty());
    let tasks = world.tasks().await;
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    let text = tasks[0].to_string();
    assert!(
        text.contains("commande refusée") && text.contains("Insufficient Airalo Credit") && text.contains(answer.order_id.as_str()),
        "{text}"
    );
}

#[tokio::test]
async fn after_five_attempts_that_surely_bought_nothing_a_person_is_told() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/v2/orders").times(50).status(429)).await.unwrap();
    let answer = world.order("key-1", &World::best(&offers, "airalo"), "VH-1").await.unwrap();
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "parked");
    let sent = world.sims.airalo.client().requests_to("POST", "/v2/orders").await.unwrap();
    assert_eq!(sent.len(), 5);
    assert!(world.purchases("airalo").await.is_empty());
    assert_eq!(world.tasks().await.len(), 1);
}

#[tokio::test]
async fn a_provider_that_never_answers_the_question_leaves_the_order_to_a_person() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let airalo = world.sims.airalo.client();
    airalo.fault(&Fault::on("POST", "/v2/orders").times(1).dropping_the_reply()).await.unwrap();
    airalo.fault(&Fault::on("GET", "/v2/orders").times(500).status(500)).await.unwrap();
    let answer = world.order("key-1", &World::best(&offers, "airalo"), "VH-1").await.unwrap();
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "parked");
    assert_eq!(world.purchases("airalo").await.len(), 1, "bought, but never twice");
    let tasks = world.tasks().await;
    assert_eq!(tasks.len(), 1);
    assert!(tasks[0].to_string().contains("achat incertain"), "{tasks:?}");
}
