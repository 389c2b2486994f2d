//! Airalo's own promises, beside the scenarios that all providers pass.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests: what fails here is a failed test")]

mod extras;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::Duration;

use super::Airalo;
use crate::config::AiraloOrders;
use crate::domain::{Iccid, Locale};
use crate::outbound::HttpRequest;
use crate::providers::conformance::{account, answer, iccid, now, order_id, survives};
use crate::providers::{
    CreditBalance, Delivery, EsimKey, EsimProvider, FindOrder, PlaceOrder, Placement, ProviderError, ProviderEventKind, Recovery, TopUp,
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

fn airalo() -> Airalo {
    Airalo::new(&account("airalo"))
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers.get(name).unwrap().to_str().unwrap()
}

fn signed(request: &HttpRequest, text: &[u8]) -> bool {
    super::signature::holds("test-secret", text, &hex::decode(header(request, "airalo-signature")).unwrap())
}

#[test]
fn nothing_that_is_said_breaks_the_readers() {
    survives(&airalo(), &SAMPLES);
}

#[test]
fn the_log_in_is_a_form_signed_as_json() {
    let request = airalo().login();
    assert_eq!(request.url.as_str(), "https://api.example.com/v2/token");
    assert_eq!(request.body, b"client_id=client&client_secret=test-secret&grant_type=client_credentials");
    assert_eq!(header(&request, "content-type"), "application/x-www-form-urlencoded");
    assert!(signed(&request, br#"{"client_id":"client","client_secret":"test-secret","grant_type":"client_credentials"}"#));
}

#[test]
fn a_token_is_kept_a_day_at_most() {
    let lifetime = |expires_in: Value| {
        let token = airalo().read_login(&answer(&json!({"data": {"access_token": "t", "expires_in": expires_in}}))).unwrap();
        assert_eq!(token.token.expose_secret(), "t");
        token.lifetime
    };
    assert_eq!(lifetime(json!(31_622_400)), Duration::from_secs(86_400));
    assert_eq!(lifetime(json!("3600")), Duration::from_secs(3_600));
    assert_eq!(lifetime(Value::Null), Duration::from_secs(86_400));
}

#[test]
fn an_order_is_json_signed_over_the_bytes_sent_and_carries_our_reference() {
    let reference = order_id();
    let request = airalo().place(&PlaceOrder { provider_package_id: "jp/é", reference: &reference, locale: Locale::Fr });
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://api.example.com/v2/orders"));
    assert_eq!(request.body, br#"{"quantity":1,"package_id":"jp\/\u00e9","type":"sim","description":"ord_01JCONFORMANCE"}"#);
    assert!(signed(&request, &request.body));
    assert_eq!(body(&request), json!({"quantity": 1, "package_id": "jp/é", "type": "sim", "description": "ord_01JCONFORMANCE"}));
}

#[test]
fn an_account_that_orders_asynchronously_is_taken_at_once_and_absence_proves_nothing() {
    let mut account = account("airalo");
    account.airalo.orders = AiraloOrders::Async;
    let later = Airalo::new(&account);
    let reference = order_id();
    let order = PlaceOrder { provider_package_id: "jp-1gb-7d", reference: &reference, locale: Locale::Fr };
    assert_eq!(later.place(&order).url.path(), "/v2/orders-async");
    assert_eq!(body(&later.place(&order)), body(&airalo().place(&order)));
    let mut taken = answer(&json!({"data": {"request_id": "3NhR3gKmqCWK7IWppurpDX3Cg", "accepted_at": "2026-11-10 12:00:00"}}));
    taken.status = http::StatusCode::ACCEPTED;
    let Placement::Accepted { provider_order_id } = later.read_place(&taken).unwrap() else { panic!("not accepted") };
    assert_eq!(provider_order_id.as_deref(), Some("3NhR3gKmqCWK7IWppurpDX3Cg"));
    let mut unheard = answer(&json!({"reason": "User is not opted in and no webhook URL provided."}));
    unheard.status = http::StatusCode::UNPROCESSABLE_ENTITY;
    assert!(matches!(later.read_place(&unheard), Err(ProviderError::Rejected { code: "refused", .. })));
    assert_eq!(later.capabilities().delivery, Delivery::Later);
    assert!(matches!(later.capabilities().recovery, Recovery::FindOnly { .. }));
    assert_eq!(later.capabilities().topup_recovery, airalo().capabilities().topup_recovery);
}

#[test]
fn the_balance_is_money_of_its_own_currency_and_never_less_than_nothing() {
    let read = |balances: Value| airalo().read_credit(&answer(&json!({"data": {"balances": balances}, "meta": {"message": "success"}})));
    let balance = |amount: Value| json!({"name": "balance", "availableBalance": {"amount": amount, "currency": "USD"}});
    let usd = |text: &str| crate::domain::Money::new(text.parse().unwrap(), "USD").unwrap();
    assert_eq!(read(balance(json!(45.5))).unwrap(), usd("45.5"));
    assert_eq!(read(balance(json!("0.10"))).unwrap(), usd("0.10"));
    assert_eq!(read(balance(json!(-3))).unwrap(), usd("0"));
    assert!(read(json!([])).is_err() && read(balance(Value::Null)).is_err());
    assert_eq!(airalo().credit().url.path(), "/v2/balance");
    let mut refused = answer(&json!({"data": [], "meta": {"message": "This action is unauthorized."}}));
    refused.status = http::StatusCode::UNAUTHORIZED;
    assert_eq!(airalo().read_credit(&refused), Err(ProviderError::Unauthorised));
}

#[test]
fn the_look_up_asks_by_description_page_by_page() {
    let (reference, iccid) = (order_id(), iccid());
    let order = FindOrder {
        reference: &reference,
        provider_order_id: Some("1001"),
        provider_package_id: "jp-1gb-7d",
        top_up_of: Some(EsimKey { provider_esim_id: None, iccid: Some(&iccid) }),
        sent_at: now(),
        locale: Locale::En,
        cursor: Some("2"),
    };
    let request = airalo().find_order(&order).unwrap();
    let query: Vec<_> = request.url.query_pairs().collect();
    for pair in [("filter[description]", "ord_01JCONFORMANCE"), ("include", "sims,status"), ("page", "2")] {
        assert!(query.iter().any(|(name, value)| (name.as_ref(), value.as_ref()) == pair), "{pair:?}");
    }
    assert!(request.body.is_empty());
}

#[test]
fn the_catalogue_is_asked_without_limit() {
    let first = airalo().catalogue(None, Locale::Fr);
    assert_eq!(first.url.as_str(), "https://api.example.com/v2/packages");
    assert_eq!(header(&first, "accept-language"), "fr-FR");
    assert_eq!(airalo().catalogue(Some("2"), Locale::Fr).url.query(), Some("page=2"));
}

#[test]
fn pages_are_counted_where_no_link_says_so_and_never_go_back() {
    let next = |links: Value, meta: Value| {
        airalo().read_catalogue(&answer(&json!({"data": [{"operators": []}], "links": links, "meta": meta}))).unwrap().next
    };
    assert_eq!(next(Value::Null, json!({"current_page": "1", "last_page": 3})).as_deref(), Some("2"));
    assert_eq!(next(json!({"next": null}), json!({"current_page": 3, "last_page": 3})), None);
    assert_eq!(next(json!({"next": "?page=2"}), Value::Null).as_deref(), Some("2"));
    assert_eq!(next(json!({"next": "?page=2"}), json!({"current_page": 2, "last_page": 3})), None);
}

#[test]
fn titles_say_where() {
    let sample: Vec<Value> = serde_json::from_str(SAMPLES[1]).unwrap();
    let page = airalo().read_catalogue(&answer(&sample[0]["body"])).unwrap();
    let titles: Vec<_> = page.packages.iter().map(|package| package.title.as_str()).collect();
    assert_eq!(titles, ["Japan 1 GB - 7 Days", "Global Unlimited - 10 Days"]);
}

#[test]
fn the_esim_of_an_order_comes_with_its_codes_and_without_another_key() {
    let sample: Vec<Value> = serde_json::from_str(SAMPLES[2]).unwrap();
    let Placement::Placed(placed) = airalo().read_place(&answer(&sample[0]["body"])).unwrap() else { panic!("not placed") };
    let esim = placed.esim.unwrap();
    assert_eq!(esim.provider_esim_id, None);
    let profile = esim.profile.unwrap();
    assert_eq!(profile.iccid, iccid());
    assert_eq!(profile.activation_code.lpa(), "LPA:1$smdp.example.com$K2-48XR-77TB");
    assert_eq!(profile.confirmation_code, None);
}

#[test]
fn codes_that_come_in_parts_are_put_together_with_the_confirmation_flag() {
    let sim =
        json!({"data": {"iccid": "8933200000000000127", "lpa": "smdp.example.com", "matching_id": "K2-48XR", "confirmation_code": 4711}});
    let profile = airalo().read_esim(&answer(&sim)).unwrap().profile.unwrap();
    assert_eq!(profile.activation_code.lpa(), "LPA:1$smdp.example.com$K2-48XR$$1");
    assert_eq!(profile.confirmation_code.as_deref(), Some("4711"));
}

#[test]
fn every_call_about_an_esim_needs_its_iccid() {
    let (reference, iccid) = (order_id(), iccid());
    let unknown = EsimKey { provider_esim_id: Some("77"), iccid: None };
    assert!(airalo().usage(unknown).is_err() && airalo().esim(unknown).is_err() && airalo().topups(unknown, &[], Locale::Fr).is_err());
    let known = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    assert_eq!(airalo().usage(known).unwrap().url.path(), "/v2/sims/8933200000000000127/usage");
    assert_eq!(airalo().topups(known, &[], Locale::Fr).unwrap().url.path(), "/v2/sims/8933200000000000127/topups");
    assert_eq!(airalo().esim(known).unwrap().url.path(), "/v2/sims/8933200000000000127");
    let top_up = TopUp { esim: known, provider_package_id: "jp-topup", reference: &reference, locale: Locale::Fr };
    let request = airalo().top_up(&top_up).unwrap();
    assert_eq!(request.url.path(), "/v2/orders/topups");
    assert_eq!(body(&request), json!({"package_id": "jp-topup", "iccid": "8933200000000000127", "description": "ord_01JCONFORMANCE"}));
    assert!(signed(&request, &request.body));
    assert!(airalo().top_up(&TopUp { esim: unknown, ..top_up }).is_err());
}

#[test]
fn three_opt_ins_register_a_webhook() {
    let requests = airalo().register_webhook("https://crm.example.com/hook").unwrap();
    let kinds: Vec<_> = requests.iter().map(|request| body(request)["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["async_orders", "webhook_low_data", "webhook_credit_limit"]);
    assert!(requests.iter().all(|request| request.url.path() == "/v2/notifications/opt-in" && signed(request, &request.body)));
    assert_eq!(body(&requests[1]), json!({"type": "webhook_low_data", "webhook_url": "https://crm.example.com/hook"}));
    assert_eq!(body(&requests[2])["levels"], json!([50, 70, 80, 90]));
}

#[test]
fn webhooks_are_told_apart_by_shape() {
    let read = |body: Value| airalo().read_webhook(body.to_string().as_bytes(), now()).unwrap().remove(0);
    let low = read(json!({"level": "3days", "package_name": "x", "remaining_percentage": 40, "iccid": "8933200000000000127"}));
    assert_eq!((low.kind, low.iccid), (ProviderEventKind::Hint, Some(Iccid::parse("8933200000000000127").unwrap())));
    let nobody = read(json!({"level": "75%", "iccid": "?"}));
    assert_eq!(nobody.kind, ProviderEventKind::Unknown);
    let credit = read(json!({"message": "Surpassed 80% of the credit limit balance", "remaining": 20.5}));
    assert_eq!(credit.kind, ProviderEventKind::CreditLow);
    let done = read(json!({"request_id": "r", "id": 1, "description": "ord_1", "sims": []}));
    let settled = |reference: Option<&str>, failed: Option<&str>| ProviderEventKind::OrderSettled {
        reference: reference.map(str::to_owned),
        provider_order_id: Some("r".to_owned()),
        failed: failed.map(str::to_owned),
    };
    assert_eq!(done.kind, settled(Some("ord_1"), None));
    let failed = read(json!({"request_id": "r", "reason": "No stock for 8933200000000000127"}));
    assert_eq!(failed.kind, settled(None, Some("No stock for [ICCID]")));
    let both = read(json!({"request_id": "r", "reason": "Late", "description": "ord_1", "sims": [{"iccid": "8933200000000000127"}]}));
    assert_eq!(both.kind, settled(Some("ord_1"), None), "an order with an eSIM was carried out");
    assert!(matches!(airalo().read_webhook(b"\xff", now()), Err(ProviderError::Unknown(_))));
}

#[test]
fn every_written_form_of_a_webhook_is_believed() {
    let sent = "{ \"package_name\": \"Z\\u00fcrich / B\u{e2}le\", \"remaining\": 1.50 }";
    let secret = "test-secret";
    let mut texts: Vec<String> = super::signature::FORMS.iter().map(|form| super::signature::rewrite(sent, *form).unwrap()).collect();
    texts.push(sent.to_owned());
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 5);
    for text in texts {
        let mut headers = http::HeaderMap::new();
        headers.insert("airalo-signature", super::signature::sign(secret, text.as_bytes()).to_uppercase().parse().unwrap());
        assert!(airalo().verify_webhook(&[], &headers, sent.as_bytes(), now()), "{text}");
        assert!(!airalo().verify_webhook(&[], &headers, b"{}", now()));
    }
}

#[test]
fn reasons_are_told_in_the_providers_words_without_secrets() {
    let mut refusal =
        answer(&json!({"data": {"iccid": "The sim 8933200000000000127 is foreign."}, "meta": {"message": "the parameter is invalid"}}));
    refusal.status = http::StatusCode::UNPROCESSABLE_ENTITY;
    let expected = ProviderError::Rejected { code: "refused", reason: "iccid: The sim [ICCID] is foreign.".to_owned() };
    assert_eq!(airalo().read_top_up(&refusal).unwrap_err(), expected);
    refusal.body = br#"{"data":{"client_secret":"test-secret is not valid"},"meta":{"message":"the parameter is invalid"}}"#.to_vec();
    let expected = ProviderError::Rejected { code: "refused", reason: "log-in: the parameter is invalid".to_owned() };
    assert_eq!(airalo().read_login(&refusal).err(), Some(expected));
}
