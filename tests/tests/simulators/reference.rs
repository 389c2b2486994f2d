//! The reference contract.

use passerelle_tests::sim::{Sim, inbox, reference};
use serde_json::{Value, json};

use crate::http::{Ask, ask, eventually};

pub async fn token(sim: &Sim) -> String {
    let fields = [("grant_type", "client_credentials"), ("client_id", "reference-client"), ("client_secret", "reference-secret")];
    let body = ask("POST", &sim.credential("token_url")).form(&fields).send().await.expect(200);
    assert_eq!(body["expires_in"], json!(3600));
    body["access_token"].as_str().unwrap().to_owned()
}

pub fn order(sim: &Sim, token: &str, key: &str, package: &str) -> Ask {
    call(sim, token, "POST", "/orders")
        .header("x-idempotency-key", key)
        .json(&json!({"package_id": package, "external_reference": "CRM-1"}))
}

fn call(sim: &Sim, token: &str, method: &str, path: &str) -> Ask {
    ask(method, &format!("{}{path}", sim.url)).bearer(token).header("x-api-version", "2024-10")
}

const KEY: &str = "7c0e5e4e-2f0a-4f4f-9d3c-1b1e0c9a0001";
const OTHER: &str = "7c0e5e4e-2f0a-4f4f-9d3c-1b1e0c9a0002";

