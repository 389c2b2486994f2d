//! A booking told whole, as services tell it: what it was before is of no matter. AIR files tell what happened to it instead.

use jiff::civil::{Date, DateTime};
use sha2::{Digest, Sha256};

use super::{
    flight::Flight,
    passenger::Passenger,
    record::{MessageType, Part, Record, Unusable},
    remark::Instructions,
};

/// A booking as one answer of a service tells it.
pub(super) struct Snapshot {
    pub(super) message: MessageType,
    pub(super) locator: String,
    pub(super) created: Option<Date>,
    /// The version of the booking; 0 where it does not say.
    pub(super) envelope: u32,
    /// When it was changed last.
    pub(super) changed: Option<DateTime>,
    pub(super) flights: Vec<Flight>,
    pub(super) unreadable_flights: usize,
    pub(super) passengers: Vec<Passenger>,
    pub(super) instructions: Instructions,
}

impl Snapshot {
    /// The record that says the same.
    pub(super) fn record(self) -> Result<Record, Unusable> {
        if self.passengers.is_empty() && !self.flights.is_empty() {
            return Err(Unusable::NoTraveller);
        }
        let sequence = if self.envelope > 0 { self.envelope.to_string() } else { self.digest() };
        Ok(Record {
            message: self.message,
            locator: self.locator,
            created: self.created,
            envelope: self.envelope,
            changed: self.changed,
            sequence,
            part: Part { number: 1, of: 1 },
            flights: self.flights,
            unreadable_flights: self.unreadable_flights,
            passengers: self.passengers,
            exchanged: Vec::new(),
            instructions: self.instructions,
        })
    }

    /// Names what is told, where the booking has no version.
    fn digest(&self) -> String {
        let told = serde_json::to_vec(&(&self.flights, &self.passengers, &self.instructions, self.changed)).unwrap_or_default();
        Sha256::digest(told).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }
}
