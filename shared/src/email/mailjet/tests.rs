#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap, index or panic is a failed test")]

use super::{Mailjet, events};
use crate::{
    config::{Agency, EmailSettings},
    domain::{EmailAddress, Locale, MailOutcome},
    email::{Attachment, MailError, MailKind, Mailer, Message},
    outbound::Answer,
};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

fn account(email: Value) -> Mailjet {
    let mut settings = json!({"kind": "mailjet", "base_url": "https://api.mailjet.com", "api_key": "key", "secret_key": "secret",
                              "from": {"email": "voyages@agence.example"}});
    settings.as_object_mut().unwrap().extend(email.as_object().unwrap().clone());
    let agency: Agency = serde_json::from_value(json!({
        "name": "Voyages Horizon", "locale": "fr-FR", "timezone": "Europe/Paris", "currency": "EUR", "providers": [], "email": settings,
    }))
    .unwrap();
    let EmailSettings::Mailjet(settings) = &agency.email else { panic!("another service") };
    Mailjet::new(settings, &agency.name)
}

fn message() -> Message {
    Message {
        kind: MailKind::Delivery,
        locale: Locale::Fr,
        to: EmailAddress::parse("marie@exemple.fr").unwrap(),
        to_name: "Marie".to_owned(),
        subject: "Votre eSIM".to_owned(),
        text: "texte".to_owned(),
        html: "<img src=\"cid:qr\">".to_owned(),
        attachments: vec![Attachment {
            content_id: "qr".to_owned(),
            filename: "esim-qr.png".to_owned(),
            content_type: "image/png",
            content: vec![1, 2, 3],
        }],
        template_data: json!({"title": "Japon"}),
        reference: "delivery-esim_1-ord_1".to_owned(),
    }
}

fn sent(account: &Mailjet) -> Value {
    serde_json::from_slice(&account.send(&message()).body).unwrap()
}

#[test]
fn our_own_words_go_with_the_picture_inline_and_without_tracking() {
    let account = account(json!({}));
    let request = account.send(&message());
    assert_eq!(request.url.as_str(), "https://api.mailjet.com/v3.1/send");
    assert_eq!(request.headers["authorization"], "Basic a2V5OnNlY3JldA==");
    assert!(request.headers["authorization"].is_sensitive());
    assert_eq!(
        sent(&account),
        json!({"AdvanceErrorHandling": true, "Messages": [{
            "From": {"Email": "voyages@agence.example", "Name": "Voyages Horizon"},
            "To": [{"Email": "marie@exemple.fr", "Name": "Marie"}],
            "Subject": "Votre eSIM", "TextPart": "texte", "HTMLPart": "<img src=\"cid:qr\">",
            "TrackOpens": "disabled", "TrackClicks": "disabled",
            "InlinedAttachments": [{"ContentType": "image/png", "Filename": "esim-qr.png", "Base64Content": "AQID", "ContentID": "qr"}],
            "CustomID": "delivery-esim_1-ord_1",
        }]})
    );
}

#[test]
fn an_agencys_own_template_takes_the_place_of_the_words() {
    let body = sent(&account(json!({"template_ids": {"delivery": 7, "delivery.fr": 8}, "sandbox": true})));
    assert_eq!(body["SandboxMode"], true);
    let mail = &body["Messages"][0];
    assert_eq!((&mail["TemplateID"], &mail["TemplateLanguage"], &mail["Variables"]), (&json!(8), &json!(true), &json!({"title": "Japon"})));
    assert!(["Subject", "TextPart", "HTMLPart", "TrackClicks"].iter().all(|name| mail.get(name).is_none()), "the template has its own");
    assert_eq!(mail["InlinedAttachments"].as_array().unwrap().len(), 1, "the template may show cid:qr");
}

fn read(status: u16, body: &str) -> Result<Option<String>, MailError> {
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", "7".parse().unwrap());
    account(json!({})).read_send(&Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: body.as_bytes().to_vec() })
}

