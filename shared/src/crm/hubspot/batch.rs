//! Several eSIMs in one call. Each input is named for itself (`objectWriteTraceId`), so that one that is refused fails alone; where a portal
//! refuses the whole call, each is written alone.

use http::Method;
use serde_json::{Value, json};

use super::{
    Hubspot,
    answer::{self, Failure},
    fields::{self, OBJECT, OBJECT_KEY},
};
use crate::{crm::SubscriptionRecord, outbound::Http};

/// Inputs of one call.
const MOST: usize = 100;

impl Hubspot {
    /// Writes the custom objects, then hangs each on its deal and contact.
    pub(super) async fn write_objects(&self, http: &dyn Http, records: &[SubscriptionRecord]) -> Vec<Result<(), Failure>> {
        let mut outcomes = Vec::with_capacity(records.len());
        for some in records.chunks(MOST) {
            match self.upsert_all(http, some).await {
                Ok(answer) => {
                    for record in some {
                        outcomes.push(match record_id(&answer, record) {
                            Ok(id) => self.hang(http, &id, record).await,
                            Err(failure) => Err(failure),
                        });
                    }
                }
                Err(Failure::Refused(_)) => {
                    for record in some {
                        outcomes.push(self.write_object(http, record).await);
                    }
                }
                Err(later) => outcomes.extend(some.iter().map(|_| Err(later.clone()))),
            }
        }
        outcomes
    }

    async fn upsert_all(&self, http: &dyn Http, records: &[SubscriptionRecord]) -> Result<Value, Failure> {
        let input = |record: &SubscriptionRecord| {
            let id = record.esim_id.as_str();
            json!({"id": id, "idProperty": OBJECT_KEY, "objectWriteTraceId": id, "properties": fields::values(record, "")})
        };
        let body = json!({"inputs": records.iter().map(input).collect::<Vec<_>>()});
        let url = self.paths.objects(&[OBJECT, "batch", "upsert"]);
        answer::read_each(&http.send(self.request("crm_upsert_subscriptions", Method::POST, url, Some(&body))).await?)
    }
}

/// The record that was written for an eSIM, or why none was.
fn record_id(answer: &Value, record: &SubscriptionRecord) -> Result<String, Failure> {
    let id = record.esim_id.as_str();
    let listed = |name: &str| answer.get(name).and_then(Value::as_array).into_iter().flatten();
    let is_its = |result: &&Value| {
        let told = [result.get("objectWriteTraceId"), result.pointer(&format!("/properties/{OBJECT_KEY}"))];
        told.into_iter().flatten().any(|told| told == id)
    };
    if let Some(found) = listed("results").find(is_its).and_then(|result| result.get("id")) {
        return Ok(found.as_str().map_or_else(|| found.to_string(), str::to_owned));
    }
    let named = |error: &&Value| {
        let names = error.pointer("/context/objectWriteTraceId").and_then(Value::as_array);
        names.into_iter().flatten().any(|name| name == id)
    };
    let missing = || Failure::Later { reason: "the answer does not name the record".to_owned(), retry_after: None };
    Err(listed("errors").find(named).map_or_else(missing, answer::of_input))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use crate::{
        crm::{
            Crm, CrmError, SubscriptionRecord,
            hubspot::scripted::{Scripted, adapter, subscription},
        },
        domain::{CrmLink, EsimId},
    };
    use serde_json::{Value, json};

    fn esims(count: usize) -> Vec<SubscriptionRecord> {
        let esim = |number| SubscriptionRecord {
            esim_id: EsimId::parse(&format!("esim_{number}")).unwrap(),
            link: CrmLink::default(),
            traveller_email: None,
            ..subscription()
        };
        (1..=count).map(esim).collect()
    }

    #[tokio::test]
    async fn each_of_a_batch_has_an_outcome_of_its_own() {
        let refused = |id: &str, category: &str| json!({"category": category, "message": "no", "context": {"objectWriteTraceId": [id]}});
        let answer = json!({
            "results": [{"id": "73", "objectWriteTraceId": "esim_3"}, {"id": 71, "properties": {"esim_id": "esim_1"}}],
            "numErrors": 2, "errors": [refused("esim_2", "VALIDATION_ERROR"), refused("esim_4", "CONFLICT")]
        });
        let http = Scripted::answering([(207, answer), (200, json!({}))]);
        let mut records = esims(5);
        records[2].link.deal_id = Some("301".to_owned());
        let outcomes = adapter().upsert_subscriptions(&http, &records).await;
        assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
        assert_eq!(outcomes[1], Err(CrmError::Refused { reason: "HTTP 207 VALIDATION_ERROR: no".to_owned() }));
        assert!(matches!(outcomes[3], Err(CrmError::Later { .. })), "somebody else writes it at this moment");
        assert!(matches!(outcomes[4], Err(CrmError::Later { .. })), "nothing was said of it");
        assert_eq!(http.calls()[1], "PUT /crm/objects/2026-09/esim_subscription/73/associations/default/deals/301");
        let inputs = http.body(0)["inputs"].clone();
        assert_eq!((inputs.as_array().unwrap().len(), &inputs[1]["objectWriteTraceId"]), (5, &json!("esim_2")));
    }

    #[tokio::test]
    async fn a_batch_is_a_hundred_and_one_that_is_refused_whole_is_written_one_by_one() {
        let all = |records: &[SubscriptionRecord]| -> Value {
            json!({"results": records.iter().map(|record| json!({"id": "7", "objectWriteTraceId": record.esim_id})).collect::<Vec<_>>()})
        };
        let records = esims(101);
        let http = Scripted::answering([(200, all(&records[..100])), (200, all(&records[100..]))]);
        assert!(adapter().upsert_subscriptions(&http, &records).await.iter().all(Result::is_ok));
        assert_eq!(http.calls().len(), 2);
        let one = |id: &str| (200, json!({"results": [{"id": id}]}));
        let no = || (400, json!({"category": "VALIDATION_ERROR", "message": "no"}));
        let http = Scripted::answering([no(), one("71"), no(), one("73")]);
        let outcomes = adapter().upsert_subscriptions(&http, &records[..3]).await;
        assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        let lost = Scripted::answering([]);
        assert!(
            adapter().upsert_subscriptions(&lost, &records[..2]).await.iter().all(|outcome| matches!(outcome, Err(CrmError::Later { .. })))
        );
    }
}
