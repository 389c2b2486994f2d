//! Orders that are made now and delivered on a later day: bought once, on that day, whatever is lost; cancelled with their trip while the
//! provider allows it; and never taken for "not bought" because no list shows them.

use crate::fixture::{AIRALO_ADDRESS, World, agency_id, trace};
use passerelle::{
    domain::OrderId,
    flows::{
        intake::{self, Cancelled},
        onboard::{self, Onboarding},
        order_view::{self, OrderAnswer},
        pages::{Visit, links, panel},
        place_order::{self, IdempotencyKey},
    },
    outbound::Deadline,
    problem::Problem,
    security::PageKind,
};
use passerelle_tests::sim::{Fault, Simulators};
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
/// The day before the trip begins.
const DAY: &str = "2027-05-02";
/// When that day begins in Paris.
const DUE: &str = "2027-05-01T22:00:00Z";

fn settings(sims: &Simulators) -> Value {
    json!({"providers": [{
        "account": "airalo", "kind": "airalo", "base_url": sims.airalo.base_url, "webhook_account": AIRALO_ADDRESS,
        "client_id": sims.airalo.credential("client_id"), "client_secret": sims.airalo.credential("client_secret"),
        "airalo": {"future_orders": true},
    }]})
}

async fn world() -> (World, String) {
    let world = World::with_partners(&["airalo"], settings).await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "airalo");
    (world, package)
}

async fn order(world: &World, key: &str, package: &str, day: Option<&str>) -> Result<OrderAnswer, Problem> {
    let mut new = World::order_body(package, "VH-1");
    new.deliver_on = day.map(|day| day.parse().unwrap());
    place_order::place(&world.run().await, &IdempotencyKey::parse(Some(key)).unwrap(), new).await
}

async fn ordered(world: &mut World, package: &str) -> OrderId {
    let answer = order(world, "key-1", package, Some(DAY)).await.unwrap();
    assert_eq!(answer.answer.status, 202, "{}", answer.answer.body);
    answer.order_id
}

/// Requests for orders that were sent, purchases, mails.
async fn bought(world: &World) -> (usize, usize, usize) {
    let sent = world.sims.airalo.client().requests_to("POST", "/future-orders").await.unwrap();
    let sent = sent.iter().filter(|one| one["path"].as_str().is_some_and(|path| path.ends_with("/v2/future-orders"))).count();
    (sent, world.purchases("airalo").await.len(), world.mails().await.len())
}

async fn cancellations(world: &World) -> usize {
    world.sims.airalo.client().requests_to("POST", "/cancel-future-orders").await.unwrap().len()
}

async fn cancelled(world: &mut World) {
    assert_eq!(intake::cancel(&world.run().await, "VH-1").await.unwrap(), Cancelled::Now);
    world.settle_without_waiting().await;
}

async fn at(world: &mut World, moment: &str) {
    world.set_time(moment.parse().unwrap()).await;
    world.settle_without_waiting().await;
}

/// The subjects and texts of the tasks in the CRM.
async fn tasks(world: &World) -> String {
    world.tasks().await.iter().map(ToString::to_string).collect()
}

/// The webhook that Airalo sent of what it carried out.
async fn told(world: &World) -> (String, String) {
    for _ in 0..200 {
        if let Some(sent) = world.sims.airalo.client().deliveries().await.unwrap().first() {
            return (sent["headers"]["airalo-signature"].as_str().unwrap().to_owned(), sent["body"].as_str().unwrap().to_owned());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("Airalo sent no webhook");
}

#[tokio::test]
async fn an_order_for_a_later_day_is_bought_on_that_day_once_and_asked_about_not_before() {
    let (mut world, package) = world().await;
    let order_id = ordered(&mut world, &package).await;
    let asked = |world: &World| {
        let client = world.sims.airalo.client();
        async move { client.requests_to("GET", "/orders").await.unwrap().len() }
    };
    at(&mut world, "2027-05-01T21:59:00Z").await;
    assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("accepted", (1, 0, 0)));
    assert_eq!((asked(&world).await, world.order_record(&order_id).await.attempts), (0, 1));
    let shown: Value = serde_json::from_str(&order_view::read(&world.run().await, &order_id).await.unwrap()).unwrap();
    assert_eq!((&shown["status"], &shown["deliver_on"]), (&json!("accepted"), &json!(DAY)));
    world.settle().await;
    assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("delivered", (1, 1, 1)));
    assert!(world.now() >= DUE.parse().unwrap() && world.now() < "2027-05-01T23:00:00Z".parse().unwrap(), "{}", world.now());
    assert!(world.tasks().await.is_empty(), "{}", tasks(&world).await);
}

