//! What only some providers need beyond the operations that all have. Whoever needs none of it is not named here.

use super::{EsimKey, ProviderError, Unsupported, one_global::OneGlobal};
use crate::{
    config::{ProviderAccount, ProviderKind},
    domain::usage::ReportedStatus,
    outbound::{Answer, HttpRequest},
};

/// Providers whose usage does not know the profile: whether it is on a device is another question.
pub trait ProfileState: Send + Sync {
    /// Asks where the profile of an eSIM stands.
    ///
    /// # Errors
    /// [`Unsupported`] when the key that the call needs is not known.
    fn profile_state(&self, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported>;
    /// Reads it.
    ///
    /// # Errors
    /// [`ProviderError`].
    fn read_profile_state(&self, answer: &Answer) -> Result<ReportedStatus, ProviderError>;
}

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
    /// Where profiles are asked for apart from usage.
    pub profile_state: Option<Box<dyn ProfileState>>,
    /// Where webhooks are registered for each eSIM.
    pub esim_webhooks: Option<Box<dyn EsimWebhooks>>,
    /// Settings that stand on a default because no public page states the value: what it is, and what to confirm with the provider.
    pub unconfirmed: Vec<String>,
}

/// What an account needs beyond the common operations.
#[must_use]
pub fn extras(account: &ProviderAccount) -> Extras {
    match account.kind {
        ProviderKind::OneGlobal => Extras {
            profile_state: Some(Box::new(OneGlobal::new(account))),
            esim_webhooks: Some(Box::new(OneGlobal::new(account))),
            unconfirmed: super::one_global::unconfirmed(&account.one_global),
        },
        _ => Extras::default(),
    }
}
