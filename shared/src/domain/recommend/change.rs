//! What became of plans that were offered: the catalogue goes on after an adviser was shown offers.

use std::collections::HashMap;

use super::{OfferView, words::money};
use crate::domain::{Locale, Money, Package, PackageId};

/// One offered plan that is not what it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    title: String,
    provider: String,
    before: Money,
    /// `None`: it is no longer sold for the trip.
    now: Option<Money>,
}

/// The offered plans that are gone from these packages or have another price in them, each once, the best offer's first.
#[must_use]
pub fn changes(offers: &[OfferView], packages: &[Package]) -> Vec<Change> {
    let sold: HashMap<&PackageId, &Package> = packages.iter().map(|package| (&package.package_id, package)).collect();
    let mut seen: Vec<&PackageId> = Vec::new();
    let mut changes = Vec::new();
    for offered in offers.iter().flat_map(|offer| &offer.packages).map(|part| &part.package) {
        if seen.contains(&&offered.package_id) {
            continue;
        }
        seen.push(&offered.package_id);
        let now = sold.get(&offered.package_id).map(|package| package.price);
        if now != Some(offered.price) {
            let (title, provider) = (offered.title.clone(), offered.provider.to_string());
            changes.push(Change { title, provider, before: offered.price, now });
        }
    }
    changes
}

impl Change {
    /// `« Japon 3 Go » (airalo) n’est plus vendu`, `“Japan 3 GB” (airalo) costs 5.00 USD instead of 4.50 USD`.
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        let Self { title, provider, .. } = self;
        let before = money(&self.before, locale);
        match (self.now.map(|now| money(&now, locale)), locale) {
            (None, Locale::Fr) => format!("« {title} » ({provider}) n’est plus vendu"),
            (None, Locale::En) => format!("“{title}” ({provider}) is no longer sold"),
            (Some(now), Locale::Fr) => format!("« {title} » ({provider}) coûte {now} au lieu de {before}"),
            (Some(now), Locale::En) => format!("“{title}” ({provider}) costs {now} instead of {before}"),
        }
    }
}
