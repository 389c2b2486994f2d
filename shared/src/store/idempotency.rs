//! One record an idempotency key: which order it claimed, for which request, and what was answered in the end.
//! Keys are stored hashed, scoped to the agency, until 30 days after the trip.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::{AgencyId, OrderId};

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The order that it claimed.
    pub order_id: OrderId,
    /// SHA-256 of the canonical request.
    pub request_hash: String,
    /// When the record may be forgotten.
    pub keep_until: Timestamp,
    /// What was answered, once the order was settled.
    pub answer: Option<StoredAnswer>,
}

/// An answer that is given again, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// `application/json` or `application/problem+json`.
    pub content_type: String,
    /// Body. Holds ids and reasons, no secrets.
    pub body: String,
}

impl KeyRecord {
    fn item(&self, agency: &AgencyId, key_hash: &str) -> Result<Item, StoreError> {
        Item::at(&keys::idempotency(agency, key_hash)).text("kind", "key").expires(self.keep_until).data(self)
    }
}

impl Transaction {
    /// Claims a key; nobody may have it.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn claim_key(self, agency: &AgencyId, key_hash: &str, record: &KeyRecord) -> Result<Self, StoreError> {
        Ok(self.put(record.item(agency, key_hash)?, &Condition::Absent))
    }

    /// Writes what was answered. Guarded by the order's fence in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn answer_key(self, agency: &AgencyId, key_hash: &str, record: &KeyRecord) -> Result<Self, StoreError> {
        Ok(self.put(record.item(agency, key_hash)?, &Condition::Always))
    }
}

impl Store {
    /// What a key stands for. A record past its time counts as forgotten: the table removes it late.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn key_record(&self, agency: &AgencyId, key_hash: &str, now: Timestamp) -> Result<Option<KeyRecord>, StoreError> {
        let item = self.get(&keys::idempotency(agency, key_hash)).await?;
        let record: Option<KeyRecord> = item.map(|item| item.read_data()).transpose()?;
        Ok(record.filter(|record| record.keep_until > now))
    }
}
