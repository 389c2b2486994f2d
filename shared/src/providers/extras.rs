//! What only some providers need beyond the operations that all have. Whoever needs none of it is not named here.

use super::{EsimKey, Unsupported, one_global::OneGlobal};
use crate::{
    config::{ProviderAccount, ProviderKind},
    outbound::HttpRequest,
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

/// The extras of an account; most have none.
#[derive(Default)]
pub struct Extras {
    /// Where webhooks are registered for each eSIM.
    pub esim_webhooks: Option<Box<dyn EsimWebhooks>>,
}

/// What an account needs beyond the common operations.
#[must_use]
pub fn extras(account: &ProviderAccount) -> Extras {
    match account.kind {
        ProviderKind::OneGlobal => Extras { esim_webhooks: Some(Box::new(OneGlobal::new(account))) },
        _ => Extras::default(),
    }
}
