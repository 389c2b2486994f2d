//! `GET ordering/products` (§2, Product list).

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Deserialize;
use serde_json::Value;

use super::success;
use crate::domain::{AccountName, Country, Money, Package, PackageId};
use crate::outbound::Answer;
use crate::providers::{CataloguePage, ProviderError, bytes, lenient};

#[derive(Deserialize)]
struct Page {
    #[serde(default, deserialize_with = "lenient::whole")]
    total: Option<u64>,
    #[serde(default, deserialize_with = "lenient::whole")]
    offset: Option<u64>,
    #[serde(default, deserialize_with = "lenient::rows")]
    products: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Product {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    /// US dollars.
    #[serde(default, deserialize_with = "lenient::decimal")]
    unit_cost: Option<Decimal>,
    package_template: Template,
}

#[derive(Deserialize)]
struct Template {
    /// Bytes.
    #[serde(default, deserialize_with = "lenient::decimal")]
    data_usage_allowance: Option<Decimal>,
    #[serde(default)]
    time_allowance: Option<TimeAllowance>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    supported_countries: Vec<Value>,
}

#[derive(Deserialize)]
struct TimeAllowance {
    #[serde(default, deserialize_with = "lenient::text")]
    unit: Option<String>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    duration: Option<Decimal>,
}

impl TimeAllowance {
    /// Whole days. A calendar month is counted as 30: no traveller is promised a day too many.
    fn days(&self) -> Option<u32> {
        let days = match self.unit.as_deref()? {
            "SECOND" => self.duration?.checked_div(Decimal::from(86_400))?,
            "CALENDAR_MONTH" => self.duration?.checked_mul(Decimal::from(30))?,
            _ => return None,
        };
        days.floor().to_u32().filter(|days| *days > 0)
    }
}

/// A page. Whatever is odd or not to be had is left out alone and counted.
pub(in super::super) fn read(account: &AccountName, topup: bool, answer: &Answer) -> Result<CataloguePage, ProviderError> {
    let page: Page = success(answer)?;
    let rows = page.products.ok_or(ProviderError::Unknown("the catalogue page holds no list"))?;
    let listed = rows.len();
    let reached = page.offset.unwrap_or(0).saturating_add(u64::try_from(listed).unwrap_or(u64::MAX));
    let next = (listed > 0 && page.total.is_some_and(|total| reached < total)).then(|| reached.to_string());
    let packages: Vec<Package> = rows.into_iter().filter_map(|row| package(account, topup, row)).collect();
    Ok(CataloguePage { unreadable: listed - packages.len(), packages, next })
}

/// What can be added to an eSIM: the products that work in all of its countries.
pub(in super::super) fn read_topups(account: &AccountName, answer: &Answer, countries: &[Country]) -> Result<Vec<Package>, ProviderError> {
    let mut packages = read(account, true, answer)?.packages;
    packages.retain(|package| countries.iter().all(|country| package.iso_countries.contains(country)));
    Ok(packages)
}

/// `None` when the product lacks what it cannot be sold without, or is not `AVAILABLE`.
fn package(account: &AccountName, topup: bool, row: Value) -> Option<Package> {
    let product: Product = serde_json::from_value(row).ok()?;
    if product.status.as_deref() != Some("AVAILABLE") {
        return None;
    }
    let template = product.package_template;
    let iso_countries = countries(&template.supported_countries);
    if iso_countries.is_empty() {
        return None;
    }
    let id = product.id?;
    Some(Package {
        package_id: PackageId::of(account, &id).ok()?,
        provider: account.clone(),
        title: product.name.unwrap_or(id),
        iso_countries,
        data_volume_mb: Some(template.data_usage_allowance.and_then(bytes::used).filter(|mb| *mb > 0)?),
        validity_days: template.time_allowance?.days()?,
        price: Money::new(product.unit_cost?, "USD").ok()?,
        network_operators: Vec::new(),
        topup,
    })
}

/// Each country once. Codes that ISO 3166-1 does not know are passed over.
fn countries(codes: &[Value]) -> Vec<Country> {
    let mut countries = Vec::new();
    for country in codes.iter().filter_map(|code| Country::parse_alpha3(code.as_str()?).ok()) {
        if !countries.contains(&country) {
            countries.push(country);
        }
    }
    countries
}
