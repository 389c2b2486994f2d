//! `GET packages` and `GET sims/{iccid}/topups` (Airalo Partner API v2, catalogue): countries or regions, in them operators
//! (Airalo's brands), in them packages.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;

use super::{Page, success};
use crate::domain::{AccountName, Country, Money, Package, PackageId};
use crate::outbound::Answer;
use crate::providers::{CataloguePage, ProviderError, lenient};

/// A country, a region or the world.
#[derive(Deserialize)]
struct Entry {
    #[serde(default, deserialize_with = "lenient::text")]
    title: Option<String>,
    /// Empty for regions.
    #[serde(default, deserialize_with = "lenient::text")]
    country_code: Option<String>,
    #[serde(default, deserialize_with = "lenient::rows")]
    operators: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Operator {
    #[serde(default, deserialize_with = "lenient::flag")]
    is_kyc_verify: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    rechargeability: bool,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    coverages: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    countries: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::rows")]
    packages: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Plan {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    title: Option<String>,
    /// MB, 1,024 a GB; 0 when unlimited.
    #[serde(default, deserialize_with = "lenient::whole")]
    amount: Option<u64>,
    #[serde(default, deserialize_with = "lenient::whole")]
    day: Option<u64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    is_unlimited: bool,
    /// Recommended retail, USD.
    #[serde(default, deserialize_with = "lenient::decimal")]
    price: Option<Decimal>,
    /// What the agency pays, USD; null under discount pricing.
    #[serde(default, deserialize_with = "lenient::decimal")]
    net_price: Option<Decimal>,
}

/// What a plan takes from where it is listed.
struct Place {
    title: Option<String>,
    countries: Vec<Country>,
    networks: Vec<String>,
    topup: bool,
}

/// A page. Whatever is odd is left out alone and counted.
pub(in super::super) fn read(account: &AccountName, answer: &Answer) -> Result<CataloguePage, ProviderError> {
    let page: Page = success(answer)?;
    let next = page.next();
    let mut read = CataloguePage { packages: Vec::new(), unreadable: 0, next };
    for entry in page.data.ok_or(ProviderError::Unknown("the catalogue page holds no list"))? {
        match serde_json::from_value::<Entry>(entry) {
            Ok(Entry { title, country_code, operators: Some(operators) }) => {
                operators
                    .into_iter()
                    .for_each(|operator| read_operator(account, title.as_deref(), country_code.as_deref(), operator, &mut read));
            }
            _ => read.unreadable += 1,
        }
    }
    let mut seen = HashSet::new();
    read.packages.retain(|package| seen.insert(package.package_id.clone()));
    Ok(read)
}

fn read_operator(account: &AccountName, title: Option<&str>, country: Option<&str>, operator: Value, read: &mut CataloguePage) {
    let Ok(Operator { is_kyc_verify, rechargeability, coverages, countries, packages: Some(plans) }) = serde_json::from_value(operator)
    else {
        read.unreadable += 1;
        return;
    };
    // These plans start only after the traveller has proven who they are, outside the API: we could sell them, not deliver them.
    // They are read well, so they are not counted as unreadable.
    if is_kyc_verify {
        return;
    }
    let place = Place {
        title: title.map(str::to_owned),
        countries: countries_of(&countries, &coverages, country),
        networks: networks_of(&coverages),
        topup: rechargeability,
    };
    for plan in plans {
        match serde_json::from_value::<Plan>(plan) {
            // Top-ups are sold by eSIM, and listed for it.
            Ok(plan) if plan.r#type.as_deref() == Some("topup") => {}
            Ok(plan) => match package(account, &place, plan) {
                Some(package) => read.packages.push(package),
                None => read.unreadable += 1,
            },
            Err(_) => read.unreadable += 1,
        }
    }
}

/// The top-ups of an eSIM; `[]` is an eSIM that cannot be topped up, and so is a refusal that says so.
pub(in super::super) fn read_topups(account: &AccountName, answer: &Answer, countries: &[Country]) -> Result<Vec<Package>, ProviderError> {
    let page: Page = match success(answer) {
        Err(ProviderError::Rejected { code: "not_rechargeable", .. }) => return Ok(Vec::new()),
        other => other?,
    };
    let place = Place { title: None, countries: countries.to_vec(), networks: Vec::new(), topup: true };
    let plans = page.data.ok_or(ProviderError::Unknown("the top-up list holds no list"))?;
    Ok(plans.into_iter().filter_map(|plan| package(account, &place, serde_json::from_value(plan).ok()?)).collect())
}

/// `None` when the plan lacks what it cannot be sold without: an id, a country, days, data, a price.
fn package(account: &AccountName, place: &Place, plan: Plan) -> Option<Package> {
    let id = plan.id?;
    // Under discount pricing only the retail price is listed; the discount is taken at the order, and the page does not say how
    // it is rounded. The agency then pays less than we say, never more.
    let price = Money::new(plan.net_price.or(plan.price)?, "USD").ok()?;
    let data_volume_mb = if plan.is_unlimited { None } else { Some(plan.amount.filter(|mb| *mb > 0)?) };
    let validity_days = plan.day.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0)?;
    if place.countries.is_empty() {
        return None;
    }
    Some(Package {
        package_id: PackageId::of(account, &id).ok()?,
        provider: account.clone(),
        title: title(place.title.as_deref(), plan.title, &id),
        iso_countries: place.countries.clone(),
        data_volume_mb,
        validity_days,
        price,
        network_operators: place.networks.clone(),
        topup: place.topup,
    })
}

/// "1 GB - 7 Days" alone does not tell an adviser where.
fn title(place: Option<&str>, plan: Option<String>, id: &str) -> String {
    match (place, plan) {
        (Some(place), Some(plan)) if !plan.contains(place) => format!("{place} {plan}"),
        (_, Some(plan)) => plan,
        (Some(place), None) => format!("{place} ({id})"),
        (None, None) => id.to_owned(),
    }
}

/// `operators[].countries[]`, without codes that ISO 3166-1 does not know (`XK`). Where that list is empty, the coverages' codes and then the
/// country that it is listed under.
fn countries_of(listed: &[Value], coverages: &[Value], entry: Option<&str>) -> Vec<Country> {
    let codes = |rows: &[Value], field: &str| -> Vec<Country> {
        distinct(rows.iter().filter_map(|row| Country::parse(row.get(field)?.as_str()?).ok()))
    };
    let mut countries = codes(listed, "country_code");
    if countries.is_empty() {
        countries = codes(coverages, "code");
    }
    if countries.is_empty() {
        countries.extend(entry.and_then(|code| Country::parse(code).ok()));
    }
    countries
}

/// The visited networks: `operators[].title` is Airalo's brand, not one of them.
fn networks_of(coverages: &[Value]) -> Vec<String> {
    let networks = coverages.iter().filter_map(|coverage| coverage.get("networks")?.as_array()).flatten();
    distinct(networks.filter_map(|network| lenient::text_of(network.get("name")?)))
}

fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}
