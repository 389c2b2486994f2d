//! The remark in the booking at Amadeus: one an eSIM, whatever gets lost, and none where nobody asked for it.

use crate::{amadeus::ticket, fixture::World};
use passerelle::flows::{intake, intake_air};
use passerelle_tests::sim::{Fault, Simulators};
use serde_json::{Value, json};

const REFERENCE: &str = "ABC123-20270310";

async fn desk() -> World {
    let write_back = |sims: &Simulators| {
        let credential = |name: &str| sims.amadeus.credential(name);
        json!({"base_url": sims.amadeus.base_url, "user_id": credential("user_id"), "password": credential("password"), "office_id": credential("office_id")})
    };
    let world = World::with_partners(&["airalo"], |sims| json!({"amadeus": {"write_back": write_back(sims)}})).await;
    world.sims.amadeus.client().post("bookings", &json!({"locator": "ABC123", "created": "100327"})).await.unwrap();
    world
}

/// The ticket comes, and an eSIM is ordered for its dossier.
async fn ordered(world: &World, key: &str) {
    intake_air::take(&world.run().await, ticket().as_bytes()).await.unwrap();
    let offers = intake::read(&world.run().await, REFERENCE).await.unwrap().offers;
    assert_eq!(world.order(key, &World::best(&offers, "airalo"), REFERENCE).await.unwrap().answer.status, 201);
}

async fn remarks(world: &World) -> Vec<String> {
    let bookings = world.sims.amadeus.client().get("bookings").await.unwrap();
    serde_json::from_value(bookings[0]["remarks"].clone()).unwrap()
}

async fn open_sessions(world: &World) -> Value {
    world.sims.amadeus.client().get("sessions").await.unwrap()["open"].clone()
}

#[tokio::test]
async fn each_esim_is_one_remark_in_its_booking_and_every_session_is_ended() {
    let mut world = desk().await;
    ordered(&world, "key-1").await;
    world.settle().await;
    ordered(&world, "key-2").await;
    world.settle().await;
    let found = remarks(&world).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|remark| remark.starts_with("ESIM/SOLD ") && remark.contains(" JP ")), "{found:?}");
    assert_ne!(found[0], found[1]);
    assert_eq!(open_sessions(&world).await, json!(0));
    assert!(world.dead.is_empty() && world.tasks().await.is_empty());
    let sent = format!("{:?}", world.sims.amadeus.client().requests().await.unwrap());
    assert!(!sent.contains("amadeus-secret") && !sent.to_lowercase().contains("moreau"), "neither the password nor the traveller");
}

#[tokio::test]
async fn a_reply_that_is_lost_at_any_step_leaves_one_remark() {
    for lost in 0..3 {
        for fault in [
            Fault::on("POST", "/1ASIWPAS").dropping_the_reply(),
            Fault::on("POST", "/1ASIWPAS").dropping_the_request(),
            Fault::on("POST", "/1ASIWPAS").status(503),
        ] {
            let mut world = desk().await;
            world.sims.amadeus.client().fault(&fault.after(lost).times(1)).await.unwrap();
            ordered(&world, "key-1").await;
            world.settle().await;
            assert_eq!(remarks(&world).await.len(), 1, "call {lost}");
            assert!(world.dead.is_empty() && world.tasks().await.is_empty());
        }
    }
}

#[tokio::test]
async fn somebody_elses_change_and_a_lost_session_are_tried_again() {
    let mut world = desk().await;
    world.sims.amadeus.client().post("bookings/ABC123", &json!({"busy": true})).await.unwrap();
    ordered(&world, "key-1").await;
    world.settle().await;
    assert_eq!((remarks(&world).await.len(), open_sessions(&world).await), (1, json!(0)));
    assert!(world.tasks().await.is_empty());
}

#[tokio::test]
async fn a_refusal_is_one_task_and_holds_nothing_else_up() {
    let mut world = desk().await;
    world.sims.amadeus.client().post("bookings/ABC123", &json!({"refuses": "RESTRICTED ACCESS"})).await.unwrap();
    ordered(&world, "key-1").await;
    world.settle().await;
    let tasks = world.tasks().await;
    assert_eq!((tasks.len(), world.dead.len()), (1, 1), "{tasks:?}");
    assert!(tasks[0].to_string().contains("RESTRICTED ACCESS"));
    assert_eq!((world.mails().await.len(), open_sessions(&world).await), (1, json!(0)), "the traveller has the codes");
    // The same locator of another day is another booking.
    let mut other = desk().await;
    other.sims.amadeus.client().post("bookings", &json!({"locator": "ABC123", "created": "110327"})).await.unwrap();
    ordered(&other, "key-1").await;
    other.settle().await;
    assert_eq!((remarks(&other).await.len(), other.tasks().await.len()), (0, 1));
}

#[tokio::test]
async fn nothing_is_written_without_the_setting_or_for_bookings_from_elsewhere() {
    let mut silent = World::with_accounts(&["airalo"]).await;
    ordered(&silent, "key-1").await;
    silent.settle().await;
    assert!(silent.sims.amadeus.client().requests().await.unwrap().is_empty());
    let mut world = desk().await;
    let offers = world.book("ZZZ999-20270310", "JP", "2027-05-03", "2027-05-09").await;
    world.order("key-1", &World::best(&offers, "airalo"), "ZZZ999-20270310").await.unwrap();
    let _ = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.order("key-2", &World::best(&offers, "airalo"), "VH-1").await.unwrap();
    world.settle().await;
    assert!(world.sims.amadeus.client().requests().await.unwrap().is_empty());
}
