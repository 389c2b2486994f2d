//! Telna's own promises, beside the scenarios that all providers pass.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests: what fails here is a failed test")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Telna, assumptions};
use crate::config::ProviderAccount;
use crate::domain::{Locale, usage::ReportedStatus};
use crate::outbound::HttpRequest;
use crate::providers::conformance::{account, account_of, answer, iccid, now, order_id, survives};
use crate::providers::{EsimKey, EsimProvider, FindOrder, FoundOrder, PlaceOrder, ProviderEventKind, TopUp};

const SAMPLES: [&str; 7] = [
    include_str!("samples/login.json"),
    include_str!("samples/catalogue.json"),
    include_str!("samples/orders.json"),
    include_str!("samples/find_order.json"),
    include_str!("samples/esims.json"),
    include_str!("samples/topups.json"),
    include_str!("samples/webhook.json"),
];

fn with(settings: Value) -> Telna {
    Telna::new(&ProviderAccount { telna: serde_json::from_value(settings).unwrap(), ..account("telna") })
}

fn telna() -> Telna {
    Telna::new(&account_of("telna"))
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn nothing_that_is_said_breaks_the_readers() {
    survives(&telna(), &SAMPLES);
}

#[test]
fn the_key_goes_as_the_settings_say() {
    let sent =
        |settings: Value| with(settings.clone()).authorise(with(settings).catalogue(None, Locale::Fr), &"old".to_owned().into()).headers;
    assert_eq!(sent(json!({}))["authorization"], "test-secret");
    let both = sent(json!({"auth_scheme": "Bearer", "api_key_header": true}));
    assert_eq!((&both["authorization"], &both["apikey"]), (&"Bearer test-secret".parse().unwrap(), &"test-secret".parse().unwrap()));
    assert!(both["authorization"].is_sensitive() && both["apikey"].is_sensitive());
}

#[test]
fn an_order_carries_our_reference() {
    let reference = order_id();
    let request = telna().place(&PlaceOrder { provider_package_id: "p1", reference: &reference, locale: Locale::Fr });
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://api.example.com/v2/ordering/work-orders"));
    assert_eq!(body(&request), json!({"product": "p1", "customer_ref": "ord_01JCONFORMANCE"}));
    let tenant =
        with(json!({"account_id": "A1"})).place(&PlaceOrder { provider_package_id: "p1", reference: &reference, locale: Locale::Fr });
    assert_eq!(body(&tenant)["account"], "A1");
}

#[test]
fn no_top_up_is_sold_before_its_body_is_confirmed() {
    let (reference, iccid) = (order_id(), iccid());
    let esim = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let top_up = TopUp { esim, provider_package_id: "p1", reference: &reference, locale: Locale::Fr };
    let silent = with(json!({}));
    assert!(silent.top_up(&top_up).is_err() && silent.topups(esim, &[], Locale::Fr).is_err());
    assert_eq!(body(&telna().top_up(&top_up).unwrap())["iccid"], iccid.expose());
}

#[test]
fn the_whole_list_is_read_unless_a_filter_was_confirmed() {
    let reference = order_id();
    let order = FindOrder {
        reference: &reference,
        provider_order_id: None,
        provider_package_id: "p1",
        top_up_of: None,
        sent_at: now(),
        locale: Locale::Fr,
        cursor: Some("100"),
    };
    assert_eq!(telna().find_order(&order).unwrap().url.query(), Some("offset=100&count=100"));
    let filtered = with(json!({"reference_filter": "customer_ref"})).find_order(&order).unwrap();
    assert!(filtered.url.query().unwrap().ends_with("customer_ref=ord_01JCONFORMANCE"));
    let known = FindOrder { provider_order_id: Some("1001"), ..order.clone() };
    assert_eq!(telna().find_order(&known).unwrap().url.path(), "/v2/ordering/work-orders/1001");
    // Without a total, a full page may have another behind it.
    let row = json!({"id": 1, "customer_ref": "another", "status": "SHIPPED"});
    let full = answer(&json!({"items": vec![row; 100]}));
    assert!(matches!(telna().read_find_order(&order, &full), Ok(FoundOrder::Next(next)) if next == "200"));
}

#[test]
fn only_the_words_that_are_set_are_ends() {
    let word = |status: &str| with(json!({})).read_place(&answer(&json!({"id": 1, "status": status})));
    assert!(["REJECTED", "CANCELLED", "FAILED", "DELIVERED"].into_iter().all(|status| word(status).is_ok()));
}

#[test]
fn the_profile_speaks_until_data_is_used() {
    let iccid = iccid();
    let esim = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let used = |bytes: u64| answer(&json!({"orders": [{"data_total_bytes": 1000, "data_used_bytes": bytes}]}));
    assert!(telna().more_usage(esim, &[used(1)]).is_none());
    assert_eq!(telna().more_usage(esim, &[used(0)]).unwrap().url.path(), "/v2/diagnostic/euicc-profiles/8933200000000000127");
    let unused = telna().read_usage(&used(0), now()).unwrap();
    for (word, status) in [
        ("RELEASED", ReportedStatus::NotActive),
        ("INSTALLED", ReportedStatus::Installed),
        ("DISABLED", ReportedStatus::Installed),
        ("ENABLED", ReportedStatus::Active),
    ] {
        assert_eq!(telna().read_more_usage(unused.clone(), &answer(&json!({"state": word})), now()).unwrap().status, status, "{word}");
    }
}

#[test]
fn a_subscription_is_confirmed_at_amazon_and_for_our_topic_only() {
    let confirmation = |topic: &str, url: &str| {
        let body = json!({"Type": "SubscriptionConfirmation", "MessageId": "m", "TopicArn": topic, "SubscribeURL": url}).to_string();
        telna().read_webhook(body.as_bytes(), now()).unwrap().remove(0).kind
    };
    let (topic, url) = ("arn:aws:sns:eu-west-1:1:telna", "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t");
    assert_eq!(confirmation(topic, url), ProviderEventKind::Confirm { url: url.parse().unwrap() });
    for (topic, url) in [
        ("arn:aws:sns:eu-west-1:2:other", url),
        (topic, "http://sns.eu-west-1.amazonaws.com/"),
        (topic, "https://sns.eu-west-1.amazonaws.com.evil.example/"),
        (topic, "https://evil.example/sns.eu-west-1.amazonaws.com"),
        (topic, "https://sns.a.b.amazonaws.com/"),
        (topic, "https://sns.eu-west-1.amazonaws.com:8443/"),
        (topic, "https://user@sns.eu-west-1.amazonaws.com/"),
    ] {
        assert_eq!(confirmation(topic, url), ProviderEventKind::Unknown, "{url}");
    }
}

#[test]
fn progress_on_the_sm_dp_plus_is_a_hint() {
    let progress = json!({"header": {"functionCallIdentifier": "x"}, "iccid": "8933200000000000127F", "notificationPointId": 4,
                          "notificationPointStatus": {"status": "Executed-Success"}});
    let body = json!({"Type": "Notification", "MessageId": "m-1", "Message": progress.to_string()}).to_string();
    let event = telna().read_webhook(body.as_bytes(), now()).unwrap().remove(0);
    assert_eq!((event.kind, event.event_id.as_deref(), event.iccid), (ProviderEventKind::Hint, Some("m-1"), Some(iccid())));
}

#[test]
fn what_no_page_says_is_reported() {
    let lines = assumptions(&account("telna"));
    for setting in ["auth_scheme", "top_up_member", "reference_filter", "fulfilled_statuses", "topic_arn"] {
        assert!(lines.iter().any(|line| line.contains(setting)), "{setting}");
    }
}

proptest! {
    #[test]
    fn usage_is_the_sum_of_the_orders_and_never_above_it(orders in proptest::collection::vec((0_u64..5_000_000_000, 0_u64..9_000_000_000), 1..5)) {
        let rows: Vec<Value> = orders.iter().map(|(total, used)| json!({"data_total_bytes": total, "data_used_bytes": used.to_string()})).collect();
        let reading = telna().read_usage(&answer(&json!({"orders": rows})), now()).unwrap();
        let total: u64 = orders.iter().map(|(total, _)| total).sum();
        let used: u64 = orders.iter().map(|(total, used)| used.min(total)).sum();
        prop_assert_eq!((reading.used_mb, reading.total_mb), (Some(used / 1_048_576), Some(total / 1_048_576)));
        prop_assert_eq!(reading.remaining_mb, Some((total - used).div_ceil(1_048_576)));
    }
}
