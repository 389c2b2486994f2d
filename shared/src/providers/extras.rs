//! What only some providers need beyond the operations that all have. Whoever needs none of it is not named here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::Url;

use super::{
    EsimKey, Instructions, Phone, PlaceOrder, ProviderError, Unsupported, airalo::Airalo, bics::Bics, celitech::Celitech,
    one_global::OneGlobal, telna::Telna,
};
use crate::{
    config::{ProviderAccount, ProviderKind},
    domain::{Locale, Money, OrderId, esim::Profile},
    outbound::{Answer, HttpRequest},
};

/// Providers whose webhooks are registered for each eSIM, after it is bought.
pub trait EsimWebhooks: Send + Sync {
    /// The calls that make the provider tell of one eSIM at `url`, one after the other. Repeating them is harmless. Their answers
    /// are read by [`super::EsimProvider::read_register_webhook`].
    ///
    /// # Errors
    /// [`Unsupported`] when the key that the calls need is not known.
    fn register_esim_webhooks(&self, esim: EsimKey<'_>, url: &str) -> Result<Vec<HttpRequest>, Unsupported>;
}

/// Providers that sell plans on SIMs which the tenant holds in stock: one is chosen and locked by us, made ready, and the plan is bought
/// on it. Only [`Self::buy_on`] spends money; the others can be repeated at any time.
pub trait SimStock: Send + Sync {
    /// A page of the SIMs that can be sold.
    fn stock(&self, cursor: Option<&str>) -> HttpRequest;
    /// Reads the page that `cursor` asked for.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_stock(&self, cursor: Option<&str>, answer: &Answer) -> Result<StockPage, ProviderError>;
    /// Makes a SIM ready for a plan. A SIM that is ready stays so.
    fn make_ready(&self, sim: &StockSim) -> HttpRequest;
    /// Reads whether it is.
    ///
    /// # Errors
    /// [`ProviderError::Rejected`] when this SIM will not do.
    fn read_make_ready(&self, answer: &Answer) -> Result<(), ProviderError>;
    /// Buys a plan on it; the answer is read by [`super::EsimProvider::read_place`]. The purchase is asked about as one of the eSIM.
    fn buy_on(&self, order: &PlaceOrder<'_>, sim: &StockSim) -> HttpRequest;
}

/// Providers that say how much of the agency's credit is left.
pub trait CreditBalance: Send + Sync {
    /// Asks for it.
    fn credit(&self) -> HttpRequest;
    /// Reads it, in the currency in which the provider keeps it.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_credit(&self, answer: &Answer) -> Result<Money, ProviderError>;
}

/// Providers that say for each eSIM whether it may be topped up, by a call of its own: their list of plans is the same for all.
pub trait TopUpPermission: Send + Sync {
    /// Asks about an eSIM.
    ///
    /// # Errors
    /// [`Unsupported`] when the key that the call needs is not known.
    fn permission(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported>;
    /// Reads it; only a definite no is one.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_permission(&self, answer: &Answer) -> Result<bool, ProviderError>;
}

/// Providers that can be asked for the money back. What comes of it is for them to say.
pub trait Refunds: Send + Sync {
    /// Asks for an eSIM whose trip does not take place; `reference` is our order.
    ///
    /// # Errors
    /// [`Unsupported`] when the key that the call needs is not known.
    fn refund(&self, esim: EsimKey<'_>, reference: &OrderId) -> Result<HttpRequest, Unsupported>;
    /// Reads the provider's id of the request.
    ///
    /// # Errors
    /// [`ProviderError`]; `Unknown` when the request may have arrived.
    fn read_refund(&self, answer: &Answer) -> Result<String, ProviderError>;
}

/// Providers that take an order now and carry it out at a time that is asked for.
pub trait FutureOrders: Send + Sync {
    /// Orders one eSIM, to be carried out at `due`, to the minute.
    fn place_later(&self, order: &PlaceOrder<'_>, due: Timestamp) -> HttpRequest;
    /// Reads what was taken.
    ///
    /// # Errors
    /// [`ProviderError`], by what it means for money.
    fn read_place_later(&self, answer: &Answer) -> Result<Scheduled, ProviderError>;
    /// Asks for the orders that are due at `due` and not carried out.
    fn find_later(&self, due: Timestamp, cursor: Option<&str>) -> HttpRequest;
    /// Reads whether ours is among them; `cursor` is what was asked with.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_find_later(&self, reference: &OrderId, cursor: Option<&str>, answer: &Answer) -> Result<FoundLater, ProviderError>;
    /// Cancels one that is not carried out, by the provider's id of it.
    fn cancel_later(&self, request_id: &str) -> HttpRequest;
    /// Reads whether it is cancelled.
    ///
    /// # Errors
    /// [`ProviderError`]; `Unknown` when it may be.
    fn read_cancel_later(&self, answer: &Answer) -> Result<(), ProviderError>;
}

/// A future order that the provider has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// The provider's id of the request, to cancel it by and to be told of it by.
    pub request_id: String,
    /// Until when it can be cancelled, where said.
    pub cancel_by: Option<Timestamp>,
}

/// What a list of future orders says of ours.
#[derive(Debug, PartialEq, Eq)]
pub enum FoundLater {
    /// It is there, and will be carried out.
    Waiting(Scheduled),
    /// It was not carried out, and will not be.
    Failed,
    /// Not on this page, and there is another.
    Next(String),
    /// Not there: never made, carried out, or cancelled.
    Absent,
}

/// Providers whose webhooks are signed with a certificate that must be fetched.
pub trait CertifiedWebhooks: Send + Sync {
    /// Where the certificate of a webhook stands; `None` when it names none at a place that can be trusted.
    fn certificate_url(&self, body: &[u8]) -> Option<Url>;
    /// Whether the certificate (PEM, from that place) signed the webhook.
    fn holds(&self, certificate: &[u8], body: &[u8]) -> bool;
}

/// Providers whose usage does not say when a plan began, and who list the plans of an eSIM, which does.
pub trait PlanHistory: Send + Sync {
    /// Asks for the plans of an eSIM.
    ///
    /// # Errors
    /// [`Unsupported`] when the key that the call needs is not known.
    fn history(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported>;
    /// Reads when the newest plan that has begun did so; `None` when none has.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_history(&self, answer: &Answer) -> Result<Option<Timestamp>, ProviderError>;
}

/// Providers that say how an eSIM of theirs is installed, in the reader's language. What installs it stays out of their answer: pages
/// have it from the purchase.
pub trait InstallSteps: Send + Sync {
    /// Asks for the steps.
    ///
    /// # Errors
    /// [`Unsupported`] when the key that the call needs is not known.
    fn instructions(&self, esim: EsimKey<'_>, locale: Locale) -> Result<HttpRequest, Unsupported>;
    /// Reads them, as plain, short texts; empty where the provider has none for this eSIM.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_instructions(&self, answer: &Answer) -> Result<Instructions, ProviderError>;
}

/// Providers that list the phones which take their eSIMs. A phone that is missing may take them all the same.
pub trait PhoneList: Send + Sync {
    /// Asks for the whole list.
    fn compatible_devices(&self) -> HttpRequest;
    /// Reads it, each phone once.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_compatible_devices(&self, answer: &Answer) -> Result<Vec<Phone>, ProviderError>;
}

/// A page of the stock.
#[derive(Debug)]
pub struct StockPage {
    /// The SIMs that can be sold.
    pub sims: Vec<StockSim>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<String>,
}

/// A SIM of the stock. Kept sealed with the order that it was chosen for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockSim {
    /// The provider's own key of it.
    pub provider_esim_id: String,
    /// What installs it.
    pub profile: Profile,
}

/// The extras of an account; most have none.
#[derive(Default)]
pub struct Extras {
    /// Where webhooks are registered for each eSIM.
    pub esim_webhooks: Option<Box<dyn EsimWebhooks>>,
    /// Where plans are bought on SIMs of a stock.
    pub sim_stock: Option<Box<dyn SimStock>>,
    /// Where the credit that is left can be asked for.
    pub credit: Option<Box<dyn CreditBalance>>,
    /// Where each eSIM says whether it may be topped up.
    pub top_up_permission: Option<Box<dyn TopUpPermission>>,
    /// Where the plans of an eSIM are read besides its usage.
    pub history: Option<Box<dyn PlanHistory>>,
    /// Where the money for eSIMs of cancelled trips is asked back.
    pub refunds: Option<Box<dyn Refunds>>,
    /// Where orders can be placed for a later day.
    pub future_orders: Option<Box<dyn FutureOrders>>,
    /// Where the traveller can be told the provider's own steps.
    pub steps: Option<Box<dyn InstallSteps>>,
    /// Where the provider lists the phones that take its eSIMs.
    pub phones: Option<Box<dyn PhoneList>>,
    /// Where webhooks must be signed with a certificate.
    pub certified_webhooks: Option<Box<dyn CertifiedWebhooks>>,
    /// How long a purchase may take, where that is more than an API call has: then only workers buy.
    pub buying_time: Option<Duration>,
}

/// What an account needs beyond the common operations.
#[must_use]
pub fn extras(account: &ProviderAccount) -> Extras {
    match account.kind {
        ProviderKind::Airalo => Extras {
            credit: Some(Box::new(Airalo::new(account))),
            refunds: account.airalo.refunds.as_ref().map(|_| Box::new(Airalo::new(account)) as Box<dyn Refunds>),
            future_orders: account.airalo.future_orders.then(|| Box::new(Airalo::new(account)) as Box<dyn FutureOrders>),
            steps: Some(Box::new(Airalo::new(account))),
            phones: Some(Box::new(Airalo::new(account))),
            history: account.airalo.history.then(|| Box::new(Airalo::new(account)) as Box<dyn PlanHistory>),
            ..Extras::default()
        },
        ProviderKind::Celitech => Extras { top_up_permission: Some(Box::new(Celitech::new(account))), ..Extras::default() },
        ProviderKind::Telna => Extras {
            certified_webhooks: account.telna.topic_arn.as_ref().map(|_| Box::new(Telna::new(account)) as Box<dyn CertifiedWebhooks>),
            ..Extras::default()
        },
        ProviderKind::OneGlobal => Extras { esim_webhooks: Some(Box::new(OneGlobal::new(account))), ..Extras::default() },
        ProviderKind::Bics => {
            Extras { sim_stock: Some(Box::new(Bics::new(account))), buying_time: Some(super::bics::LONGEST_CALL), ..Extras::default() }
        }
        _ => Extras::default(),
    }
}
