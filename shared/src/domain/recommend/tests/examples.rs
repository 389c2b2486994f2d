use super::*;
use crate::domain::Locale;

#[test]
fn the_cheapest_plan_that_covers_days_and_data_comes_first() {
    let stay = trip(&[("JP", 1, 9)]);
    let packages = [
        plan("short", "JP", 4, Some(20_000), 100),
        plan("little", "JP", 15, Some(1_024), 400),
        plan("good", "JP", 10, Some(5_120), 900),
        plan("dear", "JP", 30, Some(20_480), 2_500),
        plan("elsewhere", "KR", 30, Some(20_480), 100),
    ];
    assert_eq!(ids(&offers(&stay, &packages)), ["good", "dear", "little"]);
}

#[test]
fn a_plan_exactly_as_long_as_the_stay_fits_and_a_spare_day_is_a_reason() {
    let stay = trip(&[("JP", 1, 7)]);
    let found = offers(&stay, &[plan("exact", "JP", 7, Some(5_000), 500), plan("spare", "JP", 8, Some(5_000), 600)]);
    assert_eq!(ids(&found), ["exact", "spare"]);
    assert_eq!((has(&found[0], "days_to_spare"), has(&found[1], "days_to_spare")), (false, true));
}

#[test]
fn a_plan_shorter_than_the_stay_is_offered_twice_and_last() {
    let stay = trip(&[("JP", 1, 14)]);
    let packages =
        [plan("week", "JP", 7, Some(4_000), 300), plan("six", "JP", 6, Some(9_000), 100), plan("month", "JP", 30, Some(9_000), 2_000)];
    let found = offers(&stay, &packages);
    assert_eq!(ids(&found), ["month", "week×2"]);
    assert_eq!(found[1].price.amount, Decimal::new(600, 2));
    assert_eq!(found[1].single_package(), None);
    assert!(found[1].reasons.contains(&Reason::BoughtTwice { validity_days: 7, trip_days: 14 }));
    assert!(found[1].reasons.contains(&Reason::DataCoversNeed { mb_per_day: 571, need_mb_per_day: 500 }));
}

#[test]
fn an_unlimited_plan_wins_by_its_price_or_not_at_all() {
    let stay = trip(&[("JP", 1, 10)]);
    let enough = plan("enough", "JP", 10, Some(5_000), 900);
    assert_eq!(ids(&offers(&stay, &[plan("unlimited", "JP", 10, None, 901), enough.clone()])), ["enough", "unlimited"]);
    assert_eq!(ids(&offers(&stay, &[plan("unlimited", "JP", 10, None, 899), enough.clone()])), ["unlimited", "enough"]);
    assert_eq!(ids(&offers(&stay, &[enough, plan("unlimited", "JP", 10, None, 900)])), ["unlimited", "enough"], "more for the same price");
}

#[test]
fn of_plans_with_too_little_data_the_one_nearest_to_the_need_comes_first() {
    let stay = trip(&[("JP", 1, 10)]);
    let packages =
        [plan("tiny", "JP", 10, Some(100), 100), plan("nearly", "JP", 10, Some(4_900), 800), plan("half", "JP", 10, Some(2_500), 300)];
    assert_eq!(ids(&offers(&stay, &packages)), ["nearly", "half", "tiny"]);
}

#[test]
fn own_history_changes_what_is_enough_and_says_so() {
    let stay = trip(&[("JP", 1, 10)]);
    let packages = [plan("one", "JP", 10, Some(1_024), 450), plan("ten", "JP", 10, Some(10_240), 1_800)];
    assert_eq!(ids(&offers(&stay, &packages)), ["ten", "one"]);
    let found = recommend(&stay, &packages, &History::observed(700, 7, None), &Market::default());
    assert_eq!(ids(&found), ["one", "ten"]);
    assert!(found[0].reasons.contains(&Reason::OwnHistory { mb_per_day: 100 }));
    assert_eq!(History::observed(5, 0, None).need_mb_per_day(), super::super::DEFAULT_MB_PER_DAY);
}

#[test]
fn a_regional_plan_is_compared_with_the_cheapest_set_of_local_ones() {
    let tour = trip(&[("FR", 1, 5), ("DE", 5, 9)]);
    let packages = [
        plan("fr", "FR", 7, Some(4_000), 300),
        plan("fr-dear", "FR", 7, Some(4_000), 500),
        plan("de", "DE", 7, Some(4_000), 400),
        plan("europe", "FR DE ES", 10, Some(8_000), 900),
    ];
    let found = offers(&tour, &packages);
    assert_eq!(ids(&found), ["fr+de", "europe"]);
    assert!(found[0].reasons.contains(&Reason::CheaperThanOnePlan { by: Money::new(Decimal::new(200, 2), "EUR").unwrap() }));
    assert!(found[1].reasons.contains(&Reason::DearerThanLocalPlans { by: Money::new(Decimal::new(200, 2), "EUR").unwrap() }));
    assert!(has(&found[1], "covers_every_country") && has(&found[0], "local_plans"));
    let cheap_region = plan("region", "DE FR", 10, Some(8_000), 700);
    assert_eq!(
        ids(&offers(&tour, &[packages.as_slice(), &[cheap_region]].concat())),
        ["region", "fr+de", "europe"],
        "one plan is less trouble"
    );
}

