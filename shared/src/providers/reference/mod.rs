//! The reference contract: the mission's own endpoints, spoken as a client.
//!
//! What a provider's answers mean for money:
//!
//! | the provider says | we conclude |
//! |---|---|
//! | 2xx, `placed` or `delivered`, with an `esim_id` | bought |
//! | 2xx, any other status (also a new one), or no `esim_id` yet | taken, pending: the same request with the same key asks again |
//! | 2xx, `rejected` | refused, nothing bought |
//! | 2xx that cannot be read, 3xx, 408, 409 without a code of ours, 425, 5xx | unknown: the same request with the same key asks |
//! | other 4xx | refused, nothing bought |
//! | 429 | nothing happened, ask later |
//! | 401 | nothing happened, log in again |
//!
//! The contract has `X-Idempotency-Key`: the same key is answered with the same order, so that asking is sending again.

mod refusals;
mod requests;
mod signature;
#[cfg(test)]
mod tests;
mod webhook;
mod wire;

use jiff::Timestamp;
use secrecy::SecretString;
use std::time::Duration;
use url::Url;

use super::{
    AccessToken, Capabilities, CataloguePage, Delivery, EsimKey, EsimProvider, FindOrder, FoundOrder, Observes, PlaceOrder, Placement,
    ProvidedEsim, ProviderError, ProviderEvent, Recovery, RegisteredWebhook, Signature, TopUp, Unsupported, WebhookHeaders, address,
};
use crate::{
    config::ProviderAccount,
    domain::{AccountName, Country, Locale, Package, UsageReading},
    outbound::{Answer, HttpRequest},
};

/// The version that the mission fixes.
const API_VERSION: &str = "2024-10";

pub(super) static CAPABILITIES: Capabilities = Capabilities {
    name: "Reference",
    recovery: Recovery::Keyed,
    topup_recovery: Recovery::Keyed,
    observes: Observes { installed: true, activated: true, expired: true, thresholds: true },
    signature: Signature::Hmac,
    timestamped_webhooks: true,
    // The contract calls usage real-time; a minute keeps a burst of webhooks from being a burst of calls.
    usage_staleness: Duration::from_secs(60),
    // The contract states no limit; one a second is our own manners.
    usage_calls_per_minute: 60,
    delivery: Delivery::WithTheAnswer,
    credit: "not part of the contract",
    top_up: "plans that are listed for the eSIM",
    taking_back: "not part of the contract",
    phones: "not part of the contract",
    identity: "not part of the contract",
    tls: "1.3",
};

/// One account at a provider that speaks the contract.
pub struct Reference {
    account: AccountName,
    base_url: Url,
    token_url: Url,
    client_id: String,
    client_secret: SecretString,
    webhook_secrets: Vec<SecretString>,
    api_version: String,
}

impl Reference {
    /// The adapter for an account.
    #[must_use]
    pub fn new(account: &ProviderAccount) -> Self {
        Self {
            account: account.account.clone(),
            base_url: account.base_url.clone(),
            token_url: account.token_url.clone().unwrap_or_else(|| address::below(&account.base_url, &["oauth", "token"])),
            client_id: account.client_id.clone(),
            client_secret: account.client_secret.clone(),
            webhook_secrets: account.webhook_secrets.clone(),
            api_version: account.api_version.clone().unwrap_or_else(|| API_VERSION.to_owned()),
        }
    }
}

impl EsimProvider for Reference {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn has_login(&self) -> bool {
        true
    }

    fn login(&self) -> HttpRequest {
        requests::login(self)
    }

    fn read_login(&self, answer: &Answer) -> Result<AccessToken, ProviderError> {
        wire::read_login(answer)
    }

    fn authorise(&self, request: HttpRequest, token: &SecretString) -> HttpRequest {
        requests::authorise(request, token)
    }

    fn sign(&self, request: HttpRequest, _: Timestamp, _: [u8; 16]) -> HttpRequest {
        request
    }

    fn catalogue(&self, cursor: Option<&str>, locale: Locale) -> HttpRequest {
        requests::catalogue(self, cursor, locale)
    }

    fn read_catalogue(&self, answer: &Answer) -> Result<CataloguePage, ProviderError> {
        wire::catalogue::read(&self.account, answer)
    }

    fn next_page(&self, _: Option<&str>, _: &Answer) -> Option<String> {
        None
    }

    fn place(&self, order: &PlaceOrder<'_>) -> HttpRequest {
        requests::place(self, order)
    }

    fn read_place(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        wire::orders::read_place(answer)
    }

    fn find_order(&self, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
        requests::find_order(self, order)
    }

    fn read_find_order(&self, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
        wire::orders::read_find(order, answer)
    }

    fn esim(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::esim(self, esim)
    }

    fn read_esim(&self, answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
        wire::esims::read_esim(answer)
    }

    fn usage(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::usage(self, esim)
    }

    fn read_usage(&self, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
        wire::esims::read_usage(answer, now)
    }

    fn more_usage(&self, _: EsimKey<'_>, _: &[Answer]) -> Option<HttpRequest> {
        None
    }

    fn read_more_usage(&self, so_far: UsageReading, _: &Answer, _: Timestamp) -> Result<UsageReading, ProviderError> {
        Ok(so_far)
    }

    fn topups(&self, esim: EsimKey<'_>, _: &[Country], locale: Locale) -> Result<HttpRequest, Unsupported> {
        requests::topups(self, esim, locale)
    }

    fn read_topups(&self, answer: &Answer, countries: &[Country]) -> Result<Vec<Package>, ProviderError> {
        wire::catalogue::read_topups(&self.account, answer, countries)
    }

    fn top_up(&self, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
        requests::top_up(self, top_up)
    }

    fn read_top_up(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        wire::orders::read_top_up(answer)
    }

    fn register_webhook(&self, url: &str) -> Result<Vec<HttpRequest>, Unsupported> {
        Ok(requests::register_webhook(self, url))
    }

    fn read_register_webhook(&self, answer: &Answer) -> Result<RegisteredWebhook, ProviderError> {
        wire::read_register_webhook(answer)
    }

    fn verify_webhook(&self, secrets: &[SecretString], headers: &WebhookHeaders, body: &[u8], now: Timestamp) -> bool {
        webhook::verify(self.webhook_secrets.iter().chain(secrets), headers, body, now)
    }

    fn read_webhook(&self, body: &[u8], now: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
        webhook::read(body, now)
    }
}
