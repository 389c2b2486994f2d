//! The reference contract's own promises, beside the scenarios that all providers pass.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests: what fails here is a failed test")]

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::Duration;

use super::Reference;
use crate::domain::{Locale, UsageReading, usage::ReportedStatus};
use crate::outbound::HttpRequest;
use crate::providers::conformance::{account, answer, iccid, now, order_id, survives};
use crate::providers::{EsimKey, EsimProvider, FindOrder, FoundOrder, PlaceOrder, Placement, ProviderError, ProviderEventKind, TopUp};

const SAMPLES: [&str; 7] = [
    include_str!("samples/login.json"),
    include_str!("samples/catalogue.json"),
    include_str!("samples/orders.json"),
    include_str!("samples/find_order.json"),
    include_str!("samples/esims.json"),
    include_str!("samples/topups.json"),
    include_str!("samples/webhook.json"),
];

fn reference() -> Reference {
    Reference::new(&account("reference"))
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers.get(name).unwrap().to_str().unwrap()
}

#[test]
fn nothing_that_is_said_breaks_the_readers() {
    survives(&reference(), &SAMPLES);
}

#[test]
fn the_log_in_is_a_form_below_the_base_or_where_the_settings_say() {
    let request = reference().login();
    assert_eq!(request.url.as_str(), "https://api.example.com/v2/oauth/token");
    assert_eq!(request.body, b"grant_type=client_credentials&client_id=client&client_secret=test-secret");
    let mut account = account("reference");
    account.token_url = Some("https://login.example.com/t".parse().unwrap());
    assert_eq!(Reference::new(&account).login().url.as_str(), "https://login.example.com/t");
}

#[test]
fn a_token_that_does_not_say_how_long_is_kept_for_a_short_time() {
    let token = |body: Value| reference().read_login(&answer(&body)).unwrap();
    assert_eq!(token(json!({"access_token": "t", "expires_in": 3600})).lifetime, Duration::from_secs(3_600));
    assert_eq!(token(json!({"access_token": "t"})).lifetime, Duration::from_secs(300));
    assert_eq!(token(json!({"access_token": "t"})).token.expose_secret(), "t");
}

#[test]
fn a_purchase_and_its_look_up_are_the_same_request() {
    let order = order_id();
    let placed = reference().place(&PlaceOrder { provider_package_id: "jp-1gb-7d", reference: &order, locale: Locale::Fr });
    assert_eq!((placed.method.as_str(), placed.url.as_str()), ("POST", "https://api.example.com/v2/orders"));
    assert_eq!(body(&placed), json!({"package_id": "jp-1gb-7d", "external_reference": "ord_01JCONFORMANCE", "quantity": 1}));
    assert_eq!(header(&placed, "x-api-version"), "2024-10");
    assert_eq!(header(&placed, "accept-language"), "fr-FR");
    assert_eq!(header(&placed, "x-idempotency-key").len(), 36);
    let asked = reference().find_order(&look_up(&order, None)).unwrap();
    assert_same(&placed, &asked);
}

#[test]
fn a_top_up_and_its_look_up_are_the_same_request() {
    let order = order_id();
    let esim = EsimKey { provider_esim_id: Some("esim-77"), iccid: None };
    let top_up = TopUp { esim, provider_package_id: "jp-1gb-7d", reference: &order, locale: Locale::Fr };
    let sent = reference().top_up(&top_up).unwrap();
    assert_eq!(sent.url.path(), "/v2/esims/esim-77/topup");
    assert_eq!(body(&sent), json!({"package_id": "jp-1gb-7d", "external_reference": "ord_01JCONFORMANCE"}));
    assert_same(&sent, &reference().find_order(&look_up(&order, Some(esim))).unwrap());
}

fn look_up<'a>(order: &'a crate::domain::OrderId, top_up_of: Option<EsimKey<'a>>) -> FindOrder<'a> {
    FindOrder {
        reference: order,
        provider_order_id: None,
        provider_package_id: "jp-1gb-7d",
        top_up_of,
        sent_at: now(),
        locale: Locale::Fr,
        cursor: None,
    }
}

fn assert_same(one: &HttpRequest, other: &HttpRequest) {
    assert_eq!((&one.method, &one.url, &one.headers, &one.body), (&other.method, &other.url, &other.headers, &other.body));
}

#[test]
fn an_esim_is_named_by_the_providers_id_only() {
    let iccid = iccid();
    let only_iccid = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    assert!(
        reference().usage(only_iccid).is_err()
            && reference().esim(only_iccid).is_err()
            && reference().topups(only_iccid, &[], Locale::Fr).is_err()
    );
    let known = EsimKey { provider_esim_id: Some("esim-77"), iccid: None };
    assert_eq!(reference().usage(known).unwrap().url.path(), "/v2/esims/esim-77/usage");
    assert_eq!(reference().topups(known, &[], Locale::Fr).unwrap().url.path(), "/v2/esims/esim-77/topups");
}

#[test]
fn an_esim_id_that_is_an_iccid_is_not_kept_in_the_clear() {
    let order = json!({"order_id": "1", "status": "placed", "esim_id": "8933200000000000127"});
    assert!(matches!(reference().read_place(&answer(&order)).unwrap(), Placement::Accepted { .. }));
    let snowflake = json!({"order_id": "1", "status": "placed", "esim_id": "1234567890123456789"});
    let Placement::Placed(placed) = reference().read_place(&answer(&snowflake)).unwrap() else { panic!("not placed") };
    assert_eq!(placed.esim.unwrap().provider_esim_id.as_deref(), Some("1234567890123456789"));
}

