//! Which order of ours a purchase at the provider belongs to, for providers whose orders carry nothing of ours
//! ([`crate::providers::Recovery::ListByTime`]): two open orders for the same package must not both take the same purchase.

use jiff::{Timestamp, ToSpan};

use super::{Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::{AccountName, AgencyId, OrderId};

impl Transaction {
    /// Claims a purchase for an order; nobody may have it. Kept for 90 days: orders are looked up within hours.
    pub fn claim_purchase(
        self,
        agency: &AgencyId,
        account: &AccountName,
        provider_order_id: &str,
        order: &OrderId,
        now: Timestamp,
    ) -> Self {
        let until = now.saturating_add((90 * 24).hours()).map_or(now, |t| t);
        let item = Item::at(&keys::purchase_claim(agency, account, provider_order_id)).text("kind", "claim").expires(until);
        self.put(item.text("order_id", order.as_str()), &Condition::Absent)
    }
}

impl Store {
    /// The order that a purchase belongs to.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purchase_claim(
        &self,
        agency: &AgencyId,
        account: &AccountName,
        provider_order_id: &str,
    ) -> Result<Option<OrderId>, StoreError> {
        let item = self.get(&keys::purchase_claim(agency, account, provider_order_id)).await?;
        Ok(item.and_then(|item| OrderId::parse(item.read_text("order_id")?).ok()))
    }
}
