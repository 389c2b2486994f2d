//! Which packages can stand in for one that cannot be had: at least as much, wherever the traveller goes, in the same currency. Pure.

use rust_decimal::Decimal;

use super::{Country, Package};

/// The countries that a stand-in must cover: those of the trip that the ordered package was meant for. Where no trip is known, or the
/// package covers none of it, everything that the package covers.
#[must_use]
pub fn countries_needed(ordered: &Package, trip: &[Country]) -> Vec<Country> {
    let of_trip: Vec<Country> = trip.iter().copied().filter(|country| ordered.iso_countries.contains(country)).collect();
    if of_trip.is_empty() { ordered.iso_countries.clone() } else { of_trip }
}

/// The candidates that can stand in for `ordered` in these countries, the cheapest first; of two that cost the same, the one that was
/// named first.
#[must_use]
pub fn equivalents<'a>(ordered: &Package, countries: &[Country], candidates: impl IntoIterator<Item = &'a Package>) -> Vec<&'a Package> {
    let mut found: Vec<_> = candidates.into_iter().filter(|candidate| stands_in(candidate, ordered, countries)).collect();
    found.sort_by_key(|package| package.price.amount);
    found
}

fn stands_in(candidate: &Package, ordered: &Package, countries: &[Country]) -> bool {
    let enough_data = match (candidate.data_volume_mb, ordered.data_volume_mb) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(candidate), Some(ordered)) => candidate >= ordered,
    };
    enough_data
        && candidate.package_id != ordered.package_id
        && candidate.validity_days >= ordered.validity_days
        && candidate.price.currency == ordered.price.currency
        && !countries.is_empty()
        && countries.iter().all(|country| candidate.iso_countries.contains(country))
}

