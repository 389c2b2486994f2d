//! Offers as the API and the CRM show them.

use serde::{Deserialize, Serialize};

use super::{Offer, OfferedPackage, Reason};
use crate::domain::{Locale, Money, Package, PackageId, exchange::Comparison};

/// `offers[]` of a booking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferView {
    /// 1 is the best.
    pub rank: u32,
    /// What to order, when that is one package bought once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_id: Option<PackageId>,
    /// What is bought.
    pub packages: Vec<OfferedPackageView>,
    /// The price of all.
    #[serde(flatten)]
    pub price: Money,
    /// The price in the currency that offers are compared in, where it is sold in another: nobody is charged by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// Why.
    pub reasons: Vec<ReasonView>,
}

/// One package of an offer: the package's own fields, and `times`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferedPackageView {
    /// The package.
    #[serde(flatten)]
    pub package: Package,
    /// How often it is bought.
    pub times: u32,
}

/// A reason, for machines and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonView {
    /// Stable; see [`Reason::code`].
    pub code: String,
    /// One sentence.
    pub text: String,
}

impl OfferView {
    pub(super) fn of(offer: &Offer, locale: Locale) -> Self {
        Self {
            rank: offer.rank,
            package_id: offer.single_package().map(|package| package.package_id.clone()),
            packages: offer.packages.iter().map(OfferedPackageView::of).collect(),
            price: offer.price,
            comparison: offer.comparison,
            reasons: offer.reasons.iter().map(|reason| ReasonView::of(reason, locale)).collect(),
        }
    }
}

impl OfferedPackageView {
    fn of(offered: &OfferedPackage) -> Self {
        Self { package: offered.package.clone(), times: offered.times }
    }
}

impl ReasonView {
    fn of(reason: &Reason, locale: Locale) -> Self {
        Self { code: reason.code().to_owned(), text: reason.text(locale) }
    }
}
