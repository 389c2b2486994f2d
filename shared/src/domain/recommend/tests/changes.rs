//! Offered plans that are gone or repriced.

use proptest::prelude::*;

use super::{super::changes, *};
use crate::domain::Locale;

fn shown(packages: &[Package]) -> Vec<super::super::OfferView> {
    let stay = trip(&[("JP", 1, 5)]);
    offers(&stay, packages).iter().map(|offer| offer.to_view(Locale::En)).collect()
}

fn texts(shown_of: &[Package], now: &[Package]) -> Vec<String> {
    changes(&shown(shown_of), now).iter().map(|change| change.text(Locale::En)).collect()
}

#[test]
fn what_is_gone_or_repriced_is_named_once_and_nothing_else() {
    let packages = ["a", "b", "c"].map(|id| plan(id, "JP", 5, Some(9_000), 450));
    assert!(texts(&packages, &packages).is_empty());
    let retold = Package { title: "told otherwise".to_owned(), validity_days: 9, ..packages[2].clone() };
    let dearer = Package { price: Money::new(Decimal::new(5, 0), "EUR").unwrap(), ..packages[1].clone() };
    let new = plan("d", "JP", 5, Some(9_000), 1);
    assert_eq!(
        texts(&packages, &[new, retold, dearer]),
        ["“a” (airalo) is no longer sold", "“b” (airalo) costs 5.00 EUR instead of 4.50 EUR"]
    );
    let french = changes(&shown(&packages), &[])[0].text(Locale::Fr);
    assert_eq!(french, "« a » (airalo) n’est plus vendu");
}

#[test]
fn the_same_amount_in_another_currency_is_another_price_and_4_5_is_4_50() {
    let before = [plan("a", "JP", 5, Some(9_000), 450)];
    let same = Package { price: Money::new(Decimal::new(45, 1), "EUR").unwrap(), ..before[0].clone() };
    assert!(texts(&before, &[same]).is_empty());
    let dollars = Package { price: Money::new(Decimal::new(450, 2), "USD").unwrap(), ..before[0].clone() };
    assert_eq!(texts(&before, &[dollars]), ["“a” (airalo) costs 4.50 USD instead of 4.50 EUR"]);
}

proptest! {
    #[test]
    fn offers_made_anew_have_not_changed(prices in prop::collection::vec(1_i64..1_000, 0..20), now in prop::collection::vec(1_i64..1_000, 0..20)) {
        let packages = |prices: &[i64]| -> Vec<Package> {
            prices.iter().enumerate().map(|(n, cents)| plan(&format!("p{n}"), "JP", 5, Some(9_000), *cents)).collect()
        };
        let (before, now) = (packages(&prices), packages(&now));
        prop_assert!(changes(&shown(&now), &now).is_empty());
        prop_assert!(changes(&shown(&before), &now).len() <= MAX_OFFERS);
    }
}
