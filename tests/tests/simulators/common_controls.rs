//! Records, faults and clock, which all simulators share.

use passerelle_tests::sim::{Fault, Simulators, inbox, reference};
use serde_json::json;

use crate::http::ask;

#[tokio::test]
async fn a_request_is_recorded_with_its_headers_body_and_status() {
    let sim = inbox::start(None).await.unwrap();
    ask("POST", &format!("{}/hook/x?y=1", sim.url)).header("X-One", "1").json(&json!({"a": 1})).send().await.expect(204);
    ask("POST", &format!("{}/text", sim.url)).text("text/plain", "plain words").send().await.expect(204);
    let records = sim.client().requests().await.unwrap();
    assert_eq!(records.len(), 2);
    let first = &records[0];
    assert_eq!((&first["method"], &first["path"], &first["query"]), (&json!("POST"), &json!("/hook/x"), &json!("y=1")));
    assert_eq!((&first["headers"]["x-one"], &first["body"], &first["status"]), (&json!("1"), &json!({"a": 1}), &json!(204)));
    assert_eq!(records[1]["body"], json!("plain words"));
    assert_eq!(sim.client().requests_to("POST", "/text").await.unwrap().len(), 1);
    sim.client().clear_requests().await.unwrap();
    assert!(sim.client().requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_status_fault_has_no_effect_and_is_used_up() {
    let sim = inbox::start(None).await.unwrap();
    let fault = Fault::on("POST", "/hook").after(1).times(2).status(503).header("retry-after", "7").body(json!({"error": "down"}));
    sim.client().fault(&fault).await.unwrap();
    let url = format!("{}/hook", sim.url);
    ask("POST", &url).send().await.expect(204);
    for _ in 0..2 {
        let answer = ask("POST", &url).send().await;
        assert_eq!(answer.expect(503), json!({"error": "down"}));
        assert_eq!(answer.header("retry-after"), "7");
    }
    ask("POST", &url).send().await.expect(204);
    assert!(sim.client().waiting_faults().await.unwrap().is_empty());
    let records = sim.client().requests().await.unwrap();
    assert_eq!(records.iter().map(|record| record["status"].as_i64().unwrap()).collect::<Vec<_>>(), [204, 503, 503, 204]);
    assert_eq!(records[1]["fault"], json!("status 503"));
}

#[tokio::test]
async fn a_dropped_reply_leaves_the_effect_and_a_dropped_request_leaves_none() {
    let sim = reference::start(None).await.unwrap();
    let token = crate::reference::token(&sim).await;
    let order = |key: &'static str| crate::reference::order(&sim, &token, key, "ref-jp-3gb-15d");
    sim.client().fault(&Fault::on("POST", "/orders").dropping_the_reply()).await.unwrap();
    assert!(order("00000000-0000-4000-8000-000000000001").attempt().await.is_none());
    assert_eq!(sim.client().ledger().await.unwrap().len(), 1);
    sim.client().fault(&Fault::on("POST", "/orders").dropping_the_request()).await.unwrap();
    assert!(order("00000000-0000-4000-8000-000000000002").attempt().await.is_none());
    assert_eq!(sim.client().ledger().await.unwrap().len(), 1);
    let records = sim.client().requests_to("POST", "/orders").await.unwrap();
    for record in &records {
        assert_eq!((&record["status"], &record["reply_dropped"]), (&json!(null), &json!(true)));
    }
    assert_eq!(records[0]["fault"], json!("drop_reply_after_effect"));
    assert_eq!(records[1]["fault"], json!("drop_before_effect"));
    order("00000000-0000-4000-8000-000000000002").send().await.expect(201);
}

#[tokio::test]
async fn an_effect_outlives_a_caller_who_hangs_up() {
    let sim = reference::start(None).await.unwrap();
    let token = crate::reference::token(&sim).await;
    sim.client().fault(&Fault::on("POST", "/orders").with_late_effect(300)).await.unwrap();
    let order = crate::reference::order(&sim, &token, "00000000-0000-4000-8000-000000000003", "ref-jp-3gb-15d");
    let impatient = tokio::time::timeout(std::time::Duration::from_millis(100), order.attempt()).await;
    assert!(impatient.is_err());
    assert!(sim.client().ledger().await.unwrap().is_empty());
    let ledger = crate::http::eventually(|| async { Some(sim.client().ledger().await.unwrap()).filter(|ledger| !ledger.is_empty()) }).await;
    assert_eq!(ledger.len(), 1);
    let record = &sim.client().requests_to("POST", "/orders").await.unwrap()[0];
    assert_eq!((&record["caller_gone"], &record["status"]), (&json!(true), &json!(null)));
}

#[tokio::test]
async fn a_malformed_answer_is_no_json_and_a_late_one_is_late() {
    let sim = reference::start(None).await.unwrap();
    let token = crate::reference::token(&sim).await;
    let catalogue = || ask("GET", &format!("{}/catalog/packages", sim.url)).bearer(&token).header("x-api-version", "2024-10");
    sim.client().fault(&Fault::on("GET", "/catalog").malformed()).await.unwrap();
    let answer = catalogue().send().await;
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());
    sim.client().fault(&Fault::on("GET", "/catalog").delayed(200)).await.unwrap();
    let began = std::time::Instant::now();
    catalogue().send().await.expect(200);
    assert!(began.elapsed() >= std::time::Duration::from_millis(200));
}

#[tokio::test]
async fn an_unknown_member_of_a_fault_is_refused() {
    let sim = inbox::start(None).await.unwrap();
    assert!(sim.client().post("faults", &json!({"stauts": 500})).await.is_err());
    assert!(sim.client().waiting_faults().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_clock_of_all_can_be_set_and_returned() {
    let sims = Simulators::start().await.unwrap();
    sims.set_clock(Some("2030-02-03T04:05:06Z")).await.unwrap();
    for sim in sims.each() {
        assert_eq!(sim.client().health().await.unwrap()["now"], json!("2030-02-03T04:05:06Z"));
        assert_eq!(sim.client().health().await.unwrap()["simulator"], json!(sim.name));
    }
    sims.set_clock(None).await.unwrap();
    assert_ne!(sims.airalo.client().health().await.unwrap()["now"], json!("2030-02-03T04:05:06Z"));
    assert!(sims.airalo.client().set_clock(Some("yesterday")).await.is_err());
}

#[tokio::test]
async fn a_stopped_simulator_frees_its_port_and_a_taken_port_is_an_error() {
    let sim = inbox::start(None).await.unwrap();
    let port: u16 = sim.url.rsplit(':').next().unwrap().parse().unwrap();
    assert!(inbox::start(Some(port)).await.unwrap_err().to_string().contains(&port.to_string()));
    sim.stop();
    let again = crate::http::eventually(|| async { inbox::start(Some(port)).await.ok() }).await;
    ask("POST", &format!("{}/hook", again.url)).send().await.expect(204);
}
