//! `GET v2/products` (§2, Products).

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use super::{Page, success};
use crate::domain::{AccountName, Country, Money, Package, PackageId};
use crate::outbound::Answer;
use crate::providers::{CataloguePage, ProviderError, lenient};

/// Countries by footprint code.
type Footprints = BTreeMap<String, Vec<Country>>;

#[derive(Deserialize)]
struct Product {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    sim_type: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::whole")]
    duration: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    duration_unit: Option<String>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    data: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::text")]
    data_unit: Option<String>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    price: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::text")]
    price_currency: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    footprint_code: Option<String>,
}

impl Product {
    /// A month is counted as 30 days: no traveller is promised a day too many.
    fn days(&self) -> Option<u32> {
        let each = match self.duration_unit.as_deref()?.to_ascii_uppercase().as_str() {
            "DAY" | "DAYS" => 1,
            "WEEK" | "WEEKS" => 7,
            "MONTH" | "MONTHS" => 30,
            _ => return None,
        };
        u32::try_from(self.duration?.checked_mul(each)?).ok().filter(|days| *days > 0)
    }

    /// 1,024 MB a GB: the base is not documented, the example value is binary (§2, Subscription).
    fn megabytes(&self) -> Option<u64> {
        let each = match self.data_unit.as_deref()?.to_ascii_uppercase().as_str() {
            "MB" => 1,
            "GB" => 1_024,
            "TB" => 1_048_576,
            _ => return None,
        };
        self.data?.checked_mul(Decimal::from(each))?.floor().to_u64().filter(|mb| *mb > 0)
    }

    fn is_esim(&self) -> bool {
        self.sim_type.iter().any(|kind| kind.as_str() == Some("ESIM"))
    }
}

/// A page. Whatever is odd, or covers we know not what, is left out alone and counted.
pub(in super::super) fn read(account: &AccountName, footprints: &Footprints, answer: &Answer) -> Result<CataloguePage, ProviderError> {
    let page: Page = success(answer)?;
    let next = page.next();
    let rows = page.data.ok_or(ProviderError::Unknown("the catalogue page holds no list"))?;
    let listed = rows.len();
    let products: Vec<Product> = rows.into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect();
    warn_of_unknown_footprints(footprints, &products);
    let packages: Vec<Package> = products.into_iter().filter_map(|product| package(account, footprints, product)).collect();
    Ok(CataloguePage { unreadable: listed - packages.len(), packages, next })
}

/// What can be added to an eSIM: the products that cover all of its countries.
pub(in super::super) fn read_topups(
    account: &AccountName,
    footprints: &Footprints,
    answer: &Answer,
    countries: &[Country],
) -> Result<Vec<Package>, ProviderError> {
    let mut packages = read(account, footprints, answer)?.packages;
    packages.retain(|package| countries.iter().all(|country| package.iso_countries.contains(country)));
    Ok(packages)
}

/// The codes that whoever keeps `one_global.footprints` must add.
fn warn_of_unknown_footprints(footprints: &Footprints, products: &[Product]) {
    let codes = products.iter().filter_map(|product| product.footprint_code.as_deref());
    let unknown: BTreeSet<&str> = codes.filter(|code| !footprints.contains_key(*code)).collect();
    if !unknown.is_empty() {
        tracing::warn!(footprint_codes = ?unknown, "products are left out: one_global.footprints does not say which countries they cover");
    }
}

/// `None` when the product lacks what it cannot be sold without.
fn package(account: &AccountName, footprints: &Footprints, product: Product) -> Option<Package> {
    let (validity_days, megabytes) = (product.days()?, product.megabytes()?);
    if !product.is_esim() {
        return None;
    }
    let iso_countries = footprints.get(product.footprint_code.as_deref()?).filter(|countries| !countries.is_empty())?.clone();
    let id = product.id?;
    Some(Package {
        package_id: PackageId::of(account, &id).ok()?,
        provider: account.clone(),
        title: product.name.unwrap_or(id),
        iso_countries,
        data_volume_mb: Some(megabytes),
        validity_days,
        price: Money::new(product.price?, &product.price_currency?).ok()?,
        network_operators: Vec::new(),
        topup: true,
    })
}
