//! Celitech API v1 (Other providers, Celitech).
//!
//! What its answers mean for money:
//!
//! | Celitech says | we conclude |
//! |---|---|
//! | 2xx with a purchase id and a profile | bought |
//! | 2xx with a purchase id and no readable code | taken, pending: the same request with the same key is answered with the same purchase |
//! | 2xx that cannot be read, 3xx, 408, other 5xx | unknown: the same request with the same key asks |
//! | 409 | unknown: the first request with the key is still in hand |
//! | 422 | unknown: the key was used, with another body, so that something may have been bought under it |
//! | 503 with a message | nothing happened (the store of keys was away), send again |
//! | other 4xx | refused, nothing bought; on a look-up it proves nothing |
//! | 429 | nothing happened, ask later |
//! | 401 | nothing happened, log in again |
//!
//! `Idempotency-Key` is remembered for three days; only successes are. After that the same request buys again, and a person is asked.
//!
//! Packages have no id to buy by: a purchase names destination, gigabytes and days, which our package id spells (`jp-1gb-7d`). Unlimited plans
//! are bought by dates, which would make a repeated request another request: they are not sold.

mod package_id;
mod refusals;
mod requests;
#[cfg(test)]
mod tests;
mod wire;

use iso_currency::Currency;
use jiff::Timestamp;
use secrecy::SecretString;
use std::time::Duration;
use url::Url;

use super::{
    AccessToken, Capabilities, CataloguePage, Delivery, EsimKey, EsimProvider, FindOrder, FoundOrder, Observes, PlaceOrder, Placement,
    ProvidedEsim, ProviderError, ProviderEvent, Recovery, RegisteredWebhook, Signature, TopUp, TopUpPermission, Unsupported,
    WebhookHeaders, address,
};
use crate::{
    config::ProviderAccount,
    domain::{AccountName, Country, Locale, Package, UsageReading},
    outbound::{Answer, HttpRequest},
};

/// Keys are remembered for three days (Celitech, Idempotency); two hours less, so that no clock decides about a second purchase.
const REMEMBERED: Recovery = Recovery::KeyedFor { remembered: Duration::from_secs(70 * 60 * 60) };

/// Why no webhook can be registered.
const NO_WEBHOOKS: Unsupported = Unsupported("Celitech sends no webhooks: everything is polled");

pub(super) static CAPABILITIES: Capabilities = Capabilities {
    name: "Celitech",
    recovery: REMEMBERED,
    topup_recovery: REMEMBERED,
    observes: Observes { installed: true, activated: true, expired: true, thresholds: false },
    signature: Signature::NoWebhooks,
    timestamped_webhooks: false,
    // Neither is stated. A reading takes three calls.
    usage_staleness: Duration::from_secs(5 * 60),
    usage_calls_per_minute: 20,
    delivery: Delivery::WithTheAnswer,
    credit: "not stated",
    top_up: "another plan for the same destination, where `isTopUpAllowed`",
    taking_back: "none: an eSIM can be suspended, without a refund",
    phones: "none found",
    identity: "not stated",
    tls: "not stated",
};

/// One account at Celitech.
pub struct Celitech {
    account: AccountName,
    base_url: Url,
    token_url: Url,
    client_id: String,
    client_secret: SecretString,
    currency: Currency,
}

impl Celitech {
    /// The adapter for an account.
    #[must_use]
    pub fn new(account: &ProviderAccount) -> Self {
        Self {
            account: account.account.clone(),
            base_url: account.base_url.clone(),
            token_url: account.token_url.clone().unwrap_or_else(|| token_url(&account.base_url)),
            client_id: account.client_id.clone(),
            client_secret: account.client_secret.clone(),
            currency: currency(account),
        }
    }
}

/// `https://auth.celitech.net/oauth2/token` for `https://api.celitech.net`; the same path on the same host for any other.
fn token_url(base_url: &Url) -> Url {
    let mut url = base_url.clone();
    url.set_path("/");
    if url.host_str() == Some("api.celitech.net") {
        // A host name in place of a host name is always taken.
        let _ = url.set_host(Some("auth.celitech.net"));
    }
    address::below(&url, &["oauth2", "token"])
}

/// `priceInCents` comes without a currency; the documents' examples suggest US dollars.
fn currency(account: &ProviderAccount) -> Currency {
    account.currency.unwrap_or(Currency::USD)
}

/// What is assumed where the page says "not found".
#[must_use]
pub fn assumptions(account: &ProviderAccount) -> Vec<String> {
    let set = if account.currency.is_some() { "as set" } else { "by default; set the account's `currency` otherwise" };
    vec![
        format!("prices come without a currency and are taken to be in {} ({set})", currency(account).code()),
        "no rate limit is stated: usage is read at most 20 times a minute".to_owned(),
        "regional destinations and unlimited plans are left out of the catalogue".to_owned(),
    ]
}

impl TopUpPermission for Celitech {
    fn permission(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::permission(self, esim)
    }

    fn read_permission(&self, answer: &Answer) -> Result<bool, ProviderError> {
        wire::esims::read_permission(answer)
    }
}

impl EsimProvider for Celitech {
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

    fn catalogue(&self, cursor: Option<&str>, _: Locale) -> HttpRequest {
        requests::catalogue(self, cursor)
    }

    fn read_catalogue(&self, answer: &Answer) -> Result<CataloguePage, ProviderError> {
        wire::catalogue::read(&self.account, self.currency, answer)
    }

    fn next_page(&self, _: Option<&str>, _: &Answer) -> Option<String> {
        None
    }

    fn place(&self, order: &PlaceOrder<'_>) -> HttpRequest {
        requests::place(self, order)
    }

    fn read_place(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        wire::purchases::read_place(answer)
    }

    fn find_order(&self, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
        requests::find_order(self, order)
    }

    fn read_find_order(&self, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
        wire::purchases::read_find(order, answer)
    }

    fn esim(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::esim(self, esim)
    }

    fn read_esim(&self, answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
        wire::esims::read_esim(answer)
    }

    fn usage(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::purchases_of(self, esim)
    }

    fn read_usage(&self, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
        wire::usage::read_plan(answer, now)
    }

    fn more_usage(&self, esim: EsimKey<'_>, answers: &[Answer]) -> Option<HttpRequest> {
        match answers {
            [plans] => Some(requests::consumption(self, &wire::usage::running_purchase(plans)?)),
            [_, _] => requests::esim_state(self, esim).ok(),
            _ => None,
        }
    }

    fn read_more_usage(&self, so_far: UsageReading, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
        wire::usage::read_more(so_far, answer, now)
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
        wire::purchases::read_top_up(answer)
    }

    fn register_webhook(&self, _: &str) -> Result<Vec<HttpRequest>, Unsupported> {
        Err(NO_WEBHOOKS)
    }

    fn read_register_webhook(&self, _: &Answer) -> Result<RegisteredWebhook, ProviderError> {
        Err(NO_WEBHOOKS.into())
    }

    fn verify_webhook(&self, _: &[SecretString], _: &WebhookHeaders, _: &[u8], _: Timestamp) -> bool {
        false
    }

    fn read_webhook(&self, _: &[u8], _: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
        Err(NO_WEBHOOKS.into())
    }
}
