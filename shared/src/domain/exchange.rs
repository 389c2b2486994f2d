//! Exchange rates: what prices of several currencies are compared by, and nothing is ever charged by. Pure.

use iso_currency::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{Invalid, Money, money::decimal_number};

/// Significant digits that a rate between two currencies is rounded to: more than any source has.
const DIGITS: u32 = 8;

/// The rates of one day: how much of each currency one unit of the base buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Rates {
    base: Currency,
    date: Date,
    of: BTreeMap<Currency, Decimal>,
}

/// Rates as they are written in settings and in the table: `{"base": "EUR", "date": "2026-11-27", "rates": {"USD": 1.08}}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    base: String,
    date: Date,
    rates: BTreeMap<String, Number>,
}

#[derive(Serialize, Deserialize)]
struct Number(#[serde(with = "decimal_number")] Decimal);

impl TryFrom<Written> for Rates {
    type Error = Invalid;
    fn try_from(written: Written) -> Result<Self, Invalid> {
        let currency = |code: &str| Currency::from_code(code).ok_or(Invalid("must name currencies by their ISO 4217 codes"));
        let of = written.rates.into_iter().map(|(code, rate)| Ok((currency(&code)?, rate.0))).collect::<Result<Vec<_>, Invalid>>()?;
        Self::new(currency(&written.base)?, written.date, of)
    }
}

impl From<Rates> for Written {
    fn from(rates: Rates) -> Self {
        let written = rates.of.into_iter().map(|(currency, rate)| (currency.code().to_owned(), Number(rate))).collect();
        Self { base: rates.base.code().to_owned(), date: rates.date, rates: written }
    }
}

impl Rates {
    /// The rates of `date`.
    ///
    /// # Errors
    /// [`Invalid`] when there is none, one is not above zero, or a currency has two.
    pub fn new(base: Currency, date: Date, of: impl IntoIterator<Item = (Currency, Decimal)>) -> Result<Self, Invalid> {
        let mut rates = BTreeMap::new();
        for (currency, rate) in of {
            if rate <= Decimal::ZERO {
                return Err(Invalid("must hold rates above zero"));
            }
            if rates.insert(currency, rate).is_some() || currency == base {
                return Err(Invalid("must hold one rate for each currency, and none for the base"));
            }
        }
        if rates.is_empty() {
            return Err(Invalid("must hold a rate"));
        }
        Ok(Self { base, date, of: rates })
    }

    /// The day that they are of.
    #[must_use]
    pub fn date(&self) -> Date {
        self.date
    }

    /// The currencies that can be converted, the base included.
    pub fn currencies(&self) -> impl Iterator<Item = Currency> {
        std::iter::once(self.base).chain(self.of.keys().copied())
    }

    /// What one unit of `from` is in `into`; `None` where a rate is missing, or out of the range of decimals.
    #[must_use]
    pub fn between(&self, from: Currency, into: Currency) -> Option<Rate> {
        let factor = self.rate_of(into)?.checked_div(self.rate_of(from)?)?.round_sf(DIGITS)?;
        (factor > Decimal::ZERO).then_some(Rate { from, into, factor: factor.normalize(), date: self.date })
    }

    fn rate_of(&self, currency: Currency) -> Option<Decimal> {
        if currency == self.base { Some(Decimal::ONE) } else { self.of.get(&currency).copied() }
    }
}

/// One unit of a currency in another one, on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// What is converted.
    pub from: Currency,
    /// Into what.
    pub into: Currency,
    /// Units of `into` for one of `from`.
    pub factor: Decimal,
    /// The day of the rate.
    pub date: Date,
}

impl Rate {
    /// An amount of `from` in `into`, not rounded; `None` outside the range of decimals.
    #[must_use]
    pub fn convert(&self, amount: Decimal) -> Option<Decimal> {
        amount.checked_mul(self.factor)
    }

    /// The amount as it is shown.
    #[must_use]
    pub fn comparison(&self, amount: Decimal) -> Option<Comparison> {
        let digits = u32::from(self.into.exponent().unwrap_or(2));
        let amount = self.convert(amount)?.round_dp(digits);
        Some(Comparison { price: Money { amount, currency: self.into }, rate: self.factor, date: self.date })
    }
}

/// A price in the currency that prices are compared in. Nobody is charged by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// About what the price is in that currency, rounded to its smallest unit.
    #[serde(flatten)]
    pub price: Money,
    /// Units of that currency for one of the price's own.
    #[serde(with = "decimal_number")]
    pub rate: Decimal,
    /// The day of the rate.
    pub date: Date,
}

/// What can be converted today: rates that are fresh, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange(Option<Rates>);

impl Exchange {
    /// These rates, unless they are more than `oldest_days` old or of a day after tomorrow: such a rate is no rate.
    #[must_use]
    pub fn fresh(rates: Rates, today: Date, oldest_days: u16) -> Self {
        let age = rates.date.until(today).map_or(i32::MAX, |span| span.get_days());
        Self((-1..=i32::from(oldest_days)).contains(&age).then_some(rates))
    }

    /// Whether nothing can be converted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What one unit of `from` is in `into`; `None` where no fresh rate is known.
    #[must_use]
    pub fn rate(&self, from: Currency, into: Currency) -> Option<Rate> {
        self.0.as_ref()?.between(from, into)
    }

