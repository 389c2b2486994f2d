//! Settings: one agency's secret, and what the template puts into the environment.

mod agency;
mod environment;
mod pages;
mod telco;

pub use agency::{
    Agency, CrmSettings, EmailSettings, FailOver, FailOverRule, HubspotRecords, ProviderAccount, ProviderKind, Sender, TlsFloor,
};
pub use environment::{Environment, MissingSetting};
pub use pages::{FrameOrigin, Logo, PageSettings};
pub use telco::{OneGlobalSettings, TelnaSettings, WebhookMethod};
