//! The scenarios that every provider must pass: one table of what is to be concluded ([`scenarios`]), and in each provider's `samples`
//! the bytes that say so in its own words. Adding a provider is adding its folder: the suite finds it and lists what is missing.
//! What takes more than one answer (a reply that is lost, a token that dies) is played for every provider by the promises suite.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a failed unwrap is a failed test"
)]

mod conclude;
mod folders;
mod report;
mod sample;
mod scenarios;
mod survive;

pub(super) use folders::{account_of, account_with};
pub(super) use survive::survives;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use crate::config::ProviderAccount;
use crate::domain::{Iccid, OrderId};
use crate::outbound::Answer;

/// Now, in every scenario.
const NOW: &str = "2026-11-10T12:00:00Z";
/// Our reference, in every scenario.
const REFERENCE: &str = "ord_01JCONFORMANCE";

/// An account named `test`, with the secrets that the samples are signed with.
pub(super) fn account(kind: &str) -> ProviderAccount {
    serde_json::from_value(account_json(kind)).unwrap()
}

fn account_json(kind: &str) -> Value {
    serde_json::json!({
        "account": "test", "kind": kind, "base_url": "https://api.example.com/v2/", "client_id": "client", "client_secret": "test-secret",
        "webhook_secrets": [], "webhook_account": null, "token_url": null, "api_version": null, "client_identity_pem": null,
    })
}

pub(super) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(super) fn order_id() -> OrderId {
    OrderId::parse(REFERENCE).unwrap()
}

pub(super) fn iccid() -> Iccid {
    Iccid::parse("8933200000000000127").unwrap()
}

/// A success with this body.
pub(super) fn answer(body: &Value) -> Answer {
    Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: body.to_string().into_bytes() }
}
