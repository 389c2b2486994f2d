//! Fail-over: an order that its account cannot fill goes to an equivalent plan of another account of the agency, or a person is shown
//! these plans. Only while every sending so far had a definite no, and to each account once.
//!
//! The move is one fenced write that names the new plan and leaves the order `queued`; the watch then sends it as it sends any queued
//! order. So whoever reads the order, after a crash on either side of that write, knows which provider to send to and to ask.

use jiff::SignedDuration;
use std::time::Duration;

use super::{Next, stay_open};
use crate::{
    config::{FailOverRule, ProviderAccount},
    domain::{
        Country, Exchange, Package,
        equivalent::{countries_needed, equivalents, within_band},
    },
    flows::{Run, exchange},
    outbound::{BREAKER_OPEN, OperationClass},
    problem::Problem,
    store::{StoreError, orders::OrderRecord, outbox::TaskKind},
};

/// A pause (429) longer than this is no rate limit: the order does not wait for its end, where it may go elsewhere.
const LONG_PAUSE: Duration = Duration::from_secs(300);

/// How long an order is held back before a person is shown other plans.
const ASK_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Plans that a task names at most.
const MOST_NAMED: usize = 5;

/// Whether an account that answered so will not fill the order soon, so that its five attempts need not be used up first.
pub(super) fn at_once(reason: &str, wait: Option<Duration>) -> bool {
    reason == BREAKER_OPEN || wait.is_some_and(|wait| wait > LONG_PAUSE)
}

/// Moves the order to another account by the agency's rule; `None` when it stays.
///
/// # Errors
/// [`Problem`] when the move could not be written: the order stands as it did.
pub(super) async fn elsewhere(run: &Run<'_>, record: &mut OrderRecord, why: &str) -> Result<Option<Next>, Problem> {
    if run.agency.fail_over.rule != FailOverRule::Automatic {
        return Ok(None);
    }
    let Some(package) = stand_in(run, record).await else { return Ok(None) };
    tracing::warn!(order_id = %record.order.order_id, from = %record.order.package.provider, to = %package.provider, why, "an order goes to another account");
    record.order.go_elsewhere(package, run.now(), why);
    // A SIM that was chosen at the former account stays locked there.
    record.sim = None;
    stay_open(run, record, Duration::from_secs(1)).await.map(Some)
}

/// The cheapest plan within the price band, of an account that is not held back itself.
async fn stand_in(run: &Run<'_>, record: &OrderRecord) -> Option<Package> {
    let (percent, exchange) = (run.agency.fail_over.price_band_percent, exchange::of(run).await);
    for package in named(run, record, &exchange).await {
        if within_band(&package, record.order.ordered(), percent, &exchange) && sells_now(run, &package).await {
            return Some(package);
        }
    }
    None
}

async fn sells_now(run: &Run<'_>, package: &Package) -> bool {
    match run.provider(&package.provider) {
        Ok(provider) => provider.held(OperationClass::Money, "place_order").await.is_none(),
        Err(_) => false,
    }
}

/// Turns the task about an order that ends without a purchase into one that names equivalent plans, where there are any.
pub(super) async fn with_choices(run: &Run<'_>, record: &OrderRecord, kind: TaskKind, detail: String) -> (TaskKind, String) {
    let ended = matches!(record.order.problem.as_ref().map(|problem| problem.code.as_str()), Some("sold_out" | "not_sent"));
    let exchange = exchange::of(run).await;
    let choices = if ended { choices(run, record, &exchange).await } else { Vec::new() };
    if choices.is_empty() {
        return (kind, detail);
    }
    let lines: Vec<String> = choices.iter().take(MOST_NAMED).map(|package| line(package, record.order.ordered(), &exchange)).collect();
    (TaskKind::ChooseAnother, format!("{detail}\n{}", lines.join("\n")))
}

/// Whether an order has been held back for so long that a person is to be shown what else there is, and can be bought now.
pub(super) async fn is_for_a_person(run: &Run<'_>, record: &OrderRecord) -> bool {
    if run.now().duration_since(record.order.created_at) < ASK_AFTER {
        return false;
    }
    for package in choices(run, record, &exchange::of(run).await).await {
        if sells_now(run, &package).await {
            return true;
        }
    }
    false
}

async fn choices(run: &Run<'_>, record: &OrderRecord, exchange: &Exchange) -> Vec<Package> {
    if run.agency.fail_over.rule == FailOverRule::Never { Vec::new() } else { named(run, record, exchange).await }
}

fn line(package: &Package, ordered: &Package, exchange: &Exchange) -> String {
    let data = package.data_volume_mb.map_or_else(|| "unlimited".to_owned(), |mb| format!("{mb} MB"));
    let (price, currency) = (package.price.amount.normalize(), package.price.currency.code());
    let compared = compared(package, ordered, exchange);
    format!("- {} · {data} · {} d · {price} {currency}{compared} · {}", package.title, package.validity_days, package.package_id)
}

/// A price of another currency beside the ordered plan's: ` (≈ 4.17 EUR, 2026-11-27)`.
fn compared(package: &Package, ordered: &Package, exchange: &Exchange) -> String {
    if package.price.currency == ordered.price.currency {
        return String::new();
    }
    let rate = exchange.rate(package.price.currency, ordered.price.currency);
    match rate.and_then(|rate| rate.comparison(package.price.amount)) {
        Some(comparison) => {
            format!(" (≈ {} {}, {})", comparison.price.amount.normalize(), comparison.price.currency.code(), comparison.date)
        }
        None => format!(" (no rate to {})", ordered.price.currency.code()),
    }
}

/// The equivalent plans of the accounts that the order has not been at, the cheapest first. None when the order must stay. What cannot be
/// read is as good as not there: the order then goes on as if there were no other account.
async fn named(run: &Run<'_>, record: &OrderRecord, exchange: &Exchange) -> Vec<Package> {
    if !record.order.may_go_elsewhere() {
        return Vec::new();
    }
    match search(run, record, exchange).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(order_id = %record.order.order_id, %error, "equivalent plans could not be looked for");
            Vec::new()
        }
    }
}

async fn search(run: &Run<'_>, record: &OrderRecord, exchange: &Exchange) -> Result<Vec<Package>, StoreError> {
    let ordered = record.order.ordered();
    let countries = countries_needed(ordered, &trip_of(run, record).await?);
    let Some(first) = countries.first().copied() else { return Ok(Vec::new()) };
    let mut candidates = Vec::new();
    for account in others(run, record) {
        candidates.append(&mut run.house.store.packages_for(&run.agency_id, &account.account, first).await?);
    }
    Ok(equivalents(ordered, &countries, &candidates, exchange).into_iter().cloned().collect())
}

fn others<'a>(run: &'a Run<'_>, record: &OrderRecord) -> impl Iterator<Item = &'a ProviderAccount> {
    run.agency.providers.iter().filter(|account| !record.order.was_at(&account.account))
}

async fn trip_of(run: &Run<'_>, record: &OrderRecord) -> Result<Vec<Country>, StoreError> {
    let Some(reference) = &record.order.booking_reference else { return Ok(Vec::new()) };
    let booking = run.house.store.booking(&run.agency_id, reference, &run.house.seals).await?;
    Ok(booking.map(|found| found.booking.trip.countries()).unwrap_or_default())
}