#[test]
fn a_set_may_hold_a_plan_for_several_countries() {
    let tour = trip(&[("FR", 1, 4), ("DE", 5, 8), ("JP", 9, 12)]);
    let packages = [
        plan("europe", "FR DE ES", 8, Some(4_000), 500),
        plan("fr", "FR", 7, Some(4_000), 300),
        plan("de", "DE", 7, Some(4_000), 400),
        plan("jp", "JP", 7, Some(4_000), 300),
    ];
    assert_eq!(ids(&offers(&tour, &packages)), ["europe+jp"]);
}

#[test]
fn a_country_visited_twice_needs_one_long_plan_or_two_short_ones() {
    let back = trip(&[("JP", 1, 4), ("KR", 5, 8), ("JP", 9, 12)]);
    let kr = plan("kr", "KR", 5, Some(9_000), 100);
    assert_eq!(ids(&offers(&back, &[kr.clone(), plan("jp-12", "JP", 12, Some(9_000), 100)])), ["jp-12+kr"]);
    assert_eq!(ids(&offers(&back, &[kr.clone(), plan("jp-4", "JP", 4, Some(9_000), 100)])), ["jp-4×2+kr"]);
    assert!(offers(&back, &[kr, plan("jp-3", "JP", 3, Some(9_000), 100)]).is_empty());
}

#[test]
fn days_at_home_need_days_of_one_plan_but_no_data() {
    let open_jaw = trip(&[("ES", 1, 3), ("US", 20, 22)]);
    let packages = [
        plan("short", "ES US", 3, Some(1_500), 400),
        plan("long", "ES US", 22, Some(3_000), 900),
        plan("medium", "ES US", 2, Some(9_000), 100),
    ];
    let found = offers(&open_jaw, &packages);
    assert_eq!(ids(&found), ["long", "short×2"]);
    assert!(has(&found[0], "data_covers_need") && has(&found[1], "data_covers_need"), "six days of stay, 500 MB each");
}

#[test]
fn overlapping_stays_are_one_stay() {
    let overlap = trip(&[("FR", 1, 6), ("FR", 4, 8), ("MC", 5, 5)]);
    let found = offers(&overlap, &[plan("both", "FR MC", 8, Some(4_000), 500)]);
    assert!(found[0].reasons.contains(&Reason::FitsDays { validity_days: 8, trip_days: 8 }));
    assert!(has(&found[0], "data_covers_need"), "eight days, not fifteen");
}

#[test]
fn only_prices_of_one_currency_are_compared_the_agencys_when_it_is_there() {
    let stay = trip(&[("JP", 1, 5)]);
    let dollars = Package { price: Money::new(Decimal::ONE, "USD").unwrap(), ..plan("dollars", "JP", 5, Some(9_000), 0) };
    let euros = plan("euros", "JP", 5, Some(9_000), 2_000);
    let packages = [dollars, euros];
    let in_currency = |code: &str| {
        let history = History { mb_per_day: None, currency: iso_currency::Currency::from_code(code) };
        recommend(&stay, &packages, &history, &Market::default())
    };
    let found = in_currency("EUR");
    assert_eq!(ids(&found), ["euros", "dollars"]);
    assert_eq!((has(&found[0], "other_currency"), has(&found[1], "other_currency")), (false, true));
    assert_eq!(ids(&in_currency("USD")), ["dollars", "euros"]);
    assert_eq!(ids(&in_currency("CHF")), ["euros", "dollars"]);
}

#[test]
fn sets_are_never_made_of_two_currencies() {
    let tour = trip(&[("FR", 1, 5), ("DE", 5, 9)]);
    let dollars = Package { price: Money::new(Decimal::ONE, "USD").unwrap(), ..plan("fr", "FR", 7, Some(9_000), 0) };
    assert!(offers(&tour, &[dollars, plan("de", "DE", 7, Some(9_000), 100)]).is_empty());
}

