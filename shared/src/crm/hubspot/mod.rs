//! HubSpot: the custom object `esim_subscription` (or properties on the deal), tasks and custom events,
//! as the HubSpot facts have it. Every write can be repeated: records and tasks are upserted by a unique property of ours,
//! events carry a UUID made from their id. E-mail addresses travel in bodies only, never in a path or query.

mod answer;
mod batch;
mod erase;
mod events;
mod fields;
mod paths;
mod prepare;
mod records;
#[cfg(test)]
pub(crate) mod scripted;
mod tasks;

use async_trait::async_trait;
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Mutex};
use url::Url;

use self::{answer::Failure, paths::Paths};
use super::{Crm, CrmError, CrmEvent, ErasedSubscription, ManualTask, OffersRecord, Prepared, RevenueRecord, SubscriptionRecord};
use crate::{
    config::{HubspotRecords, HubspotSettings},
    outbound::{Http, HttpRequest},
};

/// One portal.
pub struct Hubspot {
    paths: Paths,
    token: SecretString,
    records: HubspotRecords,
    /// Fully qualified names of custom events by our own name, as the portal told them.
    event_names: Mutex<BTreeMap<String, String>>,
}

impl Hubspot {
    /// The portal of these settings.
    #[must_use]
    pub fn new(settings: &HubspotSettings) -> Self {
        Self {
            paths: Paths::new(&settings.base_url, &settings.api_version),
            token: settings.access_token.clone(),
            records: settings.records,
            event_names: Mutex::default(),
        }
    }

    /// Sends one call and reads the answer's body.
    async fn call(
        &self,
        http: &dyn Http,
        operation: &'static str,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        answer::read(&http.send(self.request(operation, method, url, body)).await?)
    }

    fn request(&self, operation: &'static str, method: Method, url: Url, body: Option<&Value>) -> HttpRequest {
        let request = HttpRequest::new(operation, method, url).bearer(self.token.expose_secret()).header("accept", "application/json");
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

#[async_trait]
impl Crm for Hubspot {
    async fn prepare(&self, http: &dyn Http) -> Result<Prepared, CrmError> {
        Ok(self.prepare_portal(http).await?)
    }

    async fn upsert_subscription(&self, http: &dyn Http, record: &SubscriptionRecord) -> Result<(), CrmError> {
        match self.records {
            HubspotRecords::CustomObject => Ok(self.write_object(http, record).await?),
            HubspotRecords::DealProperties => Ok(self.write_on_deal(http, record).await?),
        }
    }

    async fn upsert_subscriptions(&self, http: &dyn Http, records: &[SubscriptionRecord]) -> Vec<Result<(), CrmError>> {
        let outcomes = match self.records {
            HubspotRecords::CustomObject => self.write_objects(http, records).await,
            // A deal shows one eSIM: two of one deal in one batch would be one input too many.
            HubspotRecords::DealProperties => {
                let mut outcomes = Vec::with_capacity(records.len());
                for record in records {
                    outcomes.push(self.write_on_deal(http, record).await);
                }
                outcomes
            }
        };
        outcomes.into_iter().map(|outcome| outcome.map_err(CrmError::from)).collect()
    }

    async fn show_offers(&self, http: &dyn Http, offers: &OffersRecord) -> Result<(), CrmError> {
        Ok(self.write_offers(http, offers).await?)
    }

    async fn show_revenue(&self, http: &dyn Http, revenue: &RevenueRecord) -> Result<(), CrmError> {
        Ok(self.write_revenue(http, revenue).await?)
    }

    async fn erase_subscription(&self, http: &dyn Http, erased: &ErasedSubscription) -> Result<(), CrmError> {
        match self.records {
            HubspotRecords::CustomObject => Ok(self.erase_object(http, &erased.esim_id).await?),
            HubspotRecords::DealProperties => Ok(self.erase_on_deal(http, erased).await?),
        }
    }

    async fn create_task(&self, http: &dyn Http, task: &ManualTask) -> Result<(), CrmError> {
        Ok(self.write_task(http, task).await?)
    }

    async fn emit_event(&self, http: &dyn Http, event: &CrmEvent) -> Result<(), CrmError> {
        Ok(self.send_event(http, event).await?)
    }
}
