//! Dossiers: the traveller sealed, the offers beside them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Seals, Store, StoreError, Transaction, item::Item, keys, orders::json, transaction::Condition};
use crate::{
    domain::{AgencyId, Booking, CrmLink, OrderId, TraceId, Traveller, Trip},
    security::PageKind,
};

/// A dossier with the offers that were made for it.
#[derive(Debug, Clone, PartialEq)]
pub struct BookingRecord {
    /// Whose.
    pub agency: AgencyId,
    /// The dossier.
    pub booking: Booking,
    /// The offers, as they are shown.
    pub offers: Vec<Value>,
    /// What changed in the catalogue since offers were shown, in the agency's language, where they were made anew for it.
    pub offers_note: Option<String>,
    /// The trip does not take place: nothing is offered, and nothing is ordered for it.
    pub cancelled: bool,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offers_note: Option<String>,
    #[serde(default)]
    cancelled: bool,
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
            offers_note: self.offers_note.clone(),
            cancelled: self.cancelled,
            forget_at: self.forget_at,
        };
        let traveller = seal.seal(&self.agency, &key, "traveller", &json(&booking.traveller)?)?;
        let companions = match booking.companions.as_slice() {
            [] => None,
            companions => Some(seal.seal(&self.agency, &key, "companions", &json(&companions)?)?),
        };
        Item::at(&key)
            .text("kind", "booking")
            .number("version", booking.version)
            .text("traveller", &traveller)
            .optional_text("companions", companions.as_deref())
            .data(&data)
    }

    fn read(agency: &AgencyId, item: &Item, seal: &Seals) -> Result<Self, StoreError> {
        let unreadable = |name: &str| StoreError::Unreadable(format!("booking.{name}"));
        let data: BookingData = item.read_data()?;
        let sealed = item.read_text("traveller").ok_or_else(|| unreadable("traveller"))?;
        let plain = seal.open(agency, &item.key(), "traveller", sealed)?;
        let traveller: Traveller = serde_json::from_str(&plain).map_err(|_| unreadable("traveller"))?;
        let companions = match item.read_text("companions") {
            Some(sealed) => {
                let plain = seal.open(agency, &item.key(), "companions", sealed)?;
                serde_json::from_str(&plain).map_err(|_| unreadable("companions"))?
            }
            None => Vec::new(),
        };
        Ok(Self {
            agency: agency.clone(),
            booking: Booking {
                reference: data.reference,
                external_reference: data.external_reference,
                trip: data.trip,
                traveller,
                companions,
                crm: data.crm,
                version: item.read_number("version").ok_or_else(|| unreadable("version"))?,
                trace_id: data.trace_id,
            },
            offers: data.offers,
            offers_note: data.offers_note,
            cancelled: data.cancelled,
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

    /// Deletes a dossier as it was read, with the list of its orders, what was told of it, and what is known of its page's links.
    pub fn forget_booking(mut self, record: &BookingRecord, orders: &[OrderId]) -> Self {
        let (agency, reference) = (&record.agency, &record.booking.reference);
        for order in orders {
            self = self.delete(&keys::booking_order(agency, reference, order), &Condition::Always);
        }
        self.offered_no_more(record)
            .delete(&keys::told_booking(agency, reference), &Condition::Always)
            .delete(&keys::page_links(agency, PageKind::Panel.as_str(), reference), &Condition::Always)
            .delete(&keys::booking(agency, reference), &Condition::version(record.booking.version))
    }

    /// Adds an order to its dossier's list.
    pub(super) fn list_order(self, agency: &AgencyId, reference: &str, order: &OrderId) -> Self {
        let item = Item::at(&keys::booking_order(agency, reference, order)).text("kind", "booking_order").text("order_id", order.as_str());
        self.put(item, &Condition::Always)
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

    /// The orders of a dossier, the first one first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn orders_of_booking(&self, agency: &AgencyId, reference: &str) -> Result<Vec<OrderId>, StoreError> {
        let items = self.all(&keys::booking(agency, reference).pk, keys::BOOKING_ORDERS).await?;
        Ok(items.iter().filter_map(|item| OrderId::parse(item.read_text("order_id")?).ok()).collect())
    }
}
