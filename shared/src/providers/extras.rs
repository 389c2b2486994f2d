//! What only some providers need beyond the operations that all have. Whoever needs none of it is not named here.

use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::{EsimKey, PlaceOrder, ProviderError, Unsupported, bics::Bics, one_global::OneGlobal};
use crate::{
    config::{ProviderAccount, ProviderKind},
    domain::esim::Profile,
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
    /// How long a purchase may take, where that is more than an API call has: then only workers buy.
    pub buying_time: Option<Duration>,
}

/// What an account needs beyond the common operations.
#[must_use]
pub fn extras(account: &ProviderAccount) -> Extras {
    match account.kind {
        ProviderKind::OneGlobal => Extras { esim_webhooks: Some(Box::new(OneGlobal::new(account))), ..Extras::default() },
        ProviderKind::Bics => {
            Extras { sim_stock: Some(Box::new(Bics::new(account))), buying_time: Some(super::bics::LONGEST_CALL), ..Extras::default() }
        }
        _ => Extras::default(),
    }
}
