//! Tasks for people (HubSpot facts, "Task for manual follow-up"). A task has no natural key: ours is a unique property.

use http::Method;
use serde_json::{Map, Value, json};

use super::{
    Hubspot,
    answer::Failure,
    fields::{TASK_KEY, iso},
    records::record_id,
};
use crate::{crm::ManualTask, outbound::Http};

impl Hubspot {
    /// Makes the task unless it is there, and hangs it on the deal and the contact. One that is there is left as it is:
    /// its owner may have worked on it or closed it.
    pub(super) async fn write_task(&self, http: &dyn Http, task: &ManualTask) -> Result<(), Failure> {
        let id = match self.task_of(http, &task.key).await? {
            Some(id) => id,
            None => self.upsert(http, "crm_create_task", "tasks", (TASK_KEY, &task.key), values(task)).await?,
        };
        self.hang_on_deal(http, "tasks", &id, task.link.deal_id.as_deref()).await?;
        self.hang_on_contact(http, "tasks", &id, task.link.contact_id.as_deref()).await
    }

    /// The task of this key. Read by its unique property: search would lag behind a write.
    async fn task_of(&self, http: &dyn Http, key: &str) -> Result<Option<String>, Failure> {
        let body = json!({"idProperty": TASK_KEY, "inputs": [{"id": key}], "properties": [TASK_KEY], "propertiesWithHistory": []});
        let url = self.paths.objects(&["tasks", "batch", "read"]);
        match self.call(http, "crm_find_task", Method::POST, url, Some(&body)).await {
            Ok(found) => Ok(record_id(&found)),
            Err(Failure::Refused(refusal)) if refusal.not_found() => Ok(None),
            Err(other) => Err(other),
        }
    }
}

fn values(task: &ManualTask) -> Map<String, Value> {
    let mut values = Map::new();
    let mut set = |name: &str, value: &str| values.insert(name.to_owned(), Value::String(value.to_owned()));
    set(TASK_KEY, &task.key);
    set("hs_timestamp", &iso(task.due_at));
    set("hs_task_subject", &task.subject);
    set("hs_task_body", &task.body);
    set("hs_task_status", "NOT_STARTED");
    set("hs_task_priority", if task.urgent { "HIGH" } else { "MEDIUM" });
    set("hs_task_type", "TODO");
    if let Some(owner) = &task.link.owner_id {
        set("hubspot_owner_id", owner);
    }
    values
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use crate::{
        crm::{
            Crm, CrmError, ManualTask,
            hubspot::scripted::{Scripted, adapter},
        },
        domain::CrmLink,
    };
    use serde_json::json;

    fn task() -> ManualTask {
        ManualTask {
            key: "order_1:rejected".to_owned(),
            link: CrmLink { deal_id: Some("301".to_owned()), contact_id: Some("401".to_owned()), owner_id: Some("9".to_owned()) },
            subject: "Commande refusée".to_owned(),
            body: "Le fournisseur a refusé. trace_1".to_owned(),
            due_at: "2026-11-24T12:00:00Z".parse().unwrap(),
            urgent: true,
        }
    }

    #[tokio::test]
    async fn a_new_task_is_made_by_its_key_and_hung_where_it_belongs() {
        // A batch read of an unknown id lists it as an error, with or without status 207.
        let missing =
            json!({"results": [], "numErrors": 1, "errors": [{"category": "OBJECT_NOT_FOUND", "message": "Could not get some objects"}]});
        let http = Scripted::answering([(207, missing), (200, json!({"results": [{"id": "81"}]})), (200, json!({})), (200, json!({}))]);
        adapter().create_task(&http, &task()).await.unwrap();
        assert_eq!(
            http.calls(),
            [
                "POST /crm/objects/2026-09/tasks/batch/read",
                "POST /crm/objects/2026-09/tasks/batch/upsert",
                "PUT /crm/objects/2026-09/tasks/81/associations/default/deals/301",
                "PUT /crm/objects/2026-09/tasks/81/associations/default/contacts/401",
            ]
        );
        assert_eq!(
            http.body(1)["inputs"][0],
            json!({"id": "order_1:rejected", "idProperty": "passerelle_task_key", "properties": {
                "passerelle_task_key": "order_1:rejected", "hs_timestamp": "2026-11-24T12:00:00.000Z", "hs_task_subject": "Commande refusée",
                "hs_task_body": "Le fournisseur a refusé. trace_1", "hs_task_status": "NOT_STARTED", "hs_task_priority": "HIGH",
                "hs_task_type": "TODO", "hubspot_owner_id": "9",
            }})
        );
    }

    #[tokio::test]
    async fn a_task_that_is_there_is_not_opened_again() {
        let http = Scripted::answering([(200, json!({"results": [{"id": "81"}]})), (200, json!({})), (200, json!({}))]);
        adapter().create_task(&http, &task()).await.unwrap();
        assert!(http.calls().iter().all(|call| !call.contains("upsert")));
    }

    #[tokio::test]
    async fn a_refused_task_says_why() {
        let http = Scripted::answering([(400, json!({"category": "VALIDATION_ERROR", "message": "idProperty is not unique"}))]);
        let refused = adapter().create_task(&http, &task()).await;
        assert_eq!(refused, Err(CrmError::Refused { reason: "HTTP 400 VALIDATION_ERROR: idProperty is not unique".to_owned() }));
    }
}
