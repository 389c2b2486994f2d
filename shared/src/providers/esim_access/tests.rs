//! eSIM Access's own promises, beside the scenarios that all providers pass.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests: what fails here is a failed test")]

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;

use super::EsimAccess;
use crate::domain::{Locale, OrderId, UsageReading, usage::ReportedStatus};
use crate::outbound::HttpRequest;
use crate::providers::conformance::{account, answer, iccid, now, order_id, survives};
use crate::providers::{EsimKey, EsimProvider, FindOrder, FoundOrder, PlaceOrder, ProviderError, ProviderEventKind, TopUp};

const SAMPLES: [&str; 7] = [
    include_str!("samples/login.json"),
    include_str!("samples/catalogue.json"),
    include_str!("samples/orders.json"),
    include_str!("samples/find_order.json"),
    include_str!("samples/esims.json"),
    include_str!("samples/topups.json"),
    include_str!("samples/webhook.json"),
];

fn access() -> EsimAccess {
    EsimAccess::new(&account("esim-access"))
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers.get(name).unwrap().to_str().unwrap()
}

fn ok(obj: Value) -> Value {
    json!({"success": true, "errorCode": "0", "obj": obj})
}

fn look_up<'a>(order: &'a OrderId, known: Option<&'a str>) -> FindOrder<'a> {
    FindOrder {
        reference: order,
        provider_order_id: known,
        provider_package_id: "JC016",
        top_up_of: None,
        sent_at: now(),
        locale: Locale::Fr,
        cursor: None,
    }
}

#[test]
fn nothing_that_is_said_breaks_the_readers() {
    survives(&access(), &SAMPLES);
}

#[test]
fn every_request_is_signed_over_the_bytes_that_are_sent() {
    let order = order_id();
    let placed = access().place(&PlaceOrder { provider_package_id: "JC016", reference: &order, locale: Locale::Fr });
    let signed = access().sign(access().authorise(placed.clone(), &String::new().into()), now(), [7; 16]);
    assert_eq!(header(&signed, "rt-accesscode"), "client");
    assert_eq!(header(&signed, "rt-timestamp"), now().as_millisecond().to_string());
    let mut mac = Hmac::<Sha256>::new_from_slice(b"test-secret").unwrap();
    let text = [header(&signed, "rt-timestamp"), header(&signed, "rt-requestid"), "client"].concat();
    mac.update(&[text.as_bytes(), &signed.body].concat());
    assert_eq!(header(&signed, "rt-signature"), hex::encode(mac.finalize().into_bytes()));
    assert_eq!(signed.body, placed.body);
    let mut account = account("esim-access");
    account.client_secret = String::new().into();
    let bare = EsimAccess::new(&account).sign(placed, now(), [7; 16]);
    assert!(!bare.headers.contains_key("rt-signature"), "without a secret key the access code goes alone");
}

#[test]
fn an_order_is_asked_about_by_sending_it_again_and_then_by_its_number() {
    let order = order_id();
    let placed = access().place(&PlaceOrder { provider_package_id: "JC016", reference: &order, locale: Locale::Fr });
    assert_eq!((placed.method.as_str(), placed.url.path()), ("POST", "/v2/esim/order"));
    let item = json!({"packageCode": "JC016", "count": 1});
    assert_eq!(body(&placed), json!({"transactionId": "ord_01JCONFORMANCE", "packageInfoList": [item]}));
    let again = access().find_order(&look_up(&order, None)).unwrap();
    assert_eq!((&again.url, &again.body), (&placed.url, &placed.body));
    let by_number = access().find_order(&look_up(&order, Some("B1"))).unwrap();
    assert_eq!(by_number.url.path(), "/v2/esim/query");
    assert_eq!(body(&by_number), json!({"orderNo": "B1", "pager": {"pageNum": 1, "pageSize": 50}}));
}

#[test]
fn a_refusal_proves_something_only_when_the_order_itself_was_sent_again() {
    let order = order_id();
    let sold_out = answer(&json!({"success": "false", "errorCode": "200011", "errorMessage": "No stock"}));
    assert!(matches!(access().read_find_order(&look_up(&order, None), &sold_out), Ok(FoundOrder::Failed { .. })));
    assert!(matches!(access().read_find_order(&look_up(&order, Some("B1")), &sold_out), Err(ProviderError::Unknown(_))));
    let not_yet = answer(&json!({"success": false, "errorCode": "200010"}));
    let found = access().read_find_order(&look_up(&order, Some("B1")), &not_yet).unwrap();
    assert!(matches!(found, FoundOrder::Pending { provider_order_id: Some(number) } if number == "B1"));
    assert!(matches!(access().read_place(&not_yet), Err(ProviderError::Unknown(_))));
}

