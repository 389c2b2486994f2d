//! eSIM Access API v1.

use hmac::{Hmac, KeyInit, Mac};
use passerelle_tests::sim::{Sim, esim_access, inbox};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::http::ask;

/// With the access code alone, which is enough.
async fn call(sim: &Sim, path: &str, body: &Value) -> Value {
    let answer = ask("POST", &format!("{}{path}", sim.base_url)).header("rt-accesscode", "access-code").json(body).send().await;
    answer.expect(200)
}

async fn object(sim: &Sim, path: &str, body: &Value) -> Value {
    let answer = call(sim, path, body).await;
    assert_eq!((&answer["success"], &answer["errorCode"]), (&json!(true), &json!("0")), "{answer}");
    answer["obj"].clone()
}

async fn refused(sim: &Sim, path: &str, body: &Value) -> String {
    let answer = call(sim, path, body).await;
    assert_eq!((&answer["success"], &answer["obj"]), (&json!(false), &Value::Null), "{answer}");
    answer["errorCode"].as_str().unwrap().to_owned()
}

fn wanted(transaction: &str) -> Value {
    json!({"transactionId": transaction, "packageInfoList": [{"packageCode": "JC016", "count": 1}]})
}

fn by(name: &str, value: &str) -> Value {
    json!({name: value, "pager": {"pageNum": 1, "pageSize": 50}})
}

/// An eSIM that is allocated.
async fn esim(sim: &Sim) -> Value {
    sim.client().post("settings", &json!({"allocation_seconds": 0})).await.unwrap();
    let order = object(sim, "/esim/order", &wanted("t-1")).await;
    object(sim, "/esim/query", &by("orderNo", order["orderNo"].as_str().unwrap())).await["esimList"][0].clone()
}

fn signed(secret: &str, time: i64, id: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}{id}access-code{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn a_signature_is_checked_when_it_is_there() {
    let sim = esim_access::start(None).await.unwrap();
    let (id, body, now) = ("4ce9d9cd-ac9e-4e17-b3a2-c66c358c1ce2", "{}", jiff::Timestamp::now().as_millisecond());
    let send = |time: i64, id: &'static str, signature: String| {
        let url = format!("{}/balance/query", sim.base_url);
        let request = ask("POST", &url).header("rt-accesscode", "access-code").header("rt-timestamp", &time.to_string());
        let request = request.header("rt-requestid", id).header("rt-signature", &signature).text("application/json", body);
        async move { request.send().await.expect(200)["errorCode"].clone() }
    };
    assert_eq!(send(now, id, signed("access-secret", now, id, body)).await, "0");
    assert_eq!(send(now, id, signed("access-secret", now, id, body).to_uppercase()).await, "0");
    assert_eq!(send(now, id, signed("another", now, id, body)).await, "101003");
    let old = now - 600_000;
    assert_eq!(send(old, id, signed("access-secret", old, id, body)).await, "101001");
    assert_eq!(send(now, "1", signed("access-secret", now, "1", body)).await, "000102");
    let url = format!("{}/balance/query", sim.base_url);
    assert_eq!(ask("POST", &url).json(&json!({})).send().await.expect(200)["errorCode"], "000101");
    let half = ask("POST", &url).header("rt-accesscode", "access-code").header("rt-timestamp", "1").json(&json!({}));
    assert_eq!(half.send().await.expect(200)["errorCode"], "000101");
    let get = ask("GET", &url).header("rt-accesscode", "access-code").send().await;
    assert_eq!(get.expect(200)["errorCode"], "000103");
}

#[tokio::test]
async fn eight_requests_a_second_are_allowed() {
    let sim = esim_access::start(None).await.unwrap();
    let mut throttled = 0;
    for _ in 0..10 {
        let request = ask("POST", &format!("{}/balance/query", sim.base_url)).header("rt-accesscode", "access-code");
        throttled += usize::from(request.json(&json!({})).send().await.status == 429);
    }
    assert!(throttled >= 1);
}

