//! Which packages can stand in for one that cannot be had: at least as much, wherever the traveller goes. Prices of another currency are
//! compared by a fresh rate, or not at all. Pure.

use rust_decimal::Decimal;

use super::{Country, Exchange, Package};

/// The countries that a stand-in must cover: those of the trip that the ordered package was meant for. Where no trip is known, or the
/// package covers none of it, everything that the package covers.
#[must_use]
pub fn countries_needed(ordered: &Package, trip: &[Country]) -> Vec<Country> {
    let of_trip: Vec<Country> = trip.iter().copied().filter(|country| ordered.iso_countries.contains(country)).collect();
    if of_trip.is_empty() { ordered.iso_countries.clone() } else { of_trip }
}

/// The candidates that can stand in for `ordered` in these countries, the cheapest first; of two that cost the same, the one that was
/// named first. Those whose price cannot be compared come last, by currency.
#[must_use]
pub fn equivalents<'a>(
    ordered: &Package,
    countries: &[Country],
    candidates: impl IntoIterator<Item = &'a Package>,
    exchange: &Exchange,
) -> Vec<&'a Package> {
    let mut found: Vec<_> = candidates.into_iter().filter(|candidate| stands_in(candidate, ordered, countries)).collect();
    found.sort_by_key(|package| match exchange.convert(&package.price, ordered.price.currency) {
        Some(amount) => (None, amount),
        None => (Some(package.price.currency), package.price.amount),
    });
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
        && !countries.is_empty()
        && countries.iter().all(|country| candidate.iso_countries.contains(country))
}

