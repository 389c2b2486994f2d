//! The currency that prices are compared in, and what other prices are in it.

use iso_currency::Currency;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Exchange, Money, exchange::Rate};

/// What prices of one trip's plans are measured by.
pub(super) struct Yardstick {
    currency: Option<Currency>,
    rates: BTreeMap<Currency, Rate>,
}

/// A price beside the others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    /// Its currency, where it cannot be compared with the others.
    pub(super) incomparable: Option<Currency>,
    /// The amount that is compared: in the yardstick's currency, or its own where it cannot be.
    pub(super) amount: Decimal,
    /// By which rate, where it was converted.
    pub(super) rate: Option<Rate>,
}

impl Yardstick {
    /// The wanted currency where anything is sold in it or can be converted into it; else the first by code that something is sold in.
    pub(super) fn new(wanted: Option<Currency>, exchange: &Exchange, sold_in: &BTreeSet<Currency>) -> Self {
        let reached = |into: &Currency| sold_in.iter().any(|from| from == into || exchange.rate(*from, *into).is_some());
        let currency = wanted.filter(reached).or_else(|| sold_in.first().copied());
        let rate = |from: &Currency| Some((*from, exchange.rate(*from, currency?)?));
        Self { currency, rates: sold_in.iter().filter(|from| Some(**from) != currency).filter_map(rate).collect() }
    }

    pub(super) fn measure(&self, price: Money) -> Measured {
        if Some(price.currency) == self.currency {
            return Measured { incomparable: None, amount: price.amount, rate: None };
        }
        self.converted(price).unwrap_or(Measured { incomparable: Some(price.currency), amount: price.amount, rate: None })
    }

    fn converted(&self, price: Money) -> Option<Measured> {
        let rate = self.rates.get(&price.currency)?;
        Some(Measured { incomparable: None, amount: rate.convert(price.amount)?, rate: Some(*rate) })
    }
}