#[test]
fn success_and_an_error_code_together_are_an_error() {
    let read = |body: Value| access().read_place(&answer(&body));
    assert!(read(json!({"success": "true", "errorCode": null, "obj": {"orderNo": "B1"}})).is_ok());
    assert!(read(json!({"success": true, "errorCode": 0, "obj": {"orderNo": "B1"}})).is_ok());
    let both = json!({"success": true, "errorCode": "200007", "obj": {"orderNo": "B1"}});
    assert!(matches!(read(both), Err(ProviderError::Rejected { code: "insufficient_credit", .. })));
    assert!(matches!(read(json!({"success": false})), Err(ProviderError::Unknown(_))), "no word is no refusal");
    assert!(matches!(read(json!({})), Err(ProviderError::Unknown(_))));
}

#[test]
fn a_top_up_is_made_by_number_and_cannot_be_asked_about() {
    let (order, iccid) = (order_id(), iccid());
    let esim = EsimKey { provider_esim_id: Some("77"), iccid: Some(&iccid) };
    let top_up = TopUp { esim, provider_package_id: "TOPUP_JC172", reference: &order, locale: Locale::Fr };
    let request = access().top_up(&top_up).unwrap();
    assert_eq!(request.url.path(), "/v2/esim/topup");
    assert_eq!(body(&request), json!({"esimTranNo": "77", "packageCode": "TOPUP_JC172", "transactionId": "ord_01JCONFORMANCE"}));
    assert!(access().top_up(&TopUp { esim: EsimKey { provider_esim_id: None, ..esim }, ..top_up }).is_err(), "an ICCID may be another's");
    assert!(access().find_order(&FindOrder { top_up_of: Some(esim), ..look_up(&order, None) }).is_err());
    let listed = access().topups(esim, &[], Locale::Fr).unwrap();
    assert_eq!(body(&listed), json!({"type": "TOPUP", "iccid": "8933200000000000127"}));
}

#[test]
fn an_esim_is_named_by_its_number() {
    let iccid = iccid();
    let both = EsimKey { provider_esim_id: Some("77"), iccid: Some(&iccid) };
    let asked = |key: EsimKey<'_>| body(&access().usage(key).unwrap());
    assert_eq!(asked(both)["esimTranNo"], "77");
    assert!(asked(both).get("iccid").is_none());
    assert_eq!(asked(EsimKey { provider_esim_id: None, ..both })["iccid"], "8933200000000000127");
    assert!(access().esim(EsimKey { provider_esim_id: None, iccid: None }).is_err());
    let state = answer(&ok(json!({"esimList": [{"esimTranNo": "78", "esimStatus": "IN_USE"}]})));
    let measured = access().more_usage(both, &[state]).unwrap();
    assert_eq!((measured.url.path(), body(&measured)), ("/v2/esim/usage/query", json!({"esimTranNoList": ["78"]})));
    let as_iccid = answer(&ok(json!({"esimList": [{"esimTranNo": "8933200000000000127", "esimStatus": "IN_USE"}]})));
    assert!(access().more_usage(both, &[as_iccid]).is_none(), "a number that reads as an ICCID is not kept");
}

fn reading(esim: Value, measured: Value) -> UsageReading {
    let reading = access().read_usage(&answer(&ok(json!({"esimList": [esim]}))), now()).unwrap();
    access().read_more_usage(reading, &answer(&ok(measured)), now()).unwrap()
}

#[test]
fn a_reading_is_as_old_as_it_says_or_as_it_may_be() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let esim = json!({"esimTranNo": "1", "esimStatus": "IN_USE"});
    assert_eq!(reading(esim.clone(), json!([])).measured_at, at("2026-11-10T09:00:00Z"));
    let said = json!([{"dataUsage": 1, "totalData": 2, "lastUpdateTime": "2026-11-10T11:30:00+0000"}]);
    assert_eq!(reading(esim.clone(), said).measured_at, at("2026-11-10T11:30:00Z"));
    let named = json!({"esimUsageList": [{"dataUsage": 1, "totalData": 2, "lastUpdateTime": "2031-01-01T00:00:00Z"}]});
    assert_eq!(reading(esim, named).measured_at, at("2026-11-10T09:00:00Z"), "no time that is to come");
}

