//! `/package/list`: everything at once, some of it twice.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;

use super::{megabytes, success};
use crate::domain::{AccountName, Country, Money, Package, PackageId};
use crate::outbound::Answer;
use crate::providers::{CataloguePage, ProviderError, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(default, deserialize_with = "lenient::rows")]
    package_list: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    #[serde(default, deserialize_with = "lenient::text")]
    package_code: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    /// 1/10,000 of a unit of the currency.
    #[serde(default, deserialize_with = "lenient::decimal")]
    price: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::text")]
    currency_code: Option<String>,
    /// Bytes.
    #[serde(default, deserialize_with = "lenient::decimal")]
    volume: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::whole")]
    duration: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    duration_unit: Option<String>,
    /// `DE,FR`.
    #[serde(default, deserialize_with = "lenient::text")]
    location: Option<String>,
    /// 1 in total, 2 a day.
    #[serde(default, deserialize_with = "lenient::whole")]
    data_type: Option<u64>,
    #[serde(default, deserialize_with = "lenient::whole")]
    support_top_up_type: Option<u64>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    location_network_list: Vec<Value>,
}

/// The catalogue. What is odd, or limited by the day, is left out alone and counted; what comes twice is taken once.
pub(in super::super) fn read(account: &AccountName, answer: &Answer) -> Result<CataloguePage, ProviderError> {
    let list: List = success(answer)?;
    let plans = list.package_list.ok_or(ProviderError::Unknown("the catalogue holds no list"))?;
    let (mut packages, mut unreadable, mut seen) = (Vec::new(), 0, HashSet::new());
    for plan in plans {
        match package(account, plan, None) {
            Some(package) if seen.insert(package.package_id.clone()) => packages.push(package),
            Some(_) => {}
            None => unreadable += 1,
        }
    }
    Ok(CataloguePage { packages, unreadable, next: None })
}

/// What this eSIM can be topped up with. A refusal that says so is an empty list.
pub(in super::super) fn read_topups(account: &AccountName, answer: &Answer, countries: &[Country]) -> Result<Vec<Package>, ProviderError> {
    let list: List = match success(answer) {
        Err(ProviderError::Rejected { code: "not_rechargeable", .. }) => return Ok(Vec::new()),
        other => other?,
    };
    let plans = list.package_list.ok_or(ProviderError::Unknown("the top-up list holds no list"))?;
    Ok(plans.into_iter().filter_map(|plan| package(account, plan, Some(countries))).collect())
}

/// `running` are the countries of the plan that is topped up, for a top-up that names none.
fn package(account: &AccountName, plan: Value, running: Option<&[Country]>) -> Option<Package> {
    let plan: Plan = serde_json::from_value(plan).ok()?;
    let code = plan.package_code.clone()?;
    let in_total = plan.data_type.is_none_or(|kind| kind == 1);
    let in_days = plan.duration_unit.as_deref().is_none_or(|unit| unit.eq_ignore_ascii_case("day"));
    let mut iso_countries = countries(plan.location.as_deref().unwrap_or_default());
    if iso_countries.is_empty() {
        iso_countries.extend_from_slice(running.unwrap_or_default());
    }
    if !in_total || !in_days || iso_countries.is_empty() {
        return None;
    }
    Some(Package {
        package_id: PackageId::of(account, &code).ok()?,
        provider: account.clone(),
        title: plan.name.clone().unwrap_or(code),
        iso_countries,
        data_volume_mb: Some(plan.volume.and_then(megabytes).filter(|mb| *mb > 0)?),
        validity_days: plan.duration.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0)?,
        price: Money::new((plan.price? / Decimal::from(10_000)).normalize(), plan.currency_code.as_deref().unwrap_or("USD")).ok()?,
        network_operators: networks(&plan.location_network_list),
        topup: running.is_some() || plan.support_top_up_type.is_some_and(|kind| kind >= 2),
    })
}

/// Each country once; codes that ISO 3166-1 does not know are passed over.
fn countries(location: &str) -> Vec<Country> {
    distinct(location.split(',').filter_map(|code| Country::parse(code).ok()))
}

fn networks(locations: &[Value]) -> Vec<String> {
    let operators = locations.iter().filter_map(|location| location.get("operatorList")?.as_array()).flatten();
    distinct(operators.filter_map(|operator| lenient::text_of(operator.get("operatorName")?)))
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