#[tokio::test]
async fn the_list_comes_whole_and_one_comes_twice() {
    let sim = esim_access::start(None).await.unwrap();
    let all = object(&sim, "/package/list", &json!({"type": "BASE"})).await;
    let codes: Vec<&str> = all["packageList"].as_array().unwrap().iter().map(|plan| plan["packageCode"].as_str().unwrap()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "JC016").count(), 2);
    let france = object(&sim, "/package/list", &json!({"locationCode": "FR"})).await;
    assert_eq!(france["packageList"].as_array().unwrap().len(), 1);
    let esim = esim(&sim).await;
    let topups = object(&sim, "/package/list", &json!({"type": "TOPUP", "iccid": esim["iccid"]})).await;
    assert!(topups["packageList"].as_array().unwrap().iter().all(|plan| plan["packageCode"].as_str().unwrap().starts_with("TOPUP_JC")));
    assert_eq!(refused(&sim, "/package/list", &json!({"type": "TOPUP", "iccid": "1"})).await, "310403");
}

#[tokio::test]
async fn a_transaction_buys_once_and_its_profile_comes_later() {
    let sim = esim_access::start(None).await.unwrap();
    sim.client().set_clock(Some("2027-01-01T00:00:00Z")).await.unwrap();
    let first = object(&sim, "/esim/order", &wanted("t-1")).await;
    assert_eq!(object(&sim, "/esim/order", &wanted("t-1")).await["orderNo"], first["orderNo"]);
    assert_eq!(sim.client().ledger().await.unwrap().len(), 1);
    let number = first["orderNo"].as_str().unwrap();
    assert_eq!(refused(&sim, "/esim/query", &by("orderNo", number)).await, "200010");
    sim.client().set_clock(Some("2027-01-01T00:00:30Z")).await.unwrap();
    let list = object(&sim, "/esim/query", &by("orderNo", number)).await;
    assert!(list["esimList"][0]["ac"].as_str().unwrap().starts_with("LPA:1$"));
    assert_eq!(refused(&sim, "/esim/query", &json!({"orderNo": number})).await, "000105", "the pager is mandatory");
}

#[tokio::test]
async fn an_order_is_checked_field_by_field() {
    let sim = esim_access::start(None).await.unwrap();
    sim.client().post("settings", &json!({"requests_per_second": 100})).await.unwrap();
    let order = |change: Value| {
        let mut body = wanted("t-1");
        for (member, value) in change.as_object().unwrap() {
            body[member] = value.clone();
        }
        body
    };
    let item = |item: Value| order(json!({ "packageInfoList": [item] }));
    for (body, code) in [
        (order(json!({"transactionId": null})), "000105"),
        (order(json!({"transactionId": "x".repeat(51)})), "000107"),
        (item(json!({"packageCode": "NONE", "count": 1})), "310241"),
        (item(json!({"packageCode": "JC016", "count": "1"})), "000105"),
        (item(json!({"packageCode": "JC016", "count": 31})), "000105"),
        (item(json!({"packageCode": "JC016", "count": 1, "price": 1})), "200005"),
        (order(json!({"amount": 1})), "200006"),
        (item(json!({"packageCode": "OUT_OF_STOCK", "count": 1})), "200011"),
    ] {
        assert_eq!(refused(&sim, "/esim/order", &body).await, code, "{body}");
    }
    sim.client().post("balance", &json!({"ten_thousandths": 1})).await.unwrap();
    assert_eq!(refused(&sim, "/esim/order", &wanted("t-2")).await, "200007");
    assert!(sim.client().ledger().await.unwrap().is_empty());
}

