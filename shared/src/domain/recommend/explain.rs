//! The reasons of an offer.

use iso_currency::Currency;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    History, Market, Offer, OfferedPackage, Reason, Retrieval,
    candidate::Candidate,
    ranked::{Ranked, total},
    words::share,
    yardstick::Yardstick,
};
use crate::domain::{AccountName, Money, Trip};

/// What all offers of one trip are explained by.
pub(super) struct Explanation {
    history: History,
    yardstick: Yardstick,
    /// How safely each account's purchases are found again, where that tells the accounts apart.
    retrieval: BTreeMap<AccountName, Retrieval>,
    countries: u32,
    stay_days: u32,
    /// Price of the best plan for the whole trip, by currency.
    one_plan: BTreeMap<Currency, Decimal>,
    /// Price of the cheapest set, by currency.
    local_plans: BTreeMap<Currency, Decimal>,
}

impl Explanation {
    pub(super) fn new(trip: &Trip, history: &History, market: &Market, whole: &[Candidate<'_>], sets: &[Vec<Candidate<'_>>]) -> Self {
        let mut best: BTreeMap<Currency, Candidate<'_>> = BTreeMap::new();
        for candidate in whole {
            let known = best.entry(candidate.package.price.currency).or_insert(*candidate);
            if candidate.order(known).is_lt() {
                *known = *candidate;
            }
        }
        let one_plan: BTreeMap<_, _> = best.into_iter().map(|(currency, candidate)| (currency, candidate.cost.price)).collect();
        let local_plans: BTreeMap<_, _> =
            sets.iter().filter_map(|set| set.first().map(|part| (part.package.price.currency, total(set).price))).collect();
        let sold_in: BTreeSet<Currency> = one_plan.keys().chain(local_plans.keys()).copied().collect();
        let yardstick = Yardstick::new(history.currency, &market.exchange, &sold_in);
        let retrieval = told_apart(market, whole.iter().chain(sets.iter().flatten()));
        let countries = u32::try_from(trip.countries().len()).unwrap_or(u32::MAX);
        Self { history: *history, yardstick, retrieval, countries, stay_days: trip.days_of_stay(), one_plan, local_plans }
    }

    /// What prices are compared by.
    pub(super) fn yardstick(&self) -> &Yardstick {
        &self.yardstick
    }

    /// The offer, with its reasons. Parts of a set that are the same package do not occur.
    pub(super) fn offer(&self, ranked: &Ranked<'_>, rank: u32) -> Offer {
        let packages = ranked.parts().iter().map(|part| OfferedPackage { package: part.package.clone(), times: part.times }).collect();
        let (price, comparison) = (ranked.price(), ranked.comparison());
        Offer { rank, packages, price, comparison, reasons: self.reasons(ranked, &price) }
    }

    fn reasons(&self, ranked: &Ranked<'_>, price: &Money) -> Vec<Reason> {
        let mut reasons = match ranked.parts() {
            [one] => self.one(one, price),
            parts => self.several(parts, price),
        };
        reasons.extend(self.data(ranked));
        reasons.extend(self.history.mb_per_day.map(|mb_per_day| Reason::OwnHistory { mb_per_day }));
        reasons.push(Reason::PricePerDay { amount: share(price, self.stay_days) });
        if ranked.cost().without_topup == 0 {
            reasons.push(Reason::TopupPossible);
        }
        reasons.extend(self.retrieval(ranked).map(|by| Reason::FoundAgain { by }));
        reasons.extend(ranked.comparison().map(|comparison| Reason::Converted { from: price.currency, comparison }));
        reasons.extend(ranked.incomparable().map(|currency| Reason::OtherCurrency { currency }));
        reasons
    }

    fn one(&self, part: &Candidate<'_>, price: &Money) -> Vec<Reason> {
        let mut reasons = lasting(part);
        if self.countries > 1 {
            reasons.push(Reason::CoversEveryCountry { countries: self.countries });
        }
        let local = self.local_plans.get(&price.currency);
        reasons.extend(local.and_then(|local| difference(price, *local)).map(|(cheaper, by)| match cheaper {
            true => Reason::CheaperThanLocalPlans { by },
            false => Reason::DearerThanLocalPlans { by },
        }));
        reasons
    }

    fn several(&self, parts: &[Candidate<'_>], price: &Money) -> Vec<Reason> {
        let mut reasons = vec![Reason::LocalPlans { plans: u32::try_from(parts.len()).unwrap_or(u32::MAX) }];
        reasons.extend(parts.iter().filter(|part| part.times > 1).flat_map(lasting));
        let one = self.one_plan.get(&price.currency);
        reasons.extend(one.and_then(|one| difference(price, *one)).map(|(cheaper, by)| match cheaper {
            true => Reason::CheaperThanOnePlan { by },
            false => Reason::DearerThanOnePlan { by },
        }));
        reasons
    }

    /// Of a set, its least safe part.
    fn retrieval(&self, ranked: &Ranked<'_>) -> Option<Retrieval> {
        ranked.parts().iter().filter_map(|part| self.retrieval.get(&part.package.provider)).max().copied()
    }

    /// Data against the need; of a set, its scarcest part.
    fn data(&self, ranked: &Ranked<'_>) -> Option<Reason> {
        let need_mb_per_day = self.history.need_mb_per_day();
        let scarcest = ranked.parts().iter().filter_map(Candidate::mb_per_day).min();
        Some(match scarcest {
            None => Reason::Unlimited,
            Some(mb_per_day) if ranked.cost().shortage_mb == 0 => Reason::DataCoversNeed { mb_per_day, need_mb_per_day },
            Some(mb_per_day) => Reason::DataBelowNeed { mb_per_day, need_mb_per_day },
        })
    }
}

/// The accounts that sell something here, unless all of them are alike.
fn told_apart<'a>(market: &Market, candidates: impl Iterator<Item = &'a Candidate<'a>>) -> BTreeMap<AccountName, Retrieval> {
    if market.retrieval.len() < 2 {
        return BTreeMap::new();
    }
    let accounts: BTreeSet<&AccountName> = candidates.map(|candidate| &candidate.package.provider).collect();
    let known = |account: &AccountName| Some((account.clone(), *market.retrieval.get(account)?));
    let sellers: BTreeMap<_, _> = accounts.into_iter().filter_map(known).collect();
    let kinds: BTreeSet<_> = sellers.values().collect();
    if kinds.len() > 1 { sellers } else { BTreeMap::new() }
}

fn lasting(part: &Candidate<'_>) -> Vec<Reason> {
    let (validity_days, trip_days) = (part.package.validity_days, part.span_days);
    if part.times > 1 {
        return vec![Reason::BoughtTwice { validity_days, trip_days }];
    }
    let spare = validity_days.saturating_sub(trip_days);
    let fits = Reason::FitsDays { validity_days, trip_days };
    if spare > 0 { vec![fits, Reason::DaysToSpare { days: spare }] } else { vec![fits] }
}

/// Whether the price is the lower one, and by how much; `None` when both are the same.
fn difference(price: &Money, other: Decimal) -> Option<(bool, Money)> {
    let by = price.amount.checked_sub(other)?;
    (!by.is_zero()).then(|| (by.is_sign_negative(), Money { amount: by.abs(), currency: price.currency }))
}