fn refused(status: u16, body: &str) -> String {
    match read(status, body) {
        Err(MailError::Refused { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_success_has_the_mails_id_or_none_in_the_sandbox() {
    let success = r#"{"Messages":[{"Status":"success","To":[{"Email":"marie@exemple.fr","MessageUUID":"u-1","MessageID":19140298412066272,"MessageHref":"x"}]}]}"#;
    assert_eq!(read(200, success), Ok(Some("u-1".to_owned())));
    assert_eq!(read(200, r#"{"Messages":[{"Status":"success","To":[{"Email":"marie@exemple.fr"}]}]}"#), Ok(None));
}

#[test]
fn each_error_says_why_without_addresses_whatever_the_status_of_the_whole() {
    let error = r#"{"Messages":[{"Status":"error","Errors":[{"ErrorIdentifier":"i-1","ErrorCode":"send-0008","StatusCode":403,"ErrorMessage":"\"voyages@agence.example\" is not an authorized sender email address for your account.","ErrorRelatedTo":["From"]}]}]}"#;
    let told = "HTTP 403 send-0008 From: \"…\" is not an authorized sender email address for your account.";
    assert_eq!(refused(403, error), told);
    assert_eq!(refused(200, error), told, "a status of its own");
    let global = r#"{"ErrorIdentifier":"i-2","ErrorCode":"mj-0015","StatusCode":401,"ErrorMessage":"API key authentication failure"}"#;
    assert_eq!(refused(401, global), "HTTP 401 mj-0015: API key authentication failure");
    assert_eq!(refused(401, "nothing readable"), "HTTP 401");
}

#[test]
fn what_was_surely_not_taken_is_sent_again_and_what_nobody_knows_is_not() {
    let later = |status, body: &str| match read(status, body) {
        Err(MailError::Later { reason, retry_after }) => (reason, retry_after),
        other => panic!("{other:?}"),
    };
    assert_eq!(later(429, ""), ("HTTP 429".to_owned(), Some(Duration::from_secs(7))));
    assert_eq!(later(500, r#"{"ErrorIdentifier":"i-3","StatusCode":500}"#).0, "HTTP 500 i-3");
    for (status, body) in [(500, "<html>"), (502, "<html>"), (504, ""), (200, "{"), (200, "{}")] {
        assert!(refused(status, body).contains("not known whether the mail was sent"), "{status} {body}");
    }
}

#[test]
fn events_come_alone_or_in_a_list_and_ids_beyond_doubles_do_no_harm() {
    let bounce = r#"{"event":"bounce","time":1430812195,"MessageID":13792286917004336,"Message_GUID":"u-1","email":"marie@exemple.fr","CustomID":"delivery-e-o",
                     "blocked":false,"hard_bounce":true,"error_related_to":"recipient","error":"user unknown","comment":"marie@exemple.fr rejected"}"#;
    let alone = events::read(bounce.as_bytes()).unwrap();
    assert_eq!((alone.len(), alone[0].outcome), (1, MailOutcome::Bounced));
    assert_eq!(alone[0].reason.as_deref(), Some("recipient: user unknown: … rejected"));
    assert_eq!(alone[0].message_id.as_deref(), Some("u-1"));
    let list = format!(
        r#"[{{"event":"open","time":1,"CustomID":"x"}},{{"event":"sent","time":2,"CustomID":"","Payload":""}},{bounce},{{"event":"sent","time":1430812196,"CustomID":"delivery-e-o"}}]"#
    );
    assert_eq!(
        events::read(list.as_bytes()).unwrap().iter().map(|e| e.outcome).collect::<Vec<_>>(),
        [MailOutcome::Bounced, MailOutcome::Delivered]
    );
    assert!(events::read(b"3").is_none());
}

#[test]
fn a_password_that_was_agreed_must_be_shown() {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let mut shown = HeaderMap::new();
    shown.insert("authorization", "Basic bWo6cGFzcw==".parse().unwrap());
    let guarded = account(json!({"webhook_secrets": ["mj:pass"]}));
    assert!(guarded.verify_events(&shown, b"", now));
    assert!(!guarded.verify_events(&HeaderMap::new(), b"", now));
    assert!(account(json!({})).verify_events(&HeaderMap::new(), b"", now));
}