#[test]
fn states_are_read_by_the_table() {
    let status = |esim: &str, smdp: &str| {
        let body = json!({"esimTranNo": "1", "esimStatus": esim, "smdpStatus": smdp, "expiredTime": "2027-05-01T00:00:00Z"});
        let reading = reading(body, json!([]));
        (reading.status, reading.expires_at.is_some())
    };
    assert_eq!(status("GOT_RESOURCE", "RELEASED"), (ReportedStatus::NotActive, false));
    assert_eq!(status("GOT_RESOURCE", "DOWNLOAD"), (ReportedStatus::Downloaded, false));
    assert_eq!(status("GOT_RESOURCE", "INSTALLATION"), (ReportedStatus::Installed, false));
    assert_eq!(status("GOT_RESOURCE", "ENABLED"), (ReportedStatus::Installed, false));
    assert_eq!(status("IN_USE", "ENABLED"), (ReportedStatus::Active, true));
    assert_eq!(status("USED_UP", "DISABLED"), (ReportedStatus::Exhausted, true));
    assert_eq!(status("UNUSED_EXPIRED", "RELEASED"), (ReportedStatus::Expired, true));
    assert_eq!(status("IN_USE", "DELETED"), (ReportedStatus::Cancelled, true));
}

#[test]
fn a_webhook_only_makes_us_look() {
    let event = |body: Value| access().read_webhook(body.to_string().as_bytes(), now()).unwrap().remove(0);
    let iccid = "8933200000000000127";
    for kind in ["SMDP_EVENT", "ESIM_STATUS", "DATA_USAGE"] {
        let told =
            event(json!({"notifyType": kind, "notifyId": "n1", "content": {"esimTranNo": "77", "iccid": iccid, "esimStatus": "USED_UP"}}));
        assert_eq!((told.kind, told.provider_esim_id.as_deref(), told.iccid), (ProviderEventKind::Hint, Some("77"), None), "{kind}");
        assert_eq!(told.event_id.as_deref(), Some("n1"));
    }
    let validity = event(json!({"notifyType": "VALIDITY_USAGE", "content": {"iccid": iccid, "remain": 1}}));
    assert_eq!((validity.kind, validity.iccid.is_some()), (ProviderEventKind::Hint, true));
    let order = event(json!({"notifyType": "ORDER_STATUS", "content": {"orderNo": "B1", "orderStatus": "GOT_RESOURCE"}}));
    assert_eq!(order.kind, ProviderEventKind::OrderSettled { reference: None, provider_order_id: None, failed: None });
    assert_eq!(event(json!({"notifyType": "DATA_USAGE", "content": null})).kind, ProviderEventKind::Unknown);
    assert_eq!(event(json!({"notifyType": "LOW_BALANCE", "content": {}})).kind, ProviderEventKind::CreditLow);
    assert_eq!(body(&access().register_webhook("https://x.example/h").unwrap()[0]), json!({"webhook": "https://x.example/h"}));
}

proptest! {
    #[test]
    fn used_and_left_are_all_of_the_plan(total_mb in 1_u64..100_000, used in 0_u64..200_000_000_000) {
        let measured = json!([{"dataUsage": used, "totalData": total_mb * 1_048_576}]);
        let reading = reading(json!({"esimTranNo": "1", "esimStatus": "IN_USE"}), measured);
        prop_assert_eq!(reading.used_mb.unwrap() + reading.remaining_mb.unwrap(), total_mb);
    }

    #[test]
    fn prices_are_ten_thousandths(price in 1_i64..100_000_000) {
        let plan = json!({"packageCode": "x", "price": price, "currencyCode": "USD", "volume": 1_073_741_824, "duration": 7, "location": "JP"});
        let page = access().read_catalogue(&answer(&ok(json!({"packageList": [plan]})))).unwrap();
        prop_assert_eq!(page.packages[0].price.amount, rust_decimal::Decimal::new(price, 4).normalize());
    }
}
