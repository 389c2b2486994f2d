//! 1GLOBAL's simulator refuses what the page says is refused, and forgets nothing that it sold.

use passerelle_tests::sim::{Fault, Sim, one_global};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::http::{Answer, Ask, ask, eventually};

static CALLS: AtomicU64 = AtomicU64::new(0);

async fn token(sim: &Sim) -> String {
    let url = format!("{}/auth/realms/tru-staff/protocol/openid-connect/token", sim.url);
    let form = [("grant_type", "client_credentials"), ("client_id", "one-client"), ("client_secret", "one-secret")];
    let body = ask("POST", &url).form(&form).send().await.expect(200);
    assert_eq!(body["expires_in"], 300);
    body["access_token"].as_str().unwrap().to_owned()
}

fn call(sim: &Sim, token: &str, method: &str, path: &str) -> Ask {
    let nth = CALLS.fetch_add(1, Ordering::Relaxed);
    ask(method, &format!("{}/{path}", sim.base_url)).bearer(token).header("x-correlation-id", &format!("call-{nth}"))
}

fn order(product: &str) -> Value {
    json!({
        "operation_type": "ACTIVATION", "sim_type": "ESIM", "country": "FR", "product": {"id": product},
        "subscriber": {"email": "ord_1@orders.example", "device": {"operating_system": "ios", "model": "x", "id": "d"}},
    })
}

async fn post_order(sim: &Sim, token: &str, body: &Value) -> Answer {
    call(sim, token, "POST", "v2/orders").json(body).send().await
}

async fn completed(sim: &Sim, token: &str, id: &str) -> Value {
    sim.client().post("settings", &json!({"fulfil_seconds": 0})).await.unwrap();
    let path = format!("v2/orders/{id}");
    eventually(|| async {
        let order = call(sim, token, "GET", &path).send().await.expect(200);
        (order["status"] != "FULFILLING").then_some(order)
    })
    .await
}

#[tokio::test]
async fn credentials_tokens_and_correlation_ids_are_asked_for() {
    let sim = one_global::start(None).await.unwrap();
    let url = format!("{}/auth/realms/tru-staff/protocol/openid-connect/token", sim.url);
    ask("POST", &url).form(&[("grant_type", "client_credentials"), ("client_id", "x")]).send().await.expect(401);
    ask("POST", &url).json(&json!({"grant_type": "client_credentials"})).send().await.expect(400);
    let token = token(&sim).await;
    call(&sim, "wrong", "GET", "v2/products").send().await.expect(401);
    let products = format!("{}/v2/products", sim.base_url);
    ask("GET", &products).bearer(&token).send().await.expect(400);
    let twice = || ask("GET", &products).bearer(&token).header("x-correlation-id", "same");
    twice().send().await.expect(200);
    assert_eq!(twice().send().await.expect(400)["type"], "INVALID_HTTP_MESSAGE");
    sim.client().post("tokens/expire", &json!({})).await.unwrap();
    call(&sim, &token, "GET", "v2/products").send().await.expect(401);
}

#[tokio::test]
async fn products_come_page_by_page_without_countries() {
    let sim = one_global::start(None).await.unwrap();
    let token = token(&sim).await;
    let first = call(&sim, &token, "GET", "v2/products").send().await.expect(200);
    assert_eq!((first["_metadata"]["page"].as_i64(), first["_metadata"]["page_count"].as_i64()), (Some(1), Some(2)));
    assert!(first["data"][0].get("footprint_code").is_some() && first["data"][0].get("countries").is_none());
    let second = call(&sim, &token, "GET", "v2/products?page=2").send().await.expect(200);
    assert!(second["_metadata"]["links"].get("_next").is_none());
    call(&sim, &token, "GET", "v2/products?page=0").send().await.expect(400);
}

