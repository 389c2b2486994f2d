//! `GET catalog/packages` and `GET esims/{esim_id}/topups`.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::success;
use crate::domain::{AccountName, Country, Money, Package, PackageId};
use crate::outbound::Answer;
use crate::providers::{CataloguePage, ProviderError, lenient};

#[derive(Deserialize)]
struct Page {
    #[serde(default, deserialize_with = "lenient::rows")]
    packages: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient::text")]
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Plan {
    #[serde(default, deserialize_with = "lenient::text")]
    package_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    title: Option<String>,
    /// One country, or a list.
    #[serde(default)]
    iso_country: Value,
    #[serde(default)]
    iso_countries: Value,
    /// `null` is unlimited; absent is not said.
    #[serde(default, deserialize_with = "lenient::present")]
    data_volume_mb: Option<Value>,
    #[serde(default, deserialize_with = "lenient::whole")]
    validity_days: Option<u64>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    price: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::text")]
    currency: Option<String>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    network_operators: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::flag")]
    topup: bool,
}

/// A page. Whatever is odd is left out alone and counted.
pub(in super::super) fn read(account: &AccountName, answer: &Answer) -> Result<CataloguePage, ProviderError> {
    let page: Page = success(answer)?;
    let plans = page.packages.ok_or(ProviderError::Unknown("the catalogue page holds no list"))?;
    let listed = plans.len();
    let packages: Vec<Package> = plans.into_iter().filter_map(|plan| package(account, plan, &[], None)).collect();
    Ok(CataloguePage { unreadable: listed - packages.len(), packages, next: page.next_cursor })
}

/// The top-ups of an eSIM; an empty list is an eSIM that cannot be topped up, and so is a refusal that says so.
pub(in super::super) fn read_topups(account: &AccountName, answer: &Answer, countries: &[Country]) -> Result<Vec<Package>, ProviderError> {
    let page: Page = match success(answer) {
        Err(ProviderError::Rejected { code: "not_rechargeable", .. }) => return Ok(Vec::new()),
        other => other?,
    };
    let plans = page.packages.ok_or(ProviderError::Unknown("the top-up list holds no list"))?;
    Ok(plans.into_iter().filter_map(|plan| package(account, plan, countries, Some(true))).collect())
}

/// `None` when the plan lacks what it cannot be sold without: an id, a country, days, data, a price.
fn package(account: &AccountName, plan: Value, default_countries: &[Country], topup: Option<bool>) -> Option<Package> {
    let plan: Plan = serde_json::from_value(plan).ok()?;
    let id = plan.package_id?;
    let mut iso_countries = countries(&plan.iso_countries, &plan.iso_country);
    if iso_countries.is_empty() {
        iso_countries.extend_from_slice(default_countries);
    }
    if iso_countries.is_empty() {
        return None;
    }
    let networks = plan.network_operators.iter().filter_map(lenient::text_of);
    Some(Package {
        package_id: PackageId::of(account, &id).ok()?,
        provider: account.clone(),
        title: plan.title.unwrap_or_else(|| id.clone()),
        iso_countries,
        data_volume_mb: data_volume(&plan.data_volume_mb?)?,
        validity_days: plan.validity_days.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0)?,
        price: Money::new(plan.price?, &plan.currency?).ok()?,
        network_operators: networks.collect(),
        topup: topup.unwrap_or(plan.topup),
    })
}

/// `Some(None)` is unlimited; no data at all cannot be sold.
fn data_volume(value: &Value) -> Option<Option<u64>> {
    if value.is_null() {
        return Some(None);
    }
    lenient::whole(value).ok().flatten().filter(|mb| *mb > 0).map(Some)
}

/// Each country once. Codes that ISO 3166-1 does not know are passed over.
fn countries(list: &Value, single: &Value) -> Vec<Country> {
    let mut countries = Vec::new();
    for value in [list, single] {
        let codes = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for country in codes.iter().filter_map(|code| Country::parse(code.as_str()?).ok()) {
            if !countries.contains(&country) {
                countries.push(country);
            }
        }
    }
    countries
}
