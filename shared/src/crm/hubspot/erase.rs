//! An eSIM that is forgotten: what is about a person is emptied, and the record goes to the archive, which ends what it hangs on.

use http::Method;
use serde_json::{Value, json};

use super::{
    Hubspot,
    answer::Failure,
    fields::{self, DEAL_PREFIX, OBJECT, OBJECT_KEY},
    records::record_id,
};
use crate::{crm::ErasedSubscription, domain::EsimId, outbound::Http};

impl Hubspot {
    /// Empties the record, then archives it. One that is archived is not found, and that is well.
    pub(super) async fn erase_object(&self, http: &dyn Http, esim_id: &EsimId) -> Result<(), Failure> {
        let Some(id) = self.object_of(http, esim_id).await? else { return Ok(()) };
        let record = self.paths.objects(&[OBJECT, &id]);
        let emptied = json!({"properties": fields::erased("")});
        gone(self.call(http, "crm_erase_subscription", Method::PATCH, record.clone(), Some(&emptied)).await)?;
        gone(self.call(http, "crm_archive_subscription", Method::DELETE, record, None).await)
    }

    /// Empties what the deal shows, where that is this eSIM's.
    pub(super) async fn erase_on_deal(&self, http: &dyn Http, erased: &ErasedSubscription) -> Result<(), Failure> {
        let Some(deal) = erased.deal_id.as_deref() else { return Ok(()) };
        let shown = format!("{DEAL_PREFIX}{OBJECT_KEY}");
        let mut url = self.paths.objects(&["deals", deal]);
        url.query_pairs_mut().append_pair("properties", &shown);
        let found = match self.call(http, "crm_read_deal", Method::GET, url, None).await {
            Err(Failure::Refused(refusal)) if refusal.not_found() => return Ok(()),
            other => other?,
        };
        if found.pointer(&format!("/properties/{shown}")).and_then(Value::as_str) != Some(erased.esim_id.as_str()) {
            return Ok(());
        }
        self.patch_deal(http, "crm_erase_subscription", deal, fields::erased(DEAL_PREFIX)).await
    }

    /// The record of an eSIM, read by its unique property: search would lag behind a write.
    async fn object_of(&self, http: &dyn Http, esim_id: &EsimId) -> Result<Option<String>, Failure> {
        let body = json!({"idProperty": OBJECT_KEY, "inputs": [{"id": esim_id.as_str()}], "properties": [OBJECT_KEY], "propertiesWithHistory": []});
        let url = self.paths.objects(&[OBJECT, "batch", "read"]);
        match self.call(http, "crm_find_subscription", Method::POST, url, Some(&body)).await {
            Ok(found) => Ok(record_id(&found)),
            Err(Failure::Refused(refusal)) if refusal.not_found() => Ok(None),
            Err(other) => Err(other),
        }
    }
}

fn gone(result: Result<Value, Failure>) -> Result<(), Failure> {
    match result {
        Err(Failure::Refused(refusal)) if refusal.not_found() => Ok(()),
        other => other.map(drop),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use crate::{
        config::HubspotRecords,
        crm::{
            Crm, CrmError, ErasedSubscription,
            hubspot::scripted::{Scripted, adapter, adapter_of},
        },
        domain::EsimId,
    };
    use serde_json::json;

    fn erased() -> ErasedSubscription {
        ErasedSubscription { esim_id: EsimId::parse("esim_1").unwrap(), deal_id: Some("301".to_owned()) }
    }

    #[tokio::test]
    async fn a_record_is_emptied_and_archived_and_one_that_is_not_there_is_well() {
        let http = Scripted::answering([(200, json!({"results": [{"id": "71"}]})), (200, json!({})), (204, json!(null))]);
        adapter().erase_subscription(&http, &erased()).await.unwrap();
        let record = "/crm/objects/2026-09/esim_subscription/71";
        assert_eq!(
            http.calls(),
            ["POST /crm/objects/2026-09/esim_subscription/batch/read".to_owned(), format!("PATCH {record}"), format!("DELETE {record}")]
        );
        let emptied = http.body(1)["properties"].clone();
        for personal in [
            "iccid_masked",
            "booking_reference",
            "external_reference",
            "order_id",
            "data_used_mb",
            "activated_at",
            "expiry_date",
            "mail_status",
        ] {
            assert_eq!(emptied[personal], "", "{personal}");
        }
        assert!(emptied.get("price").is_none() && emptied.get("esim_id").is_none());
        let missing =
            json!({"results": [], "numErrors": 1, "errors": [{"category": "OBJECT_NOT_FOUND", "message": "Could not get some objects"}]});
        adapter().erase_subscription(&Scripted::answering([(207, missing)]), &erased()).await.unwrap();
        let lost = Scripted::answering([(200, json!({"results": [{"id": "71"}]})), (200, json!({}))]);
        assert!(matches!(adapter().erase_subscription(&lost, &erased()).await, Err(CrmError::Later { .. })));
    }

    #[tokio::test]
    async fn a_deal_that_shows_another_esim_by_now_is_left_alone() {
        let deals = adapter_of("2026-09", HubspotRecords::DealProperties);
        let own = Scripted::answering([(200, json!({"id": "301", "properties": {"passerelle_esim_id": "esim_1"}})), (200, json!({}))]);
        deals.erase_subscription(&own, &erased()).await.unwrap();
        assert_eq!((own.calls().len(), &own.body(1)["properties"]["passerelle_iccid_masked"]), (2, &json!("")));
        let other = Scripted::answering([(200, json!({"id": "301", "properties": {"passerelle_esim_id": "esim_2"}}))]);
        deals.erase_subscription(&other, &erased()).await.unwrap();
        assert_eq!(other.calls().len(), 1);
    }
}
