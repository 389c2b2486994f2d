//! The CRMs. One trait, one folder a CRM. What a CRM shows of an eSIM is told here in our words; the adapter finds its own.

pub mod amadeus;
pub mod hubspot;
mod record;
pub mod salesforce;

use async_trait::async_trait;

pub use record::{
    CrmEvent, EVENT_FACTS, ErasedSubscription, ManualTask, OffersRecord, Prepared, RevenueRecord, RevenueSums, SubscriptionRecord,
};

use crate::{
    config::CrmSettings,
    outbound::{Http, SendError},
};
use std::time::Duration;

/// Why a CRM did not take what we told it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrmError {
    /// Worth telling again later: 429, 5xx, no answer. Every write here can be repeated without harm.
    #[error("the CRM could not be reached: {reason}")]
    Later {
        /// For logs; no content.
        reason: String,
        /// `Retry-After`, where given.
        retry_after: Option<Duration>,
    },
    /// A definite no. `reason` is the CRM's category and message, free of personal data.
    #[error("the CRM refused: {reason}")]
    Refused {
        /// For people.
        reason: String,
    },
}

impl From<SendError> for CrmError {
    fn from(error: SendError) -> Self {
        Self::Later { reason: error.to_string(), retry_after: None }
    }
}

/// One CRM. Every method can be repeated: writing the same thing twice leaves one record, one task, one event.
#[async_trait]
pub trait Crm: Send + Sync {
    /// Makes sure that what we write to exists (objects, properties, event definitions), and says what was made or is missing.
    ///
    /// # Errors
    /// [`CrmError`].
    async fn prepare(&self, http: &dyn Http) -> Result<Prepared, CrmError>;

    /// Writes the state of one eSIM.
    ///
    /// # Errors
    /// [`CrmError`].
    async fn upsert_subscription(&self, http: &dyn Http, record: &SubscriptionRecord) -> Result<(), CrmError>;

    /// Writes the state of several eSIMs, each named once, in as few calls as the CRM takes. Each has an outcome of its own, in their order:
    /// one that is refused fails alone.
    async fn upsert_subscriptions(&self, http: &dyn Http, records: &[SubscriptionRecord]) -> Vec<Result<(), CrmError>>;

    /// Shows the offers on the dossier.
    ///
    /// # Errors
    /// [`CrmError`].
    async fn show_offers(&self, http: &dyn Http, offers: &OffersRecord) -> Result<(), CrmError>;

    /// Shows on the dossier what its eSIMs cost and bring in.
    ///
    /// # Errors
    /// [`CrmError`].
    async fn show_revenue(&self, http: &dyn Http, revenue: &RevenueRecord) -> Result<(), CrmError>;

    /// Empties what is kept of one eSIM of everything that is about a person, or leads to one. Nothing to empty is well.
    ///
    /// # Errors
    /// [`CrmError`].
    async fn erase_subscription(&self, http: &dyn Http, erased: &ErasedSubscription) -> Result<(), CrmError>;

    /// Gives a person something to do. Once per [`ManualTask::key`].
    ///
    /// # Errors
    /// [`CrmError`].
    async fn create_task(&self, http: &dyn Http, task: &ManualTask) -> Result<(), CrmError>;

    /// Tells of an event, for marketing. Once per [`CrmEvent::event_id`].
    ///
    /// # Errors
    /// [`CrmError`].
    async fn emit_event(&self, http: &dyn Http, event: &CrmEvent) -> Result<(), CrmError>;
}

/// The adapter for an agency's CRM.
#[must_use]
pub fn adapter(settings: &CrmSettings) -> Box<dyn Crm> {
    match settings {
        CrmSettings::Hubspot(settings) => Box::new(hubspot::Hubspot::new(settings)),
        CrmSettings::Salesforce(settings) => Box::new(salesforce::Salesforce::new(settings)),
    }
}
