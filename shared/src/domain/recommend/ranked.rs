//! Offers before they are offers: what is compared with what.

use iso_currency::Currency;
use rust_decimal::Decimal;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::{
    candidate::{Candidate, Cost, unlimited_as_most},
    yardstick::{Measured, Yardstick},
};
use crate::domain::{Money, exchange::Comparison};

/// One package, or a set. Most are one, and take no memory of their own.
enum Parts<'a> {
    One(Candidate<'a>),
    Set(Vec<Candidate<'a>>),
}

/// A possible offer. The less, the better.
pub(super) struct Ranked<'a> {
    /// What is paid.
    price: Money,
    /// The price beside the others.
    measured: Measured,
    /// With the price that is compared.
    cost: Cost,
    parts: Parts<'a>,
}

impl<'a> Ranked<'a> {
    pub(super) fn single(candidate: Candidate<'a>, yardstick: &Yardstick) -> Self {
        Self::of(candidate.price(), candidate.cost, Parts::One(candidate), yardstick)
    }

    /// A set of one currency, as the search makes them; `None` of an empty one.
    pub(super) fn set(set: Vec<Candidate<'a>>, yardstick: &Yardstick) -> Option<Self> {
        let cost = total(&set);
        let price = Money { amount: cost.price, ..set.first()?.price() };
        Some(Self::of(price, cost, Parts::Set(set), yardstick))
    }

    fn of(price: Money, cost: Cost, parts: Parts<'a>, yardstick: &Yardstick) -> Self {
        let measured = yardstick.measure(price);
        Self { price, measured, cost: Cost { price: measured.amount, ..cost }, parts }
    }

    pub(super) fn parts(&self) -> &[Candidate<'a>] {
        match &self.parts {
            Parts::One(candidate) => std::slice::from_ref(candidate),
            Parts::Set(set) => set,
        }
    }

    pub(super) fn cost(&self) -> &Cost {
        &self.cost
    }

    pub(super) fn price(&self) -> Money {
        self.price
    }

    /// Its currency, where its price cannot be compared.
    pub(super) fn incomparable(&self) -> Option<Currency> {
        self.measured.incomparable
    }

    /// The price as it is compared, where it was converted.
    pub(super) fn comparison(&self) -> Option<Comparison> {
        self.measured.rate?.comparison(self.price.amount)
    }

    fn data_mb(&self) -> u64 {
        self.parts().iter().fold(0, |sum, part| unlimited_as_most(part.data_mb()).saturating_add(sum))
    }

    fn shortest_days(&self) -> u32 {
        self.parts().iter().map(|part| part.package.validity_days).min().unwrap_or(0)
    }

    fn tie(&self, other: &Self) -> Ordering {
        Reverse(self.data_mb())
            .cmp(&Reverse(other.data_mb()))
            .then_with(|| other.shortest_days().cmp(&self.shortest_days()))
            .then_with(|| self.ids().cmp(other.ids()))
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.parts().iter().map(|part| part.package.package_id.as_str())
    }
}

/// The cost of a set; the search only makes sets whose price can be summed.
pub(super) fn total(set: &[Candidate<'_>]) -> Cost {
    let worst = Cost { price: Decimal::MAX, ..Cost::default() };
    set.iter().try_fold(Cost::default(), |sum, part| sum.plus(part.cost)).unwrap_or(worst)
}

impl Ord for Ranked<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.measured.incomparable, &self.cost).cmp(&(other.measured.incomparable, &other.cost)).then_with(|| self.tie(other))
    }
}

impl PartialOrd for Ranked<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked<'_> {}

/// The best offers, in order, each package or set once. A heap, as a few are taken out of thousands.
pub(super) fn best(all: Vec<Ranked<'_>>, most: usize) -> Vec<Ranked<'_>> {
    let mut heap: BinaryHeap<Reverse<Ranked<'_>>> = all.into_iter().map(Reverse).collect();
    let mut chosen: Vec<Ranked<'_>> = Vec::with_capacity(most);
    while chosen.len() < most {
        let Some(Reverse(next)) = heap.pop() else { break };
        if !chosen.iter().any(|kept| kept.ids().eq(next.ids())) {
            chosen.push(next);
        }
    }
    chosen
}
