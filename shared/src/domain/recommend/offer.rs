//! What is offered.

use serde::{Deserialize, Serialize};

use super::{OfferView, Reason};
use crate::domain::{Locale, Money, Package, exchange::Comparison};

/// One way to have data on the whole trip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// 1 is the best.
    pub rank: u32,
    /// What is bought; one package, unless a set of local plans is cheaper or a short plan is bought twice.
    pub packages: Vec<OfferedPackage>,
    /// The price of all, each as often as it is bought.
    #[serde(flatten)]
    pub price: Money,
    /// The price in the currency that offers are compared in, where it is sold in another: nobody is charged by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// Why, most telling first.
    pub reasons: Vec<Reason>,
}

/// One package of an offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferedPackage {
    /// The package.
    pub package: Package,
    /// How often it is bought: 1, or 2 when it is shorter than the stay.
    pub times: u32,
}

impl Offer {
    /// The package, when the offer is one package bought once: what can be ordered with one call.
    #[must_use]
    pub fn single_package(&self) -> Option<&Package> {
        match self.packages.as_slice() {
            [OfferedPackage { package, times: 1 }] => Some(package),
            _ => None,
        }
    }

    /// The offer as the API answers it, with its reasons in a language.
    #[must_use]
    pub fn to_view(&self, locale: Locale) -> OfferView {
        OfferView::of(self, locale)
    }
}
