//! The eSIM providers. One trait, one folder a provider, always with the same files: `requests` (what is asked), `wire` (the
//! provider's own types and their conversion), `refusals` (what its errors mean for money), `signature` and `webhook` (what it
//! tells us by itself). Adapters are pure: they build requests and read answers; [`crate::outbound`] sends.

mod address;
mod bytes;
mod capabilities;
#[cfg(test)]
mod conformance;
mod contract;
mod error;
mod extras;
mod lenient;
mod reason;

pub mod airalo;
pub mod one_global;
pub mod reference;

pub use capabilities::{Capabilities, Observes, Recovery, Signature};
pub use contract::{
    AccessToken, CataloguePage, EsimKey, EsimProvider, FindOrder, FoundOrder, PlaceOrder, Placed, Placement, ProvidedEsim, ProviderEvent,
    ProviderEventKind, RegisteredWebhook, TopUp, WebhookHeaders,
};
pub use error::{ProviderError, Unsupported};
pub use extras::{EsimWebhooks, Extras, ProfileState, extras};

use crate::config::{ProviderAccount, ProviderKind};

/// The adapter for an account of an agency.
#[must_use]
pub fn adapter(account: &ProviderAccount) -> Box<dyn EsimProvider> {
    match account.kind {
        ProviderKind::Airalo => Box::new(airalo::Airalo::new(account)),
        ProviderKind::Reference => Box::new(reference::Reference::new(account)),
        ProviderKind::OneGlobal => Box::new(one_global::OneGlobal::new(account)),
    }
}
