//! Offers: the agency's catalogues for the countries of a trip, ranked with reasons.

use serde_json::{Value, json};
use std::collections::HashSet;

use super::{Run, exchange};
use crate::{
    config::ProviderAccount,
    domain::{
        Locale, Package, Trip,
        recommend::{History, Market, recommend},
    },
    problem::Problem,
    providers,
    store::bookings::BookingRecord,
};

/// Plans that must have ended before the agency's own history is believed.
const ENOUGH_PLANS: u64 = 5;

/// The offers for a trip, as they are shown.
///
/// # Errors
/// [`Problem`] when the catalogue cannot be read.
pub async fn for_trip(run: &Run<'_>, trip: &Trip, locale: Locale) -> Result<Vec<Value>, Problem> {
    let packages = packages(run, trip).await?;
    made_of(run, trip, &packages, locale).await
}

/// The offers for a trip from these packages.
///
/// # Errors
/// [`Problem`] when the agency's experience cannot be read.
pub(super) async fn made_of(run: &Run<'_>, trip: &Trip, packages: &[Package], locale: Locale) -> Result<Vec<Value>, Problem> {
    let past = run.house.store.past_use(&run.agency_id).await?;
    let mb_per_day = (past.plans >= ENOUGH_PLANS).then(|| past.used_mb.checked_div(past.days)).flatten();
    let history = History { mb_per_day: mb_per_day.and_then(|mb| u32::try_from(mb).ok()), currency: Some(run.agency.currency) };
    let offers = recommend(trip, packages, &history, &market(run).await);
    Ok(offers.iter().filter_map(|offer| serde_json::to_value(offer.to_view(locale)).ok()).collect())
}

/// What the agency's accounts are compared by.
async fn market(run: &Run<'_>) -> Market {
    let retrieval = |account: &ProviderAccount| providers::adapter(account).capabilities().recovery.retrieval();
    let retrieval = run.agency.providers.iter().map(|account| (account.account.clone(), retrieval(account))).collect();
    Market { exchange: exchange::of(run).await, retrieval }
}

/// Everything that the agency's accounts sell in a country of the trip, each once.
///
/// # Errors
/// [`Problem`] when the catalogue cannot be read.
pub(super) async fn packages(run: &Run<'_>, trip: &Trip) -> Result<Vec<Package>, Problem> {
    let mut seen = HashSet::new();
    let mut packages = Vec::new();
    for account in &run.agency.providers {
        for country in trip.countries() {
            let sold = run.house.store.packages_for(&run.agency_id, &account.account, country).await?;
            packages.extend(sold.into_iter().filter(|package| seen.insert(package.package_id.clone())));
        }
    }
    Ok(packages)
}

/// The offers of a dossier in the language that the caller asked for; made anew when it is not the agency's.
///
/// # Errors
/// [`Problem`] when the catalogue cannot be read.
pub async fn in_language(run: &Run<'_>, record: &BookingRecord, locale: Option<Locale>) -> Result<Vec<Value>, Problem> {
    if record.cancelled {
        return Ok(Vec::new());
    }
    match locale.filter(|locale| *locale != run.agency.locale) {
        Some(locale) => for_trip(run, &record.booking.trip, locale).await,
        None => Ok(record.offers.clone()),
    }
}

/// `GET /bookings/{reference}/offers`.
///
/// # Errors
/// [`Problem`] when the catalogue cannot be read.
pub async fn view(run: &Run<'_>, record: &BookingRecord, locale: Option<Locale>) -> Result<String, Problem> {
    let offers = in_language(run, record, locale).await?;
    Ok(json!({ "booking_reference": record.booking.reference, "offers": offers }).to_string())
}

/// One offer in one line, for a CRM field.
#[must_use]
pub fn line(offer: &Value) -> Option<String> {
    let titles: Vec<String> = offer.get("packages")?.as_array()?.iter().filter_map(title).collect();
    let price = offer.get("price").map(ToString::to_string).unwrap_or_default();
    let currency = offer.get("currency").and_then(Value::as_str).unwrap_or_default();
    let reasons: Vec<&str> = offer.get("reasons")?.as_array()?.iter().filter_map(|reason| reason.get("text")?.as_str()).collect();
    Some(format!("{} — {price} {currency} — {}", titles.join(" + "), reasons.join(" · ")))
}

fn title(part: &Value) -> Option<String> {
    let title = part.get("title")?.as_str()?;
    match part.get("times").and_then(Value::as_u64) {
        Some(times) if times > 1 => Some(format!("{times} × {title}")),
        _ => Some(title.to_owned()),
    }
}

/// The package of an offer that is one package once: what one click can order.
#[must_use]
pub fn single_package_id(offer: &Value) -> Option<String> {
    offer.get("package_id")?.as_str().map(str::to_owned)
}
