//! What is known of the files of agencies' other systems: which was the last one, who works on one now, and what it told of each booking, as a
//! keyed hash. Nothing that a traveller could be known by.

use jiff::Timestamp;

use super::{Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::AgencyId;

/// A feed as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedState {
    /// Rises by one with every write; 0 is not in the table yet.
    pub version: u64,
    /// The hash of the last file that was followed to its end.
    pub content: Option<String>,
    /// When that file was sent.
    pub as_of: Option<Timestamp>,
    /// Until when somebody works on a file of it.
    pub held_until: Option<Timestamp>,
}

/// What a feed told of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedBooking {
    /// The agency's dossier number.
    pub reference: String,
    /// The hash of what was told.
    pub content: String,
    /// When the file was sent that told it.
    pub as_of: Timestamp,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// The trip's first moment, in the agency's time zone.
    pub begins: Timestamp,
}

impl Transaction {
    /// Writes the state of a feed after the version that was read.
    pub fn write_feed(self, agency: &AgencyId, name: &str, state: &FeedState) -> Self {
        let condition = if state.version == 0 { Condition::Absent } else { Condition::version(state.version) };
        let mut item = Item::at(&keys::feed(agency, name)).text("kind", "feed").number("version", state.version + 1);
        item = item.optional_text("content", state.content.as_deref());
        if let Some(as_of) = state.as_of {
            item = item.instant("as_of", as_of);
        }
        if let Some(until) = state.held_until {
            item = item.instant("held_until", until);
        }
        self.put(item, &condition)
    }

    /// Writes what a feed told of a booking; it ends by itself at `until`. Whoever writes holds the feed.
    pub fn write_feed_booking(self, agency: &AgencyId, name: &str, booking: &FeedBooking, until: Timestamp) -> Self {
        let item = Item::at(&keys::feed_booking(agency, name, &booking.reference))
            .text("kind", "feed_booking")
            .text("reference", &booking.reference)
            .text("content", &booking.content)
            .instant("as_of", booking.as_of)
            .number("cancelled", u64::from(booking.cancelled))
            .instant("begins", booking.begins)
            .expires(until);
        self.put(item, &Condition::Always)
    }
}

impl Store {
    /// What is known of a feed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn feed(&self, agency: &AgencyId, name: &str) -> Result<FeedState, StoreError> {
        let Some(item) = self.get(&keys::feed(agency, name)).await? else { return Ok(FeedState::default()) };
        Ok(FeedState {
            version: item.read_number("version").ok_or_else(|| StoreError::Unreadable("feed.version".to_owned()))?,
            content: item.read_text("content").map(str::to_owned),
            as_of: item.read_instant("as_of"),
            held_until: item.read_instant("held_until"),
        })
    }

    /// Every booking that a feed told of and that is not over for long.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn feed_bookings(&self, agency: &AgencyId, name: &str) -> Result<Vec<FeedBooking>, StoreError> {
        let items = self.all(&keys::feed(agency, name).pk, keys::FEED_BOOKINGS).await?;
        items.iter().map(read).collect()
    }
}

fn read(item: &Item) -> Result<FeedBooking, StoreError> {
    let unreadable = |name: &str| StoreError::Unreadable(format!("feed_booking.{name}"));
    Ok(FeedBooking {
        reference: item.read_text("reference").ok_or_else(|| unreadable("reference"))?.to_owned(),
        content: item.read_text("content").ok_or_else(|| unreadable("content"))?.to_owned(),
        as_of: item.read_instant("as_of").ok_or_else(|| unreadable("as_of"))?,
        cancelled: item.read_number("cancelled") == Some(1),
        begins: item.read_instant("begins").ok_or_else(|| unreadable("begins"))?,
    })
}
