//! Orders: claimed before anything is sent, taken by one worker at a time, settled by whoever still holds the fence.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Seals, Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::{AgencyId, CrmLink, Order, OrderId, Traveller};
use crate::providers::StockSim;

/// An order with what a worker needs to go on with it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRecord {
    /// Whose.
    pub agency: AgencyId,
    /// The order itself.
    pub order: Order,
    /// Hash of the idempotency key that claimed it.
    pub key_hash: String,
    /// Where it hangs in the CRM.
    pub link: CrmLink,
    /// Who gets the codes; sealed in the table.
    pub traveller: Option<Traveller>,
    /// The SIM of the provider's stock that was chosen for it, while it is open; sealed in the table.
    pub sim: Option<StockSim>,
    /// The outbox entry that looks after it, while it is open.
    pub watch: Option<String>,
    /// Who works on it, and for which time: a late run of an earlier fence cannot write any more.
    pub fence: Fence,
}

/// The right to write an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// Who.
    pub owner: String,
    /// Rises with every take-over.
    pub attempt: u64,
    /// Until when nobody else may take over.
    pub lease_until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct OrderData {
    order: Order,
    key_hash: String,
    link: CrmLink,
    watch: Option<String>,
}

impl OrderRecord {
    fn item(&self, seal: &Seals) -> Result<Item, StoreError> {
        let key = keys::order(&self.agency, &self.order.order_id);
        let data =
            OrderData { order: self.order.clone(), key_hash: self.key_hash.clone(), link: self.link.clone(), watch: self.watch.clone() };
        let item = Item::at(&key)
            .text("kind", "order")
            .text("status", self.order.status.as_str())
            .text("owner", &self.fence.owner)
            .number("attempt", self.fence.attempt)
            .instant("lease_until", self.fence.lease_until)
            .data(&data)?;
        let sealed = match &self.traveller {
            Some(traveller) => Some(seal.seal(&self.agency, &key, "traveller", &json(traveller)?)?),
            None => None,
        };
        let sim = match &self.sim {
            Some(sim) => Some(seal.seal(&self.agency, &key, "sim", &json(sim)?)?),
            None => None,
        };
        Ok(item.optional_text("traveller", sealed.as_deref()).optional_text("sim", sim.as_deref()))
    }

    fn read(agency: &AgencyId, item: &Item, seal: &Seals) -> Result<Self, StoreError> {
        let data: OrderData = item.read_data()?;
        let unreadable = |name: &str| StoreError::Unreadable(format!("order.{name}"));
        let traveller = match item.read_text("traveller") {
            Some(sealed) => {
                let plain = seal.open(agency, &item.key(), "traveller", sealed)?;
                Some(serde_json::from_str(&plain).map_err(|_| unreadable("traveller"))?)
            }
            None => None,
        };
        let sim = match item.read_text("sim") {
            Some(sealed) => {
                let plain = seal.open(agency, &item.key(), "sim", sealed)?;
                Some(serde_json::from_str(&plain).map_err(|_| unreadable("sim"))?)
            }
            None => None,
        };
        Ok(Self {
            agency: agency.clone(),
            sim,
            order: data.order,
            key_hash: data.key_hash,
            link: data.link,
            watch: data.watch,
            traveller,
            fence: Fence {
                owner: item.read_text("owner").unwrap_or_default().to_owned(),
                attempt: item.read_number("attempt").ok_or_else(|| unreadable("attempt"))?,
                lease_until: item.read_instant("lease_until").ok_or_else(|| unreadable("lease_until"))?,
            },
        })
    }
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unreadable(error.to_string()))
}

impl Transaction {
    /// Writes a new order, in its dossier's list too; there must be none of this id.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it cannot be written.
    pub fn claim_order(self, record: &OrderRecord, seal: &Seals) -> Result<Self, StoreError> {
        let item = record.item(seal)?;
        let listed = match &record.order.booking_reference {
            Some(reference) => self.list_order(&record.agency, reference, &record.order.order_id),
            None => self,
        };
        Ok(listed.put(item, &Condition::Absent))
    }

    /// Writes an order that we hold the fence of; nothing is written when somebody has taken over.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it cannot be written.
    pub fn write_order(self, record: &OrderRecord, seal: &Seals) -> Result<Self, StoreError> {
        let item = record.item(seal)?;
        let fence = Condition::Holds(vec![
            ("owner", AttributeValue::S(record.fence.owner.clone())),
            ("attempt", AttributeValue::N(record.fence.attempt.to_string())),
        ]);
        Ok(self.put(item, &fence))
    }
}

impl Store {
    /// An order as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn order(&self, agency: &AgencyId, order: &OrderId, seal: &Seals) -> Result<Option<OrderRecord>, StoreError> {
        let item = self.get(&keys::order(agency, order)).await?;
        item.map(|item| OrderRecord::read(agency, &item, seal)).transpose()
    }

    /// Takes an order over as `owner` until `lease_until`: whoever held it before cannot write it any more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else took it, or wrote it, since it was read: a run whose lease was over may have settled it
    /// in between, and what was read is no longer true.
    pub async fn take_order(&self, record: &mut OrderRecord, owner: &str, lease_until: Timestamp) -> Result<(), StoreError> {
        let key = keys::order(&record.agency, &record.order.order_id);
        self.client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .update_expression("SET #owner = :owner, attempt = :next, lease_until = :until")
            // Our own take, whose reply was lost, is recognised by its owner.
            .condition_expression(
                "(#owner = :before AND attempt = :attempt AND lease_until = :lease AND #status = :status) \
                 OR (#owner = :owner AND attempt = :next)",
            )
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#status", "status")
            // Every write that ends a run ends its lease too, at another moment than the one that was read.
            .expression_attribute_values(":lease", AttributeValue::N(record.fence.lease_until.as_millisecond().to_string()))
            .expression_attribute_values(":status", AttributeValue::S(record.order.status.as_str().to_owned()))
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()))
            .expression_attribute_values(":before", AttributeValue::S(record.fence.owner.clone()))
            .expression_attribute_values(":attempt", AttributeValue::N(record.fence.attempt.to_string()))
            .expression_attribute_values(":next", AttributeValue::N((record.fence.attempt + 1).to_string()))
            .expression_attribute_values(":until", AttributeValue::N(lease_until.as_millisecond().to_string()))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        record.fence = Fence { owner: owner.to_owned(), attempt: record.fence.attempt + 1, lease_until };
        Ok(())
    }
}
