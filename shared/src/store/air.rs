//! What Amadeus interface records told of a booking so far, sealed; and which booking a locator means now.

use jiff::Timestamp;

use super::{Seals, Store, StoreError, Transaction, item::Item, keys, orders::json, transaction::Condition};
use crate::{domain::AgencyId, intake::amadeus::Dossier};

/// A booking as it was told, with its place in the table.
#[derive(Debug, Clone)]
pub struct ToldBooking {
    /// The six characters.
    pub locator: String,
    /// The agency's reference that we made of it.
    pub reference: String,
    /// What was told.
    pub dossier: Dossier,
    /// Rises by one with every write; 0 is not in the table yet.
    pub version: u64,
}

impl Transaction {
    /// Writes what was told of a booking, after the version that was read, and that its locator means this booking from now on. Both
    /// end by themselves at `until`.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn write_told(self, agency: &AgencyId, told: &ToldBooking, until: Timestamp, seal: &Seals) -> Result<Self, StoreError> {
        let key = keys::told_booking(agency, &told.reference);
        let sealed = seal.seal(agency, &key, "dossier", &json(&told.dossier)?)?;
        let condition = if told.version == 0 { Condition::Absent } else { Condition::version(told.version) };
        let item = Item::at(&key).text("kind", "told_booking").number("version", told.version + 1).text("dossier", &sealed).expires(until);
        let locator = Item::at(&keys::locator(agency, &told.locator)).text("kind", "locator").text("reference", &told.reference);
        Ok(self.put(item, &condition).put(locator.expires(until), &Condition::Always))
    }
}

impl Store {
    /// What was told of a booking, if anything was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn told_booking(&self, agency: &AgencyId, locator: &str, reference: &str, seal: &Seals) -> Result<ToldBooking, StoreError> {
        let told = |dossier, version| ToldBooking { locator: locator.to_owned(), reference: reference.to_owned(), dossier, version };
        let key = keys::told_booking(agency, reference);
        let Some(item) = self.get(&key).await? else { return Ok(told(Dossier::default(), 0)) };
        let unreadable = || StoreError::Unreadable("told_booking.dossier".to_owned());
        let plain = seal.open(agency, &key, "dossier", item.read_text("dossier").ok_or_else(unreadable)?)?;
        let dossier = serde_json::from_str(&plain).map_err(|_| unreadable())?;
        Ok(told(dossier, item.read_number("version").ok_or_else(unreadable)?))
    }

    /// The reference of the booking that a locator means now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reference_of_locator(&self, agency: &AgencyId, locator: &str) -> Result<Option<String>, StoreError> {
        let item = self.get(&keys::locator(agency, locator)).await?;
        Ok(item.and_then(|item| item.read_text("reference").map(str::to_owned)))
    }
}
