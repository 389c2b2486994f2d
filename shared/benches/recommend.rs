//! How long it takes to rank a whole catalogue for a trip. The promise: 3,200 packages in under 2 ms.
//!
//! `cargo bench -p passerelle --bench recommend`

#![allow(clippy::indexing_slicing, reason = "a benchmark may stop at a wrong index")]

use criterion::{Criterion, criterion_group, criterion_main};
use iso_currency::Currency;
use jiff::civil::date;
use passerelle::domain::{
    AccountName, Country, Destination, Exchange, Invalid, Money, Package, PackageId, Rates, Trip,
    recommend::{History, Market, Retrieval, recommend},
};
use rust_decimal::Decimal;
use std::hint::black_box;

const PACKAGES: u32 = 3_200;

/// As large catalogues are made: mostly one country, a tenth regional (about 35 countries), a twentieth for the whole world.
fn catalogue(countries: &[Country]) -> Result<Vec<Package>, Invalid> {
    (0..PACKAGES).map(|n| package(n, countries)).collect()
}

fn package(n: u32, countries: &[Country]) -> Result<Package, Invalid> {
    let (skip, take) = match n % 20 {
        0 => (0, countries.len()),
        1 | 2 => (n as usize % countries.len(), 35),
        _ => (n as usize % countries.len(), 1),
    };
    Ok(Package {
        package_id: PackageId::parse(&format!("airalo:plan-{n}"))?,
        provider: AccountName::parse("airalo")?,
        title: format!("Plan {n}"),
        iso_countries: countries.iter().cycle().skip(skip).take(take).copied().collect(),
        data_volume_mb: (!n.is_multiple_of(7)).then(|| u64::from(n % 20 + 1) * 1024),
        validity_days: [7, 15, 30, 3].get(n as usize % 4).copied().unwrap_or(7),
        price: Money::new(Decimal::new(i64::from(n * 7919 % 5000) + 100, 2), "USD")?,
        network_operators: Vec::new(),
        topup: n.is_multiple_of(3),
    })
}

fn trip(countries: &[Country], stays: &[&str]) -> Result<Trip, Invalid> {
    let day = |n: usize| date(2026, 5, 1).saturating_add(jiff::Span::new().days(i64::try_from(n).unwrap_or(0)));
    let stay = |(n, code): (usize, &&str)| {
        let iso_country = Country::parse(code)?;
        assert!(countries.contains(&iso_country), "the catalogue serves {code}");
        Ok(Destination { iso_country, from: day(n * 3), to: day(n * 3 + 3) })
    };
    Trip::new(stays.iter().enumerate().map(stay).collect::<Result<_, Invalid>>()?)
}

fn rank(criterion: &mut Criterion) -> Result<(), Invalid> {
    let letters = || 'A'..='Z';
    let countries: Vec<_> =
        letters().flat_map(|a| letters().filter_map(move |b| Country::parse(&format!("{a}{b}")).ok())).take(200).collect();
    let packages = catalogue(&countries)?;
    let eight = ["FR", "DE", "ES", "IT", "CH", "AT", "BE", "CZ"];
    for (name, stays) in [("one country", &eight[..1]), ("three countries", &eight[..3]), ("eight countries", &eight)] {
        measure(criterion, name, &trip(&countries, stays)?, &packages);
    }
    let eight_countries = trip(&countries, &eight)?;
    let serving = |n: usize| eight_countries.countries().into_iter().cycle().skip(n % 8).take(n % 3 + 1).collect();
    let local: Vec<_> = packages.iter().cloned().enumerate().map(|(n, package)| Package { iso_countries: serving(n), ..package }).collect();
    measure(criterion, "eight countries, every package serves some of them", &eight_countries, &local);
    let everywhere: Vec<_> =
        packages.into_iter().map(|package| Package { iso_countries: countries.clone(), validity_days: 30, ..package }).collect();
    measure(criterion, "eight countries, every package serves all of them", &eight_countries, &everywhere);
    Ok(())
}

/// Dollars, compared in euros, of an account that is known.
fn market() -> Market {
    let rates = Rates::new(Currency::EUR, date(2026, 4, 30), [(Currency::USD, Decimal::new(10_842, 4))]);
    let exchange = rates.map(|rates| Exchange::fresh(rates, date(2026, 5, 1), 7)).unwrap_or_default();
    Market { exchange, retrieval: AccountName::parse("airalo").map(|name| (name, Retrieval::ByReference)).into_iter().collect() }
}

fn measure(criterion: &mut Criterion, name: &str, trip: &Trip, packages: &[Package]) {
    let history = History { mb_per_day: Some(320), currency: Some(Currency::EUR) };
    let market = market();
    criterion.bench_function(&format!("rank 3200 packages, {name}"), |bencher| {
        bencher.iter(|| recommend(black_box(trip), black_box(packages), black_box(&history), black_box(&market)));
    });
}

fn benches(criterion: &mut Criterion) {
    if let Err(invalid) = rank(criterion) {
        eprintln!("the catalogue of the benchmark is not valid: {invalid}");
        std::process::exit(1);
    }
}

criterion_group!(ranking, benches);
criterion_main!(ranking);
