//! Celitech's own promises, beside the scenarios that all providers pass.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests: what fails here is a failed test")]

use iso_currency::Currency;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::Duration;

use super::{Celitech, assumptions};
use crate::domain::{Country, Locale, OrderId, usage::ReportedStatus};
use crate::outbound::{Answer, HttpRequest};
use crate::providers::conformance::{account, answer, iccid, now, order_id, survives};
use crate::providers::{EsimKey, EsimProvider, FindOrder, PlaceOrder, Placement, ProviderError, TopUp, TopUpPermission};

const SAMPLES: [&str; 6] = [
    include_str!("samples/login.json"),
    include_str!("samples/catalogue.json"),
    include_str!("samples/orders.json"),
    include_str!("samples/find_order.json"),
    include_str!("samples/esims.json"),
    include_str!("samples/topups.json"),
];

fn celitech() -> Celitech {
    Celitech::new(&account("celitech"))
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn with_status(status: u16, body: &Value) -> Answer {
    Answer { status: http::StatusCode::from_u16(status).unwrap(), ..answer(body) }
}

fn look_up<'a>(order: &'a OrderId, package: &'a str, top_up_of: Option<EsimKey<'a>>) -> FindOrder<'a> {
    FindOrder {
        reference: order,
        provider_order_id: None,
        provider_package_id: package,
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
fn nothing_that_is_said_breaks_the_readers() {
    survives(&celitech(), &SAMPLES);
}

#[test]
fn the_log_in_is_a_form_at_its_own_host() {
    let mut account = account("celitech");
    account.base_url = "https://api.celitech.net/v1".parse().unwrap();
    let request = Celitech::new(&account).login();
    assert_eq!(request.url.as_str(), "https://auth.celitech.net/oauth2/token");
    assert_eq!(request.body, b"grant_type=client_credentials&client_id=client&client_secret=test-secret&scope=");
    assert_eq!(celitech().login().url.as_str(), "https://api.example.com/oauth2/token");
    account.token_url = Some("https://login.example.com/t".parse().unwrap());
    assert_eq!(Celitech::new(&account).login().url.as_str(), "https://login.example.com/t");
}

#[test]
fn a_token_is_got_anew_five_seconds_before_its_end() {
    let token = celitech().read_login(&answer(&json!({"access_token": "t", "expires_in": 3600}))).unwrap();
    assert_eq!((token.token.expose_secret(), token.lifetime), ("t", Duration::from_secs(3_595)));
}

#[test]
fn a_purchase_says_what_is_bought_and_its_look_up_is_the_same_request() {
    let order = order_id();
    let placed = celitech().place(&PlaceOrder { provider_package_id: "jp-0.5gb-7d", reference: &order, locale: Locale::Fr });
    assert_eq!((placed.method.as_str(), placed.url.as_str()), ("POST", "https://api.example.com/v2/purchases/v2"));
    let expected = json!({"destination": "JP", "dataLimitInGB": 0.5, "duration": 7, "quantity": 1, "referenceId": "ord_01JCONFORMANCE"});
    assert_eq!(body(&placed), expected);
    assert_eq!(placed.headers["idempotency-key"], "ord_01JCONFORMANCE");
    assert_same(&placed, &celitech().find_order(&look_up(&order, "jp-0.5gb-7d", None)).unwrap());
}

#[test]
fn a_top_up_names_the_iccid_and_its_look_up_is_the_same_request() {
    let (order, iccid) = (order_id(), iccid());
    let esim = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let top_up = TopUp { esim, provider_package_id: "jp-3gb-30d", reference: &order, locale: Locale::Fr };
    let sent = celitech().top_up(&top_up).unwrap();
    assert_eq!(sent.url.path(), "/v2/purchases/topup");
    let expected = json!({"iccid": "8933200000000000127", "dataLimitInGB": 3, "duration": 30, "referenceId": "ord_01JCONFORMANCE"});
    assert_eq!(body(&sent), expected);
    assert_same(&sent, &celitech().find_order(&look_up(&order, "jp-3gb-30d", Some(esim))).unwrap());
    let unknown = EsimKey { provider_esim_id: Some("x"), iccid: None };
    assert!(celitech().top_up(&TopUp { esim: unknown, ..top_up }).is_err() && celitech().usage(unknown).is_err());
}

#[test]
fn what_the_keys_say_is_never_a_refusal() {
    let read = |status| celitech().read_place(&with_status(status, &json!({"message": "words"}))).unwrap_err();
    assert!(matches!(read(409), ProviderError::Unknown(_)), "still in hand");
    assert!(matches!(read(422), ProviderError::Unknown(_)), "the key was used: something may have been bought");
    assert!(matches!(read(503), ProviderError::NotSent(_)), "not processed, in its own words");
    let proxy = Answer { body: b"<html>".to_vec(), ..with_status(503, &json!({})) };
    assert!(matches!(celitech().read_place(&proxy), Err(ProviderError::Unknown(_))), "a proxy's 503 says nothing");
}

#[test]
fn the_code_is_found_wherever_it_is_written() {
    let lpa = |profile: Value| {
        let Placement::Placed(placed) = celitech().read_place(&answer(&json!([{"purchase": {"id": "1"}, "profile": profile}]))).unwrap()
        else {
            panic!("not placed")
        };
        placed.esim.unwrap().profile.unwrap().activation_code.lpa()
    };
    let whole = "LPA:1$smdp.example.com$K2";
    assert_eq!(lpa(json!({"iccid": "8933200000000000127", "manualActivationCode": whole})), whole);
    assert_eq!(lpa(json!({"iccid": "8933200000000000127", "smdpAddress": "smdp.example.com", "manualActivationCode": "K2"})), whole);
    let link = "https://esimsetup.apple.com/x?carddata=LPA%3A1%24smdp.example.com%24K2";
    assert_eq!(lpa(json!({"iccid": "8933200000000000127", "manualActivationCode": "K2", "iosActivationLink": link})), whole);
}

#[test]
fn the_picture_is_never_taken_for_a_code() {
    let picture =
        json!([{"purchase": {"id": "1"}, "profile": {"iccid": "8933200000000000127", "activationCode": "LPA:1$smdp.example.com$K2"}}]);
    assert!(matches!(celitech().read_place(&answer(&picture)).unwrap(), Placement::Accepted { .. }));
}

#[test]
fn usage_takes_three_calls() {
    let iccid = iccid();
    let esim = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let first = celitech().usage(esim).unwrap();
    assert_eq!(first.url.as_str(), "https://api.example.com/v2/purchases?iccid=8933200000000000127&limit=100");
    let plans = answer(&json!({"purchases": [
        {"id": "p/2", "createdDate": "2026-11-02T00:00:00+0000"}, {"id": "p1", "createdDate": "2026-11-01T00:00:00+0000"}]}));
    let second = celitech().more_usage(esim, std::slice::from_ref(&plans)).unwrap();
    assert_eq!(second.url.path(), "/v2/purchases/p%2F2/consumption");
    let third = celitech().more_usage(esim, &[plans.clone(), plans.clone()]).unwrap();
    assert_eq!(third.url.as_str(), "https://api.example.com/v2/esim?iccid=8933200000000000127");
    assert!(celitech().more_usage(esim, &[plans.clone(), plans.clone(), plans]).is_none());
}

#[test]
fn an_installed_profile_is_told_while_the_plan_waits() {
    let plan =
        json!({"purchases": [{"id": "1", "createdDate": "2026-11-02T00:00:00+0000", "package": {"dataLimitInBytes": 1_073_741_824}}]});
    let status = |word: &str, left: i64| {
        let reading = celitech().read_usage(&answer(&plan), now()).unwrap();
        let left = json!({"dataUsageRemainingInBytes": left, "status": "NOT_ACTIVE"});
        let reading = celitech().read_more_usage(reading, &answer(&left), now()).unwrap();
        celitech().read_more_usage(reading, &answer(&json!({"esim": {"status": word}})), now()).unwrap().status
    };
    assert_eq!(status("RELEASED", 1_073_741_824), ReportedStatus::NotActive);
    assert_eq!(status("DOWNLOADED", 1_073_741_824), ReportedStatus::Downloaded);
    assert_eq!(status("ENABLED", 1_073_741_824), ReportedStatus::Installed);
    assert_eq!(status("ENABLED", 1_000_000), ReportedStatus::Active, "what was used has begun");
    assert_eq!(status("ERROR", 1_073_741_824), ReportedStatus::Unknown("ERROR".to_owned()));
}

#[test]
fn top_ups_are_those_of_the_plans_one_destination() {
    let country = |code| Country::parse(code).unwrap();
    let esim = EsimKey { provider_esim_id: None, iccid: None };
    let request = celitech().topups(esim, &[country("JP")], Locale::Fr).unwrap();
    assert_eq!(request.url.query(), Some("destination=JP&limit=160"));
    assert!(celitech().topups(esim, &[country("JP"), country("FR")], Locale::Fr).is_err());
}

#[test]
fn the_currency_is_a_setting_and_said_to_be_assumed() {
    let mut account = account("celitech");
    assert!(assumptions(&account)[0].contains("USD (by default"));
    account.currency = Some(Currency::EUR);
    assert!(assumptions(&account)[0].contains("EUR (as set)"));
    let page = json!({"packages": [{"destinationISO2": "JP", "dataLimitInGB": 1, "minDays": 1, "maxDays": 7, "priceInCents": 450}]});
    let page = Celitech::new(&account).read_catalogue(&answer(&page)).unwrap();
    assert_eq!((page.packages[0].price.currency, page.packages[0].data_volume_mb), (Currency::EUR, Some(1_024)));
}

proptest! {
    #[test]
    fn used_and_left_are_all_of_the_plan(total_mb in 1_u64..100_000, left in 0_i64..200_000_000_000) {
        let plan = json!({"purchases": [{"id": "1", "createdDate": "2026-11-02T00:00:00+0000", "package": {"dataLimitInBytes": total_mb * 1_048_576}}]});
        let reading = celitech().read_usage(&answer(&plan), now()).unwrap();
        let left = json!({"dataUsageRemainingInBytes": left, "status": "ACTIVE"});
        let reading = celitech().read_more_usage(reading, &answer(&left), now()).unwrap();
        prop_assert_eq!(reading.used_mb.unwrap() + reading.remaining_mb.unwrap(), total_mb);
        prop_assert_eq!(reading.remaining_mb == Some(0), reading.status == ReportedStatus::Exhausted);
    }
}

#[test]
fn only_a_definite_no_keeps_an_esim_from_being_topped_up() {
    let iccid = iccid();
    let known = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let request = celitech().permission(known).unwrap();
    assert_eq!((request.url.path(), request.url.query()), ("/v2/esim", Some("iccid=8933200000000000127")));
    assert!(celitech().permission(EsimKey { provider_esim_id: Some("77"), iccid: None }).is_err());
    let read = |esim: Value| celitech().read_permission(&answer(&json!({ "esim": esim })));
    assert_eq!(read(json!({"isTopUpAllowed": true})), Ok(true));
    assert_eq!(read(json!({"isTopUpAllowed": false})), Ok(false));
    assert_eq!(read(json!({"isTopUpAllowed": "false"})), Ok(false));
    assert_eq!(read(json!({"status": "INSTALLED"})), Ok(true));
    assert!(celitech().read_permission(&answer(&json!({}))).is_err());
    assert_eq!(celitech().read_permission(&with_status(401, &json!({"message": "Unauthorized"}))), Err(ProviderError::Unauthorised));
}
