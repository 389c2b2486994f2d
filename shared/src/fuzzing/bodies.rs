//! What callers of our API send.

use http::{HeaderMap, HeaderValue, Method};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    domain::TraceId,
    edge::Call,
    email::{mailjet, sendgrid},
    flows::{
        intake::NewBooking,
        place_order::{IdempotencyKey, NewOrder},
        subscribe::NewSubscription,
        topup::NewTopUp,
    },
    outbound::Deadline,
    problem::Problem,
};

/// The first byte says which call; the rest is its body.
pub(super) fn api_body(bytes: &[u8]) {
    let Some((call, body)) = bytes.split_first() else { return };
    match call % 4 {
        0 => read_again(&read::<NewOrder>(body)),
        1 => read_again(&read::<NewTopUp>(body)),
        2 => drop(read::<NewBooking>(body)),
        _ => drop(read::<NewSubscription>(body)),
    }
}

/// The first byte says whose events they are. What is kept of them holds no address.
pub(super) fn mail_events(bytes: &[u8]) {
    let Some((service, body)) = bytes.split_first() else { return };
    let read = if service % 2 == 0 { sendgrid::read_events(body) } else { mailjet::read_events(body) };
    for event in read.unwrap_or_default() {
        assert!(event.reason.is_none_or(|reason| !reason.contains('@')), "an address in a reason");
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let call = Call {
        method: Method::POST,
        path: Vec::new(),
        query: Vec::new(),
        headers,
        body: body.to_vec(),
        client_id: None,
        scopes: Vec::new(),
        host_base: String::new(),
        trace_id: TraceId::parse("0af7651916cd43dd8448eb211c80319c").expect("a trace id"),
        deadline: Deadline::at(jiff::Timestamp::UNIX_EPOCH),
    };
    call.json().inspect_err(|problem: &Problem| assert!((400..500).contains(&problem.status))).ok()
}

/// The request that a key stands for is hashed as we write it: it must be read as the same again.
fn read_again<T: Serialize + DeserializeOwned>(read: &Option<T>) {
    let Some(first) = read.as_ref().and_then(|read| serde_json::to_string(read).ok()) else { return };
    let again: T = serde_json::from_str(&first).expect("what we write, we read");
    assert_eq!(serde_json::to_string(&again).ok(), Some(first));
}

pub(super) fn idempotency_key(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match IdempotencyKey::parse(Some(&text)) {
        Ok(_) => assert!((1..=200).contains(&text.trim().len()) && text.trim().bytes().all(|byte| byte.is_ascii_graphic())),
        Err(problem) => assert_eq!(problem.status, 400),
    }
}
