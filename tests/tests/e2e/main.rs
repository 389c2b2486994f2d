//! End to end: the template as it goes to AWS, deployed on the local one, with the simulators' own records as witnesses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod bad_input;
mod browser;
mod buying;
mod catalogue;
mod contract;
mod drops;
mod fail_over;
mod never_in_the_clear;
mod pages;
mod redrive;
mod webhooks;

use passerelle_tests::{
    local::{
        Demo,
        api::Api,
        wait::{Seen, until},
    },
    sim::SimClient,
};
use serde_json::{Value, json};

pub(crate) fn demo() -> &'static Demo {
    Demo::shared().unwrap_or_else(|error| panic!("{error}"))
}

/// Tests that order stand in line: a failure that one asks a simulator for must not meet another's order.
pub(crate) async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    static LINE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    LINE.lock().await
}

pub(crate) async fn api() -> Api<'static> {
    Api::new(&demo().stack).await.unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn booking(reference: &str) -> Value {
    let from = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date().saturating_add(jiff::ToSpan::days(20));
    let to = from.saturating_add(jiff::ToSpan::days(6));
    json!({
        "reference": reference, "external_reference": format!("crm-{reference}"),
        "destinations": [{"iso_country": "JP", "from": from.to_string(), "to": to.to_string()}],
        "traveller": {"name": "Ines Faure", "email": format!("{}@example.com", reference.to_lowercase()), "locale": "fr"},
    })
}

/// Books a trip and returns a package of the account.
pub(crate) async fn booked(api: &Api<'_>, reference: &str, account: &str) -> String {
    let booked = api.post("/bookings", &booking(reference), None).await.unwrap().expect(&[201]).unwrap();
    let offers = booked["offers"].as_array().expect("offers").clone();
    let mine = |offer: &&Value| offer["package_id"].as_str().is_some_and(|id| id.starts_with(&format!("{account}:")));
    offers.iter().find(mine).unwrap_or_else(|| panic!("no offer of {account}"))["package_id"].as_str().unwrap().to_owned()
}

pub(crate) fn order(reference: &str, package: &str) -> Value {
    json!({"external_reference": format!("crm-{reference}"), "package_id": package, "booking_reference": reference})
}

/// Purchases at a provider that carry our order's reference.
pub(crate) async fn purchases(sim: &SimClient, order_id: &str) -> usize {
    let ledger = sim.ledger().await.expect("the ledger");
    ledger.iter().filter(|line| line.to_string().contains(order_id)).count()
}

/// Waits until an order stands as it should.
pub(crate) async fn until_order(api: &Api<'_>, order_id: &str, status: &str) -> Value {
    until(&format!("order {status}"), async || {
        let body = api.get(&format!("/orders/{order_id}")).await?.expect(&[200])?;
        let there = body["status"] == status;
        Ok(Seen::of(there.then(|| body.clone()), || body.to_string()))
    })
    .await
    .unwrap_or_else(|error| panic!("{error}"))
}

/// Mails to an address.
pub(crate) async fn mails_to(address: &str) -> Vec<Value> {
    let mails = demo().sims.sendgrid.client().messages().await.expect("the mails");
    mails.into_iter().filter(|mail| mail["to"].to_string().contains(address)).collect()
}