#[test]
fn equal_plans_are_put_in_order_by_topup_then_by_id() {
    let stay = trip(&[("JP", 1, 5)]);
    let rechargeable = Package { topup: true, ..plan("z", "JP", 5, Some(9_000), 100) };
    let packages = [plan("b", "JP", 5, Some(9_000), 100), rechargeable, plan("a", "JP", 5, Some(9_000), 100)];
    let found = offers(&stay, &packages);
    assert_eq!(ids(&found), ["z", "a", "b"]);
    assert_eq!((has(&found[0], "topup_possible"), has(&found[1], "topup_possible")), (true, false));
}

#[test]
fn a_package_listed_under_several_countries_is_offered_once() {
    let tour = trip(&[("FR", 1, 5), ("DE", 5, 9)]);
    let europe = plan("europe", "FR DE", 10, Some(8_000), 900);
    let fr = plan("fr", "FR", 10, Some(8_000), 500);
    let de = plan("de", "DE", 10, Some(8_000), 500);
    let packages: Vec<_> = std::iter::repeat_n([europe, fr, de], 30).flatten().collect();
    assert_eq!(ids(&offers(&tour, &packages)), ["europe", "fr+de"]);
}

#[test]
fn no_more_is_offered_than_a_person_reads() {
    let stay = trip(&[("JP", 1, 5)]);
    let packages: Vec<_> = (0..40).map(|n| plan(&format!("p{n:02}"), "JP", 5, Some(9_000), 100 + n)).collect();
    let found = offers(&stay, &packages);
    assert_eq!(found.len(), MAX_OFFERS);
    assert_eq!(found.iter().map(|offer| offer.rank).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
    assert_eq!(found[11].packages[0].package.package_id.as_str(), "p11");
}

#[test]
fn odd_catalogue_entries_do_no_harm() {
    let stay = trip(&[("JP", 1, 5)]);
    let nowhere = Package { iso_countries: Vec::new(), ..plan("nowhere", "JP", 5, None, 1) };
    let priceless =
        Package { price: Money { amount: Decimal::MAX, currency: iso_currency::Currency::EUR }, ..plan("max", "JP", 3, None, 1) };
    let packages = [nowhere, priceless, plan("never", "JP", 0, None, 1), plan("ever", "JP", u32::MAX, Some(u64::MAX), 1)];
    assert_eq!(ids(&offers(&stay, &packages)), ["ever"]);
    assert!(offers(&stay, &[]).is_empty());
}

#[test]
fn trips_through_many_countries_are_offered_single_plans_only() {
    let codes = ["FR", "DE", "ES", "IT", "PT", "BE", "NL", "AT", "CH"];
    let stays: Vec<_> = codes.iter().map(|code| (*code, 1, 9)).collect();
    let mut packages: Vec<_> = codes.iter().map(|code| plan(code, code, 9, None, 100)).collect();
    packages.push(plan("europe", &codes.join(" "), 9, None, 5_000));
    assert_eq!(ids(&offers(&trip(&stays), &packages)), ["europe"]);
    assert_eq!(ids(&offers(&trip(&stays[..8]), &packages)), ["FR+DE+ES+IT+PT+BE+NL+AT", "europe"]);
}

#[test]
fn the_view_is_the_apis_offer() {
    let stay = trip(&[("JP", 1, 9)]);
    let found = offers(&stay, &[Package { topup: true, ..plan("airalo:jp", "JP", 10, Some(5_120), 1_350) }]);
    let json = serde_json::to_value(found[0].to_view(Locale::En)).unwrap();
    let expected = serde_json::json!({
        "rank": 1,
        "package_id": "airalo:jp",
        "packages": [{
            "package_id": "airalo:jp", "provider": "airalo", "title": "airalo:jp", "iso_countries": ["JP"], "data_volume_mb": 5120,
            "validity_days": 10, "price": 13.5, "currency": "EUR", "network_operators": [], "topup": true, "times": 1,
        }],
        "price": 13.5,
        "currency": "EUR",
        "reasons": [
            {"code": "fits_days", "text": "Lasts 10 days, for a stay of 9 days"},
            {"code": "days_to_spare", "text": "1 day to spare for another time zone or a delay"},
            {"code": "data_covers_need", "text": "568 MB a day, for an estimated need of 500 MB"},
            {"code": "price_per_day", "text": "1.50 EUR a day of stay"},
            {"code": "topup_possible", "text": "Can be topped up during the trip"},
        ],
    });
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_value::<super::super::OfferView>(json).unwrap(), found[0].to_view(Locale::En));
    let french: Vec<_> = found[0].to_view(Locale::Fr).reasons.into_iter().map(|reason| reason.text).collect();
    assert_eq!(
        french,
        [
            "Valable 10 jours, pour un séjour de 9 jours",
            "1 jour de marge en cas de décalage horaire ou de retard",
            "568 Mo par jour, pour un besoin estimé à 500 Mo",
            "1,50 EUR par jour de séjour",
            "Rechargeable pendant le voyage",
        ]
    );
}

