//! eSIM Go API v2.x.

use hmac::{Hmac, KeyInit, Mac};
use passerelle_tests::sim::{Sim, esim_go, inbox};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::http::{Ask, ask};

fn call(sim: &Sim, method: &str, path: &str) -> Ask {
    ask(method, &format!("{}{path}", sim.base_url)).header("x-api-key", &sim.credential("client_secret"))
}

fn wanted() -> Value {
    let line = json!({"type": "bundle", "item": "esim_1GB_7D_JP_V2", "quantity": 1, "allowReassign": false});
    json!({"type": "transaction", "assign": true, "order": [line]})
}

async fn buy(sim: &Sim) -> Value {
    call(sim, "POST", "/orders").json(&wanted()).send().await.expect(200)
}

async fn iccid(sim: &Sim) -> String {
    buy(sim).await["order"][0]["iccids"][0].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_bad_key_is_forbidden_and_the_limit_is_ten_a_second() {
    let sim = esim_go::start(None).await.unwrap();
    let url = format!("{}/catalogue", sim.base_url);
    assert_eq!(ask("GET", &url).send().await.expect(403)["message"], "Forbidden");
    assert_eq!(ask("GET", &url).header("x-api-key", "no").send().await.expect(403)["message"], "Forbidden");
    let mut throttled = 0;
    for _ in 0..12 {
        let answer = call(&sim, "GET", "/catalogue").send().await;
        if answer.status == 429 {
            assert_eq!(answer.json()["message"], "Rate limit exceeded");
            assert_eq!((answer.header("retry-after"), answer.header("x-ratelimit-limit")), ("1", "10"));
            throttled += 1;
        }
    }
    assert!(throttled >= 1);
    sim.client().post("limits/reset", &json!({})).await.unwrap();
    let organisation = call(&sim, "GET", "/organisation").send().await.expect(200);
    assert_eq!(organisation["organisations"][0]["apiKey"], "esim-go-api-key", "as in life");
}

#[tokio::test]
async fn the_catalogue_says_how_many_pages_and_not_which() {
    let sim = esim_go::start(None).await.unwrap();
    let page = call(&sim, "GET", "/catalogue?page=2&perPage=3").send().await.expect(200);
    assert_eq!((page["bundles"].as_array().unwrap().len(), &page["pageCount"], &page["rows"]), (3, &json!(3), &json!(7)));
    let japan = call(&sim, "GET", "/catalogue?countries=JP").send().await.expect(200);
    assert!(japan["bundles"].as_array().unwrap().iter().all(|bundle| bundle["countries"][0]["iso"] == "JP"));
    call(&sim, "GET", "/catalogue/bundle/esim_1GB_7D_JP_V2").send().await.expect(200);
    call(&sim, "GET", "/catalogue/bundle/esim_1gb_7d_jp_v2").send().await.expect(400);
    call(&sim, "GET", "/catalogue?page=0").send().await.expect(400);
}

#[tokio::test]
async fn two_orders_are_two_purchases_and_validating_is_none() {
    let sim = esim_go::start(None).await.unwrap();
    let mut body = wanted();
    body["type"] = json!("validate");
    let validated = call(&sim, "POST", "/orders").json(&body).send().await.expect(200);
    assert!(validated["valid"] == json!(true) && validated.get("orderReference").is_none());
    let (first, second) = (buy(&sim).await, buy(&sim).await);
    assert_ne!(first["orderReference"], second["orderReference"]);
    assert_eq!(sim.client().ledger().await.unwrap().len(), 2);
    for (member, value) in
        [("item", json!("esim_1gb_7d_jp_v2")), ("quantity", json!("1")), ("iccids", json!(["1", "2"])), ("type", json!("esim"))]
    {
        let mut body = wanted();
        body["order"][0][member] = value;
        call(&sim, "POST", "/orders").json(&body).send().await.expect(400);
    }
    let mut body = wanted();
    body["order"][0]["item"] = json!("esim_OUT_OF_STOCK");
    assert_eq!(call(&sim, "POST", "/orders").json(&body).send().await.expect(403)["message"], "No bundles left");
    sim.client().post("balance", &json!({"hundredths": 1})).await.unwrap();
    assert_eq!(call(&sim, "POST", "/orders").json(&wanted()).send().await.expect(403)["message"], "Insufficient balance");
}

#[tokio::test]
async fn orders_are_listed_by_time_and_shown_by_reference() {
    let sim = esim_go::start(None).await.unwrap();
    sim.client().set_clock(Some("2027-01-01T00:00:00Z")).await.unwrap();
    let order = buy(&sim).await;
    let reference = order["orderReference"].as_str().unwrap();
    let listed = |query: &str| call(&sim, "GET", &format!("/orders?{query}"));
    let around = "includeIccids=true&createdAt=gte:2026-12-31T23:59:00Z&createdAt=lte:2027-01-01T00:15:00Z";
    let found = listed(around).send().await.expect(200);
    let one = &found["orders"][0];
    assert_eq!((&one["orderReference"], &one["createDate"]), (&json!(reference), &json!("2027-01-01T00:00:00Z")));
    assert_eq!(one["order"][0]["esims"], order["order"][0]["esims"]);
    assert_eq!(listed("createdAt=gte:2027-01-01T00:00:01Z").send().await.expect(200)["rows"], json!(0));
    listed("createdAt=2027-01-01").send().await.expect(400);
    sim.client().post("settings", &json!({"list_lag_seconds": 60})).await.unwrap();
    assert_eq!(listed(around).send().await.expect(200)["rows"], json!(0), "not yet");
    call(&sim, "GET", &format!("/orders/{reference}")).send().await.expect(200);
    let json = call(&sim, "GET", &format!("/esims/assignments?reference={reference}")).header("accept", "application/json");
    assert!(json.send().await.expect(200)[0]["rspUrl"].as_str().unwrap().starts_with("LPA:1$"));
    let csv = call(&sim, "GET", &format!("/esims/assignments?reference={reference}")).send().await;
    assert!(csv.header("content-type").starts_with("text/csv"));
}

#[tokio::test]
async fn a_bundle_lives_from_queued_to_expired() {
    let sim = esim_go::start(None).await.unwrap();
    sim.client().set_clock(Some("2027-01-01T00:00:00Z")).await.unwrap();
    let iccid = iccid(&sim).await;
    let bundles = || call(&sim, "GET", &format!("/esims/{iccid}/bundles?includeUsed=true"));
    let assignment = |body: Value| body["bundles"][0]["assignments"][0].clone();
    let waiting = assignment(bundles().send().await.expect(200));
    assert_eq!((&waiting["bundleState"], &waiting["initialQuantity"]), (&json!("Queued"), &json!(1_000_000_000)));
    sim.client().set_esim(&iccid, &json!({"profile_status": "Installed", "used_mb": 100})).await.unwrap();
    let active = assignment(bundles().send().await.expect(200));
    assert_eq!((&active["bundleState"], &active["endTime"]), (&json!("Active"), &json!("2027-01-08T00:00:00Z")));
    assert_eq!(call(&sim, "GET", &format!("/esims/{iccid}")).send().await.expect(200)["profileStatus"], "Installed");
    sim.client().set_clock(Some("2027-01-08T00:00:00Z")).await.unwrap();
    assert_eq!(assignment(bundles().send().await.expect(200))["bundleState"], "Expired");
    let unused = call(&sim, "GET", &format!("/esims/{iccid}/bundles")).send().await.expect(200);
    assert_eq!(unused, json!({"bundles": []}), "used ones only on demand");
    call(&sim, "GET", "/esims/8900000000000000000/bundles").send().await.expect(403);
}

#[tokio::test]
async fn a_bundle_is_applied_from_stock_or_credit_to_an_esim_that_lives() {
    let sim = esim_go::start(None).await.unwrap();
    let iccid = iccid(&sim).await;
    let apply = |iccid: &str| call(&sim, "POST", "/esims/apply").json(&json!({"name": "esim_5GB_30D_JP_V2", "iccid": iccid}));
    let applied = apply(&iccid).send().await.expect(200);
    assert!(applied["applyReference"].is_string());
    assert_eq!(sim.client().ledger().await.unwrap()[1]["kind"], "topup");
    let listed = call(&sim, "GET", "/orders").send().await.expect(200);
    assert_eq!(listed["orders"][0]["order"][0]["type"], "bundleAssignment");
    apply("8900000000000000000").send().await.expect(403);
    sim.client().set_esim(&iccid, &json!({"deactivated": true})).await.unwrap();
    apply(&iccid).send().await.expect(400);
}

#[tokio::test]
async fn callbacks_are_signed_in_hex_or_base64() {
    let (sim, inbox) = (esim_go::start(None).await.unwrap(), inbox::start(None).await.unwrap());
    let iccid = iccid(&sim).await;
    sim.client().post("callback", &json!({"url": inbox.base_url})).await.unwrap();
    sim.client().post("settings", &json!({"iccid_numbers": true})).await.unwrap();
    sim.client().set_esim(&iccid, &json!({"used_mb": 800})).await.unwrap();
    sim.client().post(&format!("esims/{iccid}/callback"), &json!({"kind": "Utilisation"})).await.unwrap();
    let deliveries = sim.client().deliveries().await.unwrap();
    let (body, headers) = (deliveries[0]["body"].as_str().unwrap(), &deliveries[0]["headers"]);
    assert!(body.contains(&format!("\"iccid\":{iccid}")), "a number, as in some examples");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"esim-go-api-key").unwrap();
    mac.update(body.as_bytes());
    assert_eq!(headers["x-signature-sha256"], hex::encode(mac.finalize().into_bytes()));
    sim.client().post("callback", &json!({"url": inbox.base_url, "base64": true})).await.unwrap();
    sim.client().post(&format!("esims/{iccid}/callback"), &json!({"kind": "FirstAttachment"})).await.unwrap();
    let deliveries = sim.client().deliveries().await.unwrap();
    assert!(deliveries[1]["headers"]["x-signature-sha256"].as_str().unwrap().ends_with('='));
    assert_eq!(deliveries[1]["status"], json!(204));
}