/// A message lives for four days in its queue, and comes back ten times before it is sent anew.
#[tokio::test]
async fn the_watch_never_sleeps_longer_than_its_message_lives() {
    let (mut world, package) = world().await;
    ordered(&mut world, &package).await;
    world.pass(Duration::from_secs(15 * 60)).await;
    let watch = world.outbox().await.into_iter().find(|entry| entry.work == "watch_order").unwrap();
    let disposition = world.consume(&watch.id).await;
    assert_eq!(disposition, passerelle::flows::consume::Disposition::Later(6 * HOUR));
}

#[tokio::test]
async fn a_webhook_on_the_day_settles_the_order_at_once_and_its_repeats_change_nothing() {
    let (mut world, package) = world().await;
    let order_id = ordered(&mut world, &package).await;
    world.set_time(DUE.parse().unwrap()).await;
    let (signature, body) = told(&world).await;
    for _ in 0..3 {
        world.webhook_at(AIRALO_ADDRESS, &[("airalo-signature", &signature)], &body).await.unwrap();
        world.settle_without_waiting().await;
        assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("delivered", (1, 1, 1)));
    }
    world.settle().await;
    assert_eq!(bought(&world).await, (1, 1, 1));
}

#[tokio::test]
async fn an_acceptance_that_is_lost_is_found_among_the_future_orders() {
    let (mut world, package) = world().await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/future-orders").dropping_the_reply()).await.unwrap();
    let order_id = ordered(&mut world, &package).await;
    assert_eq!(world.order_status(&order_id).await, "unknown");
    world.pass(Duration::from_secs(60)).await;
    world.settle_without_waiting().await;
    let record = world.order_record(&order_id).await;
    assert_eq!((record.status.as_str(), bought(&world).await), ("accepted", (1, 0, 0)));
    assert_eq!(record.later.unwrap().cancel_by, Some("2027-04-30T22:00:00Z".parse().unwrap()), "it can be cancelled as any other");
    world.settle().await;
    assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("delivered", (1, 1, 1)));
}

#[tokio::test]
async fn a_request_that_is_lost_is_never_sent_again_and_a_person_looks_long_before_the_day() {
    let (mut world, package) = world().await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/future-orders").dropping_the_request()).await.unwrap();
    let order_id = ordered(&mut world, &package).await;
    for _ in 0..20 {
        world.pass(Duration::from_secs(10 * 60)).await;
        world.settle_without_waiting().await;
    }
    assert_eq!((world.order_status(&order_id).await.as_str(), world.tasks().await.len()), ("unknown", 1));
    assert!(tasks(&world).await.contains("future orders"), "{}", tasks(&world).await);
    world.settle().await;
    assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("parked", (1, 0, 0)));
    assert!(world.now() >= "2027-05-01T23:00:00Z".parse().unwrap(), "it was looked for on its day, too");
}

#[tokio::test]
async fn an_order_that_surely_was_not_taken_is_sent_again_for_its_day() {
    let (mut world, package) = world().await;
    let throttled = Fault::on("POST", "/future-orders").status(429).header("Retry-After", "5");
    world.sims.airalo.client().fault(&throttled).await.unwrap();
    let order_id = ordered(&mut world, &package).await;
    assert_eq!(world.order_status(&order_id).await, "queued");
    world.pass(Duration::from_secs(90)).await;
    world.settle_without_waiting().await;
    assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("accepted", (2, 0, 0)));
    world.settle().await;
    assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("delivered", (2, 1, 1)));
}

#[tokio::test]
async fn an_order_that_nobody_lists_until_its_day_is_found_on_it() {
    let (mut world, package) = world().await;
    let client = world.sims.airalo.client();
    client.fault(&Fault::on("POST", "/future-orders").dropping_the_reply()).await.unwrap();
    let nothing = json!({"data": [], "links": {"next": null}, "meta": {"current_page": 1, "last_page": 1}});
    client.fault(&Fault::on("GET", "/future-orders").times(10_000).status(200).body(nothing)).await.unwrap();
    let order_id = ordered(&mut world, &package).await;
    at(&mut world, "2027-04-25T00:00:00Z").await;
    assert_eq!(world.order_status(&order_id).await, "unknown");
    world.settle().await;
    assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("delivered", (1, 1, 1)));
}

#[tokio::test]
async fn an_order_that_cannot_be_carried_out_on_its_day_is_refused_and_told() {
    let (mut world, package) = world().await;
    let order_id = ordered(&mut world, &package).await;
    world.sims.airalo.client().post("balance", &json!({"hundredths": 0})).await.unwrap();
    world.settle().await;
    assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("rejected", (1, 0, 0)));
    assert_eq!(world.tasks().await.len(), 1);
}

