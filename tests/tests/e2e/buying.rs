//! Never bought twice, on the deployed system: the provider's own ledger is asked.

use crate::{alone, api, booked, demo, mails_to, order, purchases, until_order};
use passerelle_tests::sim::Fault;
use serde_json::Value;

async fn status_and_order(answer: passerelle_tests::local::api::Answer) -> (u16, Option<String>) {
    (answer.status, answer.body["order_id"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn one_key_sent_five_times_at_once_buys_once_and_mails_once() {
    let _alone = alone().await;
    let api = api().await;
    let package = booked(&api, "FIVE-1", "airalo").await;
    let body = order("FIVE-1", &package);
    let calls = (0..5).map(|_| async { status_and_order(api.post("/orders", &body, Some("five-at-once")).await.unwrap()).await });
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().any(|(status, _)| *status == 201), "{answers:?}");
    assert!(answers.iter().all(|(status, _)| [201, 409].contains(status)), "{answers:?}");
    let order_id = answers.iter().find_map(|(_, id)| id.clone()).expect("an order id");
    until_order(&api, &order_id, "delivered").await;
    assert_eq!(purchases(&demo().sims.airalo.client(), &order_id).await, 1);
    assert_eq!(mails_to("five-1@example.com").await.len(), 1);
    let again = api.post("/orders", &body, Some("five-at-once")).await.unwrap();
    assert_eq!((again.status, again.headers.get("idempotent-replayed").map(|v| v.as_bytes().to_vec())), (201, Some(b"true".to_vec())));
}

#[tokio::test]
async fn a_reply_that_is_lost_is_asked_about_by_the_worker() {
    let _alone = alone().await;
    let api = api().await;
    let package = booked(&api, "LOST-1", "airalo").await;
    let fault = Fault::on("POST", "/v2/orders").times(1).dropping_the_reply();
    demo().sims.airalo.client().fault(&fault).await.unwrap();
    let answer = api.post("/orders", &order("LOST-1", &package), Some("lost-1")).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    let order_id = answer.body["order_id"].as_str().expect("an order id").to_owned();
    until_order(&api, &order_id, "delivered").await;
    assert_eq!(purchases(&demo().sims.airalo.client(), &order_id).await, 1);
}

#[tokio::test]
async fn the_other_provider_delivers_too_and_its_qr_code_is_served() {
    let _alone = alone().await;
    let api = api().await;
    let package = booked(&api, "REF-1", "reference").await;
    let placed = api.post("/orders", &order("REF-1", &package), Some("ref-1")).await.unwrap().expect(&[201]).unwrap();
    let esim_id = placed["esim_id"].as_str().unwrap();
    until_order(&api, placed["order_id"].as_str().unwrap(), "delivered").await;
    let details = api.get(&format!("/esims/{esim_id}")).await.unwrap().expect(&[200]).unwrap();
    let lpa = details["lpa_code"].as_str().expect("a code");
    let theirs = demo().sims.reference.client().esims().await.unwrap();
    assert!(theirs.iter().any(|esim| esim["lpa"] == lpa), "exactly the provider's text");
    let url = details["qr_code_url"].as_str().expect("an address");
    let token = demo().stack.token(&["esims.read"]).await.unwrap();
    let image = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(image.headers()["content-type"], "image/png");
    let png = image.bytes().await.unwrap();
    assert_eq!(passerelle_tests::qr::read(&png), [lpa.to_owned()]);
    assert!(details["install"]["ios"].as_str().is_some_and(|link| link.starts_with("https://esimsetup.apple.com/")));
    let usage: Value = api.get(&format!("/esims/{esim_id}/usage")).await.unwrap().expect(&[200]).unwrap();
    assert_eq!(usage["data_used_mb"], 0);
}
