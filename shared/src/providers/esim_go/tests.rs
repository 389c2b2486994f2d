//! eSIM Go's own promises, beside the scenarios that all providers pass.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests: what fails here is a failed test")]

use iso_currency::Currency;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{EsimGo, assumptions};
use crate::domain::{Country, Locale, OrderId, usage::ReportedStatus};
use crate::outbound::{Answer, HttpRequest};
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

fn esim_go() -> EsimGo {
    EsimGo::new(&account("esim-go"))
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn look_up<'a>(order: &'a OrderId, known: Option<&'a str>, top_up_of: Option<EsimKey<'a>>) -> FindOrder<'a> {
    FindOrder {
        reference: order,
        provider_order_id: known,
        provider_package_id: "jp-1gb-7d",
        top_up_of,
        sent_at: now(),
        locale: Locale::Fr,
        cursor: None,
    }
}

#[test]
fn nothing_that_is_said_breaks_the_readers() {
    survives(&esim_go(), &SAMPLES);
}

#[test]
fn every_call_carries_the_key_of_now_and_there_is_no_log_in() {
    assert!(!esim_go().has_login());
    let request = esim_go().authorise(esim_go().catalogue(Some("3"), Locale::Fr), &"an old token".to_owned().into());
    assert_eq!(request.headers["x-api-key"], "test-secret");
    assert!(request.headers["x-api-key"].is_sensitive() && !request.headers.contains_key("authorization"));
    assert_eq!(request.url.as_str(), "https://api.example.com/v2/catalogue?page=3&perPage=100");
    assert_eq!(
        (esim_go().login().url.path(), &esim_go().login().headers["x-api-key"]),
        ("/v2/organisation", &request.headers["x-api-key"])
    );
}

#[test]
fn a_purchase_issues_a_new_esim() {
    let order = order_id();
    let request = esim_go().place(&PlaceOrder { provider_package_id: "esim_1GB_7D_JP_U", reference: &order, locale: Locale::Fr });
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://api.example.com/v2/orders"));
    let line = json!({"type": "bundle", "item": "esim_1GB_7D_JP_U", "quantity": 1, "allowReassign": false});
    assert_eq!(body(&request), json!({"type": "transaction", "assign": true, "order": [line]}));
}

#[test]
fn a_top_up_stays_on_its_esim() {
    let (order, iccid) = (order_id(), iccid());
    let esim = EsimKey { provider_esim_id: Some("ref"), iccid: Some(&iccid) };
    let top_up = TopUp { esim, provider_package_id: "b", reference: &order, locale: Locale::Fr };
    let request = esim_go().top_up(&top_up).unwrap();
    assert_eq!(request.url.path(), "/v2/esims/apply");
    assert_eq!(body(&request), json!({"name": "b", "iccid": "8933200000000000127", "allowReassign": false}));
    assert!(esim_go().top_up(&TopUp { esim: EsimKey { iccid: None, ..esim }, ..top_up }).is_err());
}

#[test]
fn an_unknown_order_is_looked_for_around_the_time_of_sending() {
    let (order, iccid) = (order_id(), iccid());
    let request = esim_go().find_order(&FindOrder { cursor: Some("2"), ..look_up(&order, None, None) }).unwrap();
    let query: Vec<_> = request.url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    let expected =
        ["includeIccids=true", "page=2", "limit=100", "createdAt=gte:2026-11-10T11:54:00Z", "createdAt=lte:2026-11-10T12:15:00Z"];
    assert_eq!(query, expected);
    let known = esim_go().find_order(&look_up(&order, Some("a/b"), None)).unwrap();
    assert_eq!((known.method.as_str(), known.url.path()), ("GET", "/v2/orders/a%2Fb"));
    let top_up = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let top_up = esim_go().find_order(&look_up(&order, None, Some(top_up))).unwrap();
    assert_eq!(top_up.url.path(), "/v2/esims/8933200000000000127/bundles");
}

