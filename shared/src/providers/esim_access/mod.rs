//! eSIM Access API v1. Every call is a POST, and errors come with HTTP 200.
//!
//! What its answers mean for money:
//!
//! | eSIM Access says | we conclude |
//! |---|---|
//! | `success` with an order number | taken: profiles are allocated within 30 seconds, and asked for by that number |
//! | listed with an `ac` (activation code) | bought |
//! | 200010, or listed without `ac` | pending |
//! | listed as `CANCEL` | taken back and refunded: nothing bought |
//! | 000001, 900001, 200010 on a purchase, 5xx, 408, 3xx, an envelope that cannot be read | unknown: the same request with the same `transactionId` asks |
//! | 101001, 101003, 401 | a bad signature, looked at before anything else: nothing happened |
//! | any other error code, also a new one | refused, nothing bought |
//! | 429 | nothing happened, ask later |
//!
//! A repeated order with the same `transactionId` "is identified as the same request". Nothing says so of a repeated top-up: one whose
//! outcome is unknown is given to a person.
//!
//! ICCIDs are used again for other eSIMs: everything is keyed by `esimTranNo`.

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
    ProvidedEsim, ProviderError, ProviderEvent, Recovery, RegisteredWebhook, Signature, TopUp, Unsupported, WebhookHeaders,
};
use crate::{
    config::ProviderAccount,
    domain::{AccountName, Country, Locale, Package, UsageReading},
    outbound::{Answer, HttpRequest},
};

/// Usage is refreshed every two to three hours.
const STALENESS: Duration = Duration::from_secs(3 * 60 * 60);

pub(super) static CAPABILITIES: Capabilities = Capabilities {
    name: "eSIM Access",
    recovery: Recovery::Keyed,
    topup_recovery: Recovery::None,
    // 50, 80 and 90 % are pushed, hours late and unsigned.
    observes: Observes { installed: true, activated: true, expired: true, thresholds: false },
    signature: Signature::None,
    timestamped_webhooks: false,
    // A little more, so that what is asked for then was measured after what made us ask.
    usage_staleness: Duration::from_secs(STALENESS.as_secs() + 5 * 60),
    // 8 a second for all calls; a reading takes two.
    usage_calls_per_minute: 120,
    delivery: Delivery::Later,
    credit: "told by webhook",
    top_up: "plans that are listed for the eSIM, where `supportTopUpType` allows it",
    taking_back: "an unused eSIM is cancelled (`/esim/cancel`)",
    phones: "none found",
    identity: "not stated",
    tls: "not stated",
};

/// One account at eSIM Access.
pub struct EsimAccess {
    account: AccountName,
    base_url: Url,
    access_code: String,
    secret_key: SecretString,
}

impl EsimAccess {
    /// The adapter for an account: `client_id` is the access code, `client_secret` the secret key that requests are signed with. Without a
    /// secret key the access code goes alone, which eSIM Access takes, too.
    #[must_use]
    pub fn new(account: &ProviderAccount) -> Self {
        Self {
            account: account.account.clone(),
            base_url: account.base_url.clone(),
            access_code: account.client_id.clone(),
            secret_key: account.client_secret.clone(),
        }
    }
}

/// What is assumed where the page says "not found".
#[must_use]
pub fn assumptions(_: &ProviderAccount) -> Vec<String> {
    [
        "a repeated order with the same transactionId is answered with the same orderNo, as documented, for good",
        "nothing says so of a repeated top-up: one whose outcome is unknown is given to a person",
        "webhooks are unsigned: they only make us look; allow-list the sender's addresses where that is possible",
        "supportTopUpType of 2 and more is taken for an eSIM that can be topped up; plans with a daily limit are left out of the catalogue",
    ]
    .map(str::to_owned)
    .to_vec()
}

impl EsimProvider for EsimAccess {
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
        request.header("rt-accesscode", &self.access_code)
    }

    fn sign(&self, request: HttpRequest, at: Timestamp, once: [u8; 16]) -> HttpRequest {
        signature::signed(request, &self.access_code, &self.secret_key, at, once)
    }

    fn catalogue(&self, _: Option<&str>, _: Locale) -> HttpRequest {
        requests::catalogue(self)
    }

    fn read_catalogue(&self, answer: &Answer) -> Result<CataloguePage, ProviderError> {
        wire::catalogue::read(&self.account, answer)
    }

    fn next_page(&self, _: Option<&str>, _: &Answer) -> Option<String> {
        None
    }

    fn place(&self, order: &PlaceOrder<'_>) -> HttpRequest {
        requests::place(self, "place_order", order.provider_package_id, order.reference)
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
        requests::query(self, "esim", esim)
    }

    fn read_esim(&self, answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
        wire::esims::read_esim(answer)
    }

    fn usage(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::query(self, "usage", esim)
    }

    fn read_usage(&self, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
        wire::usage::read_state(answer, now)
    }

    fn more_usage(&self, _: EsimKey<'_>, answers: &[Answer]) -> Option<HttpRequest> {
        match answers {
            [state] => Some(requests::measured(self, &wire::esims::transaction_number(state)?)),
            _ => None,
        }
    }

    fn read_more_usage(&self, so_far: UsageReading, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
        wire::usage::read_measured(so_far, answer, now)
    }

    fn topups(&self, esim: EsimKey<'_>, _: &[Country], _: Locale) -> Result<HttpRequest, Unsupported> {
        requests::topups(self, esim)
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
        Ok(vec![requests::register_webhook(self, url)])
    }

    fn read_register_webhook(&self, answer: &Answer) -> Result<RegisteredWebhook, ProviderError> {
        wire::read_register_webhook(answer)
    }

    /// Nothing is signed: the unguessable address is all that tells the provider from anybody. So nothing that is said is believed.
    fn verify_webhook(&self, _: &[SecretString], _: &WebhookHeaders, _: &[u8], _: Timestamp) -> bool {
        true
    }

    fn read_webhook(&self, body: &[u8], _: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
        webhook::read(body)
    }
}
