//! eSIM Go API v2.x.
//!
//! What its answers mean for money:
//!
//! | eSIM Go says | we conclude |
//! |---|---|
//! | 200 on `POST /orders` with an order reference and an eSIM | bought |
//! | 200 with an order reference and no eSIM yet | taken, pending: asked for by that reference |
//! | 200 that cannot be read, 3xx, 408, 5xx (503: still processing) | unknown: looked up before anything else |
//! | 403 `Forbidden`, 401 | a bad key: nothing happened |
//! | any other 4xx | refused, nothing bought |
//! | 429 | nothing happened, ask later |
//!
//! There is no idempotency, and an order carries nothing of ours. One whose outcome is unknown is looked for by its time and bundle
//! ([`super::Recovery::ListByTime`]): an order that none of ours has claimed is taken, and absence seen twice after ten minutes proves that
//! nothing was bought. So the account must have no other buyer.

mod refusals;
mod requests;
mod signature;
#[cfg(test)]
mod tests;
mod webhook;
mod wire;

use iso_currency::Currency;
use jiff::Timestamp;
use secrecy::SecretString;
use std::time::Duration;
use url::Url;

use super::{
    AccessToken, Capabilities, CataloguePage, Delivery, EsimKey, EsimProvider, FindOrder, FoundOrder, Observes, PlaceOrder, Placement,
    ProvidedEsim, ProviderError, ProviderEvent, Recovery, RegisteredWebhook, Signature, TopUp, Unsupported, WebhookHeaders,
};
use crate::{
    config::ProviderAccount,
    domain::{AccountName, Country, Locale, Package, UsageReading},
    outbound::{Answer, HttpRequest},
};

/// An order may take this long to show up. eSIM Go promises nothing; a bundle may be processed for ten minutes (eSIM Go, bundleState).
const LISTED_AFTER: Recovery = Recovery::ListByTime { visible_after: Duration::from_secs(10 * 60) };

/// Why no webhook can be registered.
const PORTAL: Unsupported = Unsupported(
    "eSIM Go takes the callback URL in its portal only: Account Settings, API Details, with callback version V3, which is signed with the API key",
);

pub(super) static CAPABILITIES: Capabilities = Capabilities {
    name: "eSIM Go",
    recovery: LISTED_AFTER,
    topup_recovery: LISTED_AFTER,
    // Alerts come at what the portal is set to, not at 80 and 100 %.
    observes: Observes { installed: true, activated: true, expired: true, thresholds: false },
    signature: Signature::Hmac,
    timestamped_webhooks: false,
    // Not stated.
    usage_staleness: Duration::from_secs(5 * 60),
    // 10 a second for all calls from one address; a reading takes two, and orders must find room.
    usage_calls_per_minute: 150,
    delivery: Delivery::WithTheAnswer,
    credit: "told by webhook",
    top_up: "another bundle for the same countries, used after the first",
    taking_back: "an unused bundle is revoked, or refunded to the inventory, in the portal",
    phones: "none found",
    identity: "not stated",
    tls: "not stated",
};

/// One organisation at eSIM Go.
pub struct EsimGo {
    account: AccountName,
    base_url: Url,
    api_key: SecretString,
    webhook_secrets: Vec<SecretString>,
    currency: Currency,
}

impl EsimGo {
    /// The adapter for an account: `base_url` holds the version (`https://api.esim-go.com/v2.5`), `client_secret` the API key.
    #[must_use]
    pub fn new(account: &ProviderAccount) -> Self {
        Self {
            account: account.account.clone(),
            base_url: account.base_url.clone(),
            api_key: account.client_secret.clone(),
            webhook_secrets: account.webhook_secrets.clone(),
            currency: currency(account),
        }
    }
}

/// Prices are in the organisation's currency, which the catalogue does not name.
fn currency(account: &ProviderAccount) -> Currency {
    account.currency.unwrap_or(Currency::USD)
}

/// What is assumed where the page says "not found" or contradicts itself.
#[must_use]
pub fn assumptions(account: &ProviderAccount) -> Vec<String> {
    let set = if account.currency.is_some() { "as set" } else { "by default; set the account's `currency` otherwise" };
    vec![
        format!("prices are in the organisation's currency, taken to be {} ({set})", currency(account).code()),
        "orders carry no reference of ours: nobody else may buy from this organisation".to_owned(),
        "top-ups are applied from the organisation's inventory or credit (POST /esims/apply)".to_owned(),
        "callbacks must be set to V3 in the portal; they are signed with the API key, so that both change at once: keep the old key in `webhook_secrets` for a day".to_owned(),
    ]
}

impl EsimProvider for EsimGo {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn has_login(&self) -> bool {
        false
    }

    fn login(&self) -> HttpRequest {
        requests::proof(self)
    }

    fn read_login(&self, answer: &Answer) -> Result<AccessToken, ProviderError> {
        wire::read_proof(answer)
    }

    fn authorise(&self, request: HttpRequest, _: &SecretString) -> HttpRequest {
        requests::authorise(request, &self.api_key)
    }

    fn sign(&self, request: HttpRequest, _: Timestamp, _: [u8; 16]) -> HttpRequest {
        request
    }

    fn catalogue(&self, cursor: Option<&str>, _: Locale) -> HttpRequest {
        requests::catalogue(self, cursor)
    }

    fn read_catalogue(&self, answer: &Answer) -> Result<CataloguePage, ProviderError> {
        wire::catalogue::read(&self.account, self.currency, answer)
    }

    fn next_page(&self, cursor: Option<&str>, answer: &Answer) -> Option<String> {
        wire::catalogue::next_page(cursor, answer)
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
        wire::find::read(order, answer)
    }

    fn esim(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::esim(self, esim)
    }

    fn read_esim(&self, answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
        wire::esims::read_esim(answer)
    }

    fn usage(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::bundles(self, "usage", esim)
    }

    fn read_usage(&self, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
        wire::usage::read(answer, now)
    }

    fn more_usage(&self, esim: EsimKey<'_>, answers: &[Answer]) -> Option<HttpRequest> {
        match answers {
            [bundles] if wire::usage::is_waiting(bundles) => requests::profile(self, esim).ok(),
            _ => None,
        }
    }

    fn read_more_usage(&self, so_far: UsageReading, answer: &Answer, _: Timestamp) -> Result<UsageReading, ProviderError> {
        wire::usage::with_profile(so_far, answer)
    }

    fn topups(&self, _: EsimKey<'_>, countries: &[Country], _: Locale) -> Result<HttpRequest, Unsupported> {
        requests::topups(self, countries)
    }

    fn read_topups(&self, answer: &Answer, countries: &[Country]) -> Result<Vec<Package>, ProviderError> {
        wire::catalogue::read_topups(&self.account, self.currency, answer, countries)
    }

    fn top_up(&self, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
        requests::top_up(self, top_up)
    }

    fn read_top_up(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        wire::orders::read_top_up(answer)
    }

    fn register_webhook(&self, _: &str) -> Result<Vec<HttpRequest>, Unsupported> {
        Err(PORTAL)
    }

    fn read_register_webhook(&self, _: &Answer) -> Result<RegisteredWebhook, ProviderError> {
        Err(PORTAL.into())
    }

    fn verify_webhook(&self, secrets: &[SecretString], headers: &WebhookHeaders, body: &[u8], _: Timestamp) -> bool {
        let all = std::iter::once(&self.api_key).chain(&self.webhook_secrets).chain(secrets);
        signature::holds_with_any(all, headers, body)
    }

    fn read_webhook(&self, body: &[u8], now: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
        webhook::read(body, now)
    }
}
