use jiff::{Span, civil::Date};
use proptest::prelude::*;

use super::{super::candidate::Cost, *};

const PLACES: [&str; 5] = ["FR", "DE", "ES", "JP", "KR"];

fn any_trip() -> impl Strategy<Value = Trip> {
    let stay = (0..4_usize, 1..20_i8, 0..8_i8).prop_map(|(place, from, more)| (PLACES[place], from, from + more));
    prop::collection::vec(stay, 1..5).prop_map(|stays| trip(&stays))
}

fn any_package() -> impl Strategy<Value = Package> {
    let countries = prop::sample::subsequence(PLACES.to_vec(), 1..=5);
    let data = prop::option::weighted(0.8, 0..20_000_u64);
    (countries, 0..32_u32, data, 0..4_000_i64, any::<bool>(), prop::bool::weighted(0.1)).prop_map(
        |(countries, days, mb, cents, topup, dollars)| {
            let currency = if dollars { "USD" } else { "EUR" };
            let price = Money::new(Decimal::new(cents, 2), currency).unwrap();
            Package { topup, price, ..plan("x", &countries.join(" "), days, mb, 0) }
        },
    )
}

/// Packages with ids of their own.
fn any_catalogue(most: usize) -> impl Strategy<Value = Vec<Package>> {
    prop::collection::vec(any_package(), 0..most).prop_map(|packages| {
        let named = |(n, package): (usize, Package)| Package { package_id: PackageId::parse(&format!("p{n}")).unwrap(), ..package };
        packages.into_iter().enumerate().map(named).collect()
    })
}

/// The days of stay that a part has to serve.
fn days_of(trip: &Trip, package: &Package) -> Vec<Date> {
    let stays = trip.stays().iter().filter(|stay| package.iso_countries.contains(&stay.iso_country));
    let mut days: Vec<_> = stays.flat_map(|stay| stay.from.series(Span::new().days(1)).take_while(|day| *day <= stay.to)).collect();
    days.sort_unstable();
    days
}

/// Uses the plans up as a traveller would: the next starts on the first day without.
fn plans_used_up(days: &[Date], validity_days: u32) -> usize {
    let mut plans = 0;
    let mut paid_until: Option<Date> = None;
    for day in days {
        if paid_until.is_none_or(|last| *day > last) {
            plans += 1;
            paid_until = Some(day.saturating_add(Span::new().days(i64::from(validity_days) - 1)));
        }
    }
    plans
}

