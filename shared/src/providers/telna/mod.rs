//! Telna Connect Flex.
//!
//! What its answers mean for money:
//!
//! | Telna says | we conclude |
//! |---|---|
//! | 2xx on `POST ordering/work-orders` with an id, a fulfilled status and an activation code | bought |
//! | 2xx with an id and any other status, or no code yet | taken, pending: asked for by its id |
//! | a status that `telna.failed_statuses` names | refused, nothing bought |
//! | 2xx without an id or unreadable, 3xx, 408, 5xx | unknown: looked for among the work orders by `customer_ref` |
//! | 400 and other 4xx | refused, nothing bought |
//! | 429 | nothing happened, ask later |
//! | 401 | the key was refused, nothing happened |
//!
//! No idempotency is documented (§1), nor that `customer_ref` is unique (§2): a repeated order must be assumed to buy twice.

mod assumptions;
mod refusals;
mod requests;
mod sns;
#[cfg(test)]
mod tests;
mod webhook;
mod wire;

use jiff::Timestamp;
use secrecy::SecretString;
use std::time::Duration;
use url::Url;

use super::{
    AccessToken, Capabilities, CataloguePage, CertifiedWebhooks, Delivery, EsimKey, EsimProvider, FindOrder, FoundOrder, Observes,
    PlaceOrder, Placement, ProvidedEsim, ProviderError, ProviderEvent, Recovery, RegisteredWebhook, Signature, TopUp, Unsupported,
    WebhookHeaders,
};
use crate::{
    config::{ProviderAccount, TelnaSettings},
    domain::{AccountName, Country, Locale, Package, UsageReading},
    outbound::{Answer, HttpRequest},
};

pub(super) use assumptions::assumptions;

/// A work order may take this long to show up in the list. Telna promises nothing; two minutes is our own caution.
const LISTED_AFTER: Recovery = Recovery::ListAndMatch { visible_after: Duration::from_secs(120) };

/// §1, §4 and §5.
pub(super) static CAPABILITIES: Capabilities = Capabilities {
    name: "Telna",
    recovery: LISTED_AFTER,
    topup_recovery: LISTED_AFTER,
    // Flex's usage names no end, and the event that does cannot be believed as it stands.
    observes: Observes { installed: true, activated: true, expired: false, thresholds: false },
    // Amazon SNS signs with a certificate that must be fetched first (§4). What it signs is read back all the same.
    signature: Signature::Certificate,
    timestamped_webhooks: false,
    // Neither is documented (§1).
    usage_staleness: Duration::from_secs(15 * 60),
    usage_calls_per_minute: 60,
    delivery: Delivery::WithTheAnswer,
    credit: "not stated",
    top_up: "another work order on the SIM, once `telna.top_up_member` is confirmed and set",
    taking_back: "not found",
    phones: "none found",
    identity: "not stated",
    tls: "not stated",
};

/// One account at Telna.
pub struct Telna {
    account: AccountName,
    base_url: Url,
    key: SecretString,
    settings: TelnaSettings,
}

impl Telna {
    /// The adapter for an account; `client_secret` is the API key.
    #[must_use]
    pub fn new(account: &ProviderAccount) -> Self {
        Self {
            account: account.account.clone(),
            base_url: account.base_url.clone(),
            key: account.client_secret.clone(),
            settings: account.telna.clone(),
        }
    }
}

impl CertifiedWebhooks for Telna {
    fn certificate_url(&self, body: &[u8]) -> Option<Url> {
        sns::certificate_url(self.settings.topic_arn.as_deref()?, body)
    }

    fn holds(&self, certificate: &[u8], body: &[u8]) -> bool {
        self.settings.topic_arn.as_deref().is_some_and(|topic| sns::holds(topic, certificate, body))
    }
}

impl EsimProvider for Telna {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    /// A static key (§1).
    fn has_login(&self) -> bool {
        false
    }

    fn login(&self) -> HttpRequest {
        requests::proof(self)
    }

    fn read_login(&self, answer: &Answer) -> Result<AccessToken, ProviderError> {
        wire::read_proof(answer, &self.key)
    }

    fn authorise(&self, request: HttpRequest, _: &SecretString) -> HttpRequest {
        requests::authorise(self, request)
    }

    fn sign(&self, request: HttpRequest, _: Timestamp, _: [u8; 16]) -> HttpRequest {
        request
    }

    fn catalogue(&self, cursor: Option<&str>, _: Locale) -> HttpRequest {
        requests::products(self, "catalogue", cursor)
    }

    fn read_catalogue(&self, answer: &Answer) -> Result<CataloguePage, ProviderError> {
        wire::catalogue::read(&self.account, self.settings.top_up_member.is_some(), answer)
    }

    fn next_page(&self, _: Option<&str>, _: &Answer) -> Option<String> {
        None
    }

    fn place(&self, order: &PlaceOrder<'_>) -> HttpRequest {
        requests::place(self, order)
    }

    fn read_place(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        wire::orders::read_place(&self.settings, answer)
    }

    fn find_order(&self, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
        Ok(requests::find_order(self, order))
    }

    fn read_find_order(&self, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
        wire::find::read(&self.settings, order, answer)
    }

    fn esim(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::profile(self, "esim", esim)
    }

    fn read_esim(&self, answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
        wire::profiles::read_esim(answer)
    }

    fn usage(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::usage(self, esim)
    }

    fn read_usage(&self, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
        wire::usage::read(answer, now)
    }

    /// Usage does not know the profile: until data is used, the SM-DP+ is asked (§2, eSIM profile state).
    fn more_usage(&self, esim: EsimKey<'_>, answers: &[Answer]) -> Option<HttpRequest> {
        match answers {
            [usage] if wire::usage::is_unused(usage) => requests::profile(self, "usage", esim).ok(),
            _ => None,
        }
    }

    fn read_more_usage(&self, so_far: UsageReading, answer: &Answer, _: Timestamp) -> Result<UsageReading, ProviderError> {
        Ok(UsageReading { status: wire::profiles::read_state(answer)?, ..so_far })
    }

    /// The top-ups are the catalogue (mapping, list topup packs).
    fn topups(&self, esim: EsimKey<'_>, _: &[Country], _: Locale) -> Result<HttpRequest, Unsupported> {
        requests::iccid(esim)?;
        requests::top_up_member(self)?;
        Ok(requests::products(self, "topups", None))
    }

    fn read_topups(&self, answer: &Answer, countries: &[Country]) -> Result<Vec<Package>, ProviderError> {
        wire::catalogue::read_topups(&self.account, answer, countries)
    }

    fn top_up(&self, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
        requests::top_up(self, top_up)
    }

    fn read_top_up(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        wire::orders::read_top_up(&self.settings, answer)
    }

    fn register_webhook(&self, _: &str) -> Result<Vec<HttpRequest>, Unsupported> {
        Err(Unsupported("Telna's business team sets up the events (Amazon SNS): send them the address"))
    }

    fn read_register_webhook(&self, _: &Answer) -> Result<RegisteredWebhook, ProviderError> {
        Err(Unsupported("Telna's business team sets up the events").into())
    }

    /// Nothing to be checked without the certificate ([`CertifiedWebhooks`]): in accounts that name no topic the unguessable address is all
    /// that tells Telna from anybody.
    fn verify_webhook(&self, _: &[SecretString], _: &WebhookHeaders, _: &[u8], _: Timestamp) -> bool {
        true
    }

    fn read_webhook(&self, body: &[u8], _: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
        webhook::read(self.settings.topic_arn.as_deref(), body)
    }
}
