//! Webhooks received: kept sealed before they are answered, by the provider's event id or the hash of their bytes, so that the
//! same one is kept once.

use jiff::{Timestamp, ToSpan};

use super::{Seals, Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::{AccountName, AgencyId};

/// A webhook as it was received. Its signature has been checked.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Whose.
    pub agency: AgencyId,
    /// Which account it came to.
    pub account: AccountName,
    /// The provider's event id, or the hash of the bytes.
    pub receipt_id: String,
    /// The raw body.
    pub body: String,
    /// When.
    pub received_at: Timestamp,
}

impl Transaction {
    /// Keeps a webhook that was not received before, for 30 days.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn keep_receipt(self, receipt: &Receipt, seal: &Seals) -> Result<Self, StoreError> {
        let key = keys::receipt(&receipt.agency, &receipt.account, &receipt.receipt_id);
        let sealed = seal.seal(&receipt.agency, &key, "body", &receipt.body)?;
        let until = receipt.received_at.saturating_add((30 * 24).hours()).map_or(receipt.received_at, |t| t);
        let item = Item::at(&key).text("kind", "receipt").text("body", &sealed).instant("received_at", receipt.received_at).expires(until);
        Ok(self.put(item, &Condition::Absent))
    }
}

impl Store {
    /// A webhook that was kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipt(
        &self,
        agency: &AgencyId,
        account: &AccountName,
        receipt_id: &str,
        seal: &Seals,
    ) -> Result<Option<Receipt>, StoreError> {
        let key = keys::receipt(agency, account, receipt_id);
        let Some(item) = self.get(&key).await? else { return Ok(None) };
        let unreadable = |name: &str| StoreError::Unreadable(format!("receipt.{name}"));
        let sealed = item.read_text("body").ok_or_else(|| unreadable("body"))?;
        Ok(Some(Receipt {
            agency: agency.clone(),
            account: account.clone(),
            receipt_id: receipt_id.to_owned(),
            body: seal.open(agency, &key, "body", sealed)?,
            received_at: item.read_instant("received_at").ok_or_else(|| unreadable("received_at"))?,
        }))
    }
}
