//! Trips that change after something was ordered for them: nothing is bought, cancelled or moved, and a person is told once of what no
//! longer fits.

use crate::fixture::{AIRALO_ADDRESS, World};
use passerelle::flows::{
    intake::{self, NewBooking, Taken},
    place_order::{self, IdempotencyKey},
};
use passerelle_tests::sim::Simulators;
use serde_json::{Value, json};

fn dossier(destinations: Value) -> NewBooking {
    serde_json::from_value(json!({
        "reference": "VH-1", "external_reference": "crm-VH-1", "destinations": destinations,
        "traveller": {"name": "Camille Moreau", "email": "camille.moreau@example.com", "locale": "fr"},
    }))
    .unwrap()
}

async fn changes(world: &mut World, destinations: Value) {
    let (taken, _) = intake::take(&world.run().await, dossier(destinations)).await.unwrap();
    assert_eq!(taken, Taken::Known);
    world.settle_without_waiting().await;
}

fn japan(from: &str, to: &str) -> Value {
    json!([{"iso_country": "JP", "from": from, "to": to}])
}

/// The texts of the tasks in the CRM.
async fn tasks(world: &World) -> Vec<String> {
    world.tasks().await.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn other_dates_and_a_shorter_stay_need_nobody() {
    let mut world = World::new().await;
    world.delivered("reference").await;
    changes(&mut world, japan("2027-06-03", "2027-06-09")).await;
    changes(&mut world, japan("2027-06-03", "2027-06-05")).await;
    assert_eq!((tasks(&world).await.len(), world.purchases("reference").await.len()), (0, 1));
}

#[tokio::test]
async fn a_stay_that_outlasts_its_plan_and_a_country_without_one_are_one_task_for_each_change() {
    let mut world = World::new().await;
    world.delivered("reference").await;
    let longer = json!([
        {"iso_country": "JP", "from": "2027-05-03", "to": "2027-07-09"},
        {"iso_country": "BR", "from": "2027-07-10", "to": "2027-07-12"},
    ]);
    for _ in 0..2 {
        changes(&mut world, longer.clone()).await;
    }
    let told = tasks(&world).await;
    assert_eq!(told.len(), 1, "{told:?}");
    for words in ["le voyage a changé", "Brésil", "68\u{a0}jours", "VH-1"] {
        assert!(told[0].contains(words), "{words}: {}", told[0]);
    }
    assert_eq!((world.purchases("reference").await.len(), world.mails().await.len()), (1, 1));
}

#[tokio::test]
async fn an_order_for_a_later_day_stays_and_a_person_learns_that_the_trip_has_moved() {
    let settings = |sims: &Simulators| {
        json!({"providers": [{
            "account": "airalo", "kind": "airalo", "base_url": sims.airalo.base_url, "webhook_account": AIRALO_ADDRESS,
            "client_id": sims.airalo.credential("client_id"), "client_secret": sims.airalo.credential("client_secret"),
            "airalo": {"future_orders": true},
        }]})
    };
    let mut world = World::with_partners(&["airalo"], settings).await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let mut new = World::order_body(&World::best(&offers, "airalo"), "VH-1");
    new.deliver_on = Some("2027-05-02".parse().unwrap());
    let key = IdempotencyKey::parse(Some("key-1")).unwrap();
    let placed = place_order::place(&world.run().await, &key, new).await.unwrap();
    world.settle_without_waiting().await;
    changes(&mut world, japan("2027-05-13", "2027-05-19")).await;
    let told = tasks(&world).await;
    assert_eq!(told.len(), 1, "{told:?}");
    for words in ["2\u{a0}mai 2027", "13\u{a0}mai 2027", placed.order_id.as_str()] {
        assert!(told[0].contains(words), "{words}: {}", told[0]);
    }
    let cancelled = world.sims.airalo.client().requests_to("POST", "/cancel-future-orders").await.unwrap();
    assert_eq!((world.order_status(&placed.order_id).await.as_str(), cancelled.len()), ("accepted", 0));
}
