//! 1GLOBAL (once Truphone) Connect v2.
//!
//! What its answers mean for money:
//!
//! | 1GLOBAL says | we conclude |
//! |---|---|
//! | 2xx on `POST v2/orders` with an id, `ACCEPTED`, `FULFILLING` or any new word | taken, pending: asked for by its id |
//! | `COMPLETED` with `output` | bought |
//! | `FAILED` | refused, nothing bought |
//! | 2xx without an id or unreadable, 3xx, 408, 5xx | unknown: looked for among the subscriptions by our e-mail alias |
//! | 406 (quota), other 4xx | refused, nothing bought |
//! | 429 | nothing happened, ask later |
//! | 401 | nothing happened, log in again |
//!
//! There is no idempotency key, no reference of ours and no list of orders (§1, Idempotency; §8.3). An order whose reply was lost may
//! be under way for any time before its subscription shows: finding it proves the purchase, not finding it proves nothing.

mod assumptions;
mod refusals;
mod requests;
#[cfg(test)]
mod tests;
mod webhook;
mod wire;

use jiff::Timestamp;
use secrecy::SecretString;
use std::time::Duration;
use url::Url;

use super::{
    AccessToken, Capabilities, CataloguePage, Delivery, EsimKey, EsimProvider, EsimWebhooks, FindOrder, FoundOrder, Observes, PlaceOrder,
    Placement, ProvidedEsim, ProviderError, ProviderEvent, Recovery, RegisteredWebhook, Signature, TopUp, Unsupported, WebhookHeaders,
};
use crate::{
    config::{OneGlobalSettings, ProviderAccount},
    domain::{AccountName, Country, Locale, Package, UsageReading},
    outbound::{Answer, HttpRequest},
    security::basic,
};

pub(super) use assumptions::assumptions;

/// No delivery time is documented (§8.2): half an hour is our own patience before a person is asked.
const FOUND_BY_ALIAS: Recovery = Recovery::FindOnly { look_for: Duration::from_secs(30 * 60) };

/// §1 and §4.
pub(super) static CAPABILITIES: Capabilities = Capabilities {
    name: "1GLOBAL",
    recovery: FOUND_BY_ALIAS,
    topup_recovery: FOUND_BY_ALIAS,
    // 80 % is pushed, 100 % is not told apart from the end of time, and neither is signed: thresholds are derived from usage.
    observes: Observes { installed: true, activated: true, expired: true, thresholds: false },
    signature: Signature::None,
    timestamped_webhooks: false,
    // Not stated; a quarter of an hour keeps a burst of hints from being a burst of calls.
    usage_staleness: Duration::from_secs(15 * 60),
    // 1,000 a minute per endpoint (dated API, M); half of it, because the profile is asked for too.
    usage_calls_per_minute: 500,
    delivery: Delivery::Later,
    credit: "not stated",
    top_up: "another product on the SIM",
    taking_back: "an unused SIM is deleted (`DELETE /v2/sims/{iccid}`)",
    phones: "none found",
    identity: "not stated",
    tls: "not stated",
};

/// One account at 1GLOBAL.
pub struct OneGlobal {
    account: AccountName,
    base_url: Url,
    token_url: Url,
    client_id: String,
    client_secret: SecretString,
    webhook_secrets: Vec<SecretString>,
    settings: OneGlobalSettings,
}

impl OneGlobal {
    /// The adapter for an account. Pre-production differs by its base URL only.
    #[must_use]
    pub fn new(account: &ProviderAccount) -> Self {
        Self {
            account: account.account.clone(),
            base_url: account.base_url.clone(),
            token_url: account.token_url.clone().unwrap_or_else(|| requests::token_url(&account.base_url)),
            client_id: account.client_id.clone(),
            client_secret: account.client_secret.clone(),
            webhook_secrets: account.webhook_secrets.clone(),
            settings: account.one_global.clone(),
        }
    }
}

impl EsimProvider for OneGlobal {
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

    /// `X-Correlation-ID` is required, and another for each request (§1).
    fn sign(&self, request: HttpRequest, _: Timestamp, once: [u8; 16]) -> HttpRequest {
        requests::correlated(request, once)
    }

    fn catalogue(&self, cursor: Option<&str>, _locale: Locale) -> HttpRequest {
        requests::catalogue(self, "catalogue", cursor)
    }

    fn read_catalogue(&self, answer: &Answer) -> Result<CataloguePage, ProviderError> {
        wire::catalogue::read(&self.account, &self.settings.footprints, answer)
    }

    fn next_page(&self, _: Option<&str>, _: &Answer) -> Option<String> {
        None
    }

    fn place(&self, order: &PlaceOrder<'_>) -> HttpRequest {
        requests::place(self, order)
    }

    fn read_place(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        wire::orders::read_place(&self.settings.smdp_address, answer)
    }

    fn find_order(&self, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
        requests::find_order(self, order)
    }

    fn read_find_order(&self, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
        wire::find::read(&self.settings, order, answer)
    }

    fn esim(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::sim(self, "esim", esim)
    }

    fn read_esim(&self, answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
        wire::sims::read_esim(&self.settings.smdp_address, answer)
    }

    fn usage(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::usage(self, esim)
    }

    fn read_usage(&self, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
        wire::usage::read(answer, now)
    }

    /// Subscriptions do not know the profile: until a plan runs, the SIM is asked whether it is on a device.
    fn more_usage(&self, esim: EsimKey<'_>, answers: &[Answer]) -> Option<HttpRequest> {
        match answers {
            [plans] if wire::usage::waits(plans) => requests::sim(self, "usage", esim).ok(),
            _ => None,
        }
    }

    fn read_more_usage(&self, so_far: UsageReading, answer: &Answer, _: Timestamp) -> Result<UsageReading, ProviderError> {
        Ok(UsageReading { status: wire::sims::read_state(answer)?, ..so_far })
    }

    /// The top-ups are the catalogue (mapping, list topup packs).
    fn topups(&self, esim: EsimKey<'_>, _: &[Country], _locale: Locale) -> Result<HttpRequest, Unsupported> {
        requests::iccid(esim)?;
        Ok(requests::catalogue(self, "topups", None))
    }

    fn read_topups(&self, answer: &Answer, countries: &[Country]) -> Result<Vec<Package>, ProviderError> {
        wire::catalogue::read_topups(&self.account, &self.settings.footprints, answer, countries)
    }

    fn top_up(&self, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
        requests::top_up(self, top_up)
    }

    fn read_top_up(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        wire::orders::read_top_up(answer)
    }

    fn register_webhook(&self, _url: &str) -> Result<Vec<HttpRequest>, Unsupported> {
        Err(Unsupported("1GLOBAL takes webhooks for each eSIM: they are registered after each order"))
    }

    fn read_register_webhook(&self, answer: &Answer) -> Result<RegisteredWebhook, ProviderError> {
        wire::read_register_webhook(answer)
    }

    /// Nothing is signed: what arrives is a hint. Where HTTP Basic was arranged with 1GLOBAL (§4), it must be there.
    fn verify_webhook(&self, secrets: &[SecretString], headers: &WebhookHeaders, _body: &[u8], _now: Timestamp) -> bool {
        basic::shows_one_of(self.webhook_secrets.iter().chain(secrets), headers)
    }

    fn read_webhook(&self, body: &[u8], _now: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
        webhook::read(body)
    }
}

impl EsimWebhooks for OneGlobal {
    fn register_esim_webhooks(&self, esim: EsimKey<'_>, url: &str) -> Result<Vec<HttpRequest>, Unsupported> {
        requests::register_esim_webhooks(self, esim, url)
    }
}
