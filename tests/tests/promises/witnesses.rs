//! What a world's witnesses say: the table, the CRM, the mail service and the providers' ledgers.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use passerelle::domain::{EsimId, OrderId};
use serde_json::Value;
use std::collections::HashMap;

use crate::fixture::{World, agency_id};

impl World {
    /// What the outbox holds.
    pub async fn outbox(&self) -> Vec<Pending> {
        let items = self.items("outbox").await;
        let mut entries: Vec<Pending> = items.iter().map(Pending::read).collect();
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        entries
    }

    /// Every item of a kind.
    pub async fn items(&self, kind: &str) -> Vec<HashMap<String, AttributeValue>> {
        let items = self.table.items().await;
        items.into_iter().filter(|item| item.get("kind").and_then(|k| k.as_s().ok()).is_some_and(|k| k == kind)).collect()
    }

    pub async fn order_status(&self, order_id: &OrderId) -> String {
        self.order_record(order_id).await.status.as_str().to_owned()
    }

    pub async fn order_record(&self, order_id: &OrderId) -> passerelle::domain::Order {
        let found = self.house.store.order(&agency_id(), order_id, &self.house.seals).await.expect("the table is read");
        found.expect("the order is there").order
    }

    pub async fn esim(&self, esim_id: &EsimId) -> passerelle::store::esims::EsimRecord {
        self.house.store.esim(&agency_id(), esim_id, &self.house.seals).await.expect("the table is read").expect("the eSIM is there")
    }

    /// Tasks that stand in the CRM.
    pub async fn tasks(&self) -> Vec<Value> {
        let (_, tasks, _) = self.crm.names();
        self.crm.sim(&self.sims).client().objects(tasks).await.expect("the CRM lists its tasks")
    }

    pub async fn mails(&self) -> Vec<Value> {
        self.sims.sendgrid.client().messages().await.expect("SendGrid lists its mails")
    }

    pub async fn purchases(&self, account: &str) -> Vec<Value> {
        self.sim(account).client().ledger().await.expect("the ledger is read")
    }
}

/// One entry of the outbox.
#[derive(Debug, Clone)]
pub struct Pending {
    pub id: String,
    pub due: Timestamp,
    pub work: String,
}

impl Pending {
    fn read(item: &HashMap<String, AttributeValue>) -> Self {
        let text = |name: &str| item[name].as_s().expect("a text").clone();
        let number = |name: &str| item[name].as_n().expect("a number").parse::<i64>().expect("a number");
        let created = Timestamp::from_millisecond(number("created_at")).expect("an instant");
        let due = created.checked_add(SignedDuration::from_secs(number("delay_s"))).expect("an instant");
        let work: Value = serde_json::from_str(&text("data")).expect("JSON");
        Self { id: text("outbox_id"), due, work: work["work"].as_str().expect("a name").to_owned() }
    }
}
