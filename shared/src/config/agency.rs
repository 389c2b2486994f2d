//! One agency: the JSON of its secret `passerelle/agency/<id>`.

use iso_currency::Currency;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

use super::{
    airalo::AiraloSettings,
    amadeus::AmadeusSettings,
    email::EmailSettings,
    exchange::ExchangeSettings,
    feeds::Feed,
    pages::PageSettings,
    sales::SalesExport,
    telco::{BicsSettings, OneGlobalSettings, TelnaSettings},
};
use crate::domain::{AccountName, Locale, money::decimal_number};

/// An agency's settings and credentials.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Name, as travellers read it.
    pub name: String,
    /// Language of what the agency reads, and of travellers who state none.
    #[serde(deserialize_with = "locale", default)]
    pub locale: Locale,
    /// IANA time zone: what "two days before" means.
    #[serde(deserialize_with = "time_zone")]
    pub timezone: TimeZone,
    /// Currency that prices are compared in.
    pub currency: Currency,
    /// By which rates other currencies are compared with it; never what is charged.
    pub exchange: Option<ExchangeSettings>,
    /// Accounts at providers, the preferred first.
    pub providers: Vec<ProviderAccount>,
    /// The CRM; none means that outgoing webhooks are all.
    pub crm: Option<CrmSettings>,
    /// How travellers are written to.
    pub email: EmailSettings,
    /// What happens to an order that its account cannot fill.
    #[serde(default)]
    pub fail_over: FailOver,
    /// What may be done at Amadeus.
    #[serde(default)]
    pub amadeus: AmadeusSettings,
    /// The pages that advisers and travellers see.
    #[serde(default)]
    pub pages: PageSettings,
    /// How the files of the agency's other systems are read, by the name that they are sent under.
    #[serde(default)]
    pub feeds: BTreeMap<String, Feed>,
    /// How what was sold is written for a data consolidator.
    #[serde(default)]
    pub sales_export: SalesExport,
}

/// What happens to an order that its account cannot fill, as long as surely nothing was bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailOver {
    /// Who decides.
    #[serde(default)]
    pub rule: FailOverRule,
    /// How much more than the ordered plan, in percent of its price, an automatic stand-in may cost. One that costs less is always within.
    #[serde(default)]
    pub price_band_percent: u8,
}

/// Who decides that an order goes to another account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailOverRule {
    /// Nobody: an order stays at its account.
    #[default]
    Never,
    /// A person, who gets a task that names the equivalent plans.
    Ask,
    /// We: to the cheapest equivalent plan within the price band. Where there is none, a person is asked.
    Automatic,
}

impl Agency {
    /// The account of this name.
    #[must_use]
    pub fn account(&self, name: &AccountName) -> Option<&ProviderAccount> {
        self.providers.iter().find(|account| account.account == *name)
    }

    /// The account that a webhook address belongs to.
    #[must_use]
    pub fn account_by_webhook(&self, webhook_account: &str) -> Option<&ProviderAccount> {
        self.providers.iter().find(|account| account.webhook_account.as_deref() == Some(webhook_account))
    }
}

/// One account at one provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderAccount {
    /// The agency's name for it; part of every package id.
    pub account: AccountName,
    /// Which adapter speaks to it.
    pub kind: ProviderKind,
    /// Where its API is.
    pub base_url: Url,
    /// Where tokens come from, where that is not below `base_url`.
    pub token_url: Option<Url>,
    /// OAuth2 client id; eSIM Access: the access code; eSIM Go: unused, any name.
    pub client_id: String,
    /// OAuth2 client secret, or the API key; signs too, where the provider uses it so.
    pub client_secret: SecretString,
    /// Secrets that its webhooks may be signed with: the new one and, while it is being changed, the old one.
    #[serde(default)]
    pub webhook_secrets: Vec<SecretString>,
    /// The unguessable last part of this account's webhook address.
    pub webhook_account: Option<String>,
    /// Currency of the account's prices, where the provider does not say it with each; the adapter's default otherwise.
    pub currency: Option<Currency>,
    /// Version header of the reference contract.
    pub api_version: Option<String>,
    /// Lowest TLS version; 1.3 unless the provider cannot.
    #[serde(default)]
    pub minimum_tls: TlsFloor,
    /// PEM of a client certificate and its key, for providers that ask for mutual TLS.
    pub client_identity_pem: Option<SecretString>,
    /// A person is told when less credit than this is left at the provider, in the currency in which the provider keeps it. Without it
    /// the credit is not asked for.
    #[serde(default, deserialize_with = "amount")]
    pub credit_alert_below: Option<Decimal>,
    /// How Airalo is used.
    #[serde(default)]
    pub airalo: AiraloSettings,
    /// What 1GLOBAL's pages leave open.
    #[serde(default)]
    pub one_global: OneGlobalSettings,
    /// What Telna's pages leave open.
    #[serde(default)]
    pub telna: TelnaSettings,
    /// What BICS's pages leave open, and what is sold there.
    #[serde(default)]
    pub bics: BicsSettings,
}