/// Whether a stand-in costs no more than `percent` % above the ordered package. One that costs less is always within.
#[must_use]
pub fn within_band(candidate: &Package, ordered: &Package, percent: u8) -> bool {
    let most = Decimal::from(100 + u32::from(percent)).checked_mul(ordered.price.amount);
    let price = Decimal::ONE_HUNDRED.checked_mul(candidate.price.amount);
    candidate.price.currency == ordered.price.currency && price.zip(most).is_some_and(|(price, most)| price <= most)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proptest::prelude::*;

    use super::{countries_needed, equivalents, within_band};
    use crate::domain::{AccountName, Country, Money, Package, PackageId};

    const PLACES: [&str; 4] = ["FR", "DE", "JP", "KR"];

    fn countries(codes: &[&str]) -> Vec<Country> {
        codes.iter().map(|code| Country::parse(code).unwrap()).collect()
    }

    fn plan(id: &str, codes: &[&str], mb: Option<u64>, days: u32, cents: i64, currency: &str) -> Package {
        Package {
            package_id: PackageId::parse(id).unwrap(),
            provider: AccountName::parse("other").unwrap(),
            title: id.to_owned(),
            iso_countries: countries(codes),
            data_volume_mb: mb,
            validity_days: days,
            price: Money::new(rust_decimal::Decimal::new(cents, 2), currency).unwrap(),
            network_operators: Vec::new(),
            topup: false,
        }
    }

    fn any_plan(id: &'static str) -> impl Strategy<Value = Package> {
        let codes = prop::sample::subsequence(PLACES.to_vec(), 1..=4);
        let data = prop::option::weighted(0.8, 0..4_u64);
        (codes, data, 0..4_u32, 0..500_i64, prop::bool::weighted(0.2))
            .prop_map(move |(codes, data, days, cents, dollars)| plan(id, &codes, data, days, cents, if dollars { "USD" } else { "EUR" }))
    }

    fn any_trip() -> impl Strategy<Value = Vec<Country>> {
        prop::sample::subsequence(PLACES.to_vec(), 0..=4).prop_map(|codes| countries(&codes))
    }

    fn ids<'a>(packages: &[&'a Package]) -> Vec<&'a str> {
        packages.iter().map(|package| package.package_id.as_str()).collect()
    }

    #[test]
    fn only_what_gives_at_least_as_much_in_the_same_currency_stands_in() {
        let ordered = plan("a:ordered", &["JP"], Some(5_120), 10, 1_000, "EUR");
        let others = [
            plan("b:dear", &["JP", "KR"], None, 30, 2_500, "EUR"),
            plan("b:same", &["JP"], Some(5_120), 10, 1_000, "EUR"),
            plan("b:cheap", &["JP"], Some(10_240), 15, 900, "EUR"),
            plan("b:less-data", &["JP"], Some(5_119), 10, 500, "EUR"),
            plan("b:shorter", &["JP"], Some(5_120), 9, 500, "EUR"),
            plan("b:elsewhere", &["KR"], Some(5_120), 10, 500, "EUR"),
            plan("b:dollars", &["JP"], Some(5_120), 10, 500, "USD"),
        ];
        assert_eq!(ids(&equivalents(&ordered, &countries(&["JP"]), &others)), ["b:cheap", "b:same", "b:dear"]);
    }

    #[test]
    fn a_trip_asks_only_for_the_countries_that_the_ordered_package_was_for() {
        let asia = plan("a:asia", &["JP", "KR", "FR"], None, 10, 1_000, "EUR");
        assert_eq!(countries_needed(&asia, &countries(&["JP", "DE"])), countries(&["JP"]));
        assert_eq!(countries_needed(&asia, &[]), countries(&["JP", "KR", "FR"]));
        assert_eq!(countries_needed(&asia, &countries(&["DE"])), countries(&["JP", "KR", "FR"]));
    }

    #[test]
    fn the_band_ends_exactly_where_it_says() {
        let ordered = plan("a:ordered", &["JP"], None, 10, 1_005, "EUR");
        let costs = |cents| plan("b:other", &["JP"], None, 10, cents, "EUR");
        assert!(within_band(&costs(1), &ordered, 0));
        assert!(within_band(&costs(1_005), &ordered, 0));
        assert!(!within_band(&costs(1_006), &ordered, 0));
        assert!(within_band(&costs(1_105), &ordered, 10));
        assert!(!within_band(&costs(1_106), &ordered, 10));
        assert!(!within_band(&plan("b:other", &["JP"], None, 10, 1, "USD"), &ordered, 10));
    }

    proptest! {
        #[test]
        fn no_stand_in_gives_less_and_the_cheapest_is_first(
            ordered in any_plan("a:ordered"), trip in any_trip(), others in prop::collection::vec(any_plan("b:other"), 0..12),
        ) {
            let needed = countries_needed(&ordered, &trip);
            let found = equivalents(&ordered, &needed, &others);
            for package in &found {
                prop_assert!(needed.iter().all(|country| package.iso_countries.contains(country)));
                prop_assert!(trip.iter().all(|country| package.iso_countries.contains(country) || !ordered.iso_countries.contains(country)));
                prop_assert!(package.data_volume_mb.is_none_or(|mb| ordered.data_volume_mb.is_some_and(|wanted| mb >= wanted)));
                prop_assert!(package.validity_days >= ordered.validity_days);
                prop_assert_eq!(package.price.currency, ordered.price.currency);
            }
            prop_assert!(found.is_sorted_by_key(|package| package.price.amount));
        }

        #[test]
        fn a_copy_of_the_ordered_package_always_stands_in(ordered in any_plan("a:ordered"), trip in any_trip(), percent in 0..=255_u8) {
            let copy = Package { package_id: PackageId::parse("b:copy").unwrap(), ..ordered.clone() };
            prop_assert_eq!(equivalents(&ordered, &countries_needed(&ordered, &trip), [&copy]).len(), 1);
            prop_assert!(within_band(&copy, &ordered, percent));
        }

        #[test]
        fn a_wider_band_never_shuts_a_package_out(
            ordered in any_plan("a:ordered"), other in any_plan("b:other"), narrow in 0..=100_u8, more in 0..=100_u8,
        ) {
            prop_assert!(!within_band(&other, &ordered, narrow) || within_band(&other, &ordered, narrow + more));
        }
    }
}
