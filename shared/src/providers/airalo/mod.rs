//! Airalo Partner API v2.
//!
//! What its answers mean for money:
//!
//! | Airalo says | we conclude |
//! |---|---|
//! | 200 on `POST orders` with an order id and an eSIM | bought |
//! | 2xx with an order or request id and no eSIM yet | taken, pending: asked for by `description` |
//! | 2xx that cannot be read, 3xx, 408, 5xx, code 53 ("unexpected") | unknown: looked up by `description` before anything else |
//! | 422 with any other code or field, 403, 404, other 4xx | refused, nothing bought |
//! | 429 | nothing happened, ask later |
//! | 401 | nothing happened, log in again |
//! | listed as `completed` or `partially_refunded` | bought (we order one eSIM a time: a partial refund leaves it standing) |
//! | listed as `failed` or `refunded` | nothing bought, or the credit was given back |
//! | listed with another status | pending: a new word is never a failure |
//!
//! Airalo has no idempotency key: a repeated `POST orders` must be assumed to buy twice.
//!
//! With the account's setting `airalo: {"orders": "async"}` eSIMs are ordered by `POST orders-async`: 202 with a request id is taken, and
//! whatever becomes of it comes later, by webhook and in the same list. As nothing says how much later, an order that is missing from the
//! list is then never taken for one that was not made.
//!
//! With `airalo: {"future_orders": true}` an order may be made for a later day (`POST future-orders`). What is not carried out yet stands in
//! a list of its own, by status: `pending` and `retry` are taken, `failed` is nothing bought. Absence from it proves nothing either.
//!
//! What the API has and is not used: vouchers.
//!
//! Installation steps and compatible devices are read when the traveller's page is asked for them ([`InstallSteps`], [`PhoneList`]). They
//! stand beside our own steps, which need no answer of Airalo's. Browsers on Android no longer name their phone: the traveller types its
//! model, and a model that is not listed proves nothing.

mod future;
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
    AccessToken, Capabilities, CataloguePage, CreditBalance, Delivery, EsimKey, EsimProvider, FindOrder, FoundOrder, InstallSteps,
    Instructions, Observes, Phone, PhoneList, PlaceOrder, Placement, PlanHistory, ProvidedEsim, ProviderError, ProviderEvent, Recovery,
    Refunds, RegisteredWebhook, Signature, TopUp, Unsupported, WebhookHeaders,
};
use crate::{
    config::{AiraloOrders, ProviderAccount, RefundSettings},
    domain::{AccountName, Country, Locale, Money, OrderId, Package, UsageReading},
    outbound::{Answer, HttpRequest},
};

/// An order may take this long to show up in `GET orders`. Airalo promises nothing; two minutes is our own caution.
const LISTED_AFTER: Recovery = Recovery::ListAndMatch { visible_after: Duration::from_secs(120) };

/// Airalo Partner API v2, limits and adapter checklist.
pub(super) static CAPABILITIES: Capabilities = Capabilities {
    name: "Airalo",
    recovery: LISTED_AFTER,
    topup_recovery: LISTED_AFTER,
    // Installed is not observable for plans that start with first use; Airalo pushes 75 and 90 %, not 80 and 100.
    observes: Observes { installed: false, activated: true, expired: true, thresholds: false },
    signature: Signature::Hmac,
    timestamped_webhooks: false,
    usage_staleness: Duration::from_secs(20 * 60),
    // 5 a second and company.
    usage_calls_per_minute: 300,
    delivery: Delivery::WithTheAnswer,
    credit: "told by webhook, and read every hour where the account sets `credit_alert_below`",
    top_up: "plans that are listed for the eSIM; the end moves",
    taking_back: "a request for a refund, which Airalo reviews (`POST refund`); for cancelled trips by itself, where `airalo.refunds` is set; \
                  a future order is cancelled with its trip, until a day before it is due",
    phones: "the steps for an eSIM in the traveller's language (`GET sims/{iccid}/instructions`), and the phones that take eSIMs \
             (`GET compatible-devices-lite`), both on the traveller's page",
    identity: "plans marked `is_kyc_verify`, which ask for more outside the API, are left out",
    tls: "not stated",
};

/// The same for accounts that order asynchronously.
static ASYNCHRONOUS: Capabilities =
    Capabilities { recovery: LISTED_AFTER.without_proof_of_absence(), delivery: Delivery::Later, ..CAPABILITIES };

/// One account at Airalo.
pub struct Airalo {
    account: AccountName,
    base_url: Url,
    client_id: String,
    client_secret: SecretString,
    webhook_secrets: Vec<SecretString>,
    orders: AiraloOrders,
    refunds: Option<RefundSettings>,
}

impl Airalo {
    /// The adapter for an account. Sandbox and production differ by their credentials only.
    #[must_use]
    pub fn new(account: &ProviderAccount) -> Self {
        Self {
            account: account.account.clone(),
            base_url: account.base_url.clone(),
            client_id: account.client_id.clone(),
            client_secret: account.client_secret.clone(),
            webhook_secrets: account.webhook_secrets.clone(),
            orders: account.airalo.orders,
            refunds: account.airalo.refunds.clone(),
        }
    }
}

impl CreditBalance for Airalo {
    fn credit(&self) -> HttpRequest {
        requests::balance(self)
    }

    fn read_credit(&self, answer: &Answer) -> Result<Money, ProviderError> {
        wire::balance::read(answer)
    }
}

impl PlanHistory for Airalo {
    fn history(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::history(self, esim)
    }

    fn read_history(&self, answer: &Answer) -> Result<Option<Timestamp>, ProviderError> {
        wire::history::read(answer)
    }
}

impl InstallSteps for Airalo {
    fn instructions(&self, esim: EsimKey<'_>, locale: Locale) -> Result<HttpRequest, Unsupported> {
        requests::instructions(self, esim, locale)
    }

    fn read_instructions(&self, answer: &Answer) -> Result<Instructions, ProviderError> {
        wire::instructions::read(answer)
    }
}

impl PhoneList for Airalo {
    fn compatible_devices(&self) -> HttpRequest {
        requests::compatible_devices(self)
    }

    fn read_compatible_devices(&self, answer: &Answer) -> Result<Vec<Phone>, ProviderError> {
        wire::devices::read(answer)
    }
}

impl Refunds for Airalo {
    fn refund(&self, esim: EsimKey<'_>, reference: &OrderId) -> Result<HttpRequest, Unsupported> {
        requests::refund(self, esim, reference)
    }

    fn read_refund(&self, answer: &Answer) -> Result<String, ProviderError> {
        wire::refund::read(answer)
    }
}

impl EsimProvider for Airalo {
    fn capabilities(&self) -> &'static Capabilities {
        match self.orders {
            AiraloOrders::Sync => &CAPABILITIES,
            AiraloOrders::Async => &ASYNCHRONOUS,
        }
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
        Ok(requests::find_order(self, order))
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

    /// Airalo signs with the API secret and says no time: how old a webhook is cannot be known.
    fn verify_webhook(&self, secrets: &[SecretString], headers: &WebhookHeaders, body: &[u8], _now: Timestamp) -> bool {
        let secrets = std::iter::once(&self.client_secret).chain(&self.webhook_secrets).chain(secrets);
        webhook::verify(secrets, headers, body)
    }

    fn read_webhook(&self, body: &[u8], _now: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
        webhook::read(body)
    }
}
