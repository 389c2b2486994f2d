//! SendGrid's mail API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use passerelle_tests::sim::{Sim, sendgrid};
use serde_json::{Value, json};

use crate::http::{Answer, ask};

fn mail() -> Value {
    json!({
        "personalizations": [{"to": [{"email": "camille@example.com", "name": "Camille"}], "custom_args": {"esim_order_id": "ord_1"}}],
        "from": {"email": "voyages@agency.example", "name": "Voyages"},
        "subject": "Votre eSIM",
        "content": [{"type": "text/plain", "value": "Bonjour"}, {"type": "text/html", "value": "<body class=\"x\"><img src=\"cid:qr1\"></body>"}],
        "attachments": [{"content": STANDARD.encode([1, 2, 3]), "type": "image/png", "filename": "qr.png", "disposition": "inline", "content_id": "qr1"}],
        "tracking_settings": {"click_tracking": {"enable": false, "enable_text": false}},
    })
}

async fn send(sim: &Sim, mail: &Value) -> Answer {
    ask("POST", &format!("{}/v3/mail/send", sim.base_url)).bearer("SG.simulated.key").json(mail).send().await
}

#[tokio::test]
async fn a_mail_is_accepted_kept_and_shown() {
    let sim = sendgrid::start(None).await.unwrap();
    let answer = send(&sim, &mail()).await;
    assert_eq!((answer.status, answer.body.len()), (202, 0));
    let messages = sim.client().messages().await.unwrap();
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    assert_eq!(message["id"], json!(answer.header("x-message-id")));
    assert_eq!(
        (&message["to"][0]["email"], &message["subject"], &message["text"]),
        (&json!("camille@example.com"), &json!("Votre eSIM"), &json!("Bonjour"))
    );
    assert_eq!(message["custom_args"]["esim_order_id"], "ord_1");
    assert_eq!(sim.client().attachment(0, 0).await.unwrap(), [1, 2, 3]);
    let page = ask("GET", &format!("{}/_sim/messages/0.html", sim.url)).send().await;
    let page = String::from_utf8(page.body).unwrap();
    assert!(page.contains("data:image/png;base64,AQID") && !page.contains("cid:qr1") && page.contains("camille@example.com"));
}

#[tokio::test]
async fn a_sandboxed_mail_is_checked_and_forgotten() {
    let sim = sendgrid::start(None).await.unwrap();
    let mut sandboxed = mail();
    sandboxed["mail_settings"] = json!({"sandbox_mode": {"enable": true}});
    send(&sim, &sandboxed).await.expect(200);
    sandboxed["mail_settings"] = json!({"sandbox_mode": {"enable": "true"}});
    send(&sim, &sandboxed).await.expect(400);
    assert!(sim.client().messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn keys_and_senders_are_checked() {
    let sim = sendgrid::start(None).await.unwrap();
    let url = format!("{}/v3/mail/send", sim.base_url);
    assert_eq!(ask("POST", &url).json(&mail()).send().await.expect(401)["errors"][0]["message"], "authorization required");
    ask("POST", &url).bearer("SG.other").json(&mail()).send().await.expect(401);
    ask("GET", &url).bearer("SG.simulated.key").send().await.expect(405);
    sim.client().post("senders", &json!({"verified": ["other.example"]})).await.unwrap();
    assert_eq!(send(&sim, &mail()).await.expect(403)["errors"][0]["field"], "from");
    sim.client().post("senders", &json!({"verified": ["agency.example"]})).await.unwrap();
    send(&sim, &mail()).await.expect(202);
}

#[tokio::test]
async fn every_broken_rule_is_refused_and_keeps_nothing() {
    let sim = sendgrid::start(None).await.unwrap();
    let someone = json!({"email": "camille@example.com"});
    let cases: Vec<(&str, Value)> = vec![
        ("personalizations", json!([])),
        ("personalizations", json!([{"to": []}])),
        ("personalizations", json!([{"to": [{"email": "no address"}]}])),
        ("personalizations", json!([{"to": [someone, {"email": "CAMILLE@example.com"}]}])),
        ("personalizations", json!([{"to": [someone], "custom_args": {"n": 1}}])),
        ("from", json!({"name": "Nobody"})),
        ("subject", json!("")),
        ("content", json!([])),
        ("content", json!([{"type": "text/html", "value": "<p>x"}, {"type": "text/plain", "value": "x"}])),
        ("content", json!([{"type": "text/html", "value": "<img src='cid:gone'>"}])),
        ("attachments", json!([{"content": "not base64!", "filename": "a"}])),
        ("attachments", json!([{"content": "AQID"}])),
        ("attachments", json!([{"content": "AQID", "filename": "a", "type": "image/png", "disposition": "sideways", "content_id": "qr1"}])),
        ("categories", json!(["a", "a"])),
        ("template_id", json!("d-00000000000000000000000000000000")),
        ("send_at", json!(4_102_444_800_i64)),
        ("custom_args", json!({"a": "an object, which the published schema types as a string"})),
    ];
    for (member, value) in cases {
        let mut broken = mail();
        broken[member] = value.clone();
        let errors = send(&sim, &broken).await.expect(400);
        assert!(errors["errors"][0]["message"].is_string(), "{member} {value}");
    }
    let malformed =
        ask("POST", &format!("{}/v3/mail/send", sim.base_url)).bearer("SG.simulated.key").text("application/json", "{").send().await;
    malformed.expect(400);
    assert!(sim.client().messages().await.unwrap().is_empty());
    sim.client().post("templates", &json!({"ids": ["d-00000000000000000000000000000000"]})).await.unwrap();
    let mut templated = mail();
    templated["template_id"] = json!("d-00000000000000000000000000000000");
    send(&sim, &templated).await.expect(202);
}
