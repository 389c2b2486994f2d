//! The cheapest set of plans that together cover a trip through several countries.
//!
//! Each package stands for exactly those countries of the trip that it works in, so that a plan for Europe beside one for
//! Japan is found as well as a plan a country. Packages that cover the whole trip are no part of a set: they are offers alone.

use iso_currency::Currency;
use std::collections::BTreeMap;

use super::{
    candidate::{Candidate, Cost},
    coverage::{Covered, TripCountries},
};

/// Countries for which sets are looked for: a telephone keeps about eight eSIMs, and nobody wants to install more.
/// It also bounds the search to 2⁸ combinations.
const MAX_COUNTRIES: u32 = 8;

/// Whether sets are looked for at all.
pub(super) fn possible(countries: &TripCountries) -> bool {
    (2..=MAX_COUNTRIES).contains(&countries.count())
}

/// The best package for each part of the trip, by currency.
#[derive(Default)]
pub(super) struct Parts<'a>(BTreeMap<Currency, BTreeMap<Covered, Candidate<'a>>>);

impl<'a> Parts<'a> {
    /// Keeps the candidate when nothing better is known for its part.
    pub(super) fn keep_if_best(&mut self, candidate: Candidate<'a>) {
        let best = self.0.entry(candidate.package.price.currency).or_default().entry(candidate.covered).or_insert(candidate);
        if candidate.order(best).is_lt() {
            *best = candidate;
        }
    }

    /// The cheapest set in each currency that has one.
    pub(super) fn cheapest_sets(&self, countries: &TripCountries) -> Vec<Vec<Candidate<'a>>> {
        if !possible(countries) {
            return Vec::new();
        }
        self.0.values().filter_map(|parts| cheapest(parts, countries.all())).collect()
    }
}

/// How some countries are covered at the least cost known: the last part added, and what was covered before it.
#[derive(Clone, Copy)]
struct Step<'a> {
    cost: Cost,
    last: Option<(Candidate<'a>, Covered)>,
}

/// Shortest path over sets of countries: from none, always the lowest country still missing, until all are covered.
/// Among equals the first found stays, and parts are tried in a fixed order, so that the answer is always the same.
fn cheapest<'a>(parts: &BTreeMap<Covered, Candidate<'a>>, all: Covered) -> Option<Vec<Candidate<'a>>> {
    let mut steps: BTreeMap<Covered, Step<'a>> = BTreeMap::from([(0, Step { cost: Cost::default(), last: None })]);
    for covered in 0..all {
        let Some(step) = steps.get(&covered).copied() else { continue };
        let missing = (all & !covered).trailing_zeros();
        for (part, candidate) in parts.iter().filter(|(part, _)| *part >> missing & 1 == 1) {
            let Some(cost) = step.cost.plus(candidate.cost) else { continue };
            let reached = steps.get(&(covered | part));
            if reached.is_none_or(|known| cost < known.cost) {
                steps.insert(covered | part, Step { cost, last: Some((*candidate, covered)) });
            }
        }
    }
    walk_back(&steps, all)
}

fn walk_back<'a>(steps: &BTreeMap<Covered, Step<'a>>, all: Covered) -> Option<Vec<Candidate<'a>>> {
    let mut set = Vec::new();
    let mut covered = all;
    while let Some((candidate, before)) = steps.get(&covered)?.last {
        set.push(candidate);
        covered = before;
    }
    set.reverse();
    Some(set)
}
