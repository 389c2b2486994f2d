//! Dossiers: the traveller sealed, the offers beside them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Seals, Store, StoreError, Transaction, item::Item, keys, orders::json, transaction::Condition};
use crate::domain::{AgencyId, Booking, CrmLink, TraceId, Traveller, Trip};

/// A dossier with the offers that were made for it.
#[derive(Debug, Clone, PartialEq)]
pub struct BookingRecord {
    /// Whose.
    pub agency: AgencyId,
    /// The dossier.
    pub booking: Booking,
    /// The offers, as they are shown.
    pub offers: Vec<Value>,
    /// When its personal data are to be forgotten.
    pub forget_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct BookingData {
    reference: String,
    external_reference: String,
    trip: Trip,
    crm: Option<CrmLink>,
    trace_id: TraceId,
    offers: Vec<Value>,
    forget_at: Timestamp,
}

impl BookingRecord {
    fn item(&self, seal: &Seals) -> Result<Item, StoreError> {
        let booking = &self.booking;
        let key = keys::booking(&self.agency, &booking.reference);
        let data = BookingData {
            reference: booking.reference.clone(),
            external_reference: booking.external_reference.clone(),
            trip: booking.trip.clone(),
            crm: booking.crm.clone(),
            trace_id: booking.trace_id.clone(),
            offers: self.offers.clone(),
            forget_at: self.forget_at,
        };
        let traveller = seal.seal(&self.agency, &key, "traveller", &json(&booking.traveller)?)?;
        Item::at(&key).text("kind", "booking").number("version", booking.version).text("traveller", &traveller).data(&data)
    }

    fn read(agency: &AgencyId, item: &Item, seal: &Seals) -> Result<Self, StoreError> {
        let unreadable = |name: &str| StoreError::Unreadable(format!("booking.{name}"));
        let data: BookingData = item.read_data()?;
        let sealed = item.read_text("traveller").ok_or_else(|| unreadable("traveller"))?;
        let plain = seal.open(agency, &item.key(), "traveller", sealed)?;
        let traveller: Traveller = serde_json::from_str(&plain).map_err(|_| unreadable("traveller"))?;
        Ok(Self {
            agency: agency.clone(),
            booking: Booking {
                reference: data.reference,
                external_reference: data.external_reference,
                trip: data.trip,
                traveller,
                crm: data.crm,
                version: item.read_number("version").ok_or_else(|| unreadable("version"))?,
                trace_id: data.trace_id,
            },
            offers: data.offers,
            forget_at: data.forget_at,
        })
    }
}

impl Transaction {
    /// Writes a dossier: version 1 must be new, any other must follow the one before it.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn write_booking(self, record: &BookingRecord, seal: &Seals) -> Result<Self, StoreError> {
        let item = record.item(seal)?;
        let condition = match record.booking.version {
            0 | 1 => Condition::Absent,
            version => Condition::version(version - 1),
        };
        Ok(self.put(item, &condition))
    }

    /// Deletes a dossier as it was read.
    pub fn forget_booking(self, record: &BookingRecord) -> Self {
        let key = keys::booking(&record.agency, &record.booking.reference);
        self.delete(&key, &Condition::version(record.booking.version))
    }
}

impl Store {
    /// A dossier as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn booking(&self, agency: &AgencyId, reference: &str, seal: &Seals) -> Result<Option<BookingRecord>, StoreError> {
        let item = self.get(&keys::booking(agency, reference)).await?;
        item.map(|item| BookingRecord::read(agency, &item, seal)).transpose()
    }
}