#[tokio::test]
async fn an_order_that_never_comes_is_given_to_a_person_a_day_after_its_day() {
    let (mut world, package) = world().await;
    let order_id = ordered(&mut world, &package).await;
    // Somebody cancels it in the provider's portal.
    let request = world.order_record(&order_id).await.provider_order_id.unwrap();
    let client = world.sims.airalo.client();
    let nothing = json!({"data": [], "links": {}, "meta": {}});
    client.fault(&Fault::on("GET", "/future-orders").times(10_000).status(200).body(nothing.clone())).await.unwrap();
    client.fault(&Fault::on("GET", "/orders").times(10_000).status(200).body(nothing)).await.unwrap();
    assert_eq!(request.len(), 25);
    at(&mut world, "2027-05-02T21:00:00Z").await;
    assert_eq!(world.order_status(&order_id).await, "accepted", "patience counts from the day on");
    for _ in 0..4 {
        world.pass(HOUR).await;
        world.settle_without_waiting().await;
    }
    assert_eq!(world.order_status(&order_id).await, "parked");
    assert_eq!(world.tasks().await.len(), 1);
}

#[tokio::test]
async fn a_trip_that_is_cancelled_in_time_cancels_the_order_and_nothing_is_bought() {
    let (mut world, package) = world().await;
    let order_id = ordered(&mut world, &package).await;
    for _ in 0..2 {
        cancelled(&mut world).await;
        let record = world.order_record(&order_id).await;
        assert_eq!((record.status.as_str(), record.problem.unwrap().code.as_str()), ("rejected", "cancelled"));
        // Taken in again, and cancelled again.
        world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    }
    world.settle().await;
    at(&mut world, "2027-05-03T00:00:00Z").await;
    assert_eq!((bought(&world).await, cancellations(&world).await), ((1, 0, 0), 1));
    assert!(world.tasks().await.is_empty(), "nothing is left to do: {}", tasks(&world).await);
    let again = order(&world, "key-1", &package, Some(DAY)).await.unwrap();
    assert_eq!((again.answer.status, again.replayed), (422, true));
}

#[tokio::test]
async fn an_acceptance_that_is_found_late_is_cancelled_too() {
    let (mut world, package) = world().await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/future-orders").dropping_the_reply()).await.unwrap();
    let order_id = ordered(&mut world, &package).await;
    cancelled(&mut world).await;
    world.settle().await;
    assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("rejected", (1, 0, 0)));
    assert_eq!(cancellations(&world).await, 1);
}

#[tokio::test]
async fn a_trip_that_is_cancelled_too_late_is_a_task_and_nothing_is_asked() {
    let (mut world, package) = world().await;
    let order_id = ordered(&mut world, &package).await;
    at(&mut world, "2027-04-30T22:00:00Z").await;
    cancelled(&mut world).await;
    assert_eq!((world.order_status(&order_id).await.as_str(), cancellations(&world).await), ("accepted", 0));
    assert!(tasks(&world).await.contains("commande future non annulée"), "{}", tasks(&world).await);
    world.settle().await;
    assert_eq!(bought(&world).await.1, 1, "the provider carried it out");
}

#[tokio::test]
async fn a_cancellation_whose_reply_is_lost_is_not_asked_again_and_a_person_looks() {
    let (mut world, package) = world().await;
    let order_id = ordered(&mut world, &package).await;
    world.sims.airalo.client().fault(&Fault::on("POST", "/cancel-future-orders").dropping_the_reply()).await.unwrap();
    cancelled(&mut world).await;
    assert_eq!((world.order_status(&order_id).await.as_str(), cancellations(&world).await), ("accepted", 1));
    assert!(tasks(&world).await.contains("annulation d'une commande future incertaine"), "{}", tasks(&world).await);
    for _ in 0..4 {
        world.pass(6 * HOUR).await;
        world.settle_without_waiting().await;
    }
    at(&mut world, "2027-05-02T00:00:00Z").await;
    assert_eq!((world.order_status(&order_id).await.as_str(), bought(&world).await), ("accepted", (1, 0, 0)));
    assert_eq!((cancellations(&world).await, world.tasks().await.len()), (1, 1));
}

#[tokio::test]
async fn a_cancellation_that_is_refused_is_told_in_the_providers_words() {
    let (mut world, package) = world().await;
    ordered(&mut world, &package).await;
    let said = json!({"data": {"request_ids.0": "Request ID: X is already processed and can not be cancelled."}, "meta": {}});
    world.sims.airalo.client().fault(&Fault::on("POST", "/cancel-future-orders").status(422).body(said)).await.unwrap();
    cancelled(&mut world).await;
    let tasks = tasks(&world).await;
    assert!(tasks.contains("commande future non annulée") && tasks.contains("can not be cancelled"), "{tasks}");
}

