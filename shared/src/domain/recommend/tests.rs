#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]

mod changes;
mod examples;
mod markets;
mod properties;

use rust_decimal::Decimal;

use super::{History, MAX_OFFERS, Market, Offer, Reason, recommend};
use crate::domain::{AccountName, Country, Destination, Money, Package, PackageId, Trip};

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

/// Stays by country, first and last day of May 2026.
fn trip(stays: &[(&str, i8, i8)]) -> Trip {
    let day = |day| jiff::civil::date(2026, 5, day);
    Trip::new(stays.iter().map(|(code, from, to)| Destination { iso_country: country(code), from: day(*from), to: day(*to) }).collect())
        .unwrap()
}

/// A plan by id, countries, days, MB (`None` is unlimited) and euro cents.
fn plan(id: &str, countries: &str, days: u32, mb: Option<u64>, cents: i64) -> Package {
    Package {
        package_id: PackageId::parse(id).unwrap(),
        provider: AccountName::parse("airalo").unwrap(),
        title: id.to_owned(),
        iso_countries: countries.split(' ').map(country).collect(),
        data_volume_mb: mb,
        validity_days: days,
        price: Money::new(Decimal::new(cents, 2), "EUR").unwrap(),
        network_operators: Vec::new(),
        topup: false,
    }
}

/// Each offer's packages, as `id` or `id×2`, joined by `+`.
fn ids(offers: &[Offer]) -> Vec<String> {
    offers
        .iter()
        .map(|offer| {
            let part = |p: &super::OfferedPackage| match p.times {
                1 => p.package.package_id.to_string(),
                times => format!("{}×{times}", p.package.package_id),
            };
            offer.packages.iter().map(part).collect::<Vec<_>>().join("+")
        })
        .collect()
}

fn offers(trip: &Trip, packages: &[Package]) -> Vec<Offer> {
    recommend(trip, packages, &History::default(), &Market::default())
}

fn has(offer: &Offer, code: &str) -> bool {
    offer.reasons.iter().any(|reason| reason.code() == code)
}