#[test]
fn offers_and_their_reasons_survive_storing() {
    let tour = trip(&[("FR", 1, 5), ("DE", 5, 9)]);
    let packages = [plan("fr", "FR", 7, None, 300), plan("de", "DE", 3, Some(40), 400), plan("eu", "FR DE", 10, Some(8_000), 900)];
    let found = recommend(&tour, &packages, &History::observed(100, 3, None), &Market::default());
    assert_eq!(found.len(), 2);
    for offer in found {
        let json = serde_json::to_string(&offer).unwrap();
        assert_eq!(serde_json::from_str::<Offer>(&json).unwrap(), offer);
    }
}

#[test]
fn every_reason_says_something_in_both_languages_under_its_own_code() {
    let by = Money::new(Decimal::new(1234, 2), "EUR").unwrap();
    let yen = Money::new(Decimal::new(12345, 1), "JPY").unwrap();
    let all = [
        (
            Reason::FitsDays { validity_days: 1, trip_days: 1 },
            "Valable 1 jour, pour un séjour de 1 jour",
            "Lasts 1 day, for a stay of 1 day",
        ),
        (
            Reason::DaysToSpare { days: 2 },
            "2 jours de marge en cas de décalage horaire ou de retard",
            "2 days to spare for another time zone or a delay",
        ),
        (
            Reason::BoughtTwice { validity_days: 7, trip_days: 9 },
            "Deux forfaits de 7 jours à la suite, pour un séjour de 9 jours",
            "Two plans of 7 days one after the other, for a stay of 9 days",
        ),
        (
            Reason::CoversEveryCountry { countries: 3 },
            "Un seul forfait pour les 3 pays du voyage",
            "One plan for the 3 countries of the trip",
        ),
        (Reason::LocalPlans { plans: 2 }, "2 forfaits, chacun pour une partie du voyage", "2 plans, each for a part of the trip"),
        (Reason::Unlimited, "Données illimitées", "Unlimited data"),
        (
            Reason::DataCoversNeed { mb_per_day: 1_587, need_mb_per_day: 1_024 },
            "1,5 Go par jour, pour un besoin estimé à 1 Go",
            "1.5 GB a day, for an estimated need of 1 GB",
        ),
        (
            Reason::DataBelowNeed { mb_per_day: 0, need_mb_per_day: 1_023 },
            "0 Mo par jour seulement, pour un besoin estimé à 1023 Mo",
            "Only 0 MB a day, for an estimated need of 1023 MB",
        ),
        (
            Reason::OwnHistory { mb_per_day: 320 },
            "Besoin estimé d’après les voyages précédents : 320 Mo par jour",
            "Need estimated from earlier trips: 320 MB a day",
        ),
        (Reason::PricePerDay { amount: yen }, "1234 JPY par jour de séjour", "1234 JPY a day of stay"),
        (Reason::CheaperThanLocalPlans { by }, "12,34 EUR de moins que des forfaits locaux", "12.34 EUR less than local plans"),
        (Reason::DearerThanLocalPlans { by }, "12,34 EUR de plus que des forfaits locaux", "12.34 EUR more than local plans"),
        (Reason::CheaperThanOnePlan { by }, "12,34 EUR de moins qu’un forfait unique", "12.34 EUR less than one plan for all"),
        (Reason::DearerThanOnePlan { by }, "12,34 EUR de plus qu’un forfait unique", "12.34 EUR more than one plan for all"),
        (Reason::TopupPossible, "Rechargeable pendant le voyage", "Can be topped up during the trip"),
        (
            Reason::FoundAgain { by: super::super::Retrieval::ByReference },
            "Un achat interrompu se retrouve par notre référence",
            "An interrupted purchase is found again by our reference",
        ),
        (
            Reason::Converted {
                from: iso_currency::Currency::USD,
                comparison: crate::domain::exchange::Comparison {
                    price: by,
                    rate: Decimal::new(92_592_593, 8),
                    date: jiff::civil::date(2026, 11, 27),
                },
            },
            "Environ 12,34 EUR pour comparer, au taux du 27/11/2026 (1 USD = 0,92593 EUR)",
            "About 12.34 EUR to compare, at the rate of 2026-11-27 (1 USD = 0.92593 EUR)",
        ),
        (
            Reason::OtherCurrency { currency: iso_currency::Currency::USD },
            "Vendu en USD, sans taux de change récent : non comparé aux autres prix",
            "Sold in USD without a recent exchange rate: not compared with the other prices",
        ),
    ];
    for (reason, french, english) in all {
        assert_eq!((reason.text(Locale::Fr), reason.text(Locale::En)), (french.to_owned(), english.to_owned()));
        assert_eq!(serde_json::to_value(&reason).unwrap()["code"], reason.code());
    }
}
