//! Settings: one agency's secret, and what the template puts into the environment.

mod agency;
mod email;
mod environment;
mod feeds;
mod pages;
mod sales;
mod telco;

pub use agency::{
    Agency, CrmSettings, FailOver, FailOverRule, HubspotRecords, HubspotSettings, ProviderAccount, ProviderKind, SalesforceSettings,
    TlsFloor,
};
pub use email::{EmailSettings, MailjetSettings, Sender, SendgridSettings};
pub use environment::{Environment, MissingSetting};
pub use feeds::{
    DateFormat, Delimited, Feed, FeedEncoding, FeedField, FeedFields, FeedFormat, FeedRows, FeedStatus, JsonLines, Mark, TabDelimited,
    XmlRows,
};
pub use pages::{FrameOrigin, Logo, PageSettings};
pub use sales::{SalesColumn, SalesExport, SalesField, SalesSource};
pub use telco::{BicsNames, BicsPlan, BicsSettings, OneGlobalSettings, TelnaSettings, WebhookMethod};
