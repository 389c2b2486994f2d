//! Bookings from Amadeus, in the three forms in which agencies get them.
//!
//! Interface records (AIR) are what a reservation system drops for a back office when it tickets, changes or voids. `PNR_Reply` is a
//! whole booking as Web Services answer it, a flight order the same as the REST interfaces do. All become a [`Record`], and what one
//! means is told by the [`Dossier`] that it is followed into.
//!
//! No specification of AIR is public. What is read here was found in what agencies' systems send, so that nothing is taken for
//! granted: a line that is not understood is passed over, a record that cannot be used says why, and never does one spoil the others.
//!
//! Only the lines that a trip needs are looked at. Payment (`FP`), passports (`SSR DOCS`, `FOID`) and all that is not listed in
//! [`record`](self) are dropped before anything is kept, so that no type of ours can hold them.

mod booking;
mod dates;
mod dossier;
mod flight;
mod flight_order;
mod passenger;
mod pnr;
mod record;
mod remark;
mod snapshot;
mod split;
mod stays;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod whole_tests;

pub use booking::{NotABooking, read_bookings};
pub use dossier::{Awaited, Dossier, Followed};
pub use passenger::Passenger;
pub use record::{MessageType, Part, Record, Unusable};
pub use remark::Instructions;
pub use stays::{NoTrip, stays};

/// A day as Amadeus' services write it: `201226` is 20 December 2026.
#[must_use]
pub fn day(text: &str) -> Option<jiff::civil::Date> {
    dates::ddmmyy(text)
}

/// One record of a file.
#[derive(Debug)]
pub struct Reading {
    /// The line of the file that it begins at, counted from 1.
    pub line: usize,
    /// What it says, or why it cannot be used.
    pub record: Result<Record, Unusable>,
}

/// Reads a file of any number of records; none at all is an empty list.
#[must_use]
pub fn read(file: &[u8]) -> Vec<Reading> {
    let text = split::decode(file);
    split::records(&text).into_iter().map(|(line, lines)| Reading { line, record: Record::read(&lines) }).collect()
}
