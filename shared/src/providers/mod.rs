//! The eSIM providers. One trait, one folder a provider, always with the same files: `requests` (what is asked), `wire` (the
//! provider's own types and their conversion), `refusals` (what its errors mean for money), `signature` and `webhook` (what it
//! tells us by itself). Adapters are pure: they build requests and read answers; [`crate::outbound`] sends.

mod address;
mod answers;
mod bytes;
mod capabilities;
#[cfg(test)]
mod conformance;
mod contract;
mod error;
mod extras;
mod guidance;
mod lenient;
pub mod matrix;
mod reason;

pub mod airalo;
pub mod bics;
pub mod celitech;
pub mod esim_access;
pub mod esim_go;
pub mod one_global;
pub mod reference;
pub mod telna;

pub use capabilities::{Capabilities, Delivery, Observes, Recovery, Signature};
pub use contract::{
    AccessToken, CataloguePage, EsimKey, EsimProvider, FindOrder, FoundOrder, PlaceOrder, Placed, Placement, ProvidedEsim, ProviderEvent,
    ProviderEventKind, RegisteredWebhook, TopUp, WebhookHeaders,
};
pub use error::{ProviderError, Unsupported};
pub use extras::{
    CertifiedWebhooks, CreditBalance, EsimWebhooks, Extras, FoundLater, FutureOrders, InstallSteps, PhoneList, PlanHistory, Refunds,
    Scheduled, SimStock, StockPage, StockSim, TopUpPermission, extras,
};
pub use guidance::{Guide, Instructions, Phone};

use crate::config::{ProviderAccount, ProviderKind};

/// The adapter for an account of an agency.
#[must_use]
pub fn adapter(account: &ProviderAccount) -> Box<dyn EsimProvider> {
    match account.kind {
        ProviderKind::Airalo => Box::new(airalo::Airalo::new(account)),
        ProviderKind::Bics => Box::new(bics::Bics::new(account)),
        ProviderKind::Celitech => Box::new(celitech::Celitech::new(account)),
        ProviderKind::EsimAccess => Box::new(esim_access::EsimAccess::new(account)),
        ProviderKind::EsimGo => Box::new(esim_go::EsimGo::new(account)),
        ProviderKind::OneGlobal => Box::new(one_global::OneGlobal::new(account)),
        ProviderKind::Reference => Box::new(reference::Reference::new(account)),
        ProviderKind::Telna => Box::new(telna::Telna::new(account)),
    }
}

/// What the adapter takes for granted about an account because the provider's documents do not say it: to be confirmed with the provider,
/// and set otherwise in the account's settings where they have a place for it.
#[must_use]
pub fn assumptions(account: &ProviderAccount) -> Vec<String> {
    match account.kind {
        ProviderKind::Bics => bics::assumptions(account),
        ProviderKind::Celitech => celitech::assumptions(account),
        ProviderKind::EsimAccess => esim_access::assumptions(account),
        ProviderKind::EsimGo => esim_go::assumptions(account),
        ProviderKind::OneGlobal => one_global::assumptions(account),
        ProviderKind::Telna => telna::assumptions(account),
        _ => Vec::new(),
    }
}