#[test]
fn orders_that_could_be_ours_come_oldest_first_and_with_the_page_behind_them() {
    let order = order_id();
    let one = |reference: &str, at: &str, quantity: usize| {
        let lines: Vec<Value> = (0..quantity).map(|_| json!({"type": "bundle", "item": "jp-1gb-7d", "quantity": 1})).collect();
        json!({"orderReference": reference, "createDate": at, "order": lines})
    };
    let page = json!({"pageCount": 3, "orders": [
        one("late", "2026-11-10T12:01:00Z", 1), one("two lines", "2026-11-10T12:00:00Z", 2), one("soon", "2026-11-10T11:59:30Z", 1)]});
    let FoundOrder::Unclaimed { orders, next } = esim_go().read_find_order(&look_up(&order, None, None), &answer(&page)).unwrap() else {
        panic!("not a list")
    };
    assert_eq!(orders.iter().map(|placed| placed.provider_order_id.as_str()).collect::<Vec<_>>(), ["soon", "late"]);
    let esim = orders[0].esim.as_ref().unwrap();
    assert_eq!((esim.provider_esim_id.as_deref(), esim.profile.is_none()), (Some("soon"), true), "its codes are fetched by the order");
    assert_eq!(next.as_deref(), Some("2"));
}

#[test]
fn codes_are_fetched_by_the_orders_reference() {
    let iccid = iccid();
    let by_order = esim_go().esim(EsimKey { provider_esim_id: Some("ref 1"), iccid: Some(&iccid) }).unwrap();
    assert_eq!(by_order.url.as_str(), "https://api.example.com/v2/esims/assignments?reference=ref+1");
    assert_eq!(by_order.headers["accept"], "application/json", "the default is CSV");
    let by_iccid = esim_go().esim(EsimKey { provider_esim_id: None, iccid: Some(&iccid) }).unwrap();
    assert_eq!(by_iccid.url.path(), "/v2/esims/8933200000000000127");
}

#[test]
fn an_order_whose_iccid_alone_is_told_is_bought() {
    let order = json!({"orderReference": "r", "order": [{"type": "bundle", "item": "b", "iccids": ["8933200000000000127"]}]});
    let Placement::Placed(placed) = esim_go().read_place(&answer(&order)).unwrap() else { panic!("not placed") };
    let esim = placed.esim.unwrap();
    assert_eq!((esim.provider_esim_id.as_deref(), esim.profile.is_none()), (Some("r"), true));
}

#[test]
fn a_bad_key_is_told_from_other_refusals_by_its_word() {
    let read = |status, words: &str| {
        let status = http::StatusCode::from_u16(status).unwrap();
        esim_go().read_place(&Answer { status, ..answer(&json!({ "message": words })) }).unwrap_err()
    };
    assert_eq!(read(403, "Forbidden"), ProviderError::Unauthorised);
    assert!(
        matches!(read(403, "ICCID 8933200000000000127 is not yours"), ProviderError::Rejected { code: "refused", reason } if reason == "ICCID [ICCID] is not yours")
    );
    assert!(matches!(read(503, "Processing"), ProviderError::Unknown(_)));
}

#[test]
fn the_profile_is_asked_for_only_while_the_bundle_waits() {
    let iccid = iccid();
    let esim = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let bundles = |state: &str| answer(&json!({"bundles": [{"name": "b", "assignments": [{"bundleState": state}]}]}));
    assert_eq!(esim_go().more_usage(esim, &[bundles("queued")]).unwrap().url.path(), "/v2/esims/8933200000000000127");
    assert!(esim_go().more_usage(esim, &[bundles("Active")]).is_none());
    let waiting = esim_go().read_usage(&bundles("Processing"), now()).unwrap();
    let installed = esim_go().read_more_usage(waiting, &answer(&json!({"profileStatus": "Installed"})), now()).unwrap();
    assert_eq!(installed.status, ReportedStatus::Installed);
}

