//! Mailjet's Send API.

use passerelle_tests::sim::{Sim, mailjet};
use serde_json::{Value, json};

use crate::http::{Answer, ask};

fn mail() -> Value {
    json!({
        "From": {"Email": "voyages@agency.example", "Name": "Voyages"}, "To": [{"Email": "camille@example.com", "Name": "Camille"}],
        "Subject": "Votre eSIM", "TextPart": "Bonjour", "HTMLPart": "<img src=\"cid:qr1\">", "CustomID": "delivery-e-o",
        "TrackClicks": "disabled",
        "InlinedAttachments": [{"ContentType": "image/png", "Filename": "qr.png", "Base64Content": "AQID", "ContentID": "qr1"}],
    })
}

async fn send(sim: &Sim, messages: Value, sandbox: bool) -> Answer {
    let request = ask("POST", &format!("{}/v3.1/send", sim.base_url));
    let authorized = request.header("authorization", "Basic bWFpbGpldC1hcGkta2V5Om1haWxqZXQtc2VjcmV0LWtleQ==");
    authorized.json(&json!({"Messages": messages, "SandboxMode": sandbox})).send().await
}

#[tokio::test]
async fn a_mail_is_accepted_kept_and_shown_with_an_id_beyond_doubles() {
    let sim = mailjet::start(None).await.unwrap();
    let told = send(&sim, json!([mail()]), false).await.expect(200);
    assert_eq!((&told["Messages"][0]["Status"], &told["Messages"][0]["CustomID"]), (&json!("success"), &json!("delivery-e-o")));
    assert!(told["Messages"][0]["To"][0]["MessageID"].as_u64().unwrap() > 1 << 53);
    let kept = sim.client().messages().await.unwrap();
    assert_eq!(kept[0]["id"], told["Messages"][0]["To"][0]["MessageUUID"]);
    assert_eq!(sim.client().attachment(0, 0).await.unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn a_sandboxed_mail_has_no_id_and_is_forgotten() {
    let sim = mailjet::start(None).await.unwrap();
    let told = send(&sim, json!([mail()]), true).await.expect(200);
    assert!(told["Messages"][0]["To"][0].get("MessageUUID").is_none());
    assert!(sim.client().messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn every_broken_rule_has_its_code() {
    let sim = mailjet::start(None).await.unwrap();
    let cases: Vec<(&str, Value, &str)> = vec![
        ("From", Value::Null, "mj-0003"),
        ("To", json!([]), "mj-0007"),
        ("To", json!([{"Email": "no address"}]), "mj-0013"),
        ("To", json!([{"Email": ""}]), "mj-0012"),
        ("Subject", json!("x".repeat(256)), "mj-0006"),
        ("TrackClicks", json!("never"), "mj-0005"),
        ("TemplateID", json!("7"), "mj-0004"),
        ("TemplateID", json!(7), "send-0010"),
        ("HTMLPart", json!("<img src='cid:gone'>"), "mj-0005"),
        (
            "InlinedAttachments",
            json!([{"ContentType": "image/png", "Filename": "", "Base64Content": "AQID", "ContentID": "qr1"}]),
            "mj-0012",
        ),
        ("NoSuchProperty", json!(1), "mj-0002"),
    ];
    for (member, value, code) in cases {
        let mut broken = mail();
        broken[member] = value.clone();
        if value.is_null() {
            broken.as_object_mut().unwrap().remove(member);
        }
        let told = send(&sim, json!([broken]), false).await.expect(400);
        assert!(told["Messages"][0]["Errors"].to_string().contains(code), "{member} {value}: {told}");
    }
    sim.client().post("senders", &json!({"verified": ["other.example"]})).await.unwrap();
    assert!(send(&sim, json!([mail()]), false).await.expect(403).to_string().contains("send-0008"));
    ask("POST", &format!("{}/v3.1/send", sim.base_url)).json(&json!({})).send().await.expect(401);
    assert!(sim.client().messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn each_message_has_a_status_of_its_own() {
    let sim = mailjet::start(None).await.unwrap();
    let mut broken = mail();
    broken["To"] = json!([]);
    let told = send(&sim, json!([mail(), broken]), false).await.expect(200);
    assert_eq!((&told["Messages"][0]["Status"], &told["Messages"][1]["Status"]), (&json!("success"), &json!("error")));
}
