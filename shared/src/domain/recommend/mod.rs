//! Which plans an adviser should offer for a trip, and why.
//!
//! An offer covers every country and every day of the trip. It is one plan; or one plan bought twice, when it is shorter
//! than the stay; or, for a trip through several countries, the cheapest set of plans that each cover a part of it.
//! Offers are put in order by, first to last:
//!
//! 1. whether the price can be compared: those of other currencies are converted by the day's rate, and come after the others
//!    where there is none;
//! 2. whether a plan must be bought twice;
//! 3. how much data is missing from what the traveller is thought to need — data beyond that earns nothing, so that an
//!    unlimited plan wins by its price or not at all;
//! 4. the price;
//! 5. and, at the same price: fewer plans, a provider whose purchases are found again more safely, a top-up possible, networks that
//!    are named, more data, more days, the package id.
//!
//! What is converted is compared only: the price of an offer is always that of its packages. A set is of one currency, as it has one price.
//!
//! The order of the catalogue never matters.

mod candidate;
mod change;
mod coverage;
mod explain;
mod history;
mod market;
mod need;
mod offer;
mod ranked;
mod reason;
mod sets;
mod view;
mod words;
mod yardstick;

#[cfg(test)]
mod tests;

pub use change::{Change, changes};
pub use history::{DEFAULT_MB_PER_DAY, History};
pub use market::{Market, Retrieval};
pub use offer::{Offer, OfferedPackage};
pub use reason::Reason;
pub use view::{OfferView, OfferedPackageView, ReasonView};

use super::{Package, Trip};
use candidate::Candidate;
use coverage::TripCountries;
use explain::Explanation;
use need::Needs;
use ranked::Ranked;
use sets::Parts;

/// Offers returned at most: what a person reads before deciding.
pub const MAX_OFFERS: usize = 12;

/// The offers for a trip from these packages, the best first, [`MAX_OFFERS`] at most; empty when nothing covers the trip.
///
/// Days are civil days at the destination: a plan starts at its first use there, so that one exactly as long as the stay
/// fits, and a day to spare is a reason to like it rather than a condition. A package that appears twice is offered once.
#[must_use]
pub fn recommend(trip: &Trip, packages: &[Package], history: &History, market: &Market) -> Vec<Offer> {
    let countries = TripCountries::of(trip);
    let mut needs = Needs::of(trip, history.need_mb_per_day());
    let mut whole = Vec::new();
    let mut parts = Parts::default();
    for package in packages {
        let covered = countries.covered_by(&package.iso_countries);
        if covered == 0 || (covered != countries.all() && !sets::possible(&countries)) {
            continue;
        }
        let Some(candidate) = Candidate::of(package, covered, needs.get(covered), market.hard_to_find(&package.provider)) else { continue };
        if covered == countries.all() {
            whole.push(candidate);
        } else {
            parts.keep_if_best(candidate);
        }
    }
    let sets = parts.cheapest_sets(&countries);
    let explanation = Explanation::new(trip, history, market, &whole, &sets);
    let singles = whole.into_iter().map(|candidate| Ranked::single(candidate, explanation.yardstick()));
    let sets = sets.into_iter().filter_map(|set| Ranked::set(set, explanation.yardstick()));
    ranked::best(singles.chain(sets).collect(), MAX_OFFERS)
        .into_iter()
        .zip(1..)
        .map(|(ranked, rank)| explanation.offer(&ranked, rank))
        .collect()
}
