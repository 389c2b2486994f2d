//! Money asked back for a trip that does not take place: once an eSIM, only for what nobody used, and only where the account wants it.

use crate::fixture::{AIRALO_ADDRESS, World};
use passerelle::flows::intake::{self, Cancelled};
use passerelle_tests::sim::{Fault, Simulators};
use serde_json::{Value, json};
use std::time::Duration;

fn settings(sims: &Simulators) -> Value {
    json!({"providers": [{
        "account": "airalo", "kind": "airalo", "base_url": sims.airalo.base_url, "webhook_account": AIRALO_ADDRESS,
        "client_id": sims.airalo.credential("client_id"), "client_secret": sims.airalo.credential("client_secret"),
        "airalo": {"refunds": {"email": "back.office@example.com"}},
    }]})
}

async fn wanted() -> World {
    World::with_partners(&["airalo"], settings).await
}

async fn cancelled(world: &mut World) {
    assert_eq!(intake::cancel(&world.run().await, "VH-1").await.unwrap(), Cancelled::Now);
    world.settle().await;
}

async fn asked(world: &World) -> Vec<Value> {
    world.sims.airalo.client().get("refunds").await.unwrap().as_array().unwrap().clone()
}

/// The subjects of the tasks in the CRM.
async fn subjects(world: &World) -> String {
    world.tasks().await.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn an_unused_esim_of_a_cancelled_trip_is_asked_back_once() {
    let mut world = wanted().await;
    let (_, iccid) = world.delivered("airalo").await;
    for _ in 0..2 {
        cancelled(&mut world).await;
        // Taken in again, and cancelled again.
        world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
        world.settle().await;
    }
    let asked = asked(&world).await;
    assert_eq!((asked.len(), &asked[0]["iccids"], &asked[0]["reason"]), (1, &json!([iccid]), &json!("TRIP_CANCELLATION")));
    assert!(asked[0]["notes"].as_str().unwrap().starts_with("ord_") && asked[0]["email"] == "back.office@example.com");
    let subjects = subjects(&world).await;
    assert!(subjects.contains("remboursement demandé") && subjects.contains(asked[0]["refund_id"].as_str().unwrap()), "{subjects}");
}

#[tokio::test]
async fn a_request_whose_reply_is_lost_is_not_sent_again_and_a_person_looks() {
    let mut world = wanted().await;
    world.delivered("airalo").await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/refund").dropping_the_reply()).await.unwrap();
    cancelled(&mut world).await;
    assert_eq!(asked(&world).await.len(), 1);
    assert!(subjects(&world).await.contains("remboursement incertaine"));
}

#[tokio::test]
async fn a_refusal_is_told_in_the_providers_words() {
    let mut world = wanted().await;
    world.delivered("airalo").await;
    let said = json!({"data": [], "meta": {"message": "This action is not part of your contract."}});
    world.sims.airalo.client().fault(&Fault::on("POST", "/refund").status(403).body(said)).await.unwrap();
    cancelled(&mut world).await;
    let subjects = subjects(&world).await;
    assert!(subjects.contains("remboursement non demandé") && subjects.contains("not part of your contract"), "{subjects}");
}

#[tokio::test]
async fn what_was_used_is_left_to_people_and_without_the_setting_everything_is() {
    let mut world = wanted().await;
    let (_, iccid) = world.delivered("airalo").await;
    world.sims.airalo.client().set_esim(&iccid, &json!({"used_mb": 100})).await.unwrap();
    world.pass(Duration::from_secs(12 * 3600)).await;
    cancelled(&mut world).await;
    assert_eq!((asked(&world).await.len(), world.tasks().await.len()), (0, 1));
    let mut world = World::with_accounts(&["airalo"]).await;
    world.delivered("airalo").await;
    cancelled(&mut world).await;
    assert_eq!((asked(&world).await.len(), world.tasks().await.len()), (0, 1));
}
