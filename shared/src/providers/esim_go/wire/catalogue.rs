//! `GET /catalogue`: bundles, by page.

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::{read as read_body, success};
use crate::domain::{AccountName, Country, Money, Package, PackageId};
use crate::outbound::Answer;
use crate::providers::{CataloguePage, ProviderError, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default, deserialize_with = "lenient::rows")]
    bundles: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient::whole")]
    page_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    /// Its id; case matters.
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
    /// Where it is sold for.
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    countries: Vec<Value>,
    /// Where it works besides.
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    roaming_enabled: Vec<Value>,
    /// MB.
    #[serde(default, deserialize_with = "lenient::whole")]
    data_amount: Option<u64>,
    /// Days.
    #[serde(default, deserialize_with = "lenient::whole")]
    duration: Option<u64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    unlimited: bool,
    #[serde(default, deserialize_with = "lenient::decimal")]
    price: Option<Decimal>,
}

/// A page. Whatever is odd is left out alone and counted.
pub(in super::super) fn read(account: &AccountName, currency: Currency, answer: &Answer) -> Result<CataloguePage, ProviderError> {
    let page: Page = success(answer)?;
    let bundles = page.bundles.ok_or(ProviderError::Unknown("the catalogue page holds no list"))?;
    let listed = bundles.len();
    let packages: Vec<Package> = bundles.into_iter().filter_map(|bundle| package(account, currency, bundle)).collect();
    Ok(CataloguePage { unreadable: listed - packages.len(), packages, next: None })
}

/// The answer says how many pages there are, not which one it is.
pub(in super::super) fn next_page(cursor: Option<&str>, answer: &Answer) -> Option<String> {
    let page: Page = read_body(answer).filter(|_| answer.status.is_success())?;
    let asked: u64 = cursor.map_or(Some(1), |cursor| cursor.parse().ok())?;
    let more = page.page_count.is_some_and(|count| asked < count) && page.bundles.is_some_and(|bundles| !bundles.is_empty());
    more.then(|| (asked + 1).to_string())
}

/// Bundles that work wherever the running plan does.
pub(in super::super) fn read_topups(
    account: &AccountName,
    currency: Currency,
    answer: &Answer,
    countries: &[Country],
) -> Result<Vec<Package>, ProviderError> {
    let fits = |package: &Package| countries.iter().all(|country| package.iso_countries.contains(country));
    Ok(read(account, currency, answer)?.packages.into_iter().filter(fits).collect())
}

fn package(account: &AccountName, currency: Currency, bundle: Value) -> Option<Package> {
    let bundle: Bundle = serde_json::from_value(bundle).ok()?;
    let name = bundle.name?;
    let iso_countries = countries(&[bundle.countries, bundle.roaming_enabled].concat());
    let data_volume_mb = if bundle.unlimited { None } else { Some(bundle.data_amount.filter(|mb| *mb > 0)?) };
    if iso_countries.is_empty() {
        return None;
    }
    Some(Package {
        package_id: PackageId::of(account, &name).ok()?,
        provider: account.clone(),
        title: bundle.description.unwrap_or(name),
        iso_countries,
        data_volume_mb,
        validity_days: bundle.duration.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0)?,
        price: Money::new(bundle.price?, currency.code()).ok()?,
        network_operators: Vec::new(),
        topup: true,
    })
}

/// Each country once; regions and codes that ISO 3166-1 does not know are passed over.
fn countries(listed: &[Value]) -> Vec<Country> {
    let mut countries = Vec::new();
    for country in listed.iter().filter_map(|one| Country::parse(one.get("iso")?.as_str()?).ok()) {
        if !countries.contains(&country) {
            countries.push(country);
        }
    }
    countries
}
