//! A booking as its records told it so far: what the next record is understood by.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::{
    flight::Flight,
    passenger::Passenger,
    record::{MessageType, Record},
    remark::Instructions,
};

/// Records whose keys are remembered: a booking has a handful.
const MOST_SEEN: usize = 200;

/// A booking as told so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// Keys of records that were followed.
    seen: Vec<String>,
    /// Parts whose others are still to come.
    waiting: Vec<Record>,
    /// The newest version of the booking that was told.
    envelope: u32,
    /// When the booking was changed last, as far as that was told.
    #[serde(default)]
    changed: Option<DateTime>,
    /// Its flights.
    pub flights: Vec<Flight>,
    /// Flight lines that could not be read.
    pub unreadable_flights: usize,
    /// Who travels, by number.
    pub passengers: Vec<Passenger>,
    /// The adviser's.
    pub instructions: Instructions,
}

/// Parts of a record that others are awaited beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// The key of the first part that is there: names the record.
    pub first: String,
    /// The numbers of those that are missing.
    pub missing: Vec<u16>,
}

/// What a record did to a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// It, or all that it says, was known.
    Repeated,
    /// Other parts of it are missing: their numbers.
    Waiting(Vec<u16>),
    /// It tells of an older version of the booking than is known.
    Older,
    /// It sells a service, no trip.
    NoTrip,
    /// It voids a document that is not, or no longer, one of the booking's.
    OtherDocument,
    /// The booking is as it says.
    Changed,
}

impl Dossier {
    /// Takes a record in. The same again is known only once it was [kept](Self::keep).
    pub fn follow(&mut self, record: &Record) -> Followed {
        if record.message == MessageType::Emd {
            return Followed::NoTrip;
        }
        if self.repeats(record) {
            return Followed::Repeated;
        }
        let whole = match self.joined(record) {
            Ok(whole) => whole,
            Err(missing) => return Followed::Waiting(missing),
        };
        if self.knows_newer(&whole) {
            return Followed::Older;
        }
        match whole.message {
            MessageType::Void | MessageType::Refund => return self.end(&whole),
            MessageType::Itinerary | MessageType::Pnr | MessageType::FlightOrder => {
                self.passengers = with_tickets(&whole.passengers, &self.passengers)
            }
            _ => self.travel(&whole),
        }
        self.envelope = whole.envelope.max(self.envelope);
        self.changed = whole.changed.max(self.changed);
        self.flights.clone_from(&whole.flights);
        self.unreadable_flights = whole.unreadable_flights;
        self.instructions.clone_from(&whole.instructions);
        Followed::Changed
    }

    /// What is awaited beside the part of this key; `None` when it waits for nothing any more.
    #[must_use]
    pub fn awaited(&self, part: &str) -> Option<Awaited> {
        let record = self.waiting.iter().find(|waiting| waiting.key() == part)?;
        let mut parts: Vec<&Record> = self.waiting.iter().filter(|other| together(other, record)).collect();
        parts.sort_by_key(|part| part.part.number);
        Some(Awaited { first: parts.first()?.key(), missing: missing(&parts, record.part.of) })
    }

    /// Whether a part of the same record waits already.
    #[must_use]
    pub fn awaits(&self, record: &Record) -> bool {
        self.waiting.iter().any(|other| together(other, record))
    }

    /// Whether a record was followed. A whole booking without a version may become again what it was: only the last one is a repeat.
    fn repeats(&self, record: &Record) -> bool {
        if record.message.is_snapshot() && record.envelope == 0 {
            return self.seen.last() == Some(&record.key());
        }
        self.seen.contains(&record.key())
    }

    /// Whether a newer version of the booking was told. Of two that cannot be compared, the one that is told later counts.
    fn knows_newer(&self, record: &Record) -> bool {
        if record.envelope == 0 && record.message.is_snapshot() {
            return record.changed.is_some_and(|changed| self.changed.is_some_and(|known| changed < known));
        }
        record.envelope < self.envelope
    }

    /// Remembers that a record, and the parts that waited for it, were followed.
    pub fn keep(&mut self, record: &Record) {
        let parts: Vec<String> = self.waiting.iter().filter(|other| together(other, record)).map(Record::key).collect();
        self.waiting.retain(|other| !together(other, record));
        for key in parts.into_iter().chain([record.key()]) {
            self.seen.retain(|seen| *seen != key);
            self.seen.push(key);
        }
        let over = self.seen.len().saturating_sub(MOST_SEEN);
        self.seen.drain(..over);
    }

