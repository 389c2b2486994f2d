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
async fn a_replayed_letter_has_five_attempts_again_and_its_person_one_task() {
    let mut world = World::new().await;
    let upserts = Fault::on("POST", "esim_subscription/batch/upsert");
    world.sims.hubspot.client().fault(&upserts.clone().times(500).status(503)).await.unwrap();
    world.delivered("reference").await;
    let calls = async |world: &World| {
        let requests = world.sims.hubspot.client().requests_to("POST", "esim_subscription/batch/upsert").await.unwrap();
        requests.len()
    };
    let letters = std::mem::take(&mut world.dead);
    assert!(!letters.is_empty());
    let tasks = world.tasks().await.len();
    assert_eq!(tasks, letters.len(), "a task a letter");
    let before = calls(&world).await;
    world.settle().await;
    assert_eq!(calls(&world).await - before, 5 * letters.len(), "replayed, each is tried five times");
    assert_eq!(world.dead.len(), letters.len());
    assert_eq!(world.tasks().await.len(), tasks, "and no second task is made");
    world.sims.hubspot.client().clear_faults().await.unwrap();
    world.dead.clear();
    world.settle().await;
    assert!(world.outbox().await.is_empty());
}

#[tokio::test]
async fn a_table_that_takes_no_writes_refuses_purchases_and_goes_on_being_read() {
    let mut world = World::new().await;
    let (esim, _) = world.delivered("reference").await;
    let offers = world.book("VH-2", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "airalo");
    let first = world.order("key-1", &World::best(&offers, "reference"), "VH-1").await.unwrap();
    world.table.set_writable(false);
    let problem = world.order("key-2", &package, "VH-2").await.unwrap_err();
    assert_eq!(problem.status, 503);
    assert!(problem.retry_after.is_some());
    assert!(world.purchases("airalo").await.is_empty());
    let run = world.run().await;
    passerelle::flows::order_view::read(&run, &first.order_id).await.expect("an order is read");
    passerelle::flows::esim_view::details(&run, &esim, "https://api.example").await.expect("an eSIM is read");
    passerelle::flows::esim_view::usage(&run, &esim).await.expect("usage is read");
    passerelle::flows::topup::list(&run, &esim).await.expect("top-ups are read");
    assert!(world.order("key-1", &World::best(&offers, "reference"), "VH-1").await.unwrap().replayed, "a known key is answered");
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

#[tokio::test]
async fn codes_that_never_come_are_fetched_by_a_person() {
    let mut world = World::new().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.sims.reference.client().fault(&Fault::on("GET", "/esims/").times(5_000).status(503)).await.unwrap();
    world.order("key-1", &World::best(&offers, "reference"), "VH-1").await.unwrap();
    world.settle().await;
    assert!(world.mails().await.is_empty());
    let tasks = world.tasks().await;
    assert_eq!(tasks.len(), 1);
    assert!(tasks[0].to_string().contains("codes introuvables"), "{tasks:?}");
    assert!(world.outbox().await.is_empty());
}
