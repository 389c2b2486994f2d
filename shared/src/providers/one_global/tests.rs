//! 1GLOBAL's own promises, beside the scenarios that all providers pass.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests: what fails here is a failed test")]

use base64::{Engine, prelude::BASE64_STANDARD};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;

use super::OneGlobal;
use crate::config::ProviderAccount;
use crate::domain::{Locale, OrderId, usage::ReportedStatus};
use crate::outbound::HttpRequest;
use crate::providers::conformance::{account, account_of, answer, iccid, now, order_id, survives};
use crate::providers::{EsimKey, EsimProvider, EsimWebhooks, FindOrder, FoundOrder, PlaceOrder, ProviderError, ProviderEventKind, TopUp};

const SAMPLES: [&str; 7] = [
    include_str!("samples/login.json"),
    include_str!("samples/catalogue.json"),
    include_str!("samples/orders.json"),
    include_str!("samples/find_order.json"),
    include_str!("samples/esims.json"),
    include_str!("samples/topups.json"),
    include_str!("samples/webhook.json"),
];

fn one() -> OneGlobal {
    OneGlobal::new(&account_of("one_global"))
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn look_up<'a>(reference: &'a OrderId, top_up_of: Option<EsimKey<'a>>) -> FindOrder<'a> {
    FindOrder {
        reference,
        provider_order_id: None,
        provider_package_id: "jp-1gb-7d",
        top_up_of,
        sent_at: now(),
        locale: Locale::Fr,
        cursor: None,
    }
}

#[test]
fn nothing_that_is_said_breaks_the_readers() {
    survives(&one(), &SAMPLES);
}

#[test]
fn tokens_come_from_the_realm_on_the_host_and_are_kept_four_and_a_half_minutes() {
    let request = one().login();
    assert_eq!(request.url.as_str(), "https://api.example.com/auth/realms/tru-staff/protocol/openid-connect/token");
    assert_eq!(request.body, b"grant_type=client_credentials&client_id=client&client_secret=test-secret");
    let lifetime = |expires_in: Value| one().read_login(&answer(&json!({"access_token": "t", "expires_in": expires_in}))).unwrap().lifetime;
    assert_eq!(lifetime(json!(300)), Duration::from_secs(270));
    assert_eq!(lifetime(json!("120")), Duration::from_secs(120));
    assert_eq!(lifetime(Value::Null), Duration::from_secs(270));
}

#[test]
fn an_order_carries_its_alias_and_a_correlation_id() {
    let reference = order_id();
    let request = one().place(&PlaceOrder { provider_package_id: "jp-1gb-7d", reference: &reference, locale: Locale::Fr });
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://api.example.com/v2/v2/orders"));
    let expected = json!({
        "operation_type": "ACTIVATION", "sim_type": "ESIM", "country": "FR", "product": {"id": "jp-1gb-7d"},
        "subscriber": {"email": "ord_01jconformance@orders.passerelle.invalid",
                       "device": {"operating_system": "ios", "model": "unknown", "id": "ord_01JCONFORMANCE"}},
    });
    assert_eq!(body(&request), expected);
    let id = |once: u8| one().sign(request.clone(), now(), [once; 16]).headers["x-correlation-id"].clone();
    assert_ne!(id(1), id(2));
    let iccid = iccid();
    let esim = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let top_up = TopUp { esim, provider_package_id: "p", reference: &reference, locale: Locale::Fr };
    let request = one().top_up(&top_up).unwrap();
    assert_eq!(
        (&body(&request)["operation_type"], &body(&request)["subscriber"]["sim"]),
        (&json!("TOPUP"), &json!({"iccid": iccid.expose()}))
    );
}

#[test]
fn a_lost_order_is_looked_for_by_its_alias_then_asked_for_its_codes() {
    let reference = order_id();
    let order = look_up(&reference, None);
    let request = one().find_order(&order).unwrap();
    assert!(request.url.query().unwrap().starts_with("email=ord_01jconformance%40orders.passerelle.invalid"));
    let list = json!({"data": [{"id": "sub-1", "sim_id": "8933200000000000127", "product_id": "jp-1gb-7d"}]});
    let FoundOrder::Next(cursor) = one().read_find_order(&order, &answer(&list)).unwrap() else { panic!("not found") };
    let next = FindOrder { cursor: Some(&cursor), ..order };
    assert_eq!(one().find_order(&next).unwrap().url.path(), "/v2/v2/sims/8933200000000000127");
    let sim = json!({"iccid": "8933200000000000127", "matching_id": "K2-48XR-77TB", "status": "Released"});
    let FoundOrder::Placed(placed) = one().read_find_order(&next, &answer(&sim)).unwrap() else { panic!("not placed") };
    assert_eq!(placed.provider_order_id, "sub-1");
    assert!(placed.esim.unwrap().profile.is_some());
}

#[test]
fn several_subscriptions_that_fit_prove_nothing() {
    let reference = order_id();
    let row =
        |id: &str| json!({"id": id, "sim_id": "8933200000000000127", "product_id": "jp-1gb-7d", "created_date": "2026-11-10T12:00:05Z"});
    let list = answer(&json!({"data": [row("a"), row("b")]}));
    assert!(matches!(one().read_find_order(&look_up(&reference, None), &list), Err(ProviderError::Unknown(_))));
}

#[test]
fn webhooks_are_registered_for_each_esim_and_type_at_a_path_that_can_be_set() {
    let iccid = iccid();
    let esim = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    assert!(one().register_webhook("https://x.example/hook").is_err());
    let requests = one().register_esim_webhooks(esim, "https://x.example/hook").unwrap();
    let path = |kind: &str| format!("/v2/v1/sim/8933200000000000127/preferences/notifications/{kind}");
    let paths: Vec<String> = requests.iter().map(|request| request.url.path().to_owned()).collect();
    assert_eq!(paths, [path("USAGE_THRESHOLD"), path("SUBSCRIPTION_END"), path("DOWNLOAD_PROGRESS")]);
    assert!(requests.iter().all(|request| body(request) == json!({"webhook_url": "https://x.example/hook"}) && request.method == "POST"));
    let settings = json!({"webhook_path": "/v2/sims/{iccid}/hooks/{type}", "webhook_method": "PUT"});
    let other = ProviderAccount { one_global: serde_json::from_value(settings).unwrap(), ..account_of("one_global") };
    let request = OneGlobal::new(&other).register_esim_webhooks(esim, "https://x.example/hook").unwrap().remove(0);
    assert_eq!((request.method.as_str(), request.url.path()), ("PUT", "/v2/v2/sims/8933200000000000127/hooks/USAGE_THRESHOLD"));
}

#[test]
fn basic_is_asked_for_once_it_was_arranged() {
    let mut headers = http::HeaderMap::new();
    assert!(one().verify_webhook(&[], &headers, b"{}", now()), "a hint from whoever knows the address");
    let secrets = ["hook:new".into(), "hook:old".into()];
    assert!(!one().verify_webhook(&secrets, &headers, b"{}", now()));
    for (given, good) in [("hook:old", true), ("hook:new", true), ("hook:", false), ("hook:new2", false)] {
        headers.insert("authorization", format!("Basic {}", BASE64_STANDARD.encode(given)).parse().unwrap());
        assert_eq!(one().verify_webhook(&secrets, &headers, b"{}", now()), good, "{given}");
    }
}

#[test]
fn the_misspelt_type_is_a_hint_too() {
    let event = json!({"id": "e", "type": "SUBSCRITPION_END", "iccid": "8933200000000000127", "current_balance": "0"});
    let event = one().read_webhook(event.to_string().as_bytes(), now()).unwrap().remove(0);
    assert_eq!((event.kind, event.event_id.as_deref()), (ProviderEventKind::Hint, Some("e")));
}

#[test]
fn the_profile_is_told_apart_from_the_plan() {
    let iccid = iccid();
    let esim = EsimKey { provider_esim_id: None, iccid: Some(&iccid) };
    let plans = |word: &str| answer(&json!({"data": [{"status": word, "initial_balance": 1, "current_balance": 1}]}));
    assert!(one().more_usage(esim, &[plans("ACTIVE")]).is_none(), "a plan that runs says enough");
    assert_eq!(one().more_usage(esim, &[plans("PENDING")]).unwrap().url.path(), "/v2/v2/sims/8933200000000000127");
    let waiting = one().read_usage(&plans("PENDING"), now()).unwrap();
    let state = |word: &str| one().read_more_usage(waiting.clone(), &answer(&json!({"status": word})), now()).unwrap().status;
    assert_eq!(state("Installed"), ReportedStatus::Installed);
    assert_eq!(state("Unavailable"), ReportedStatus::Cancelled);
    assert_eq!(state("Hovering"), ReportedStatus::Unknown("Hovering".to_owned()));
}

#[test]
fn what_no_page_says_is_reported_until_it_is_set() {
    let lines = crate::providers::assumptions(&account("one-global"));
    for setting in ["footprints", "country_of_sale", "webhook_path", "device_model", "subscriber_domain"] {
        assert!(lines.iter().any(|line| line.contains(setting)), "{setting}");
    }
}

proptest! {
    #[test]
    fn what_remains_is_the_sum_of_the_plans_that_run_or_wait(plans in proptest::collection::vec((0_u64..5, 1_u64..100_000, 0_u64..100_000), 1..6)) {
        const MB: u64 = 1_048_576;
        let words = ["PENDING", "PENDING_USAGE", "ACTIVE", "DEPLETED", "EXPIRED"];
        let row = |(state, total, left): &(u64, u64, u64)| json!({
            "status": words[usize::try_from(*state).unwrap()], "initial_balance": (total * MB).to_string(), "current_balance": left.min(total) * MB,
        });
        let open: Vec<_> = plans.iter().filter(|(state, ..)| *state < 3).collect();
        let reading = one().read_usage(&answer(&json!({"data": plans.iter().map(row).collect::<Vec<_>>()})), now()).unwrap();
        if !open.is_empty() {
            prop_assert_eq!(reading.remaining_mb, Some(open.iter().map(|(_, total, left)| *left.min(total)).sum()));
            prop_assert_eq!(reading.total_mb, Some(open.iter().map(|(_, total, _)| total).sum()));
            prop_assert_eq!(reading.used_mb.unwrap() + reading.remaining_mb.unwrap(), reading.total_mb.unwrap());
        }
    }
}
