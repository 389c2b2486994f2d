//! The offers of a dossier as the panel shows them, and its filters, which work without a script.

use super::{esim_card::facts, money::Price};
use crate::{
    config::PageSettings,
    domain::{
        Locale, Package,
        recommend::{OfferView, OfferedPackageView},
    },
};

/// Offers that are shown at once; the others are one click away.
const AT_ONCE: usize = 4;

/// What the adviser asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// Data at least, MB of 1,048,576 bytes; unlimited always suffices.
    pub least_mb: Option<u64>,
    /// A provider account.
    pub provider: Option<String>,
    /// Only what can be topped up.
    pub top_up: bool,
}

impl Filters {
    /// From the page's query; what is not understood is not filtered by.
    #[must_use]
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            least_mb: parameter("data").and_then(|text| text.parse().ok()),
            provider: parameter("provider"),
            top_up: parameter("topup").is_some(),
        }
    }

    fn lets(&self, offer: &OfferView) -> bool {
        offer.packages.iter().all(|part| {
            let package = &part.package;
            let enough = |least| package.data_volume_mb.is_none_or(|mb| mb >= least);
            self.least_mb.is_none_or(enough)
                && self.provider.as_ref().is_none_or(|name| package.provider.as_str() == name)
                && (package.topup || !self.top_up)
        })
    }
}

pub(super) struct Offers {
    pub(super) shown: Vec<OfferCard>,
    pub(super) more: Vec<OfferCard>,
    pub(super) none_at_all: bool,
    pub(super) sizes: Vec<Choice>,
    pub(super) providers: Vec<Choice>,
    pub(super) top_up: bool,
}

/// One line of a filter.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

pub(super) struct OfferCard {
    pub(super) best: bool,
    pub(super) price: Price,
    pub(super) reasons: Vec<String>,
    pub(super) parts: Vec<PartCard>,
    /// One package bought once.
    pub(super) single: bool,
}

pub(super) struct PartCard {
    pub(super) package_id: String,
    pub(super) provider: String,
    pub(super) title: String,
    pub(super) facts: String,
    pub(super) networks: String,
    pub(super) top_up: bool,
    pub(super) times: u32,
}

impl PartCard {
    pub(super) fn of(package: &Package, times: u32, locale: Locale) -> Self {
        Self {
            package_id: package.package_id.to_string(),
            provider: package.provider.to_string(),
            title: package.title.clone(),
            facts: facts(package, locale),
            networks: package.network_operators.join(", "),
            top_up: package.topup,
            times,
        }
    }
}

impl Offers {
    pub(super) fn of(all: &[OfferView], filters: &Filters, settings: &PageSettings, locale: Locale) -> Self {
        let best = all.iter().map(|offer| offer.rank).min();
        let card = |offer: &OfferView| OfferCard {
            best: Some(offer.rank) == best,
            price: Price::of(offer.price, settings, locale),
            reasons: offer.reasons.iter().map(|reason| reason.text.clone()).collect(),
            parts: offer.packages.iter().map(|part| PartCard::of(&part.package, part.times, locale)).collect(),
            single: offer.package_id.is_some(),
        };
        let mut shown: Vec<OfferCard> = all.iter().filter(|offer| filters.lets(offer)).map(card).collect();
        let more = shown.split_off(shown.len().min(AT_ONCE));
        Self {
            shown,
            more,
            none_at_all: all.is_empty(),
            sizes: sizes(filters, locale),
            providers: providers(all, filters),
            top_up: filters.top_up,
        }
    }
}

fn sizes(filters: &Filters, locale: Locale) -> Vec<Choice> {
    let choice = |gb: u64| Choice {
        value: (gb * 1024).to_string(),
        label: crate::email::words::volume(Some(gb * 1024), locale),
        chosen: filters.least_mb == Some(gb * 1024),
    };
    [1, 3, 5, 10, 20].into_iter().map(choice).collect()
}

fn providers(all: &[OfferView], filters: &Filters) -> Vec<Choice> {
    let parts = all.iter().flat_map(|offer| &offer.packages);
    let mut names: Vec<&str> = parts.map(|part: &OfferedPackageView| part.package.provider.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let choice = |name: &str| Choice { value: name.to_owned(), label: name.to_owned(), chosen: filters.provider.as_deref() == Some(name) };
    names.into_iter().map(choice).collect()
}