#[tokio::test]
async fn an_order_is_accepted_then_polled_to_its_codes() {
    let sim = one_global::start(None).await.unwrap();
    let token = token(&sim).await;
    let accepted = post_order(&sim, &token, &order("one-jp-3gb-15d")).await.expect(202);
    assert_eq!(accepted["status"], "ACCEPTED");
    assert!(accepted["_metadata"].get("_links").is_some());
    let id = accepted["id"].as_str().unwrap();
    assert_eq!(call(&sim, &token, "GET", &format!("v2/orders/{id}")).send().await.expect(200)["status"], "FULFILLING");
    let done = completed(&sim, &token, id).await;
    let iccid = done["output"]["iccid"].as_str().unwrap();
    let card = call(&sim, &token, "GET", &format!("v2/sims/{iccid}")).send().await.expect(200);
    assert_eq!((&card["status"], &card["matching_id"]), (&json!("Released"), &done["output"]["matching_id"]));
    let plans = call(&sim, &token, "GET", "v2/subscriptions?email=ORD_1@orders.example").send().await.expect(200);
    assert_eq!((&plans["data"][0]["sim_id"], &plans["data"][0]["status"]), (&json!(iccid), &json!("PENDING_USAGE")));
    assert_eq!(plans["data"][0]["spend_balance"], "0", "a number as text");
    assert_eq!(sim.client().ledger().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_the_api_refuses_is_refused() {
    let sim = one_global::start(None).await.unwrap();
    let token = token(&sim).await;
    let good = order("one-jp-3gb-15d");
    let without = |pointer: &str| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = Value::Null;
        body
    };
    for pointer in ["/operation_type", "/sim_type", "/country", "/product/id", "/subscriber/email", "/subscriber/device/model"] {
        let refused = post_order(&sim, &token, &without(pointer)).await.expect(400);
        assert_eq!(refused["type"], "INVALID_REQUEST_PARAMS", "{pointer}");
    }
    let mut priced = good.clone();
    priced["product"]["sold_price"] = json!(9.9);
    post_order(&sim, &token, &priced).await.expect(400);
    post_order(&sim, &token, &order("one-plastic-jp")).await.expect(400);
    let mut top_up = good.clone();
    top_up["operation_type"] = json!("TOPUP");
    top_up["subscriber"]["sim"] = json!({"iccid": "8910000000000000000"});
    post_order(&sim, &token, &top_up).await.expect(400);
    sim.client().post("settings", &json!({"quota": 0})).await.unwrap();
    assert_eq!(post_order(&sim, &token, &good).await.expect(406)["type"], "UNACCEPTABLE");
    sim.client().post("settings", &json!({"requests_per_minute": 1})).await.unwrap();
    post_order(&sim, &token, &good).await.expect(406);
    assert_eq!(post_order(&sim, &token, &good).await.expect(429)["type"], "TOO MANY REQUESTS");
    assert!(sim.client().ledger().await.unwrap().is_empty());
}

#[tokio::test]
async fn nothing_is_idempotent_and_a_failure_leaves_the_ledger() {
    let sim = one_global::start(None).await.unwrap();
    let token = token(&sim).await;
    sim.client().fault(&Fault::on("POST", "/v2/orders").times(1).dropping_the_reply()).await.unwrap();
    assert!(call(&sim, &token, "POST", "v2/orders").json(&order("one-jp-3gb-15d")).attempt().await.is_none());
    post_order(&sim, &token, &order("one-jp-3gb-15d")).await.expect(202);
    assert_eq!(sim.client().ledger().await.unwrap().len(), 2);
    let failing = post_order(&sim, &token, &order("one-failing")).await.expect(202);
    let done = completed(&sim, &token, failing["id"].as_str().unwrap()).await;
    assert_eq!(done["status"], "FAILED");
    assert_eq!(sim.client().ledger().await.unwrap().len(), 2);
}

#[tokio::test]
async fn webhooks_are_registered_by_sim_and_type() {
    let sim = one_global::start(None).await.unwrap();
    let inbox = passerelle_tests::sim::inbox::start(None).await.unwrap();
    let token = token(&sim).await;
    let accepted = post_order(&sim, &token, &order("one-jp-3gb-15d")).await.expect(202);
    let done = completed(&sim, &token, accepted["id"].as_str().unwrap()).await;
    let iccid = done["output"]["iccid"].as_str().unwrap();
    let path = |kind: &str| format!("v1/sim/{iccid}/preferences/notifications/{kind}");
    let hook = json!({"webhook_url": format!("{}/hook", inbox.url)});
    call(&sim, &token, "POST", &path("SUBSCRIPTION_END")).json(&hook).send().await.expect(200);
    call(&sim, &token, "POST", &path("SUBSCRITPION_END")).json(&hook).send().await.expect(400);
    let preferences = call(&sim, &token, "GET", &format!("v1/sim/{iccid}/preferences")).send().await.expect(200);
    assert_eq!(preferences["notifications"][0]["type"], "SUBSCRITPION_END", "the page's misspelling");
    sim.client().set_esim(iccid, &json!({"used_mb": 3072})).await.unwrap();
    sim.client().post(&format!("esims/{iccid}/notify"), &json!({"type": "SUBSCRIPTION_END"})).await.unwrap();
    let received = inbox.client().requests_to("POST", "/hook").await.unwrap();
    assert_eq!((received.len(), &received[0]["body"]["current_balance"]), (1, &json!(0)));
    call(&sim, &token, "DELETE", &format!("v2/sims/{iccid}")).send().await.expect(400);
}