#[test]
fn top_ups_work_where_the_plan_does() {
    let countries = ["JP", "TH"].map(|code| Country::parse(code).unwrap());
    let esim = EsimKey { provider_esim_id: None, iccid: None };
    assert_eq!(esim_go().topups(esim, &countries, Locale::Fr).unwrap().url.query(), Some("countries=JP&perPage=100"));
    assert!(esim_go().topups(esim, &[], Locale::Fr).is_err());
    let bundle = |name: &str, isos: &[&str]| {
        let countries: Vec<Value> = isos.iter().map(|iso| json!({ "iso": iso })).collect();
        json!({"name": name, "countries": countries, "dataAmount": 1000, "duration": 7, "price": 3})
    };
    let page = json!({"bundles": [bundle("japan", &["JP"]), bundle("asia", &["JP", "TH", "KR"])]});
    let fitting = esim_go().read_topups(&answer(&page), &countries).unwrap();
    assert_eq!(fitting.iter().map(|package| package.title.as_str()).collect::<Vec<_>>(), ["asia"]);
}

#[test]
fn callbacks_say_what_they_say_and_no_more() {
    let kind = |body: Value| esim_go().read_webhook(body.to_string().as_bytes(), now()).unwrap().remove(0).kind;
    let iccid = "8933200000000000127";
    let bundle = json!({"initialQuantity": 1_073_741_824, "remainingQuantity": 0, "startTime": "2026-11-09T12:00:00Z", "endTime": "2026-11-20T12:00:00Z"});
    let ProviderEventKind::Reading(used_up) = kind(json!({"iccid": iccid, "alertType": "Utilisation", "bundle": bundle})) else {
        panic!("no reading")
    };
    assert_eq!((used_up.status, used_up.used_mb, used_up.total_mb), (ReportedStatus::Exhausted, Some(1_024), Some(1_024)));
    assert_eq!(used_up.activated_at, Some("2026-11-09T12:00:00Z".parse().unwrap()));
    assert_eq!(kind(json!({"iccid": iccid, "alertType": "FirstAttachment"})), ProviderEventKind::Hint, "attached is not begun");
    assert_eq!(kind(json!({"iccid": iccid, "alertType": "FirstUse"})), ProviderEventKind::Hint);
    assert!(
        matches!(kind(json!({"iccid": iccid, "profileStatus": "Installed"})), ProviderEventKind::Reading(r) if r.status == ReportedStatus::Installed)
    );
    assert_eq!(kind(json!({"iccid": iccid, "profileStatus": "Released"})), ProviderEventKind::Hint);
    assert_eq!(kind(json!({"event": "esim.deleted", "iccid": iccid, "date": "2026-11-10"})), ProviderEventKind::Hint);
    assert_eq!(kind(json!({"event": "esim.deletion_scheduled", "iccid": iccid})), ProviderEventKind::Unknown);
    assert_eq!(kind(json!({"alertType": "Balance", "balance": 3})), ProviderEventKind::CreditLow);
    assert_eq!(kind(json!({"alertType": "FirstUse", "iccid": "?"})), ProviderEventKind::Unknown);
}

#[test]
fn the_currency_is_a_setting_and_said_to_be_assumed() {
    let mut account = account("esim-go");
    assert!(assumptions(&account)[0].contains("USD (by default"));
    account.currency = Some(Currency::GBP);
    let page = json!({"bundles": [{"name": "b", "countries": [{"iso": "JP"}], "dataAmount": 1000, "duration": 7, "price": 3}]});
    assert_eq!(EsimGo::new(&account).read_catalogue(&answer(&page)).unwrap().packages[0].price.currency, Currency::GBP);
}

proptest! {
    #[test]
    fn used_and_left_are_all_of_the_bundle(total_mb in 1_u64..100_000, left in 0_u64..200_000_000_000, state in "[A-Za-z]{1,12}") {
        let assignment = json!({"initialQuantity": total_mb * 1_048_576, "remainingQuantity": left, "bundleState": state});
        let reading = esim_go().read_usage(&answer(&json!({"bundles": [{"assignments": [assignment]}]})), now()).unwrap();
        prop_assert_eq!(reading.used_mb.unwrap() + reading.remaining_mb.unwrap(), total_mb);
    }
}
