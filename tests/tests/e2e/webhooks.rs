//! The open door, as an attacker and as Airalo meet it.

use crate::demo;
use serde_json::json;

async fn post(path: &str, signature: Option<&str>, body: &str) -> (u16, String) {
    let mut call = demo().stack.call("POST", path).unwrap().header("content-type", "application/json").body(body.to_owned());
    if let Some(signature) = signature {
        call = call.header("x-passerelle-signature", signature);
    }
    let answer = call.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn what_cannot_be_believed_is_refused_alike_and_without_detail() {
    let body =
        json!({"id": "evt-forged", "type": "esim.expired", "occurred_at": "2026-11-24T12:00:00Z", "data": {"esim_id": "es_1"}}).to_string();
    let forged = format!("t={},v1={}", jiff::Timestamp::now().as_second(), "0".repeat(64));
    let mut answers = Vec::new();
    for (path, signature) in [
        ("/api/webhooks/esim", None),
        ("/api/webhooks/esim", Some(forged.as_str())),
        ("/api/webhooks/esim", Some("t=1,v1=00")),
        ("/api/webhooks/esim/wh_nobody", Some(forged.as_str())),
    ] {
        let (status, text) = post(path, signature, &body).await;
        assert_eq!(status, 401, "{path}: {text}");
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        document.as_object_mut().unwrap().remove("trace_id");
        answers.push(document);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "one answer for all: {answers:?}");
    let kept = demo().stack.items().await.unwrap();
    assert!(!kept.iter().any(|item| item.to_string().contains("evt-forged")), "nothing was written");
}

#[tokio::test]
async fn somebody_is_there_when_a_provider_asks() {
    let answer = demo().stack.call("HEAD", "/api/webhooks/esim/wh_anything").unwrap().send().await.unwrap();
    assert_eq!(answer.status(), 200);
}
