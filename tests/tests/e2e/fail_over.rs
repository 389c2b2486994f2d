//! Two accounts, two currencies, on the deployed system: what one cannot sell is bought from the other, once, at its own price.

use crate::{alone, api, booking, demo, mails_to, order, purchases, until_order};
use passerelle_tests::{local::api::Api, sim::Fault};
use serde_json::{Value, json};

/// Airalo's 10 GB of Japan for 30 days, which reference sells as well, in euros and a little cheaper at the bank's rate.
async fn plan(api: &Api<'_>) -> String {
    let catalogue = api.get("/catalog/packages?iso_country=JP&days=30&limit=100").await.unwrap().expect(&[200]).unwrap();
    let same = |package: &&Value| {
        package["provider"] == "airalo" && package["data_volume_mb"] == 10_240 && package["iso_countries"] == json!(["JP"])
    };
    let packages = catalogue["packages"].as_array().expect("packages");
    packages.iter().find(same).expect("Airalo's plan")["package_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_sold_out_is_bought_from_the_other_provider_in_its_currency() {
    let _alone = alone().await;
    let api = api().await;
    let booked = api.post("/bookings", &booking("MOVE-1"), None).await.unwrap().expect(&[201]).unwrap();
    let offers = booked["offers"].as_array().expect("offers");
    let dollars: Vec<_> = offers.iter().filter(|offer| offer["currency"] == "USD").collect();
    assert!(!dollars.is_empty() && dollars.len() < offers.len(), "both providers' offers: {offers:?}");
    assert!(dollars.iter().all(|offer| offer["comparison"]["currency"] == "EUR"), "compared by the bank's rate: {offers:?}");

    let package = plan(&api).await;
    let sold_out = Fault::on("POST", "/v2/orders").status(422).body(json!({"code": 33, "reason": "Insufficient stock of eSIMs remaining"}));
    demo().sims.airalo.client().fault(&sold_out).await.unwrap();
    let answer = api.post("/orders", &order("MOVE-1", &package), Some("move-1")).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    let order_id = answer.body["order_id"].as_str().expect("an order id").to_owned();
    let delivered = until_order(&api, &order_id, "delivered").await;
    assert_eq!(delivered["moved_from"], json!([package]));
    assert!(delivered["package_id"].as_str().is_some_and(|id| id.starts_with("reference:")), "{delivered}");
    assert_eq!(purchases(&demo().sims.airalo.client(), &order_id).await, 0);
    assert_eq!(purchases(&demo().sims.reference.client(), &order_id).await, 1);
    assert_eq!(mails_to("move-1@example.com").await.len(), 1);
    let again = api.post("/orders", &order("MOVE-1", &package), Some("move-1")).await.unwrap();
    assert_eq!((again.status, &again.body["order_id"]), (201, &json!(order_id)));
}