/// The adapters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// Airalo Partner API v2.
    Airalo,
    /// BICS SIM for Things.
    Bics,
    /// Celitech API v1.
    Celitech,
    /// eSIM Access API v1.
    EsimAccess,
    /// eSIM Go API v2.x.
    EsimGo,
    /// The mission's own contract.
    Reference,
    /// 1GLOBAL (once Truphone) Connect v2.
    OneGlobal,
    /// Telna Connect Flex.
    Telna,
}

impl ProviderKind {
    /// The word for logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Airalo => "airalo",
            Self::Bics => "bics",
            Self::Celitech => "celitech",
            Self::EsimAccess => "esim-access",
            Self::EsimGo => "esim-go",
            Self::Reference => "reference",
            Self::OneGlobal => "one-global",
            Self::Telna => "telna",
        }
    }
}

/// The lowest TLS version spoken with a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum TlsFloor {
    /// A named exception, logged at start.
    #[serde(rename = "1.2")]
    Tls12,
    /// The rule.
    #[default]
    #[serde(rename = "1.3")]
    Tls13,
}

/// Which CRM, and how to reach it.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum CrmSettings {
    /// HubSpot.
    Hubspot(HubspotSettings),
    /// Salesforce.
    Salesforce(SalesforceSettings),
}

/// A Salesforce org.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SalesforceSettings {
    /// The My Domain host, `https://<domain>.my.salesforce.com`: `login.` and `test.` give no token to client credentials.
    pub base_url: Url,
    /// Consumer key of the External Client App.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// Version of the REST API.
    #[serde(default = "salesforce_version")]
    pub api_version: String,
}

fn salesforce_version() -> String {
    "v66.0".to_owned()
}

/// A HubSpot portal.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubspotSettings {
    /// `https://api.hubapi.com`.
    pub base_url: Url,
    /// Static token of a private app or service key.
    pub access_token: SecretString,
    /// `2026-09`, `2026-03` or `v3`: the path generation.
    #[serde(default = "hubspot_version")]
    pub api_version: String,
    /// Where eSIMs are kept.
    #[serde(default)]
    pub records: HubspotRecords,
}

fn hubspot_version() -> String {
    "2026-09".to_owned()
}

/// Where HubSpot keeps our records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HubspotRecords {
    /// The custom object `esim_subscription` (needs a portal that has custom objects).
    #[default]
    CustomObject,
    /// Properties on the deal, for portals without.
    DealProperties,
}

fn locale<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Locale, D::Error> {
    let tag = String::deserialize(deserializer)?;
    Locale::negotiate(&tag).ok_or_else(|| serde::de::Error::custom("must be a French or English locale such as fr-FR"))
}

fn amount<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let written = Option::<serde_json::Value>::deserialize(deserializer)?.filter(|value| !value.is_null());
    let read = |value| decimal_number::read(&value).filter(|amount| amount.is_sign_positive());
    written.map(|value| read(value).ok_or_else(|| serde::de::Error::custom("must be a number, not less than nothing"))).transpose()
}

fn time_zone<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    TimeZone::get(&name).map_err(|_| serde::de::Error::custom("must be an IANA time zone such as Europe/Paris"))
}