async fn esim(sim: &Sim, token: &str) -> String {
    let order = order(sim, token, KEY, "ref-jp-3gb-15d").send().await.expect(201);
    order["esim_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_needs_the_right_client_in_the_form_or_the_header() {
    let sim = reference::start(None).await.unwrap();
    let url = sim.credential("token_url");
    // base64("reference-client:reference-secret")
    let basic = "Basic cmVmZXJlbmNlLWNsaWVudDpyZWZlcmVuY2Utc2VjcmV0";
    ask("POST", &url).header("authorization", basic).form(&[("grant_type", "client_credentials")]).send().await.expect(200);
    let wrong = [("grant_type", "client_credentials"), ("client_id", "reference-client"), ("client_secret", "no")];
    assert_eq!(ask("POST", &url).form(&wrong).send().await.expect(401)["error"], "invalid_client");
    assert_eq!(ask("POST", &url).form(&[("grant_type", "password")]).send().await.expect(400)["error"], "unsupported_grant_type");
    let packages = format!("{}/catalog/packages", sim.url);
    ask("GET", &packages).bearer("made-up").header("x-api-version", "2024-10").send().await.expect(401);
}

#[tokio::test]
async fn the_version_is_sent_in_the_header_or_in_the_path() {
    let sim = reference::start(None).await.unwrap();
    let token = token(&sim).await;
    assert_eq!(ask("GET", &format!("{}/catalog/packages", sim.url)).bearer(&token).send().await.expect(400)["code"], "unsupported_version");
    ask("GET", &format!("{}/v2/catalog/packages", sim.url)).bearer(&token).send().await.expect(200);
    call(&sim, &token, "GET", "/catalog/packages").send().await.expect(200);
}

#[tokio::test]
async fn the_catalogue_is_filtered_paged_and_translated() {
    let sim = reference::start(None).await.unwrap();
    let token = token(&sim).await;
    let japan = call(&sim, &token, "GET", "/catalog/packages?iso_country=JP").header("accept-language", "fr-FR").send().await.expect(200);
    let japan = japan["packages"].as_array().unwrap().clone();
    assert!(japan.iter().all(|package| package["iso_countries"].as_array().unwrap().contains(&json!("JP"))));
    assert!(japan.iter().any(|package| package["title"] == "Japon 3 Go 15 jours" && package["data_volume_mb"] == json!(3072)));
    assert!(japan.iter().any(|package| package["data_volume_mb"].is_null()));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = call(&sim, &token, "GET", &format!("/catalog/packages?limit=4{cursor}")).send().await.expect(200);
        seen.extend(page["packages"].as_array().unwrap().iter().map(|package| package["package_id"].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let whole = call(&sim, &token, "GET", "/catalog/packages?limit=200").send().await.expect(200);
    let whole: Vec<Value> = whole["packages"].as_array().unwrap().iter().map(|package| package["package_id"].clone()).collect();
    assert_eq!(seen, whole);
    call(&sim, &token, "GET", "/catalog/packages?iso_country=JPN").send().await.expect(422);
}

#[tokio::test]
async fn one_key_is_one_order_even_when_five_come_at_once() {
    let sim = reference::start(None).await.unwrap();
    let token = token(&sim).await;
    let answers = futures::future::join_all((0..5).map(|_| order(&sim, &token, KEY, "ref-jp-3gb-15d").send())).await;
    let ids: std::collections::HashSet<String> = answers.iter().map(|answer| answer.expect(201)["order_id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true").count(), 4);
    let ledger = sim.client().ledger().await.unwrap();
    assert_eq!((ledger.len(), &ledger[0]["idempotency_key"], &ledger[0]["external_reference"]), (1, &json!(KEY), &json!("CRM-1")));
    assert_eq!(order(&sim, &token, KEY, "ref-us-5gb-30d").send().await.expect(422)["code"], "idempotency_key_reused");
    call(&sim, &token, "POST", "/orders")
        .json(&json!({"package_id": "ref-jp-3gb-15d", "external_reference": "x"}))
        .send()
        .await
        .expect(400);
    assert_eq!(order(&sim, &token, OTHER, "ref-out-of-stock").send().await.expect(422)["code"], "out_of_stock");
    assert_eq!(sim.client().ledger().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_held_order_is_accepted_then_placed() {
    let sim = reference::start(None).await.unwrap();
    let token = token(&sim).await;
    sim.client().post("settings", &json!({"hold_orders": true})).await.unwrap();
    let held = order(&sim, &token, KEY, "ref-jp-3gb-15d").send().await.expect(201);
    assert_eq!((&held["status"], &held["esim_id"]), (&json!("accepted"), &json!(null)));
    let id = held["order_id"].as_str().unwrap();
    sim.client().post(&format!("orders/{id}/complete"), &json!({})).await.unwrap();
    let placed = call(&sim, &token, "GET", &format!("/orders/{id}")).send().await.expect(200);
    assert!(placed["status"] == "placed" && placed["esim_id"].is_string());
    assert_eq!(order(&sim, &token, KEY, "ref-jp-3gb-15d").send().await.expect(201)["esim_id"], placed["esim_id"]);
    let second = order(&sim, &token, OTHER, "ref-jp-3gb-15d").send().await.expect(201);
    sim.client().post(&format!("orders/{}/reject", second["order_id"].as_str().unwrap()), &json!({"reason": "no"})).await.unwrap();
    assert_eq!(sim.client().ledger().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_esim_has_its_codes_a_picture_usage_and_top_ups() {
    let sim = reference::start(None).await.unwrap();
    let token = token(&sim).await;
    sim.client().set_clock(Some("2026-12-01T00:00:00Z")).await.unwrap();
    let id = esim(&sim, &token).await;
    let shown = call(&sim, &token, "GET", &format!("/esims/{id}")).send().await.expect(200);
    let code = format!("LPA:1${}${}", shown["smdp_address"].as_str().unwrap(), shown["manual_activation_code"].as_str().unwrap());
    assert_eq!(shown["lpa_code"], json!(code));
    let picture = ask("GET", shown["qr_code_url"].as_str().unwrap()).send().await;
    assert_eq!(crate::airalo::decoded(&picture.body), code);
    call(&sim, &token, "GET", &format!("/esims/{}", shown["iccid"].as_str().unwrap())).send().await.expect(404);
    sim.client().set_esim(&id, &json!({"status": "activated", "used_mb": 1000})).await.unwrap();
    let usage = call(&sim, &token, "GET", &format!("/esims/{id}/usage")).send().await.expect(200);
    assert_eq!(
        (&usage["data_used_mb"], &usage["data_remaining_mb"], &usage["expiry_date"]),
        (&json!(1000), &json!(2072), &json!("2026-12-16T00:00:00Z"))
    );
    let offered = call(&sim, &token, "GET", &format!("/esims/{id}/topups")).send().await.expect(200);
    assert_eq!(offered["packages"].as_array().unwrap().len(), 3);
    let topup = || {
        call(&sim, &token, "POST", &format!("/esims/{id}/topup"))
            .header("x-idempotency-key", OTHER)
            .json(&json!({"package_id": "ref-jp-10gb-30d"}))
    };
    let first = topup().send().await.expect(201);
    assert_eq!(topup().send().await.expect(201)["order_id"], first["order_id"]);
    let usage = call(&sim, &token, "GET", &format!("/esims/{id}/usage")).send().await.expect(200);
    assert_eq!((&usage["data_total_mb"], &usage["expiry_date"]), (&json!(13_312), &json!("2027-01-15T00:00:00Z")));
    assert_eq!(sim.client().ledger().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_life_is_told_step_by_step_and_signed() {
    let sim = reference::start(None).await.unwrap();
    let inbox = inbox::start(None).await.unwrap();
    let token = token(&sim).await;
    let events = json!(["esim.installed", "esim.activated", "usage.threshold_reached", "esim.expired"]);
    let subscribed =
        call(&sim, &token, "POST", "/webhooks/register").json(&json!({"url": inbox.base_url, "events": events})).send().await.expect(201);
    assert_eq!(subscribed["secret"], json!(sim.credential("webhook_secret")));
    assert!(subscribed["subscription_id"].is_string());
    call(&sim, &token, "POST", "/webhooks/register")
        .json(&json!({"url": inbox.base_url, "events": ["esim.sold"]}))
        .send()
        .await
        .expect(422);
    let id = esim(&sim, &token).await;
    for expected in 0..=5 {
        sim.client().post(&format!("esims/{id}/advance"), &json!({})).await.unwrap();
        eventually(|| async { (inbox.client().requests().await.unwrap().len() == expected).then_some(()) }).await;
    }
    let told = inbox.client().requests().await.unwrap();
    let kinds: Vec<String> =
        told.iter().map(|one| format!("{}{}", one["body"]["type"].as_str().unwrap(), one["body"]["data"]["threshold"])).collect();
    assert_eq!(
        kinds,
        ["esim.installednull", "esim.activatednull", "usage.threshold_reached80", "usage.threshold_reached100", "esim.expirednull"]
    );
    let sent = &sim.client().deliveries().await.unwrap()[0];
    let signed = sent["headers"]["x-passerelle-signature"].as_str().unwrap();
    let (at, hex) = signed.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"reference-webhook-secret");
    ring::hmac::verify(&key, format!("{at}.{}", sent["body"].as_str().unwrap()).as_bytes(), &hex::decode(hex).unwrap()).unwrap();
    assert_eq!(told[0]["headers"]["x-webhook-id"], told[0]["body"]["id"]);
}

#[tokio::test]
async fn an_end_that_came_with_the_clock_is_told_once() {
    let sim = reference::start(None).await.unwrap();
    let inbox = inbox::start(None).await.unwrap();
    let token = token(&sim).await;
    call(&sim, &token, "POST", "/webhooks/register")
        .json(&json!({"url": inbox.base_url, "events": ["esim.expired"]}))
        .send()
        .await
        .expect(201);
    sim.client().set_clock(Some("2026-12-01T00:00:00Z")).await.unwrap();
    let id = esim(&sim, &token).await;
    sim.client().set_esim(&id, &json!({"status": "activated"})).await.unwrap();
    sim.client().set_clock(Some("2026-12-20T00:00:00Z")).await.unwrap();
    let told = sim.client().set_esim(&id, &json!({"notify": true})).await.unwrap();
    assert_eq!(told["events"], json!([{"type": "esim.expired", "threshold": null}]));
    assert_eq!(sim.client().set_esim(&id, &json!({"notify": true})).await.unwrap()["events"], json!([]));
}

#[tokio::test]
async fn mischief_can_be_sent_by_hand() {
    let sim = reference::start(None).await.unwrap();
    let inbox = inbox::start(None).await.unwrap();
    let token = token(&sim).await;
    let id = esim(&sim, &token).await;
    let send = |more: Value| {
        let mut body = json!({"type": "esim.activated", "url": inbox.base_url, "id": "evt_same"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let client = sim.client();
        let path = format!("esims/{id}/webhook");
        async move { client.post(&path, &body).await.unwrap() }
    };
    assert_eq!(send(json!({"times": 2})).await["statuses"], json!([204, 204]));
    send(json!({"secret": "forged"})).await;
    send(json!({"tamper": true})).await;
    send(json!({"signed_at": 1_000_000_000})).await;
    let told = inbox.client().requests().await.unwrap();
    assert_eq!(told.len(), 5);
    assert_eq!(told[0]["body"]["id"], told[1]["body"]["id"]);
    assert_eq!(told[3]["body"]["data"]["tampered"], json!(true));
    assert!(told[4]["headers"]["x-passerelle-signature"].as_str().unwrap().starts_with("t=1000000000,"));
}
