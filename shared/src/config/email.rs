//! How travellers are written to: one mail service an agency.

use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

use crate::domain::EmailAddress;

/// The mail service, and what it tells us afterwards.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum EmailSettings {
    /// SendGrid v3.
    Sendgrid(SendgridSettings),
    /// Mailjet Send API v3.1.
    Mailjet(MailjetSettings),
}

/// An account at SendGrid.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendgridSettings {
    /// `https://api.sendgrid.com`, or the EU host.
    pub base_url: Url,
    /// `SG.…`.
    pub api_key: SecretString,
    /// A verified sender.
    pub from: Sender,
    /// The agency's own dynamic templates by kind of mail (`delivery`, `topup_reminder`), optionally with a language: `delivery.en`.
    #[serde(default)]
    pub template_ids: BTreeMap<String, String>,
    /// Mails are checked by the service and go nowhere.
    #[serde(default)]
    pub sandbox: bool,
    /// The unguessable last part of the address that the service's events are sent to.
    #[serde(default)]
    pub webhook_account: Option<String>,
    /// Public keys of the event webhook as SendGrid shows them (base64): the new one and, while it is being changed, the old one.
    /// Without one, no event is believed.
    #[serde(default)]
    pub webhook_public_keys: Vec<String>,
}

/// An account at Mailjet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailjetSettings {
    /// `https://api.mailjet.com`, or the US host.
    pub base_url: Url,
    /// The public half of the key pair.
    pub api_key: SecretString,
    /// The private half.
    pub secret_key: SecretString,
    /// A verified sender.
    pub from: Sender,
    /// The agency's own templates by kind of mail (`delivery`, `topup_reminder`), optionally with a language: `delivery.en`.
    #[serde(default)]
    pub template_ids: BTreeMap<String, u64>,
    /// Mails are checked by the service and go nowhere.
    #[serde(default)]
    pub sandbox: bool,
    /// The unguessable last part of the address that the service's events are sent to.
    #[serde(default)]
    pub webhook_account: Option<String>,
    /// `user:password` pairs of HTTP Basic, as they stand in the address that Mailjet was given: Mailjet signs nothing.
    #[serde(default)]
    pub webhook_secrets: Vec<SecretString>,
}

impl EmailSettings {
    /// Who the mail comes from, and who is answered.
    #[must_use]
    pub fn sender(&self) -> &Sender {
        match self {
            Self::Sendgrid(settings) => &settings.from,
            Self::Mailjet(settings) => &settings.from,
        }
    }

    /// The last part of the address for the service's events, where the agency wants them.
    #[must_use]
    pub fn webhook_account(&self) -> Option<&str> {
        match self {
            Self::Sendgrid(settings) => settings.webhook_account.as_deref(),
            Self::Mailjet(settings) => settings.webhook_account.as_deref(),
        }
    }
}

/// Who the mail comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// Address.
    pub email: EmailAddress,
    /// Name; the agency's when absent.
    pub name: Option<String>,
}
