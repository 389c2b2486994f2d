//! BICS SIM for Things (SFT): a platform for SIMs that the tenant holds, not a shop. A plan is bought in steps (§3), by workers only.
//!
//! What its answers mean for money. Errors come inside HTTP 200 (§1, Envelope).
//!
//! | BICS says to `SubscribeAddon` | we conclude |
//! |---|---|
//! | outer code 0 with a `uniqueId` | bought |
//! | outer code 0 without one, an unreadable answer, 3xx, 408, 5xx, or an inner code of 5xx | unknown: the endpoint's add-ons are read |
//! | outer code 1 | refused, nothing bought |
//! | inner code 401, HTTP 401 | nothing happened, log in again |
//! | inner code 429, HTTP 429 | nothing happened, ask later |
//!
//! There is no idempotency and no reference of ours. An order is written down with the SIM that was chosen for it before anything is
//! sent about that SIM; what the SIM then has is this order's. See `flows/purchase/stock.rs` for each step and either side of it.

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
    AccessToken, Capabilities, CataloguePage, Delivery, EsimKey, EsimProvider, FindOrder, FoundOrder, Observes, PlaceOrder, Placement,
    ProvidedEsim, ProviderError, ProviderEvent, Recovery, RegisteredWebhook, Signature, SimStock, StockPage, StockSim, TopUp, Unsupported,
    WebhookHeaders,
};
use crate::{
    config::{BicsSettings, ProviderAccount},
    domain::{AccountName, Country, Locale, Package, UsageReading},
    outbound::{Answer, HttpRequest},
};

pub(super) use assumptions::assumptions;

/// What BICS asks callers to wait (§2).
pub(super) const LONGEST_CALL: Duration = Duration::from_secs(180);

/// A subscription that we no longer wait for may still be carried out for as long as a call may take, and two minutes of caution.
const ON_THE_ENDPOINT: Recovery = Recovery::ListByTime { visible_after: Duration::from_secs(300) };

/// §1 to §4.
pub(super) static CAPABILITIES: Capabilities = Capabilities {
    name: "BICS",
    recovery: ON_THE_ENDPOINT,
    topup_recovery: ON_THE_ENDPOINT,
    // The profile's state is told by unsigned callbacks only, and cannot be read back.
    observes: Observes { installed: false, activated: true, expired: true, thresholds: false },
    signature: Signature::None,
    timestamped_webhooks: false,
    // "Not real-time" (§3); the limit of calls is documented and not public.
    usage_staleness: Duration::from_secs(30 * 60),
    usage_calls_per_minute: 30,
    delivery: Delivery::ByWorkers,
    credit: "not stated",
    top_up: "another add-on on the endpoint",
    taking_back: "the endpoint is suspended or taken off the SIM in the portal",
    phones: "none found",
    identity: "not stated",
    tls: r#"1.2 only: the account needs `"minimum_tls": "1.2"`"#,
};

/// One account at BICS.
pub struct Bics {
    account: AccountName,
    base_url: Url,
    username: String,
    password: SecretString,
    settings: BicsSettings,
}

impl Bics {
    /// The adapter for an account: `client_id` is the user, `client_secret` the password.
    #[must_use]
    pub fn new(account: &ProviderAccount) -> Self {
        Self {
            account: account.account.clone(),
            base_url: account.base_url.clone(),
            username: account.client_id.clone(),
            password: account.client_secret.clone(),
            settings: account.bics.clone(),
        }
    }
}

