//! Settings: one agency's secret, and what the template puts into the environment.

mod agency;
mod airalo;
mod email;
mod environment;
mod pages;
mod telco;

pub use agency::{
    Agency, CrmSettings, FailOver, FailOverRule, HubspotRecords, HubspotSettings, ProviderAccount, ProviderKind, SalesforceSettings,
    TlsFloor,
};
pub use airalo::{AiraloOrders, AiraloSettings, RefundSettings};
pub use email::{EmailSettings, MailjetSettings, Sender, SendgridSettings};
pub use environment::{Environment, MissingSetting};
pub use pages::{FrameOrigin, Logo, PageSettings};
pub use telco::{BicsNames, BicsPlan, BicsSettings, OneGlobalSettings, TelnaSettings, WebhookMethod};
