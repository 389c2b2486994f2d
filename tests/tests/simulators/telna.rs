//! Telna's simulator: keys in either form, work orders that are never idempotent, usage without ends.

use passerelle_tests::sim::{Sim, inbox, telna};
use serde_json::{Value, json};

use crate::http::{Ask, ask};

fn call(sim: &Sim, method: &str, path: &str) -> Ask {
    ask(method, &format!("{}/{path}", sim.base_url)).header("user-agent", "suite").header("authorization", "telna-key")
}

async fn order(sim: &Sim, body: &Value) -> crate::http::Answer {
    call(sim, "POST", "ordering/work-orders").json(body).send().await
}

#[tokio::test]
async fn the_key_may_be_alone_or_a_bearer_unless_set_otherwise() {
    let sim = telna::start(None).await.unwrap();
    let products = format!("{}/ordering/products", sim.base_url);
    let with = |value: &str| ask("GET", &products).header("user-agent", "suite").header("authorization", value);
    with("telna-key").send().await.expect(200);
    with("Bearer telna-key").send().await.expect(200);
    with("wrong").send().await.expect(401);
    ask("GET", &products).header("authorization", "telna-key").send().await.expect(403);
    sim.client().post("settings", &json!({"auth": "raw"})).await.unwrap();
    with("Bearer telna-key").send().await.expect(401);
}

#[tokio::test]
async fn products_are_counted_from_an_offset_in_bytes_seconds_and_three_letters() {
    let sim = telna::start(None).await.unwrap();
    let page = call(&sim, "GET", "ordering/products?offset=2&count=2").send().await.expect(200);
    assert_eq!((page["total"].as_i64(), page["offset"].as_i64(), page["count"].as_i64()), (Some(5), Some(2), Some(2)));
    let template = &page["products"][0]["package_template"];
    assert_eq!(template["time_allowance"], json!({"unit": "SECOND", "duration": 2_592_000}));
    assert_eq!((&template["data_usage_allowance"], &template["supported_countries"][0]), (&json!(5_368_709_120_i64), &json!("FRA")));
    call(&sim, "GET", "ordering/products?offset=x").send().await.expect(400);
    call(&sim, "GET", "ordering/products/none").send().await.expect(404);
}

#[tokio::test]
async fn the_same_reference_buys_twice() {
    let sim = telna::start(None).await.unwrap();
    let body = json!({"product": "tel-jp-3gb-15d", "customer_ref": "ord_1"});
    let first = order(&sim, &body).await.expect(201);
    let second = order(&sim, &body).await.expect(201);
    assert_ne!(first["id"], second["id"]);
    assert!(first["euicc_profile"]["activation_code"].as_str().unwrap().starts_with("LPA:1$"));
    let list = call(&sim, "GET", "ordering/work-orders?customer_ref=nobody").send().await.expect(200);
    assert_eq!(list["total"], 2, "a filter that is not confirmed is passed over");
    sim.client().post("settings", &json!({"filters_by_reference": true})).await.unwrap();
    assert_eq!(call(&sim, "GET", "ordering/work-orders?customer_ref=nobody").send().await.expect(200)["total"], 0);
    assert_eq!(sim.client().ledger().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let sim = telna::start(None).await.unwrap();
    for body in [
        json!({"customer_ref": "a"}),
        json!({"product": "tel-old", "customer_ref": "a"}),
        json!({"product": "tel-jp-3gb-15d"}),
        json!({"product": "tel-jp-3gb-15d", "customer_ref": "a", "iccid": "8910000000000000000"}),
    ] {
        assert!(order(&sim, &body).await.expect(400)["error"].is_string());
    }
    call(&sim, "GET", "diagnostic/usages").send().await.expect(400);
    call(&sim, "GET", "diagnostic/euicc-profiles/8910000000000000000").send().await.expect(404);
    assert!(sim.client().ledger().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_top_up_is_an_order_of_the_same_sim_where_the_member_is_known() {
    let sim = telna::start(None).await.unwrap();
    let bought = order(&sim, &json!({"product": "tel-jp-3gb-15d", "customer_ref": "a"})).await.expect(201);
    let iccid = bought["sim_registry"]["iccid"].as_str().unwrap();
    let top_up = json!({"product": "tel-jp-3gb-15d", "customer_ref": "b", "iccid": iccid});
    assert_eq!(order(&sim, &top_up).await.expect(201)["sim_registry"]["iccid"], iccid);
    sim.client().set_esim(iccid, &json!({"used_mb": 100})).await.unwrap();
    let usage = call(&sim, "GET", &format!("diagnostic/usages?iccid={iccid}")).send().await.expect(200);
    assert_eq!((usage["orders"].as_array().unwrap().len(), &usage["orders"][1]["data_used_bytes"]), (2, &json!(104_857_600)));
    sim.client().post("settings", &json!({"top_up_member": null})).await.unwrap();
    assert_ne!(order(&sim, &top_up).await.expect(201)["sim_registry"]["iccid"], iccid, "a member that is not known buys a new eSIM");
}

#[tokio::test]
async fn events_come_in_the_envelope_of_sns() {
    let (sim, inbox) = (telna::start(None).await.unwrap(), inbox::start(None).await.unwrap());
    let bought = order(&sim, &json!({"product": "tel-jp-3gb-15d", "customer_ref": "a"})).await.expect(201);
    let iccid = bought["sim_registry"]["iccid"].as_str().unwrap();
    let wish = json!({"event": "PACKAGE_DATA_USAGE_ALERT", "url": format!("{}/hook", inbox.url)});
    sim.client().post(&format!("esims/{iccid}/notify"), &wish).await.unwrap();
    let received = inbox.client().requests_to("POST", "/hook").await.unwrap();
    assert_eq!(received[0]["headers"]["x-amz-sns-message-type"], "Notification");
    let message: Value = serde_json::from_str(received[0]["body"]["Message"].as_str().unwrap()).unwrap();
    assert_eq!((&message["eventName"], &message["eventDetails"]["sim"]["iccid"]), (&json!("PACKAGE_DATA_USAGE_ALERT"), &json!(iccid)));
}
