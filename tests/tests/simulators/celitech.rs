//! Celitech API v1.

use passerelle_tests::sim::{Sim, celitech};
use serde_json::{Value, json};

use crate::http::{Answer, Ask, ask};

async fn token(sim: &Sim) -> String {
    let fields =
        [("grant_type", "client_credentials"), ("client_id", "celitech-client"), ("client_secret", "celitech-secret"), ("scope", "")];
    let body = ask("POST", &sim.credential("token_url")).form(&fields).send().await.expect(200);
    assert_eq!(body["expires_in"], json!(3600));
    body["access_token"].as_str().unwrap().to_owned()
}

fn call(sim: &Sim, token: &str, method: &str, path: &str) -> Ask {
    ask(method, &format!("{}{path}", sim.base_url)).bearer(token)
}

fn wanted() -> Value {
    json!({"destination": "JP", "dataLimitInGB": 1, "duration": 7, "quantity": 1, "referenceId": "ord_1"})
}

async fn buy(sim: &Sim, token: &str, key: &str, body: &Value) -> Answer {
    call(sim, token, "POST", "/purchases/v2").header("idempotency-key", key).json(body).send().await
}

async fn iccid(sim: &Sim, token: &str) -> String {
    let bought = buy(sim, token, "key-1", &wanted()).await.expect(200);
    bought[0]["profile"]["iccid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_needs_a_form_with_the_right_client() {
    let sim = celitech::start(None).await.unwrap();
    let url = sim.credential("token_url");
    let wrong = [("grant_type", "client_credentials"), ("client_id", "celitech-client"), ("client_secret", "no")];
    assert_eq!(ask("POST", &url).form(&wrong).send().await.expect(400)["error"], "invalid_client");
    ask("POST", &url).json(&json!({"grant_type": "client_credentials"})).send().await.expect(400);
    let token = token(&sim).await;
    call(&sim, "made-up", "GET", "/packages").send().await.expect(401);
    call(&sim, &token, "GET", "/packages").send().await.expect(200);
    sim.client().post("tokens/expire", &json!({})).await.unwrap();
    assert_eq!(call(&sim, &token, "GET", "/packages").send().await.expect(401)["message"], "Unauthorized");
}

#[tokio::test]
async fn packages_come_by_page_and_unlimited_ones_on_demand() {
    let sim = celitech::start(None).await.unwrap();
    let token = token(&sim).await;
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = call(&sim, &token, "GET", &format!("/packages?limit=4{cursor}")).send().await.expect(200);
        seen += page["packages"].as_array().unwrap().len();
        match page["afterCursor"].as_str() {
            Some(next) => cursor = format!("&afterCursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 10);
    let japan = call(&sim, &token, "GET", "/packages?destination=JPN&includeUnlimited=true").send().await.expect(200);
    let japan = japan["packages"].as_array().unwrap().clone();
    assert!(japan.iter().all(|package| package["destinationISO2"] == "JP"));
    assert!(japan.iter().any(|package| package["dataLimitInBytes"] == json!(-1)));
    call(&sim, &token, "GET", "/packages?limit=161").send().await.expect(400);
}

#[tokio::test]
async fn a_key_buys_once_for_three_days() {
    let sim = celitech::start(None).await.unwrap();
    sim.client().set_clock(Some("2027-01-01T00:00:00Z")).await.unwrap();
    let token = token(&sim).await;
    let first = buy(&sim, &token, "key-1", &wanted()).await;
    let again = buy(&sim, &token, "key-1", &wanted()).await;
    assert_eq!((again.header("idempotent-replayed"), &again.body), ("true", &first.body));
    let other = json!({"destination": "JP", "dataLimitInGB": 3, "duration": 7, "quantity": 1});
    buy(&sim, &token, "key-1", &other).await.expect(422);
    buy(&sim, &token, "a key", &wanted()).await.expect(400);
    sim.client().post("keys/hold", &json!({"key": "key-2"})).await.unwrap();
    buy(&sim, &token, "key-2", &wanted()).await.expect(409);
    assert_eq!(sim.client().ledger().await.unwrap().len(), 1);
    sim.client().set_clock(Some("2027-01-04T00:00:00Z")).await.unwrap();
    buy(&sim, &token, "key-1", &wanted()).await.expect(200);
    assert_eq!(sim.client().ledger().await.unwrap().len(), 2, "after three days the key is new");
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let sim = celitech::start(None).await.unwrap();
    let token = token(&sim).await;
    sim.client().post("balance", &json!({"hundredths": 10})).await.unwrap();
    assert_eq!(buy(&sim, &token, "key-1", &wanted()).await.expect(400)["message"], "Insufficient balance");
    sim.client().post("balance", &json!({"hundredths": 1000})).await.unwrap();
    buy(&sim, &token, "key-1", &wanted()).await.expect(200);
}

#[tokio::test]
async fn a_purchase_is_checked_field_by_field() {
    let sim = celitech::start(None).await.unwrap();
    let token = token(&sim).await;
    for (member, value) in [
        ("dataLimitInGB", json!("1")),
        ("dataLimitInGB", json!(4)),
        ("dataLimitInGB", json!(-1)),
        ("duration", json!(9)),
        ("duration", json!(14)),
        ("duration", Value::Null),
        ("startDate", json!("2027-01-01")),
        ("quantity", json!(6)),
        ("quantity", Value::Null),
        ("referenceId", json!("ord 1")),
        ("destination", json!("XX")),
    ] {
        let mut body = wanted();
        body[member] = value.clone();
        if member == "startDate" {
            body["endDate"] = json!("2027-01-05");
        }
        let answer = buy(&sim, &token, &format!("key-{member}"), &body).await;
        assert_eq!(answer.status, 400, "{member} {value}");
    }
    let dated = json!({"destination": "JPN", "dataLimitInGB": -1, "startDate": "2027-01-01", "endDate": "2027-01-05", "quantity": 2});
    let bought = buy(&sim, &token, "key-dated", &dated).await.expect(200);
    assert_eq!(bought.as_array().unwrap().len(), 2);
    assert!(bought[0]["profile"]["activationCode"].as_str().unwrap().len() >= 1_000, "a picture, not a code");
}

#[tokio::test]
async fn a_plan_lives_from_release_to_its_end() {
    let sim = celitech::start(None).await.unwrap();
    let token = token(&sim).await;
    let iccid = iccid(&sim, &token).await;
    let listed = call(&sim, &token, "GET", "/purchases?referenceId=ord_1").send().await.expect(200);
    let purchase = &listed["purchases"][0];
    assert_eq!((&purchase["esim"]["iccid"], &purchase["endDate"]), (&json!(iccid), &Value::Null));
    let id = purchase["id"].as_str().unwrap().to_owned();
    let consumption = || call(&sim, &token, "GET", &format!("/purchases/{id}/consumption"));
    assert_eq!(consumption().send().await.expect(200)["dataUsageRemainingInBytes"], json!(1_073_741_824));
    sim.client().set_esim(&iccid, &json!({"status": "ENABLED", "connected": true, "used_mb": 24})).await.unwrap();
    let after = consumption().send().await.expect(200);
    assert_eq!((&after["dataUsageRemainingInBytes"], &after["status"]), (&json!(1_048_576_000), &json!("ACTIVE")));
    let esim = call(&sim, &token, "GET", &format!("/esim?iccid={iccid}")).send().await.expect(200);
    assert_eq!((&esim["esim"]["status"], &esim["esim"]["isTopUpAllowed"]), (&json!("ENABLED"), &json!(true)));
    let listed = call(&sim, &token, "GET", &format!("/purchases?iccid={iccid}")).send().await.expect(200);
    assert!(listed["purchases"][0]["endDate"].is_string(), "it ends seven days after the first use");
}

#[tokio::test]
async fn a_top_up_is_a_second_purchase_where_it_is_allowed() {
    let sim = celitech::start(None).await.unwrap();
    let token = token(&sim).await;
    let iccid = iccid(&sim, &token).await;
    let body = json!({"iccid": iccid, "dataLimitInGB": 3, "duration": 30, "referenceId": "ord_2"});
    let top_up = |key: &'static str| call(&sim, &token, "POST", "/purchases/topup").header("idempotency-key", key).json(&body);
    let bought = top_up("key-2").send().await.expect(200);
    assert_eq!(bought["profile"], json!({"iccid": iccid}));
    top_up("key-2").send().await.expect(200);
    assert_eq!(sim.client().ledger().await.unwrap()[1]["kind"], "topup");
    assert_eq!(sim.client().ledger().await.unwrap().len(), 2);
    call(&sim, &token, "POST", &format!("/esim/{iccid}/suspend")).json(&json!({})).send().await.expect(200);
    top_up("key-3").send().await.expect(400);
}
