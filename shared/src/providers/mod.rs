//! The eSIM providers. One trait, one folder a provider with the same two files: `wire` (the provider's own types and their
//! conversion) and `requests` (what is asked). Adapters are pure: they build requests and read answers; [`crate::outbound`] sends.

mod capabilities;
mod contract;
mod error;

pub mod airalo;
pub mod reference;

pub use capabilities::{Capabilities, Observes, Recovery, Signature};
pub use contract::{
    AccessToken, CataloguePage, EsimKey, EsimProvider, FindOrder, FoundOrder, PlaceOrder, Placed, Placement, ProvidedEsim, ProviderEvent,
    ProviderEventKind, RegisteredWebhook, TopUp, WebhookHeaders,
};
pub use error::{ProviderError, Unsupported};

use crate::config::ProviderAccount;

/// The adapter for an account of an agency.
#[must_use]
pub fn adapter(account: &ProviderAccount) -> Box<dyn EsimProvider> {
    match account.kind {
        crate::config::ProviderKind::Airalo => unimplemented!(),
        crate::config::ProviderKind::Reference => unimplemented!(),
    }
}