#[test]
fn a_look_up_fails_only_for_reasons_of_the_trade() {
    let order = order_id();
    let found = |status: u16, code: &str| {
        let mut refusal = answer(&json!({"code": code}));
        refusal.status = http::StatusCode::from_u16(status).unwrap();
        reference().read_find_order(&look_up(&order, None), &refusal)
    };
    assert!(matches!(found(422, "sold_out"), Ok(FoundOrder::Failed { .. })));
    let nothing_proven = [
        (404, "not_found"),
        (403, "forbidden"),
        (422, "maintenance"),
        (400, "bad_version"),
        (422, "idempotency_key_reused"),
        (409, "in_progress"),
    ];
    for (status, code) in nothing_proven {
        assert!(matches!(found(status, code), Err(ProviderError::Unknown(_))), "{status} {code}");
    }
}

#[test]
fn a_purchase_that_is_still_in_hand_is_no_refusal() {
    let mut conflict = answer(&json!({"code": "in_progress"}));
    conflict.status = http::StatusCode::CONFLICT;
    assert!(matches!(reference().read_place(&conflict), Err(ProviderError::Unknown(_))));
    assert!(matches!(reference().read_top_up(&conflict), Err(ProviderError::Unknown(_))));
}

#[test]
fn pages_follow_the_cursor() {
    assert_eq!(reference().catalogue(None, Locale::En).url.query(), Some("limit=200"));
    assert_eq!(reference().catalogue(Some("a&b"), Locale::En).url.query(), Some("limit=200&cursor=a%26b"));
}

#[test]
fn the_four_events_are_registered_and_the_secret_is_kept() {
    let requests = reference().register_webhook("https://crm.example.com/hook").unwrap();
    let [request] = requests.as_slice() else { panic!("one request") };
    assert_eq!(request.url.path(), "/v2/webhooks/register");
    let events = ["esim.installed", "esim.activated", "usage.threshold_reached", "esim.expired"];
    assert_eq!(body(request), json!({"url": "https://crm.example.com/hook", "events": events}));
    let registered = reference().read_register_webhook(&answer(&json!({"subscription_id": "sub_1", "secret": "whsec_once"}))).unwrap();
    assert_eq!(registered.subscription_id.as_deref(), Some("sub_1"));
    assert_eq!(registered.secret.as_ref().unwrap().expose_secret(), "whsec_once");
}

fn event(kind: &str, data: &Value) -> ProviderEventKind {
    let body = json!({"id": "evt_1", "type": kind, "occurred_at": "2026-11-10T11:00:00Z", "data": data});
    reference().read_webhook(body.to_string().as_bytes(), now()).unwrap().remove(0).kind
}

fn reading(kind: &str, data: &Value) -> UsageReading {
    match event(kind, data) {
        ProviderEventKind::Reading(reading) => reading,
        other => panic!("{kind}: {other:?}"),
    }
}

#[test]
fn events_become_readings() {
    let occurred: Timestamp = "2026-11-10T11:00:00Z".parse().unwrap();
    assert_eq!(reading("esim.installed", &json!({"esim_id": "e"})).status, ReportedStatus::Installed);
    let active = reading("esim.activated", &json!({"esim_id": "e", "expiry_date": "2026-11-20T12:00:00Z"}));
    assert_eq!((active.status, active.activated_at, active.measured_at), (ReportedStatus::Active, Some(occurred), occurred));
    assert_eq!(active.expires_at, Some("2026-11-20T12:00:00Z".parse().unwrap()));
    let most = reading(
        "usage.threshold_reached",
        &json!({"esim_id": "e", "threshold": 80, "data_used_mb": 820, "data_remaining_mb": 204, "data_total_mb": 1024}),
    );
    assert_eq!((most.status, most.used_mb, most.remaining_mb, most.total_mb), (ReportedStatus::Active, Some(820), Some(204), Some(1024)));
    for all in [json!(100), json!("100"), json!("100 %")] {
        assert_eq!(reading("usage.threshold_reached", &json!({"esim_id": "e", "threshold": all})).status, ReportedStatus::Exhausted);
    }
    assert_eq!(reading("esim.expired", &json!({"iccid": "8933200000000000127"})).status, ReportedStatus::Expired);
}

#[test]
fn events_that_do_not_say_enough_are_not_made_up() {
    assert_eq!(event("usage.threshold_reached", &json!({"esim_id": "e", "threshold": 80})), ProviderEventKind::Hint);
    assert_eq!(event("esim.expired", &json!({})), ProviderEventKind::Unknown);
    assert_eq!(event("esim.expired", &Value::Null), ProviderEventKind::Unknown);
    assert_eq!(event("order.completed", &json!({"esim_id": "e"})), ProviderEventKind::Unknown);
}

#[test]
fn an_event_happened_when_the_provider_says_unless_that_is_no_time() {
    let measured = |occurred_at: &str| {
        let body = json!({"type": "esim.installed", "occurred_at": occurred_at, "data": {"esim_id": "e"}}).to_string();
        match reference().read_webhook(body.as_bytes(), now()).unwrap().remove(0).kind {
            ProviderEventKind::Reading(reading) => reading.measured_at,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(measured("2026-12-01T00:00:00Z"), "2026-12-01T00:00:00Z".parse().unwrap());
    assert_eq!(measured("2031-01-01T00:00:00Z"), now());
    assert_eq!(measured("yesterday"), now());
}

#[test]
fn a_total_of_null_is_no_limit_and_an_absent_one_says_nothing() {
    let limits = |data: Value| {
        let reading = reading("esim.activated", &data);
        (reading.unlimited, reading.total_mb)
    };
    assert_eq!(limits(json!({"esim_id": "e", "data_total_mb": null})), (true, None));
    assert_eq!(limits(json!({"esim_id": "e", "data_total_mb": "1024"})), (false, Some(1024)));
    assert_eq!(limits(json!({"esim_id": "e"})), (false, None));
}