#[tokio::test]
async fn the_same_key_is_answered_with_the_same_bytes_and_another_day_is_another_request() {
    let (mut world, package) = world().await;
    let first = order(&world, "key-1", &package, Some(DAY)).await.unwrap();
    world.pass(48 * HOUR).await;
    world.settle_without_waiting().await;
    let again = order(&world, "key-1", &package, Some(DAY)).await.unwrap();
    assert_eq!((&again.answer, again.replayed, again.retry_after), (&first.answer, true, Some(6 * HOUR)));
    for other in [None, Some("2027-05-01")] {
        assert_eq!(order(&world, "key-1", &package, other).await.unwrap_err().code, "idempotency_key_reused");
    }
    assert_eq!(bought(&world).await, (1, 0, 0));
    world.settle().await;
    let settled = order(&world, "key-1", &package, Some(DAY)).await.unwrap();
    assert_eq!((settled.answer.status, settled.replayed, bought(&world).await), (201, true, (1, 1, 1)));
}

/// The canonical request of an order for now is what it was before the field: written here as it was then.
#[tokio::test]
async fn keys_of_orders_for_now_keep_their_hash() {
    let new = World::order_body("airalo:x", "VH-1");
    let written = serde_json::to_string(&("orders", &new)).unwrap();
    let before =
        r#"["orders",{"external_reference":"crm-VH-1","package_id":"airalo:x","booking_reference":"VH-1","traveller":null,"quantity":1}]"#;
    assert_eq!(written, before);
}

#[tokio::test]
async fn days_that_cannot_be_are_refused_by_name_and_nothing_is_sent() {
    let (world, package) = world().await;
    for (day, words) in [
        ("2027-04-19", "two days ahead"),
        ("2027-04-22", "two days ahead"),
        ("2027-05-04", "after the trip has begun"),
        ("2029-01-01", "after the trip has begun"),
    ] {
        let refused = order(&world, "key-1", &package, Some(day)).await.unwrap_err();
        let error = &refused.errors[0];
        assert_eq!((refused.status, error.field.as_str()), (422, "deliver_on"), "{day}");
        assert!(error.message.contains(words), "{day}: {}", error.message);
    }
    world.book("VH-2", "JP", "2029-05-03", "2029-05-09").await;
    let mut far = World::order_body(&package, "VH-2");
    far.deliver_on = Some("2028-04-21".parse().unwrap());
    let refused = place_order::place(&world.run().await, &IdempotencyKey::parse(Some("key-2")).unwrap(), far).await.unwrap_err();
    assert!(refused.errors[0].message.contains("a year ahead"), "{refused:?}");
    assert_eq!(bought(&world).await, (0, 0, 0));
    let world = World::with_accounts(&["airalo"]).await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let refused = order(&world, "key-1", &World::best(&offers, "airalo"), Some(DAY)).await.unwrap_err();
    assert!(refused.errors[0].message.contains("no orders for a later day"), "{refused:?}");
}

#[tokio::test]
async fn the_panel_says_for_which_day_delivery_is_planned_and_does_not_look_every_moment() {
    let (mut world, package) = world().await;
    ordered(&mut world, &package).await;
    let wanted = serde_json::from_value(json!({"page": "panel", "booking_reference": "VH-1"})).unwrap();
    let given: Value = serde_json::from_str(&links::give(&world.run().await, wanted, "https://api.example/v1").await.unwrap()).unwrap();
    let token = given["url"].as_str().unwrap().split('/').nth(5).unwrap().to_owned();
    for (language, words) in [("fr", "Livraison prévue le dimanche 2\u{a0}mai 2027"), ("en", "Delivery planned for Sunday 2\u{a0}May 2027")]
    {
        let deadline = Deadline::within(world.now(), Duration::from_secs(29));
        let visit = Visit::open(&world.house, PageKind::Panel, &token, Some(language), &trace(), deadline).await.unwrap();
        let page = panel::live(&visit).await.unwrap().html.replace("&nbsp;", "\u{a0}").replace("&#160;", "\u{a0}");
        assert!(page.contains(words), "{language}: {page}");
        assert!(page.contains("30000") && !page.contains("\"2000\""), "{page}");
    }
}

#[tokio::test]
async fn an_agency_that_cannot_be_told_is_not_ready_for_future_orders() {
    let (world, _) = world().await;
    let request = Onboarding { agency: agency_id(), client_id: None, public_base_url: None };
    let report = onboard::onboard(&world.run().await, &request).await.unwrap();
    let step = report.steps.iter().find(|step| step.step == "webhooks of airalo").unwrap();
    assert_eq!((report.ready, step.result), (false, "failed"), "{report:?}");
}
