//! Several eSIMs in one call: a collection, whose rows fail alone (`allOrNone` is false). The answer is 200 though rows failed, in their order.

use http::Method;
use serde_json::{Value, json};

use super::{
    Salesforce,
    answer::{self, Failure},
    fields::{self, SUBSCRIPTION, SUBSCRIPTION_KEY},
};
use crate::{crm::SubscriptionRecord, outbound::Http};

/// Rows of one call.
const MOST: usize = 200;

impl Salesforce {
    pub(super) async fn write_subscriptions(&self, http: &dyn Http, records: &[SubscriptionRecord]) -> Vec<Result<(), Failure>> {
        let mut outcomes = Vec::with_capacity(records.len());
        for some in records.chunks(MOST) {
            match self.write_collection(http, some).await {
                Ok(rows) if rows.len() == some.len() => outcomes.extend(rows.iter().map(answer::of_row)),
                // Without a row for each nobody knows which is which.
                Ok(_) => outcomes.extend(some.iter().map(|_| Err(Failure::later("a collection with other rows")))),
                Err(Failure::Refused { .. }) => {
                    for record in some {
                        outcomes.push(self.write_subscription(http, record).await);
                    }
                }
                Err(later) => outcomes.extend(some.iter().map(|_| Err(later.clone()))),
            }
        }
        outcomes
    }

    async fn write_collection(&self, http: &dyn Http, records: &[SubscriptionRecord]) -> Result<Vec<Value>, Failure> {
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            let mut row = self.only_known(http, SUBSCRIPTION, fields::subscription(record)).await?;
            // Here the external id is in the row.
            row.insert(SUBSCRIPTION_KEY.to_owned(), json!(record.esim_id.as_str()));
            row.insert("attributes".to_owned(), json!({"type": SUBSCRIPTION}));
            rows.push(Value::Object(row));
        }
        let body = json!({"allOrNone": false, "records": rows});
        let path = ["composite", "sobjects", SUBSCRIPTION, SUBSCRIPTION_KEY];
        match self.call(http, "crm_upsert_subscriptions", Method::PATCH, &path, Some(&body)).await? {
            Value::Array(rows) => Ok(rows),
            _ => Err(Failure::later("a collection without rows")),
        }
    }
}
