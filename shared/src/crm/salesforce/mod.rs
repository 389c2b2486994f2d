//! Salesforce: the object `eSIM_Subscription__c`, tasks and the platform event `eSIM_Event__e` of the package under `crm/salesforce`, over
//! the REST API (Salesforce facts). Every write can be repeated: records and tasks are upserted by an external id of ours, events carry
//! their id. Fields that an org does not have are left out, and `onboard` names them.

mod answer;
mod collections;
mod fields;
mod session;
#[cfg(test)]
mod tests;
mod writes;

use async_trait::async_trait;
use secrecy::SecretString;
use std::{collections::BTreeMap, collections::BTreeSet, sync::Mutex};
use url::Url;

use self::session::Session;
use super::{Crm, CrmError, CrmEvent, ErasedSubscription, ManualTask, OffersRecord, Prepared, RevenueRecord, SubscriptionRecord};
use crate::{config::SalesforceSettings, outbound::Http};

/// One org.
pub struct Salesforce {
    base_url: Url,
    client_id: String,
    client_secret: SecretString,
    api_version: String,
    /// The token says nothing of its end: it is kept until it is refused.
    session: Mutex<Option<Session>>,
    /// The fields of objects, as the org told them.
    known: Mutex<BTreeMap<&'static str, BTreeSet<String>>>,
}

impl Salesforce {
    /// The org of these settings.
    #[must_use]
    pub fn new(settings: &SalesforceSettings) -> Self {
        Self {
            base_url: settings.base_url.clone(),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            api_version: settings.api_version.clone(),
            session: Mutex::default(),
            known: Mutex::default(),
        }
    }
}

#[async_trait]
impl Crm for Salesforce {
    async fn prepare(&self, http: &dyn Http) -> Result<Prepared, CrmError> {
        Ok(self.look_at_org(http).await?)
    }

    async fn upsert_subscription(&self, http: &dyn Http, record: &SubscriptionRecord) -> Result<(), CrmError> {
        Ok(self.write_subscription(http, record).await?)
    }

    async fn upsert_subscriptions(&self, http: &dyn Http, records: &[SubscriptionRecord]) -> Vec<Result<(), CrmError>> {
        self.write_subscriptions(http, records).await.into_iter().map(|outcome| outcome.map_err(CrmError::from)).collect()
    }

    async fn show_offers(&self, http: &dyn Http, offers: &OffersRecord) -> Result<(), CrmError> {
        Ok(self.write_offers(http, offers).await?)
    }

    async fn show_revenue(&self, http: &dyn Http, revenue: &RevenueRecord) -> Result<(), CrmError> {
        Ok(self.write_revenue(http, revenue).await?)
    }

    async fn erase_subscription(&self, http: &dyn Http, erased: &ErasedSubscription) -> Result<(), CrmError> {
        Ok(self.empty_subscription(http, &erased.esim_id).await?)
    }

    async fn create_task(&self, http: &dyn Http, task: &ManualTask) -> Result<(), CrmError> {
        Ok(self.write_task(http, task).await?)
    }

    async fn emit_event(&self, http: &dyn Http, event: &CrmEvent) -> Result<(), CrmError> {
        Ok(self.publish(http, event).await?)
    }
}
