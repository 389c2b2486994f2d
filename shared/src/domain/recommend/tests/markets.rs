//! Plans of several accounts and currencies.

use iso_currency::Currency;
use jiff::civil::date;
use proptest::prelude::*;

use super::{super::Retrieval, *};
use crate::domain::{Exchange, Locale, Rates};

fn exchange(dollars_for_a_euro: &str) -> Exchange {
    let rates = Rates::new(Currency::EUR, date(2026, 4, 30), [(Currency::USD, dollars_for_a_euro.parse().unwrap())]).unwrap();
    Exchange::fresh(rates, date(2026, 5, 1), 7)
}

fn at(dollars_for_a_euro: &str) -> Market {
    Market { exchange: exchange(dollars_for_a_euro), ..Market::default() }
}

fn in_euros() -> History {
    History { mb_per_day: None, currency: Some(Currency::EUR) }
}

fn dollars(package: Package) -> Package {
    Package { price: Money { currency: Currency::USD, ..package.price }, ..package }
}

fn sold_by(account: &str, package: Package) -> Package {
    Package { provider: AccountName::parse(account).unwrap(), ..package }
}

#[test]
fn prices_of_another_currency_are_compared_by_the_days_rate_and_charged_as_they_are() {
    let stay = trip(&[("JP", 1, 5)]);
    let packages = [plan("euros", "JP", 5, Some(9_000), 400), dollars(plan("dollars", "JP", 5, Some(9_000), 450))];
    let found = recommend(&stay, &packages, &in_euros(), &at("1.25"));
    assert_eq!(ids(&found), ["dollars", "euros"], "4.50 USD are 3.60 EUR");
    assert_eq!(found[0].price, packages[1].price, "charged in dollars");
    let comparison = found[0].comparison.unwrap();
    assert_eq!((comparison.price, comparison.rate), (Money::new(Decimal::new(360, 2), "EUR").unwrap(), Decimal::new(8, 1)));
    assert!(has(&found[0], "converted") && !has(&found[0], "other_currency") && found[1].comparison.is_none());
    let json = serde_json::to_value(found[0].to_view(Locale::Fr)).unwrap();
    assert_eq!(json["comparison"], serde_json::json!({"price": 3.6, "currency": "EUR", "rate": 0.8, "date": "2026-04-30"}));
    assert_eq!((json["price"].to_string().as_str(), json["currency"].as_str()), ("4.5", Some("USD")));
    assert_eq!(ids(&recommend(&stay, &packages, &in_euros(), &at("1.1"))), ["euros", "dollars"], "4.50 USD are 4.09 EUR");
}

#[test]
fn without_a_rate_the_others_come_after_and_say_why() {
    let stay = trip(&[("JP", 1, 5)]);
    let packages = [dollars(plan("dollars", "JP", 5, Some(9_000), 1)), plan("little", "JP", 5, Some(10), 400)];
    let found = recommend(&stay, &packages, &in_euros(), &Market::default());
    assert_eq!(ids(&found), ["little", "dollars"], "not compared at all, not even by data");
    assert!(has(&found[1], "other_currency") && found[1].comparison.is_none());
}

#[test]
fn where_nothing_is_sold_in_the_agencys_currency_it_is_still_compared_in_it() {
    let stay = trip(&[("JP", 1, 5)]);
    let found = recommend(&stay, &[dollars(plan("dollars", "JP", 5, Some(9_000), 500))], &in_euros(), &at("1.25"));
    assert_eq!(found[0].comparison.unwrap().price, Money::new(Decimal::new(4, 0), "EUR").unwrap());
}

#[test]
fn sets_of_one_currency_are_compared_with_plans_of_another() {
    let tour = trip(&[("FR", 1, 5), ("DE", 5, 9)]);
    let set = ["FR", "DE"].map(|code| dollars(plan(code, code, 7, Some(9_000), 500)));
    let packages = [set.as_slice(), &[plan("europe", "FR DE", 10, Some(9_000), 900)]].concat();
    let found = recommend(&tour, &packages, &in_euros(), &at("1.25"));
    assert_eq!(ids(&found), ["FR+DE", "europe"], "10 USD are 8 EUR");
    assert_eq!(found[0].comparison.unwrap().price.amount, Decimal::new(8, 0));
}

#[test]
fn at_the_same_price_the_safer_provider_comes_first_and_both_say_how_safe_they_are() {
    let stay = trip(&[("JP", 1, 5)]);
    let retrieval = [("listing", Retrieval::ByTime), ("keyed", Retrieval::ByKey)];
    let retrieval = retrieval.map(|(name, how)| (AccountName::parse(name).unwrap(), how)).into_iter().collect();
    let market = Market { retrieval, ..Market::default() };
    let listing = sold_by("listing", Package { topup: true, ..plan("a", "JP", 5, Some(9_000), 400) });
    let packages = [listing, sold_by("keyed", plan("b", "JP", 5, Some(9_000), 400))];
    let found = recommend(&stay, &packages, &in_euros(), &market);
    assert_eq!(ids(&found), ["b", "a"]);
    assert!(found[0].reasons.contains(&Reason::FoundAgain { by: Retrieval::ByKey }));
    assert!(found[1].reasons.contains(&Reason::FoundAgain { by: Retrieval::ByTime }));
    let alone = recommend(&stay, &packages[..1], &in_euros(), &market);
    assert!(!has(&alone[0], "found_again"), "of one provider there is nothing to compare");
    let cheaper = [packages[0].clone(), Package { price: Money::new(Decimal::new(401, 2), "EUR").unwrap(), ..packages[1].clone() }];
    assert_eq!(ids(&recommend(&stay, &cheaper, &in_euros(), &market)), ["a", "b"], "the price comes first");
}

#[test]
fn at_the_same_price_named_networks_come_before_more_data() {
    let stay = trip(&[("JP", 1, 5)]);
    let named = Package { network_operators: vec!["NTT Docomo".to_owned()], ..plan("named", "JP", 5, Some(9_000), 400) };
    assert_eq!(ids(&offers(&stay, &[plan("more", "JP", 5, Some(10_000), 400), named])), ["named", "more"]);
}

proptest! {
    #[test]
    fn the_rate_decides_between_two_equal_plans_and_never_what_they_cost(
        euros in 1_i64..10_000, cents in 1_i64..10_000, rate in 1_000_u32..100_000,
    ) {
        let stay = trip(&[("JP", 1, 5)]);
        let packages = [plan("e", "JP", 5, None, euros), dollars(plan("d", "JP", 5, None, cents))];
        let market = Market { exchange: exchange(&Decimal::new(i64::from(rate), 4).to_string()), ..Market::default() };
        let found = recommend(&stay, &packages, &in_euros(), &market);
        for offer in &found {
            prop_assert_eq!(offer.price, offer.packages[0].package.price);
            prop_assert_eq!(offer.comparison.is_some(), offer.price.currency == Currency::USD);
        }
        let converted = market.exchange.convert(&packages[1].price, Currency::EUR).unwrap();
        let best = if converted <= packages[0].price.amount { "d" } else { "e" };
        prop_assert_eq!(&ids(&found)[0], best);
    }
}