/// The least cost of any set of two or more packages that covers the trip, none of which does alone; by trying all of them.
fn cheapest_set_by_trying(trip: &Trip, packages: &[Package]) -> Option<Cost> {
    let all = trip.countries();
    let parts: Vec<&Package> = packages
        .iter()
        .filter(|p| all.iter().any(|c| p.iso_countries.contains(c)) && !all.iter().all(|c| p.iso_countries.contains(c)))
        .collect();
    let cost = |package: &Package| {
        let days = days_of(trip, package);
        let times =
            u32::try_from(plans_used_up(&days, package.validity_days)).ok().filter(|times| package.validity_days > 0 && *times <= 2)?;
        let mut distinct = days;
        distinct.dedup();
        let shortage_mb = package.data_volume_mb.map_or(0, |mb| (distinct.len() as u64 * 500).saturating_sub(mb * u64::from(times)));
        let price = package.price.amount * Decimal::from(times);
        let without_topup = u32::from(!package.topup);
        Some(Cost { doubled: times - 1, shortage_mb, price, bought: times, hard_to_find: 0, without_topup, without_networks: 1 })
    };
    (1_u32..1 << parts.len())
        .filter_map(|choice| {
            let chosen: Vec<_> = parts.iter().enumerate().filter(|(n, _)| choice >> n & 1 == 1).map(|(_, package)| *package).collect();
            let covers = all.iter().all(|c| chosen.iter().any(|p| p.iso_countries.contains(c)));
            let total = chosen.iter().try_fold(Cost::default(), |sum, package| sum.plus(cost(package)?));
            total.filter(|_| covers)
        })
        .min()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_country_and_every_day_is_covered(trip in any_trip(), packages in any_catalogue(30)) {
        for offer in offers(&trip, &packages) {
            let covered = |country: &Country| offer.packages.iter().any(|p| p.package.iso_countries.contains(country));
            prop_assert!(trip.countries().iter().all(covered));
            for part in &offer.packages {
                let days = days_of(&trip, &part.package);
                prop_assert!(!days.is_empty(), "no package is bought for nothing");
                prop_assert!(plans_used_up(&days, part.package.validity_days) <= part.times as usize);
                prop_assert!(matches!(part.times, 1 | 2));
            }
            let price: Decimal = offer.packages.iter().map(|p| p.package.price.amount * Decimal::from(p.times)).sum();
            prop_assert_eq!(price, offer.price.amount);
            prop_assert!(offer.packages.iter().all(|p| p.package.price.currency == offer.price.currency));
        }
    }

    #[test]
    fn every_plan_that_would_do_alone_is_offered(trip in any_trip(), packages in any_catalogue(8)) {
        let would_do = packages.iter().filter(|p| trip.countries().iter().all(|c| p.iso_countries.contains(c)) && p.validity_days >= trip.days());
        let found = ids(&offers(&trip, &packages));
        for package in would_do {
            prop_assert!(found.contains(&package.package_id.to_string()));
        }
    }

    #[test]
    fn the_order_of_the_catalogue_does_not_matter(trip in any_trip(), (packages, shuffled) in any_catalogue(30).prop_flat_map(|p| (Just(p.clone()), Just(p).prop_shuffle()))) {
        prop_assert_eq!(offers(&trip, &packages), offers(&trip, &shuffled));
    }

    #[test]
    fn the_set_is_the_cheapest_there_is(trip in any_trip(), packages in any_catalogue(9)) {
        let euros: Vec<_> = packages.into_iter().filter(|p| p.price.currency == iso_currency::Currency::EUR).collect();
        let found = offers(&trip, &euros);
        let set = found.iter().find(|offer| offer.packages.len() > 1);
        let expected = cheapest_set_by_trying(&trip, &euros);
        prop_assert_eq!(set.map(|offer| offer.price.amount), expected.map(|cost| cost.price));
    }

    #[test]
    fn a_package_that_is_worse_in_everything_never_changes_the_best(
        trip in any_trip(),
        packages in any_catalogue(20),
        (which, dearer, shorter, less) in (any::<prop::sample::Index>(), 1..500_i64, 0..3_u32, 0..500_u64),
    ) {
        prop_assume!(!packages.is_empty());
        let model = which.get(&packages);
        let worse = Package {
            package_id: PackageId::parse("a-worse-one").unwrap(),
            price: Money { amount: model.price.amount + Decimal::new(dearer, 2), ..model.price },
            validity_days: model.validity_days.saturating_sub(shorter),
            data_volume_mb: model.data_volume_mb.map(|mb| mb.saturating_sub(less)),
            topup: false,
            ..model.clone()
        };
        let before = offers(&trip, &packages);
        let after = offers(&trip, &[packages.as_slice(), &[worse]].concat());
        let (before, after) = (ids(&before), ids(&after));
        prop_assert_eq!(before.first(), after.first());
    }

    #[test]
    fn a_lower_price_never_ranks_a_package_lower(trip in any_trip(), packages in any_catalogue(12), which: prop::sample::Index, off in 1..500_i64) {
        prop_assume!(!packages.is_empty());
        let place = which.index(packages.len());
        let name = packages[place].package_id.to_string();
        let rank = |packages: &[Package]| ids(&offers(&trip, packages)).iter().position(|id| id.trim_end_matches("×2") == name);
        let before = rank(&packages);
        let mut cheaper = packages.clone();
        let price = &mut cheaper[place].price;
        price.amount = (price.amount - Decimal::new(off, 2)).max(Decimal::ZERO);
        let after = rank(&cheaper);
        prop_assert!(before.is_none() || after.is_some_and(|after| Some(after) <= before), "{before:?} {after:?}");
    }

    #[test]
    fn within_a_currency_once_comes_before_twice_enough_before_too_little_cheap_before_dear(trip in any_trip(), packages in any_catalogue(30)) {
        let key = |offer: &Offer| {
            let doubled: u32 = offer.packages.iter().map(|p| p.times - 1).sum();
            (has(offer, "other_currency"), offer.price.currency, doubled, has(offer, "data_below_need"))
        };
        for pair in offers(&trip, &packages).windows(2) {
            prop_assert!(key(&pair[0]) <= key(&pair[1]));
            let comparable = key(&pair[0]) == key(&pair[1]) && !has(&pair[0], "data_below_need");
            prop_assert!(!comparable || pair[0].price.amount <= pair[1].price.amount);
        }
    }
}
