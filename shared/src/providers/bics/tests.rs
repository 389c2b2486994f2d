//! BICS's own promises, beside the scenarios that all providers pass.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests: what fails here is a failed test")]

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;

use super::{Bics, assumptions};
use crate::config::{ProviderAccount, TlsFloor};
use crate::domain::{Locale, OrderId};
use crate::outbound::HttpRequest;
use crate::providers::conformance::{account, account_with, answer, iccid, now, order_id, survives};
use crate::providers::{
    EsimKey, EsimProvider, FindOrder, FoundOrder, PlaceOrder, ProviderError, ProviderEventKind, SimStock, StockSim, TopUp, extras,
};

const SAMPLES: [&str; 7] = [
    include_str!("samples/login.json"),
    include_str!("samples/catalogue.json"),
    include_str!("samples/orders.json"),
    include_str!("samples/find_order.json"),
    include_str!("samples/esims.json"),
    include_str!("samples/topups.json"),
    include_str!("samples/webhook.json"),
];

fn configured(more: &Value) -> ProviderAccount {
    account_with("bics", more)
}

fn bics() -> Bics {
    Bics::new(&configured(&json!({})))
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn sim() -> StockSim {
    let page = json!({"Response": {"resultCode": "0", "responseParam": {"rows": [stock_row("EP-77", "8933200000000000127")]}}});
    bics().read_stock(None, &answer(&page)).unwrap().sims.remove(0)
}

fn stock_row(endpoint: &str, iccid: &str) -> Value {
    json!({"iccid": iccid, "endPointId": endpoint, "simStatus": "Pre-Active", "activationCode": {"textQrCode": "LPA:1$smdp.example.com$K2"}})
}

fn look_up<'a>(reference: &'a OrderId, esim: Option<EsimKey<'a>>) -> FindOrder<'a> {
    FindOrder {
        reference,
        provider_order_id: None,
        provider_package_id: "jp-1gb-7d",
        top_up_of: esim,
        sent_at: now(),
        locale: Locale::Fr,
        cursor: None,
    }
}

#[test]
fn nothing_that_is_said_breaks_the_readers() {
    survives(&bics(), &SAMPLES);
}

#[test]
fn only_workers_buy_with_all_the_time_that_the_page_asks_for() {
    assert_eq!(extras(&account("bics")).buying_time, Some(Duration::from_secs(180)));
    assert!(["airalo", "reference", "one-global", "telna"].iter().all(|kind| extras(&account(kind)).buying_time.is_none()));
}

#[test]
fn the_log_in_is_json_and_the_token_goes_into_a_header_of_its_own() {
    let resold = Bics::new(&configured(&json!({"target_account_id": "42"}))).login();
    assert_eq!(body(&resold), json!({"username": "client", "password": "test-secret", "targetAccountId": "42"}));
    let request = bics().authorise(bics().catalogue(None, Locale::Fr), &"t".to_owned().into());
    assert_eq!(request.headers["x-authorization"], "Bearer t");
    assert!(!request.headers.contains_key("authorization") && request.headers["x-requested-with"] == "XMLHttpRequest");
}

#[test]
fn a_token_lives_as_long_as_it_says() {
    let lifetime = |claims: &str| {
        let token = format!("e30.{}.sig", BASE64_URL_SAFE_NO_PAD.encode(claims));
        bics().read_login(&answer(&json!({ "AccessToken": token }))).unwrap().lifetime
    };
    assert_eq!(lifetime(r#"{"iat":100,"exp":1000}"#), Duration::from_secs(900));
    assert_eq!(lifetime(r#"{"iat":100,"exp":1000000}"#), Duration::from_secs(3600));
    assert_eq!(lifetime(r#"{"exp":1000}"#), Duration::from_secs(300), "without a beginning only a clock could tell");
    assert_eq!(lifetime("not JSON"), Duration::from_secs(300));
}

#[test]
fn a_purchase_is_three_calls_on_one_sim() {
    let reference = order_id();
    let order = PlaceOrder { provider_package_id: "jp-1gb-7d", reference: &reference, locale: Locale::Fr };
    let stock = bics().stock(Some("2"));
    assert_eq!(stock.url.as_str(), "https://api.example.com/v2/fetchSIM?simStatusId=12&simAttachStatusId=1&page=2&perPage=50");
    let ready = bics().make_ready(&sim());
    assert_eq!(ready.url.path(), "/v2/EndPointLifeCycleChange");
    assert_eq!(body(&ready), json!({"Request": {"endPointId": "EP-77", "requestParam": {"lifeCycle": "A", "reason": "1"}}}));
    let buy = bics().buy_on(&order, &sim());
    assert_eq!((buy.method.as_str(), buy.url.path()), ("POST", "/v2/SubscribeAddon"));
    assert_eq!(body(&buy), json!({"Request": {"endPointId": "EP-77", "requestParam": {"addonPlanId": "jp-1gb-7d"}}}));
    assert_eq!(bics().place(&order).method, "GET", "what has no SIM buys nothing");
}

#[test]
fn what_the_pages_do_not_name_is_named_by_the_settings() {
    let reference = order_id();
    let names = json!({"names": {"subscribe_path": "AddAddon", "subscribe_plan": "plan", "details_path": "Addons", "unique_id": "uid", "plan": "p"}});
    let bics = Bics::new(&configured(&names));
    let esim = EsimKey { provider_esim_id: Some("EP-77"), iccid: None };
    let top_up = bics.top_up(&TopUp { esim, provider_package_id: "x", reference: &reference, locale: Locale::Fr }).unwrap();
    assert_eq!((top_up.url.path(), &body(&top_up)["Request"]["requestParam"]), ("/v2/AddAddon", &json!({"plan": "x"})));
    assert_eq!(bics.usage(esim).unwrap().url.path(), "/v2/Addons");
    let rows = answer(&json!({"Response": {"resultCode": "0", "responseParam": {"rows": [{"uid": "u-1", "p": "jp-1gb-7d"}]}}}));
    let found = bics.read_find_order(&look_up(&reference, Some(esim)), &rows).unwrap();
    assert!(matches!(found, FoundOrder::Unclaimed { orders, next: None } if orders[0].provider_order_id == "u-1"));
}

#[test]
fn sims_without_endpoint_or_code_are_not_sold_and_a_full_page_has_another_behind_it() {
    let row = |n: u64| stock_row("EP", &format!("89332000000000{n:05}"));
    let page = |rows: Vec<Value>| answer(&json!({"Response": {"resultCode": "0", "responseParam": {"rows": rows}}}));
    let odd = vec![stock_row("-", "8933200000000000127"), json!({"iccid": "8933200000000000127", "endPointId": "EP"}), row(1)];
    let read = bics().read_stock(None, &page(odd)).unwrap();
    assert_eq!((read.sims.len(), read.next), (1, None));
    let full = bics().read_stock(Some("3"), &page((0..50).map(row).collect())).unwrap();
    assert_eq!((full.sims.len(), full.next.as_deref()), (50, Some("4")));
}

#[test]
fn a_sim_that_is_active_already_is_ready() {
    let said = |outer: &str, inner: &str| {
        bics().read_make_ready(&answer(
            &json!({"Response": {"resultCode": outer, "resultParam": {"resultCode": inner, "resultDescription": "x"}}}),
        ))
    };
    assert!(said("0", "5017").is_ok() && said("1", "2507").is_ok() && said("1", "5014").is_ok());
    assert!(matches!(said("1", "6420"), Err(ProviderError::Rejected { .. })));
    assert_eq!(said("1", "401"), Err(ProviderError::Unauthorised));
}

#[test]
fn without_a_chosen_sim_there_is_nothing_to_ask() {
    let reference = order_id();
    assert!(bics().find_order(&look_up(&reference, None)).is_err());
    let (iccid, esim) = (iccid(), sim());
    let esim = EsimKey { provider_esim_id: Some(&esim.provider_esim_id), iccid: Some(&iccid) };
    assert_eq!(bics().find_order(&look_up(&reference, Some(esim))).unwrap().url.query(), Some("endPointId=EP-77"));
}

#[test]
fn a_callback_that_names_an_endpoint_or_an_iccid_makes_us_look() {
    let read = |body: &Value| bics().read_webhook(body.to_string().as_bytes(), now()).unwrap().remove(0);
    let event = read(&json!({"apiCallback": {"data": [{"endpointId": "EP-77"}]}}));
    assert_eq!((event.kind, event.provider_esim_id.as_deref()), (ProviderEventKind::Hint, Some("EP-77")));
    let event = read(&json!({"eSimProfileStatus": "installed", "ICCID": "8933200000000000127"}));
    assert_eq!((event.kind, event.iccid), (ProviderEventKind::Hint, Some(iccid())));
    assert_eq!(read(&json!({"a": {"endPointId": "-"}})).kind, ProviderEventKind::Unknown);
}

#[test]
fn what_no_page_says_is_reported() {
    let lines = assumptions(&account("bics")).join("\n");
    for what in ["SubscribeAddon", "GetEndpointAddonDetails", "listed_plan", "bics.plans is empty", "minimum_tls"] {
        assert!(lines.contains(what), "{what}");
    }
    let set = ProviderAccount { minimum_tls: TlsFloor::Tls12, ..configured(&json!({})) };
    assert!(!assumptions(&set).join("\n").contains("minimum_tls"));
}

proptest! {
    #[test]
    fn usage_never_exceeds_its_plans(addons in proptest::collection::vec((1_u64..100_000, 0_u64..200_000_000), 1..5)) {
        let row = |(total, used): &(u64, u64)| json!({"totalVolume": total.to_string(), "usedVolume": format!("{}.{:03}", used / 1000, used % 1000)});
        let body = json!({"Response": {"resultCode": "0", "responseParam": {"rows": addons.iter().map(row).collect::<Vec<_>>()}}});
        let reading = bics().read_usage(&answer(&body), now()).unwrap();
        let (used, left, total) = (reading.used_mb.unwrap(), reading.remaining_mb.unwrap(), reading.total_mb.unwrap());
        prop_assert!(used <= total && left <= total);
        prop_assert!(used + left >= total && used + left <= total + 5);
    }
}
