//! Records, tasks, offers and events (Salesforce facts, "Records", "Events").

use http::Method;
use serde_json::{Map, Value};
use std::{collections::BTreeSet, sync::PoisonError};

use super::{
    Salesforce,
    answer::Failure,
    fields::{self, EVENT, OPPORTUNITY, SUBSCRIPTION, SUBSCRIPTION_KEY, TASK, TASK_KEY, WANTED},
};
use crate::{
    crm::{CrmEvent, ManualTask, OffersRecord, Prepared, RevenueRecord, SubscriptionRecord},
    domain::EsimId,
    outbound::Http,
};

impl Salesforce {
    /// Nothing is made here: metadata is deployed. What is missing is named.
    pub(super) async fn look_at_org(&self, http: &dyn Http) -> Result<Prepared, Failure> {
        let mut found = Prepared::default();
        for (object, wanted) in WANTED {
            match self.ask_fields(http, object).await {
                Ok(there) => {
                    found.present.push(object.to_owned());
                    let missing: Vec<&str> = wanted.iter().filter(|name| !there.contains(**name)).copied().collect();
                    if !missing.is_empty() {
                        found.warnings.push(format!("{object} lacks {}: {}", missing.join(", "), consequence(object)));
                    }
                }
                Err(failure) if failure.not_found() => {
                    found
                        .warnings
                        .push(format!("there is no {object}: deploy crm/salesforce, and give the integration user its permission set"));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(found)
    }

    pub(super) async fn write_subscription(&self, http: &dyn Http, record: &SubscriptionRecord) -> Result<(), Failure> {
        let values = self.only_known(http, SUBSCRIPTION, fields::subscription(record)).await?;
        let path = ["sobjects", SUBSCRIPTION, SUBSCRIPTION_KEY, record.esim_id.as_str()];
        self.call(http, "crm_upsert_subscription", Method::PATCH, &path, Some(&Value::Object(values))).await.map(drop)
    }

    /// Shows the offers on the opportunity, where it has fields for them; the package's own component reads them from the API.
    pub(super) async fn write_offers(&self, http: &dyn Http, offers: &OffersRecord) -> Result<(), Failure> {
        let Some(opportunity) = offers.link.deal_id.as_deref() else { return Ok(()) };
        let values = self.only_known(http, OPPORTUNITY, fields::offers(offers)).await?;
        if values.is_empty() {
            return Ok(());
        }
        let path = ["sobjects", OPPORTUNITY, opportunity];
        self.call(http, "crm_show_offers", Method::PATCH, &path, Some(&Value::Object(values))).await.map(drop)
    }

    /// Shows the revenue on the opportunity, where it has fields for it.
    pub(super) async fn write_revenue(&self, http: &dyn Http, revenue: &RevenueRecord) -> Result<(), Failure> {
        let Some(opportunity) = revenue.link.deal_id.as_deref() else { return Ok(()) };
        let values = self.only_known(http, OPPORTUNITY, fields::revenue(revenue)).await?;
        if values.is_empty() {
            return Ok(());
        }
        let path = ["sobjects", OPPORTUNITY, opportunity];
        self.call(http, "crm_show_revenue", Method::PATCH, &path, Some(&Value::Object(values))).await.map(drop)
    }

    /// Empties the record; the org's own count of sales stays. Only what is there is emptied: nothing is made of it.
    pub(super) async fn empty_subscription(&self, http: &dyn Http, esim_id: &EsimId) -> Result<(), Failure> {
        let path = ["sobjects", SUBSCRIPTION, SUBSCRIPTION_KEY, esim_id.as_str()];
        match self.call(http, "crm_find_subscription", Method::GET, &path, None).await {
            Err(failure) if failure.not_found() => return Ok(()),
            found => drop(found?),
        }
        let values = self.only_known(http, SUBSCRIPTION, fields::erased()).await?;
        self.call(http, "crm_erase_subscription", Method::PATCH, &path, Some(&Value::Object(values))).await.map(drop)
    }

    /// Makes the task unless it is there. One that is there is left as it is: its owner may have worked on it or closed it.
    pub(super) async fn write_task(&self, http: &dyn Http, task: &ManualTask) -> Result<(), Failure> {
        if !self.fields(http, TASK).await?.contains(TASK_KEY) {
            return Err(Failure::refused(
                "tasks have no unique external id Passerelle_Key__c, by which one is made once: deploy crm/salesforce",
            ));
        }
        let path = ["sobjects", TASK, TASK_KEY, task.key.as_str()];
        match self.call(http, "crm_find_task", Method::GET, &path, None).await {
            Ok(_) => return Ok(()),
            Err(failure) if failure.not_found() => {}
            Err(failure) => return Err(failure),
        }
        self.call(http, "crm_create_task", Method::PATCH, &path, Some(&Value::Object(fields::task(task)))).await.map(drop)
    }

    pub(super) async fn publish(&self, http: &dyn Http, event: &CrmEvent) -> Result<(), Failure> {
        let values = self.only_known(http, EVENT, fields::event(event)).await?;
        self.call(http, "crm_emit_event", Method::POST, &["sobjects", EVENT], Some(&Value::Object(values))).await.map(drop)
    }

    /// Without what the org has no field for: one that is older than the package must not refuse the rest.
    pub(super) async fn only_known(
        &self,
        http: &dyn Http,
        object: &'static str,
        values: Map<String, Value>,
    ) -> Result<Map<String, Value>, Failure> {
        let known = self.fields(http, object).await?;
        Ok(values.into_iter().filter(|(name, _)| known.contains(name)).collect())
    }

    /// The fields of an object, asked for once.
    async fn fields(&self, http: &dyn Http, object: &'static str) -> Result<BTreeSet<String>, Failure> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(object).cloned();
        match kept {
            Some(known) => Ok(known),
            None => self.ask_fields(http, object).await,
        }
    }

    async fn ask_fields(&self, http: &dyn Http, object: &'static str) -> Result<BTreeSet<String>, Failure> {
        let told = self.call(http, "crm_describe", Method::GET, &["sobjects", object, "describe"], None).await?;
        let fields = told.get("fields").and_then(Value::as_array).ok_or_else(|| Failure::later("a description without fields"))?;
        let names: BTreeSet<String> = fields.iter().filter_map(|field| field.get("name")?.as_str()).map(str::to_owned).collect();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(object, names.clone());
        Ok(names)
    }
}

/// What follows where fields are missing.
fn consequence(object: &str) -> &'static str {
    match object {
        TASK => "nobody can be given a task",
        OPPORTUNITY => "they are left out, and offers are shown by the component only",
        _ => "they are left out",
    }
}
