//! What providers say: answers to every question, and webhooks.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::{
    config::ProviderAccount,
    domain::{Country, Iccid, Locale, OrderId},
    outbound::Answer,
    providers::{self, EsimKey, EsimProvider, Extras, FindOrder, FoundOrder, Placement, ProviderError, ProviderEventKind},
};

const NOW: Timestamp = Timestamp::constant(1_796_000_000, 0);
const STATUSES: [u16; 12] = [200, 201, 202, 204, 302, 400, 401, 404, 409, 422, 429, 503];

/// An account that wants everything that its provider can be asked for.
fn account(kind: &str) -> ProviderAccount {
    serde_json::from_value(serde_json::json!({
        "account": "test", "kind": kind, "base_url": "https://api.example.com/v2/", "client_id": "client",
        "client_secret": "a secret that is not in the corpus", "webhook_secrets": ["nor is this one"],
        "airalo": {"history": true, "future_orders": true, "refunds": {"email": "back.office@example.com"}},
    }))
    .expect("an account")
}

fn adapter(kind: &str) -> Box<dyn EsimProvider> {
    providers::adapter(&account(kind))
}

pub(super) fn airalo_webhook(bytes: &[u8]) {
    webhook("airalo", bytes);
}

pub(super) fn esim_access_webhook(bytes: &[u8]) {
    webhook("esim-access", bytes);
}

pub(super) fn esim_go_webhook(bytes: &[u8]) {
    webhook("esim-go", bytes);
}

pub(super) fn reference_webhook(bytes: &[u8]) {
    webhook("reference", bytes);
}

/// What is not signed is turned away; of a provider that does not sign, it is a hint and never a fact.
fn webhook(kind: &str, body: &[u8]) {
    let provider = adapter(kind);
    let signs = !provider.capabilities().signature.proves_nothing();
    assert!(!(signs && provider.verify_webhook(&[], &HeaderMap::new(), body, NOW)), "unsigned, and believed");
    for event in provider.read_webhook(body, NOW).into_iter().flatten() {
        assert!(signs || !matches!(event.kind, ProviderEventKind::Reading(_)), "unsigned, and taken for a fact");
    }
}

/// Nobody without the secret can sign.
pub(super) fn verify(header: &str, body: &[u8]) {
    let Ok(value) = HeaderValue::from_str(header) else { return };
    for (kind, name) in [("airalo", "airalo-signature"), ("esim-go", "x-signature-sha256"), ("reference", "x-passerelle-signature")] {
        let headers = HeaderMap::from_iter([(HeaderName::from_static(name), value.clone())]);
        assert!(!adapter(kind).verify_webhook(&[SecretString::from("a third")], &headers, body, NOW));
    }
}

pub(super) fn airalo_answer(bytes: &[u8]) {
    answer("airalo", bytes);
}

pub(super) fn celitech_answer(bytes: &[u8]) {
    answer("celitech", bytes);
}

pub(super) fn esim_access_answer(bytes: &[u8]) {
    answer("esim-access", bytes);
}

pub(super) fn esim_go_answer(bytes: &[u8]) {
    answer("esim-go", bytes);
}

pub(super) fn reference_answer(bytes: &[u8]) {
    answer("reference", bytes);
}

/// The first byte says what was asked, the second the status; the rest is the body.
fn answer(kind: &str, bytes: &[u8]) {
    let &[question, status, ref body @ ..] = bytes else { return };
    let status = STATUSES.get(usize::from(status) % STATUSES.len()).copied().unwrap_or(200);
    let status = StatusCode::from_u16(status).expect("a status");
    let answer = Answer { status, headers: HeaderMap::new(), body: body.to_vec() };
    match question % 18 {
        extra @ 9.. => beyond(&providers::extras(&account(kind)), extra, &answer),
        common => ask(adapter(kind).as_ref(), common, &answer),
    }
}

/// What only some providers are asked.
fn beyond(extras: &Extras, question: u8, answer: &Answer) {
    match question {
        9 => extras.credit.iter().for_each(|credit| told(credit.read_credit(answer))),
        10 => extras.history.iter().for_each(|plans| told(plans.read_history(answer))),
        11 => extras.refunds.iter().for_each(|refunds| told(refunds.read_refund(answer))),
        12 => extras.top_up_permission.iter().for_each(|permission| told(permission.read_permission(answer))),
        13 => extras.steps.iter().for_each(|steps| told(steps.read_instructions(answer))),
        14 => extras.phones.iter().for_each(|phones| told(phones.read_compatible_devices(answer))),
        15 => extras.future_orders.iter().for_each(|future| told(future.read_place_later(answer))),
        16 => extras
            .future_orders
            .iter()
            .for_each(|future| told(future.read_find_later(&OrderId::parse("ord_1").expect("an id"), None, answer))),
        _ => extras.future_orders.iter().for_each(|future| told(future.read_cancel_later(answer))),
    }
}

fn ask(provider: &dyn EsimProvider, question: u8, answer: &Answer) {
    match question {
        0 => told(provider.read_catalogue(answer)),
        1 => told(provider.read_place(answer).inspect(|placed| bought(placed, answer))),
        2 => find(provider, answer),
        3 => told(provider.read_esim(answer)),
        4 => told(provider.read_usage(answer, NOW)),
        5 => told(provider.read_topups(answer, &[Country::parse("JP").expect("Japan")])),
        6 => told(provider.read_top_up(answer).inspect(|placed| bought(placed, answer))),
        7 => told(provider.read_register_webhook(answer)),
        _ => told(provider.read_login(answer)),
    }
}

/// Errors can be shown: they quote nothing that is secret, and are short.
fn told<T>(read: Result<T, ProviderError>) {
    if let Err(error) = read {
        assert!(error.to_string().len() < 2_000, "an error is a sentence");
    }
}

/// Only a success says that something was bought.
fn bought(_: &Placement, answer: &Answer) {
    assert!(answer.status.is_success(), "bought by {}", answer.status);
}

fn find(provider: &dyn EsimProvider, answer: &Answer) {
    let reference = OrderId::parse("ord_01JCONFORMANCE").expect("an order id");
    let iccid = Iccid::parse("8933200000000000127").expect("an ICCID");
    for top_up_of in [None, Some(EsimKey { provider_esim_id: Some("esim-77"), iccid: Some(&iccid) })] {
        let question = FindOrder {
            reference: &reference,
            provider_order_id: None,
            provider_package_id: "jp-1gb-7d",
            top_up_of,
            sent_at: NOW,
            locale: Locale::default(),
            cursor: None,
        };
        let found = provider.read_find_order(&question, answer);
        if matches!(found, Ok(FoundOrder::Placed(_) | FoundOrder::Pending { .. } | FoundOrder::Absent)) {
            assert!(answer.status.is_success(), "{found:?} by {}", answer.status);
        }
        told(found);
    }
}