impl EsimProvider for Bics {
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
        wire::login::read(answer)
    }

    fn authorise(&self, request: HttpRequest, token: &SecretString) -> HttpRequest {
        requests::authorise(request, token)
    }

    fn sign(&self, request: HttpRequest, _: Timestamp, _: [u8; 16]) -> HttpRequest {
        request
    }

    fn catalogue(&self, _: Option<&str>, _: Locale) -> HttpRequest {
        requests::plans(self, "catalogue")
    }

    fn read_catalogue(&self, answer: &Answer) -> Result<CataloguePage, ProviderError> {
        wire::plans::read(&self.account, &self.settings, answer)
    }

    fn next_page(&self, _: Option<&str>, _: &Answer) -> Option<String> {
        None
    }

    /// The flows buy on a SIM of the stock ([`SimStock::buy_on`]); without one nothing can be bought, and this only looks at the stock.
    fn place(&self, _: &PlaceOrder<'_>) -> HttpRequest {
        requests::stock(self, None)
    }

    fn read_place(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        wire::addons::read_subscribe(&self.settings.names, answer)
    }

    fn find_order(&self, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
        let esim = order.top_up_of.ok_or(Unsupported("no SIM was chosen for this order: nothing was bought"))?;
        requests::addons(self, "find_order", esim)
    }

    fn read_find_order(&self, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
        wire::addons::read_find(&self.settings.names, order, answer)
    }

    fn esim(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::sim(self, esim)
    }

    fn read_esim(&self, answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
        wire::sims::read_esim(answer)
    }

    fn usage(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
        requests::addons(self, "usage", esim)
    }

    fn read_usage(&self, answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
        wire::usage::read(&self.settings.names, answer, now)
    }

    fn more_usage(&self, _: EsimKey<'_>, _: &[Answer]) -> Option<HttpRequest> {
        None
    }

    fn read_more_usage(&self, so_far: UsageReading, _: &Answer, _: Timestamp) -> Result<UsageReading, ProviderError> {
        Ok(so_far)
    }

    /// The top-ups are the tenant's own plans (mapping, list topup packs).
    fn topups(&self, esim: EsimKey<'_>, _: &[Country], _: Locale) -> Result<HttpRequest, Unsupported> {
        requests::endpoint(esim)?;
        Ok(requests::plans(self, "topups"))
    }

    fn read_topups(&self, answer: &Answer, countries: &[Country]) -> Result<Vec<Package>, ProviderError> {
        wire::plans::read_topups(&self.account, &self.settings, answer, countries)
    }

    fn top_up(&self, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
        Ok(requests::subscribe(self, "top_up", requests::endpoint(top_up.esim)?, top_up.provider_package_id))
    }

    fn read_top_up(&self, answer: &Answer) -> Result<Placement, ProviderError> {
        wire::addons::read_subscribe(&self.settings.names, answer)
    }

    fn register_webhook(&self, _: &str) -> Result<Vec<HttpRequest>, Unsupported> {
        Err(Unsupported("BICS's callbacks are set up in its portal (Enterprise tools)"))
    }

    fn read_register_webhook(&self, _: &Answer) -> Result<RegisteredWebhook, ProviderError> {
        Err(Unsupported("BICS's callbacks are set up in its portal").into())
    }

    /// Nothing is signed (§4): what arrives is a hint, and the unguessable address is all that tells BICS from anybody.
    fn verify_webhook(&self, _: &[SecretString], _: &WebhookHeaders, _: &[u8], _: Timestamp) -> bool {
        true
    }

    fn read_webhook(&self, body: &[u8], _: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
        webhook::read(body)
    }
}

impl SimStock for Bics {
    fn stock(&self, cursor: Option<&str>) -> HttpRequest {
        requests::stock(self, cursor)
    }

    fn read_stock(&self, cursor: Option<&str>, answer: &Answer) -> Result<StockPage, ProviderError> {
        wire::sims::read_stock(cursor, answer)
    }

    fn make_ready(&self, sim: &StockSim) -> HttpRequest {
        requests::activate(self, &sim.provider_esim_id)
    }

    fn read_make_ready(&self, answer: &Answer) -> Result<(), ProviderError> {
        wire::sims::read_activate(answer)
    }

    fn buy_on(&self, order: &PlaceOrder<'_>, sim: &StockSim) -> HttpRequest {
        requests::subscribe(self, "place_order", &sim.provider_esim_id, order.provider_package_id)
    }
}
