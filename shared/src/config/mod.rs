//! Settings: one agency's secret, and what the template puts into the environment.

mod agency;
mod amadeus;
mod email;
mod environment;
mod exchange;
mod pages;
mod telco;

pub use agency::{
    Agency, CrmSettings, FailOver, FailOverRule, HubspotRecords, HubspotSettings, ProviderAccount, ProviderKind, SalesforceSettings,
    TlsFloor,
};
pub use amadeus::{AmadeusSettings, WriteBack};
pub use email::{EmailSettings, MailjetSettings, Sender, SendgridSettings};
pub use environment::{Environment, MissingSetting};
pub use exchange::{EcbFeed, ExchangeSettings, FixedRates};
pub use pages::{FrameOrigin, Logo, PageSettings};
pub use telco::{BicsNames, BicsPlan, BicsSettings, OneGlobalSettings, TelnaSettings, WebhookMethod};
