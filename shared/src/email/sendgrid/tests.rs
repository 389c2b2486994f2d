#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap, index or panic is a failed test")]

use super::Sendgrid;
use crate::{
    config::{Agency, EmailSettings},
    domain::{EmailAddress, Locale},
    email::{Attachment, MailError, MailKind, Mailer, Message},
    outbound::Answer,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

fn account(email: Value) -> Sendgrid {
    let mut settings = json!({"kind": "sendgrid", "base_url": "https://api.eu.sendgrid.com", "api_key": "SG.1", "from": {"email": "voyages@agence.example"}});
    settings.as_object_mut().unwrap().extend(email.as_object().unwrap().clone());
    let agency: Agency = serde_json::from_value(json!({
        "name": "Voyages Horizon", "locale": "fr-FR", "timezone": "Europe/Paris", "currency": "EUR", "providers": [], "email": settings,
    }))
    .unwrap();
    let EmailSettings::Sendgrid(settings) = &agency.email else { panic!("another service") };
    Sendgrid::new(settings, &agency.name)
}

fn message(locale: Locale) -> Message {
    Message {
        kind: MailKind::Delivery,
        locale,
        to: EmailAddress::parse("marie@exemple.fr").unwrap(),
        to_name: "Marie".to_owned(),
        subject: "Votre eSIM".to_owned(),
        text: "texte".to_owned(),
        html: "<p>html</p>".to_owned(),
        attachments: vec![Attachment {
            content_id: "qr".to_owned(),
            filename: "esim-qr.png".to_owned(),
            content_type: "image/png",
            content: vec![1, 2, 250],
        }],
        template_data: json!({"title": "Japon"}),
        reference: "mail_1".to_owned(),
    }
}

fn sent(account: &Sendgrid, locale: Locale) -> Value {
    serde_json::from_slice(&account.send(&message(locale)).body).unwrap()
}

#[test]
fn a_mail_is_one_message_with_text_before_html_and_nothing_tracked() {
    let account = account(json!({}));
    let request = account.send(&message(Locale::Fr));
    assert_eq!(request.url.as_str(), "https://api.eu.sendgrid.com/v3/mail/send");
    assert!(request.headers.get("authorization").is_some_and(|value| value == "Bearer SG.1" && value.is_sensitive()));
    let body = sent(&account, Locale::Fr);
    assert_eq!(
        body["personalizations"],
        json!([{"to": [{"email": "marie@exemple.fr", "name": "Marie"}], "custom_args": {"passerelle_reference": "mail_1", "passerelle_mail": "delivery"}}])
    );
    assert_eq!(body["from"], json!({"email": "voyages@agence.example", "name": "Voyages Horizon"}));
    assert_eq!(body["content"], json!([{"type": "text/plain", "value": "texte"}, {"type": "text/html", "value": "<p>html</p>"}]));
    assert_eq!(
        body["attachments"],
        json!([{"content": STANDARD.encode([1, 2, 250]), "filename": "esim-qr.png", "type": "image/png", "disposition": "inline", "content_id": "qr"}])
    );
    assert_eq!(
        body["tracking_settings"],
        json!({"click_tracking": {"enable": false, "enable_text": false}, "open_tracking": {"enable": false}})
    );
    assert_eq!(body["categories"], json!(["passerelle", "delivery"]));
    assert!(body.get("template_id").is_none() && body.get("custom_args").is_none());
}

#[test]
fn an_agencys_own_template_takes_the_place_of_the_content() {
    let account = account(json!({"template_ids": {"delivery": "d-any", "delivery.en": "d-english", "topup_reminder": "d-other"}}));
    let english = sent(&account, Locale::En);
    assert_eq!(english["template_id"], "d-english");
    assert_eq!(english["personalizations"][0]["dynamic_template_data"], json!({"title": "Japon"}));
    assert!(english.get("content").is_none());
    assert_eq!(english["attachments"].as_array().unwrap().len(), 1, "the template may show cid:qr");
    assert_eq!(sent(&account, Locale::Fr)["template_id"], "d-any");
}

#[test]
fn a_sandboxed_mail_says_so() {
    let sandboxed = sent(&account(json!({"sandbox": true})), Locale::Fr);
    assert_eq!(sandboxed["mail_settings"], json!({"sandbox_mode": {"enable": true}}));
    assert!(sent(&account(json!({})), Locale::Fr).get("mail_settings").is_none());
}

#[test]
fn a_sender_name_of_its_own_is_used() {
    assert_eq!(
        sent(&account(json!({"from": {"email": "a@b.example", "name": "Horizon eSIM"}})), Locale::Fr)["from"]["name"],
        "Horizon eSIM"
    );
}

fn read(status: u16, headers: &[(&'static str, &str)], body: &str) -> Result<Option<String>, MailError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    account(json!({})).read_send(&Answer { status: StatusCode::from_u16(status).unwrap(), headers: map, body: body.as_bytes().to_vec() })
}

fn refused(status: u16, body: &str) -> String {
    match read(status, &[], body) {
        Err(MailError::Refused { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

fn later(status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<Duration> {
    match read(status, headers, body) {
        Err(MailError::Later { retry_after, .. }) => retry_after,
        other => panic!("{other:?}"),
    }
}

#[test]
fn accepted_mails_have_the_services_id() {
    assert_eq!(read(202, &[("x-message-id", "abc.1")], ""), Ok(Some("abc.1".to_owned())));
    assert_eq!(read(200, &[], ""), Ok(None));
}

#[test]
fn what_was_surely_not_taken_is_sent_again() {
    let own = r#"{"errors":[{"message":"too many requests","field":null,"help":null}]}"#;
    assert_eq!(later(429, &[("retry-after", "3")], own), Some(Duration::from_secs(3)));
    let clock = [("date", "Tue, 24 Nov 2026 12:00:00 GMT"), ("x-ratelimit-reset", "1795521620")];
    assert_eq!(later(429, &clock, own), Some(Duration::from_secs(20)));
    assert_eq!(later(429, &[("x-ratelimit-reset", "1795521620")], ""), None);
    assert_eq!(later(503, &[], "<html>"), None);
    assert_eq!(later(500, &[], own), None);
}

#[test]
fn an_error_page_of_someone_in_between_is_not_answered_with_a_second_mail() {
    for status in [500, 502, 504] {
        assert!(refused(status, "<html>Bad Gateway</html>").contains("not known whether the mail was sent"));
    }
}

#[test]
fn a_refusal_says_why_without_addresses() {
    let body = r#"{"errors":[{"message":"The from address voyages@agence.example does not match a verified Sender Identity","field":"from","help":null}]}"#;
    assert_eq!(refused(403, body), "HTTP 403 from: The from address … does not match a verified Sender Identity");
    assert_eq!(refused(401, "nothing readable"), "HTTP 401");
    let long = format!(r#"{{"errors":[{{"message":"{}"}}]}}"#, "x".repeat(5000));
    assert!(refused(400, &long).chars().count() <= 300);
}
