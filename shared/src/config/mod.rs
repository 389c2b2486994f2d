//! Settings: one agency's secret, and what the template puts into the environment.

mod agency;
mod airalo;
mod amadeus;
mod email;
mod environment;
mod exchange;
mod feed_format;
mod feeds;
mod pages;
mod sales;
mod telco;

pub use agency::{
    Agency, CrmSettings, FailOver, FailOverRule, HubspotRecords, HubspotSettings, ProviderAccount, ProviderKind, SalesforceSettings,
    TlsFloor,
};
pub use airalo::{AiraloOrders, AiraloSettings, RefundSettings};
pub use amadeus::{AmadeusSettings, WriteBack};
pub use email::{EmailSettings, MailjetSettings, Sender, SendgridSettings};
pub use environment::{Environment, MissingSetting};
pub use exchange::{EcbFeed, ExchangeSettings, FixedRates};
pub use feed_format::{DateFormat, Delimited, FeedEncoding, FeedFormat, JsonLines, Mark, TabDelimited, XmlRows};
pub use feeds::{Feed, FeedField, FeedFields, FeedRows, FeedStatus};
pub use pages::{FrameOrigin, Logo, PageSettings};
pub use sales::{SalesColumn, SalesExport, SalesField, SalesSource};
pub use telco::{BicsNames, BicsPlan, BicsSettings, OneGlobalSettings, TelnaSettings, WebhookMethod};