    /// The amount in `into`, not rounded. A price in that currency needs no rate.
    #[must_use]
    pub fn convert(&self, price: &Money, into: Currency) -> Option<Decimal> {
        if price.currency == into { Some(price.amount) } else { self.rate(price.currency, into)?.convert(price.amount) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::{Exchange, Rates};
    use crate::domain::Money;
    use iso_currency::Currency;
    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    const DAY: jiff::civil::Date = date(2026, 11, 27);

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn rates(of: &[(Currency, &str)]) -> Rates {
        Rates::new(Currency::EUR, DAY, of.iter().map(|(currency, rate)| (*currency, decimal(rate)))).unwrap()
    }

    #[test]
    fn a_rate_is_read_both_ways_and_across() {
        let rates = rates(&[(Currency::USD, "1.25"), (Currency::JPY, "160")]);
        let factor = |from, into| rates.between(from, into).map(|rate| rate.factor);
        assert_eq!(factor(Currency::EUR, Currency::USD), Some(decimal("1.25")));
        assert_eq!(factor(Currency::USD, Currency::EUR), Some(decimal("0.8")));
        assert_eq!(factor(Currency::USD, Currency::JPY), Some(decimal("128")));
        assert_eq!(factor(Currency::USD, Currency::GBP), None);
    }

    #[test]
    fn what_is_shown_is_rounded_to_the_coin_and_says_its_rate_and_day() {
        let rates = rates(&[(Currency::USD, "1.08"), (Currency::JPY, "160.5")]);
        let shown = |amount, from, into| rates.between(from, into).unwrap().comparison(decimal(amount)).unwrap();
        let euros = shown("4.50", Currency::USD, Currency::EUR);
        assert_eq!((euros.price.amount, euros.rate, euros.date), (decimal("4.17"), decimal("0.92592593"), DAY));
        assert_eq!(shown("4.50", Currency::USD, Currency::JPY).price.amount, decimal("669"), "yen have no cents");
        let json = serde_json::to_string(&euros).unwrap();
        assert_eq!(json, r#"{"price":4.17,"currency":"EUR","rate":0.92592593,"date":"2026-11-27"}"#);
        assert_eq!(serde_json::from_str::<super::Comparison>(&json).unwrap(), euros);
    }

    #[test]
    fn a_rate_that_is_too_old_or_of_the_future_is_no_rate() {
        let known =
            |today, oldest| Exchange::fresh(rates(&[(Currency::USD, "1.1")]), today, oldest).rate(Currency::USD, Currency::EUR).is_some();
        assert!(known(DAY, 0) && known(DAY.saturating_add(7.days()), 7) && known(DAY.saturating_sub(1.days()), 7));
        assert!(!known(DAY.saturating_add(8.days()), 7) && !known(DAY.saturating_sub(2.days()), 7));
        assert!(!known(DAY.saturating_add(40.days()), 7), "months are days, too");
        assert!(known(DAY.saturating_add(40.days()), 40));
    }

    #[test]
    fn its_own_currency_needs_no_rate() {
        let price = Money::new(decimal("4.5"), "USD").unwrap();
        assert_eq!(Exchange::default().convert(&price, Currency::USD), Some(price.amount));
        assert_eq!(Exchange::default().convert(&price, Currency::EUR), None);
    }

    #[test]
    fn what_are_no_rates_is_refused() {
        let all = |of: &[(Currency, &str)]| Rates::new(Currency::EUR, DAY, of.iter().map(|(currency, rate)| (*currency, decimal(rate))));
        assert!(all(&[]).is_err());
        assert!(all(&[(Currency::USD, "0")]).is_err() && all(&[(Currency::USD, "-1")]).is_err());
        assert!(all(&[(Currency::USD, "1"), (Currency::USD, "2")]).is_err() && all(&[(Currency::EUR, "1")]).is_err());
        for json in [
            r#"{"base":"EUR","date":"2026-11-27","rates":{"XXY":1}}"#,
            r#"{"base":"EUR","date":"2026-11-27","rates":{"USD":"one"}}"#,
            r#"{"base":"EUR","date":"2026-02-30","rates":{"USD":1}}"#,
            r#"{"base":"EUR","date":"2026-11-27","rates":{}}"#,
        ] {
            assert!(serde_json::from_str::<Rates>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_but_for_rounding(cents in 1_i64..1_000_000, rate in 1_u32..100_000_000) {
            let rates = Rates::new(Currency::EUR, DAY, [(Currency::USD, Decimal::new(i64::from(rate), 4))]).unwrap();
            let amount = Decimal::new(cents, 2);
            let there = rates.between(Currency::EUR, Currency::USD).unwrap().convert(amount).unwrap();
            let back = rates.between(Currency::USD, Currency::EUR).unwrap().convert(there).unwrap();
            prop_assert!((back / amount - Decimal::ONE).abs() < Decimal::new(1, 6), "{amount} {back}");
        }

        #[test]
        fn a_higher_price_is_never_lower_elsewhere(a in 0_i64..1_000_000, b in 0_i64..1_000_000, rate in 1_u32..100_000_000) {
            let rates = Rates::new(Currency::EUR, DAY, [(Currency::USD, Decimal::new(i64::from(rate), 4))]).unwrap();
            let rate = rates.between(Currency::USD, Currency::EUR).unwrap();
            let convert = |cents| rate.convert(Decimal::new(cents, 2)).unwrap();
            prop_assert_eq!(a.cmp(&b), convert(a).cmp(&convert(b)));
        }

        #[test]
        fn rates_survive_json(of in prop::collection::btree_map(0..4_usize, 1_i64..1_000_000_000, 1..4)) {
            let known = [Currency::USD, Currency::JPY, Currency::GBP, Currency::CHF];
            let rates = Rates::new(Currency::EUR, DAY, of.into_iter().map(|(place, rate)| (*known.get(place).unwrap(), Decimal::new(rate, 4)))).unwrap();
            let json = serde_json::to_string(&rates).unwrap();
            prop_assert_eq!(serde_json::from_str::<Rates>(&json).unwrap(), rates);
        }
    }
}