    /// The record with its other parts, or the numbers of those that are missing; the part then waits for them.
    fn joined(&mut self, record: &Record) -> Result<Record, Vec<u16>> {
        if record.part.of == 1 {
            return Ok(record.clone());
        }
        self.waiting.retain(|other| !(together(other, record) && other.part.number == record.part.number));
        self.waiting.push(record.clone());
        let mut parts: Vec<&Record> = self.waiting.iter().filter(|other| together(other, record)).collect();
        let missing = missing(&parts, record.part.of);
        if !missing.is_empty() {
            return Err(missing);
        }
        parts.sort_by_key(|part| part.part.number);
        Ok(parts
            .into_iter()
            .fold(None, |whole: Option<Record>, part| Some(whole.map_or_else(|| part.clone(), |whole| with(whole, part))))
            .unwrap_or_else(|| record.clone()))
    }

    /// Tickets were issued: for these passengers, and for those who had theirs before.
    fn travel(&mut self, record: &Record) {
        for known in &mut self.passengers {
            known.tickets.retain(|ticket| !record.exchanged.contains(ticket));
        }
        for passenger in &record.passengers {
            match self.passengers.iter_mut().find(|known| known.number == passenger.number) {
                Some(known) => {
                    let mut tickets = std::mem::take(&mut known.tickets);
                    tickets.extend(passenger.tickets.iter().filter(|ticket| !tickets.contains(ticket)).cloned().collect::<Vec<_>>());
                    *known = Passenger { tickets, ..passenger.clone() };
                }
                None => self.passengers.push(passenger.clone()),
            }
        }
        self.passengers.sort_by_key(|passenger| passenger.number);
    }

    /// Documents are no longer good: who has none left does not travel. Where a record names none, it is about its passengers, and where
    /// it names nobody, about all.
    fn end(&mut self, record: &Record) -> Followed {
        let documents: Vec<&String> = record.passengers.iter().flat_map(|passenger| &passenger.tickets).collect();
        let named =
            |passenger: &Passenger| record.passengers.is_empty() || record.passengers.iter().any(|other| other.number == passenger.number);
        let before = self.passengers.clone();
        for passenger in &mut self.passengers {
            passenger.tickets.retain(|ticket| !documents.contains(&ticket));
        }
        let held_before =
            |number: u16| before.iter().find(|passenger| passenger.number == number).is_some_and(|passenger| !passenger.tickets.is_empty());
        self.passengers.retain(|passenger| {
            let lost_the_last = passenger.tickets.is_empty() && held_before(passenger.number);
            let named_without = named(passenger) && (documents.is_empty() || !held_before(passenger.number));
            !(lost_the_last || named_without)
        });
        self.envelope = record.envelope.max(self.envelope);
        if before.is_empty() || before != self.passengers { Followed::Changed } else { Followed::OtherDocument }
    }
}

/// Whether two are parts of one record.
fn together(one: &Record, other: &Record) -> bool {
    one.message == other.message && one.part.of == other.part.of
}

fn missing(parts: &[&Record], of: u16) -> Vec<u16> {
    (1..=of).filter(|number| !parts.iter().any(|part| part.part.number == *number)).collect()
}

/// The passengers of an itinerary, with the documents that were issued before.
fn with_tickets(passengers: &[Passenger], known: &[Passenger]) -> Vec<Passenger> {
    let before = |number: u16| known.iter().find(|other| other.number == number).map(|other| other.tickets.clone()).unwrap_or_default();
    let tickets = |passenger: &Passenger| {
        let mut tickets = before(passenger.number);
        tickets.extend(passenger.tickets.iter().filter(|ticket| !tickets.contains(ticket)).cloned().collect::<Vec<_>>());
        tickets
    };
    passengers.iter().map(|passenger| Passenger { tickets: tickets(passenger), ..passenger.clone() }).collect()
}

/// A record with its next part.
fn with(mut whole: Record, part: &Record) -> Record {
    let new = |flight: &&Flight| !whole.flights.contains(flight);
    let flights: Vec<Flight> = part.flights.iter().filter(new).cloned().collect();
    whole.flights.extend(flights);
    whole.flights.sort_by_key(|flight| flight.origin.at);
    whole.unreadable_flights = whole.unreadable_flights.max(part.unreadable_flights);
    whole.passengers.extend(part.passengers.iter().cloned());
    whole.exchanged.extend(part.exchanged.iter().cloned());
    whole.envelope = whole.envelope.max(part.envelope);
    if part.instructions != Instructions::default() {
        whole.instructions.clone_from(&part.instructions);
    }
    whole
}
