//! `GET /packages`: destination, size, range of days, price. Neither networks nor titles are told.

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::{super::package_id, megabytes, success};
use crate::domain::{AccountName, Country, Money, Package, PackageId};
use crate::outbound::Answer;
use crate::providers::{CataloguePage, ProviderError, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default, deserialize_with = "lenient::rows")]
    packages: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient::text")]
    after_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    /// ISO 3166-1 alpha-3; regions have codes of their own.
    #[serde(default, deserialize_with = "lenient::text")]
    destination: Option<String>,
    #[serde(default, rename = "destinationISO2", deserialize_with = "lenient::text")]
    destination_iso2: Option<String>,
    /// -1 is unlimited.
    #[serde(default, deserialize_with = "lenient::decimal")]
    data_limit_in_bytes: Option<Decimal>,
    #[serde(default, rename = "dataLimitInGB", deserialize_with = "lenient::decimal")]
    data_limit_in_gb: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::whole")]
    min_days: Option<u64>,
    #[serde(default, deserialize_with = "lenient::whole")]
    max_days: Option<u64>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    price_in_cents: Option<Decimal>,
}

/// A page. What cannot be sold (regions, unlimited plans, ranges without a duration of ours) is left out and counted.
pub(in super::super) fn read(account: &AccountName, currency: Currency, answer: &Answer) -> Result<CataloguePage, ProviderError> {
    let page: Page = success(answer)?;
    let plans = page.packages.ok_or(ProviderError::Unknown("the catalogue page holds no list"))?;
    let listed = plans.len();
    let packages: Vec<Package> = plans.into_iter().filter_map(|plan| package(account, currency, plan)).collect();
    let next = page.after_cursor.filter(|_| listed > 0);
    Ok(CataloguePage { unreadable: listed - packages.len(), packages, next })
}

/// The same for every eSIM; whether this one may be topped up is asked before (`isTopUpAllowed`).
pub(in super::super) fn read_topups(
    account: &AccountName,
    currency: Currency,
    answer: &Answer,
    countries: &[Country],
) -> Result<Vec<Package>, ProviderError> {
    let fits = |package: &Package| package.iso_countries.iter().all(|country| countries.contains(country));
    Ok(read(account, currency, answer)?.packages.into_iter().filter(fits).collect())
}

fn package(account: &AccountName, currency: Currency, plan: Value) -> Option<Package> {
    let plan: Plan = serde_json::from_value(plan).ok()?;
    let country = country(&plan)?;
    let gigabytes = plan.data_limit_in_gb.filter(|size| size.is_sign_positive() && !size.is_zero())?;
    let megabytes = megabytes(plan.data_limit_in_bytes.unwrap_or(gigabytes * Decimal::from(1_073_741_824)))?;
    let validity_days = package_id::longest_duration(plan.min_days?, plan.max_days?)?;
    let id = package_id::Plan { destination: country.as_str().to_owned(), gigabytes, days: validity_days };
    Some(Package {
        package_id: PackageId::of(account, &id.to_string()).ok()?,
        provider: account.clone(),
        title: format!("{country} {} GB {validity_days} d", gigabytes.normalize()),
        iso_countries: vec![country],
        data_volume_mb: Some(megabytes),
        validity_days,
        price: Money::new(plan.price_in_cents? / Decimal::ONE_HUNDRED, currency.code()).ok()?,
        network_operators: Vec::new(),
        topup: true,
    })
}

fn country(plan: &Plan) -> Option<Country> {
    let two = plan.destination_iso2.as_deref().and_then(|code| Country::parse(code).ok());
    two.or_else(|| Country::parse_alpha3(plan.destination.as_deref()?).ok())
}
