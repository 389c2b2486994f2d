//! §2.2 Never lost: what was answered happens, or stands where a person is told.

use crate::fixture::World;
use passerelle_tests::sim::Fault;

#[tokio::test]
async fn a_crm_that_is_down_for_a_while_gets_everything_later() {
    let mut world = World::new().await;
    world.sims.hubspot.client().fault(&Fault::on("POST", "esim_subscription/batch/upsert").times(3).status(503)).await.unwrap();
    let (_, _) = world.delivered("reference").await;
    assert!(world.outbox().await.is_empty(), "nothing is left over");
    let told = world.sims.hubspot.client().objects("esim_subscription").await.unwrap();
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn a_crm_that_refuses_for_good_ends_in_the_dead_letters_and_the_entry_stays() {
    let mut world = World::new().await;
    world.sims.hubspot.client().fault(&Fault::on("POST", "esim_subscription/batch/upsert").times(500).status(400)).await.unwrap();
    let (_, _) = world.delivered("reference").await;
    assert!(!world.dead.is_empty());
    let left = world.outbox().await;
    assert!(left.iter().all(|entry| entry.work == "sync_esim") && !left.is_empty(), "{left:?}");
    // The cause is mended and the letters are replayed: the same path, and nothing is left.
    world.sims.hubspot.client().clear_faults().await.unwrap();
    for (id, _) in std::mem::take(&mut world.dead) {
        world.consume(&id).await;
    }
    world.settle().await;
    assert!(world.outbox().await.is_empty());
    assert_eq!(world.sims.hubspot.client().objects("esim_subscription").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_table_that_is_down_refuses_purchases_and_nothing_is_sent() {
    let world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "airalo");
    world.table.set_reachable(false);
    let problem = world.order("key-1", &package, "VH-1").await.unwrap_err();
    assert_eq!(problem.status, 503);
    assert!(problem.retry_after.is_some());
    world.table.set_reachable(true);
    assert!(world.purchases("airalo").await.is_empty());
    assert_eq!(world.order("key-1", &package, "VH-1").await.unwrap().answer.status, 201, "the same key works afterwards");
}

#[tokio::test]
async fn an_esim_whose_codes_come_late_is_delivered_when_they_come() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.sims.reference.client().fault(&Fault::on("GET", "/esims/").times(3).status(503)).await.unwrap();
    let answer = world.order("key-1", &World::best(&offers, "reference"), "VH-1").await.unwrap();
    assert_eq!(answer.answer.status, 201, "bought and said so");
    assert!(world.mails().await.is_empty());
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert_eq!(world.mails().await.len(), 1);
}
