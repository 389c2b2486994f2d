//! A package that serves a trip, or a part of one.

use rust_decimal::Decimal;
use std::cmp::{Ordering, Reverse};

use super::{coverage::Covered, need::Need};
use crate::domain::{Money, Package};

/// What an offer costs the traveller, worst trouble first: less is better. Costs of parts add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Cost {
    /// Plans that must be bought twice.
    pub(super) doubled: u32,
    /// Data missing from the need, MB.
    pub(super) shortage_mb: u64,
    /// Price of all, in one currency: the package's own, or the one that offers are compared in.
    pub(super) price: Decimal,
    /// Plans to buy.
    pub(super) bought: u32,
    /// How hard the purchases are to find again if they are interrupted.
    pub(super) hard_to_find: u32,
    /// Packages that cannot be topped up.
    pub(super) without_topup: u32,
    /// Packages whose networks are not named.
    pub(super) without_networks: u32,
}

impl Cost {
    /// Both together; `None` when the price leaves the range of decimals.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            doubled: self.doubled.saturating_add(other.doubled),
            shortage_mb: self.shortage_mb.saturating_add(other.shortage_mb),
            price: self.price.checked_add(other.price)?,
            bought: self.bought.saturating_add(other.bought),
            hard_to_find: self.hard_to_find.saturating_add(other.hard_to_find),
            without_topup: self.without_topup.saturating_add(other.without_topup),
            without_networks: self.without_networks.saturating_add(other.without_networks),
        })
    }
}

/// A package that covers and lasts a part of the trip, or all of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) package: &'a Package,
    /// How often it is bought: 1 or 2.
    pub(super) times: u32,
    /// The countries of the trip that it serves.
    pub(super) covered: Covered,
    /// What one plan would have to last for its part, days.
    pub(super) span_days: u32,
    /// Days of stay in its part.
    pub(super) stay_days: u32,
    pub(super) cost: Cost,
}

impl<'a> Candidate<'a> {
    /// The package for this need; `None` when not even two last for it.
    pub(super) fn of(package: &'a Package, covered: Covered, need: &Need, hard_to_find: u32) -> Option<Self> {
        let times = need.times(package.validity_days)?;
        let data_mb = total_data(package, times);
        let cost = Cost {
            doubled: times - 1,
            shortage_mb: data_mb.map_or(0, |mb| need.data_mb.saturating_sub(mb)),
            price: package.price.amount.checked_mul(Decimal::from(times))?,
            bought: times,
            hard_to_find: hard_to_find * times,
            without_topup: u32::from(!package.topup),
            without_networks: u32::from(package.network_operators.is_empty()),
        };
        Some(Self { package, times, covered, span_days: need.span_days, stay_days: need.stay_days, cost })
    }

    /// What all of it costs.
    pub(super) fn price(&self) -> Money {
        Money { amount: self.cost.price, currency: self.package.price.currency }
    }

    /// Data in all, MB; `None` is unlimited.
    pub(super) fn data_mb(&self) -> Option<u64> {
        total_data(self.package, self.times)
    }

    /// Data for each day of stay, MB; `None` is unlimited.
    pub(super) fn mb_per_day(&self) -> Option<u64> {
        self.data_mb().map(|mb| mb / u64::from(self.stay_days.max(1)))
    }

    /// The better of two for the same part first.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.cost
            .cmp(&other.cost)
            .then_with(|| Reverse(unlimited_as_most(self.data_mb())).cmp(&Reverse(unlimited_as_most(other.data_mb()))))
            .then_with(|| other.package.validity_days.cmp(&self.package.validity_days))
            .then_with(|| self.package.package_id.cmp(&other.package.package_id))
    }
}

fn total_data(package: &Package, times: u32) -> Option<u64> {
    package.data_volume_mb.map(|mb| mb.saturating_mul(u64::from(times)))
}

/// For comparing only: no limit is more than any limit.
pub(super) fn unlimited_as_most(data_mb: Option<u64>) -> u64 {
    data_mb.unwrap_or(u64::MAX)
}