/// Whether a stand-in costs no more than `percent` % above the ordered package. One that costs less is always within; one whose price
/// cannot be compared never is.
#[must_use]
pub fn within_band(candidate: &Package, ordered: &Package, percent: u8, exchange: &Exchange) -> bool {
    let most = Decimal::from(100 + u32::from(percent)).checked_mul(ordered.price.amount);
    let amount = exchange.convert(&candidate.price, ordered.price.currency);
    let price = amount.and_then(|amount| Decimal::ONE_HUNDRED.checked_mul(amount));
    price.zip(most).is_some_and(|(price, most)| price <= most)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]

    use proptest::prelude::*;

    use super::{countries_needed, equivalents, within_band};
    use crate::domain::{AccountName, Country, Exchange, Money, Package, PackageId, Rates};
    use iso_currency::Currency;

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

    /// So many US cents for a euro.
    fn rate(cents: i64) -> Exchange {
        let day = jiff::civil::date(2026, 11, 27);
        Exchange::fresh(Rates::new(Currency::EUR, day, [(Currency::USD, rust_decimal::Decimal::new(cents, 2))]).unwrap(), day, 7)
    }

    fn any_exchange() -> impl Strategy<Value = Exchange> {
        prop::option::of(50..200_i64).prop_map(|cents| cents.map(rate).unwrap_or_default())
    }

    #[test]
    fn only_what_gives_at_least_as_much_stands_in_and_what_cannot_be_compared_comes_last() {
        let ordered = plan("a:ordered", &["JP"], Some(5_120), 10, 1_000, "EUR");
        let others = [
            plan("b:dear", &["JP", "KR"], None, 30, 2_500, "EUR"),
            plan("b:same", &["JP"], Some(5_120), 10, 1_000, "EUR"),
            plan("b:cheap", &["JP"], Some(10_240), 15, 900, "EUR"),
            plan("b:less-data", &["JP"], Some(5_119), 10, 500, "EUR"),
            plan("b:shorter", &["JP"], Some(5_120), 9, 500, "EUR"),
            plan("b:elsewhere", &["KR"], Some(5_120), 10, 500, "EUR"),
            plan("b:dollars", &["JP"], Some(5_120), 10, 1_150, "USD"),
        ];
        let found = |exchange: &Exchange| ids(&equivalents(&ordered, &countries(&["JP"]), &others, exchange)).join(" ");
        assert_eq!(found(&Exchange::default()), "b:cheap b:same b:dear b:dollars");
        assert_eq!(found(&rate(120)), "b:cheap b:dollars b:same b:dear", "11.50 USD are 9.58 EUR");
        assert_eq!(found(&rate(110)), "b:cheap b:same b:dollars b:dear", "or 10.45 EUR");
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
        let within = |other: &Package, percent| within_band(other, &ordered, percent, &Exchange::default());
        assert!(within(&costs(1), 0));
        assert!(within(&costs(1_005), 0));
        assert!(!within(&costs(1_006), 0));
        assert!(within(&costs(1_105), 10));
        assert!(!within(&costs(1_106), 10));
        assert!(!within(&plan("b:other", &["JP"], None, 10, 1, "USD"), 10), "no rate, no band");
    }

    #[test]
    fn the_band_is_the_same_in_another_currency_by_a_fresh_rate() {
        let ordered = plan("a:ordered", &["JP"], None, 10, 1_000, "EUR");
        let dollars = |cents| plan("b:other", &["JP"], None, 10, cents, "USD");
        assert!(within_band(&dollars(1_375), &ordered, 10, &rate(125)), "13.75 USD are 11 EUR");
        assert!(!within_band(&dollars(1_376), &ordered, 10, &rate(125)));
        assert!(!within_band(&dollars(1_375), &ordered, 10, &rate(124)));
    }

    proptest! {
        #[test]
        fn no_stand_in_gives_less_and_the_cheapest_is_first(
            ordered in any_plan("a:ordered"), trip in any_trip(), others in prop::collection::vec(any_plan("b:other"), 0..12),
            exchange in any_exchange(),
        ) {
            let needed = countries_needed(&ordered, &trip);
            let found = equivalents(&ordered, &needed, &others, &exchange);
            for package in &found {
                prop_assert!(needed.iter().all(|country| package.iso_countries.contains(country)));
                prop_assert!(trip.iter().all(|country| package.iso_countries.contains(country) || !ordered.iso_countries.contains(country)));
                prop_assert!(package.data_volume_mb.is_none_or(|mb| ordered.data_volume_mb.is_some_and(|wanted| mb >= wanted)));
                prop_assert!(package.validity_days >= ordered.validity_days);
            }
            let amounts: Vec<_> = found.iter().map(|package| exchange.convert(&package.price, ordered.price.currency)).collect();
            let compared = amounts.iter().take_while(|amount| amount.is_some()).count();
            prop_assert!(amounts[..compared].is_sorted() && amounts[compared..].iter().all(Option::is_none));
        }

        #[test]
        fn a_copy_of_the_ordered_package_always_stands_in(ordered in any_plan("a:ordered"), trip in any_trip(), percent in 0..=255_u8) {
            let copy = Package { package_id: PackageId::parse("b:copy").unwrap(), ..ordered.clone() };
            let none = Exchange::default();
            prop_assert_eq!(equivalents(&ordered, &countries_needed(&ordered, &trip), [&copy], &none).len(), 1);
            prop_assert!(within_band(&copy, &ordered, percent, &none));
        }

        #[test]
        fn a_wider_band_never_shuts_a_package_out(
            ordered in any_plan("a:ordered"), other in any_plan("b:other"), narrow in 0..=100_u8, more in 0..=100_u8, exchange in any_exchange(),
        ) {
            prop_assert!(!within_band(&other, &ordered, narrow, &exchange) || within_band(&other, &ordered, narrow + more, &exchange));
        }

        #[test]
        fn without_a_rate_nothing_of_another_currency_is_within_any_band(
            ordered in any_plan("a:ordered"), other in any_plan("b:other"), percent in 0..=255_u8,
        ) {
            let same = other.price.currency == ordered.price.currency;
            prop_assert!(same || !within_band(&other, &ordered, percent, &Exchange::default()));
        }
    }
}
