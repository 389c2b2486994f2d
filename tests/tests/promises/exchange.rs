//! Offers of several accounts and currencies: compared by the day's rate where there is a fresh one, shown in their own currency always.

use crate::{
    fixture::World,
    pages::{html, panel_of},
};
use passerelle_tests::sim::{Fault, Simulators};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::time::Duration;

const A_DAY: Duration = Duration::from_secs(86_400);

fn bank(sims: &Simulators) -> Value {
    json!({"exchange": {"source": "ecb", "url": sims.ecb.base_url}})
}

/// Airalo sells in dollars, reference in euros; the agency compares in euros.
async fn world(exchange: impl FnOnce(&Simulators) -> Value) -> World {
    World::with_partners(&["airalo", "reference"], exchange).await
}

async fn offers(world: &World, reference: &str) -> Vec<Value> {
    world.book(reference, "JP", "2027-05-03", "2027-05-09").await
}

fn of<'a>(offers: &'a [Value], account: &str) -> Vec<&'a Value> {
    offers.iter().filter(|offer| offer["packages"][0]["provider"] == account).collect()
}

fn has(offer: &Value, code: &str) -> bool {
    offer["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == code)
}

fn decimal(number: &Value) -> Decimal {
    number.to_string().parse().unwrap()
}

/// What an offer is ranked by, in euros.
fn compared(offer: &Value) -> Decimal {
    decimal(offer.get("comparison").map_or(&offer["price"], |comparison| &comparison["price"]))
}

fn all_compared(offers: &[Value]) -> bool {
    of(offers, "airalo").iter().all(|offer| has(offer, "converted") && !has(offer, "other_currency"))
}

fn none_compared(offers: &[Value]) -> bool {
    of(offers, "airalo").iter().all(|offer| offer.get("comparison").is_none() && has(offer, "other_currency"))
}

#[tokio::test]
async fn offers_of_both_currencies_are_ranked_by_the_banks_rate_and_charged_as_they_are() {
    let mut world = world(bank).await;
    let found = offers(&world, "VH-1").await;
    assert!(!of(&found, "airalo").is_empty() && !of(&found, "reference").is_empty(), "{found:?}");
    assert!(all_compared(&found));
    for offer in of(&found, "airalo") {
        let comparison = &offer["comparison"];
        assert_eq!(
            (&offer["currency"], &comparison["currency"], &comparison["date"]),
            (&json!("USD"), &json!("EUR"), &json!("2027-04-19"))
        );
        let exact = decimal(&offer["price"]) / Decimal::new(10_842, 4);
        assert!((exact - compared(offer)).abs() <= Decimal::new(6, 3), "{offer}");
    }
    let enough: Vec<Decimal> =
        found.iter().filter(|offer| !has(offer, "data_below_need") && !has(offer, "bought_twice")).map(compared).collect();
    assert!(enough.len() > 2 && enough.is_sorted(), "{enough:?}");
    let panel = html(&panel_of(&world, "VH-1").await).await;
    assert!(panel.contains("to compare, at the rate of 2027-04-19 (1 USD = 0.92234 EUR)"), "{panel}");
    let best = World::best(&found, "airalo");
    let answer = world.order("key-1", &best, "VH-1").await.unwrap();
    world.settle().await;
    assert_eq!(world.order_record(&answer.order_id).await.package.price.currency.code(), "USD");
}

#[tokio::test]
async fn without_a_rate_the_others_are_offered_all_the_same_after_those_that_can_be_compared() {
    for exchange in [json!(null), json!({"source": "fixed", "day": {"base": "EUR", "date": "2027-04-12", "rates": {"USD": 1.1}}})] {
        let world = world(|_| json!({ "exchange": exchange })).await;
        let found = offers(&world, "VH-1").await;
        assert!(!of(&found, "airalo").is_empty() && none_compared(&found), "{found:?}");
        let accounts: Vec<_> = found.iter().map(|offer| offer["packages"][0]["provider"] == "airalo").collect();
        assert!(accounts.is_sorted(), "reference first: {accounts:?}");
    }
}

#[tokio::test]
async fn a_bank_that_cannot_be_reached_stops_neither_onboarding_nor_offers() {
    let world = world(|sims| json!({"exchange": {"source": "ecb", "url": format!("{}/none", sims.ecb.url)}})).await;
    assert!(none_compared(&offers(&world, "VH-1").await));
}

#[tokio::test]
async fn rates_are_fetched_with_the_catalogues_kept_when_a_file_is_bad_and_forgotten_when_they_are_too_old() {
    let world = world(bank).await;
    let ecb = world.sims.ecb.client();
    ecb.post("rates", &json!({"rates": {"USD": "1.2"}})).await.unwrap();
    world.pass(A_DAY).await;
    world.sync().await;
    let rate = |found: &[Value]| of(found, "airalo")[0]["comparison"]["rate"].clone();
    let first = offers(&world, "VH-1").await;
    assert_eq!(decimal(&rate(&first)), Decimal::new(83_333_333, 8), "the new day's");
    for fault in
        [Fault::on("GET", "/stats").malformed(), Fault::on("GET", "/stats").status(503), Fault::on("GET", "/stats").dropping_the_reply()]
    {
        ecb.fault(&fault).await.unwrap();
        ecb.post("rates", &json!({"rates": {"USD": "9.9"}})).await.unwrap();
        world.pass(A_DAY).await;
        world.sync().await;
        assert_eq!(rate(&offers(&world, "VH-2").await), rate(&first), "yesterday's are kept");
    }
    ecb.post("rates", &json!({"rates": {"USD": "1.3"}, "date": "2027-04-20"})).await.unwrap();
    world.pass(4 * A_DAY).await;
    world.sync().await;
    assert!(none_compared(&offers(&world, "VH-3").await), "the file has stopped eight days ago");
    ecb.post("rates", &json!({"date": null})).await.unwrap();
    world.sync().await;
    assert!(all_compared(&offers(&world, "VH-4").await));
}

#[tokio::test]
async fn rates_of_today_are_not_asked_for_again() {
    let world = world(bank).await;
    world.pass(A_DAY / 3).await;
    for _ in 0..3 {
        world.sync().await;
    }
    assert_eq!(world.sims.ecb.client().requests_to("GET", "/stats").await.unwrap().len(), 1);
}