#[tokio::test]
async fn usage_is_as_old_as_the_setting_says() {
    let sim = esim_access::start(None).await.unwrap();
    sim.client().set_clock(Some("2027-01-01T00:00:00Z")).await.unwrap();
    let esim = esim(&sim).await;
    let number = esim["esimTranNo"].as_str().unwrap();
    sim.client().post("settings", &json!({"usage_lag_seconds": 7200})).await.unwrap();
    sim.client().set_esim(number, &json!({"used_mb": 100, "smdp_status": "ENABLED"})).await.unwrap();
    let numbers = json!({"esimTranNoList": [number]});
    let usage = || object(&sim, "/esim/usage/query", &numbers);
    assert_eq!(usage().await[0]["dataUsage"], json!(0));
    sim.client().set_clock(Some("2027-01-01T02:00:00Z")).await.unwrap();
    let told = usage().await;
    assert_eq!((&told[0]["dataUsage"], &told[0]["lastUpdateTime"]), (&json!(104_857_600), &json!("2027-01-01T00:00:00+0000")));
    let state = object(&sim, "/esim/query", &by("esimTranNo", number)).await["esimList"][0].clone();
    assert_eq!((&state["esimStatus"], &state["expiredTime"]), (&json!("IN_USE"), &json!("2027-01-08T00:00:00+0000")));
    assert_eq!(refused(&sim, "/esim/usage/query", &json!({"esimTranNoList": []})).await, "000107");
}

#[tokio::test]
async fn a_top_up_adds_until_the_end_and_repeats_buy_again() {
    let sim = esim_access::start(None).await.unwrap();
    sim.client().set_clock(Some("2027-01-01T00:00:00Z")).await.unwrap();
    let esim = esim(&sim).await;
    let body = json!({"esimTranNo": esim["esimTranNo"], "packageCode": "TOPUP_JC016", "transactionId": "t-2"});
    let added = object(&sim, "/esim/topup", &body).await;
    assert_eq!((&added["transactionId"], &added["totalVolume"]), (&json!("t-2"), &json!(2_147_483_648_i64)));
    object(&sim, "/esim/topup", &body).await;
    assert_eq!(sim.client().ledger().await.unwrap().len(), 3, "nothing says that a repeated top-up is the same request");
    sim.client().set_clock(Some("2027-12-01T00:00:00Z")).await.unwrap();
    assert_eq!(refused(&sim, "/esim/topup", &body).await, "200002");
}

#[tokio::test]
async fn an_unused_esim_is_cancelled_and_an_iccid_is_used_again() {
    let sim = esim_access::start(None).await.unwrap();
    let first = esim(&sim).await;
    object(&sim, "/esim/cancel", &json!({"esimTranNo": first["esimTranNo"]})).await;
    assert_eq!(refused(&sim, "/esim/cancel", &json!({"esimTranNo": first["esimTranNo"]})).await, "200002");
    object(&sim, "/esim/order", &wanted("t-2")).await;
    sim.client().post(&format!("esims/{}/reuse-iccid", first["esimTranNo"].as_str().unwrap()), &json!({})).await.unwrap();
    let iccid = first["iccid"].as_str().unwrap();
    let now = object(&sim, "/esim/query", &by("iccid", iccid)).await["esimList"][0].clone();
    assert_ne!(now["esimTranNo"], first["esimTranNo"]);
}

#[tokio::test]
async fn a_webhook_is_saved_only_when_it_answers() {
    let (sim, inbox) = (esim_access::start(None).await.unwrap(), inbox::start(None).await.unwrap());
    assert_eq!(refused(&sim, "/webhook/save", &json!({"webhook": "http://127.0.0.1:1/"})).await, "000105");
    object(&sim, "/webhook/save", &json!({"webhook": inbox.base_url})).await;
    let received = inbox.client().requests_to("POST", "/hook").await.unwrap();
    assert_eq!(received[0]["body"]["notifyType"], "CHECK_HEALTH");
    let esim = esim(&sim).await;
    sim.client().post(&format!("esims/{}/notify", esim["esimTranNo"].as_str().unwrap()), &json!({"type": "SMDP_EVENT"})).await.unwrap();
    let received = inbox.client().requests_to("POST", "/hook").await.unwrap();
    assert_eq!(received[1]["body"]["content"]["esimTranNo"], esim["esimTranNo"]);
    assert!(received[1]["headers"].get("x-signature").is_none());
}
