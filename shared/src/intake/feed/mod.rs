//! Files of agencies' other systems: exports of a back office, reports of a booking tool, feeds for a data consolidator.
//!
//! There is no common format. A mapping in the agency's settings ([`Feed`]) says how a partner's file is written and which column is what;
//! here it is followed, and nothing is guessed. A row that cannot be followed is told of with its line, its column and the reason, and never
//! spoils the others; only a file that the mapping is not for is refused as a whole.
//!
//! Only the mapped columns are read. What else stands in a file (payment, passports, dates of birth) is dropped with the row that it stood in, so
//! that no type of ours can hold it; a card number that strayed into a mapped cell is refused.

mod cells;
mod dates;
mod decode;
mod delimited;
mod flights;
mod group;
mod json_lines;
mod names;
mod row;
mod table;
#[cfg(test)]
mod tests;
mod xml;

use serde::Serialize;

use crate::{
    config::Feed,
    domain::{CrmLink, Destination, EmailAddress, Locale, booking::PersonName, booking::PhoneNumber},
};

/// A file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Rows that it holds.
    pub rows: usize,
    /// What it says of each booking, in the order of first appearance.
    pub bookings: Vec<Told>,
    /// Rows that cannot be followed.
    pub rejects: Vec<Reject>,
    /// What else whoever sends the file should know.
    pub notes: Vec<Note>,
    /// Why it is not sure that the file holds all that it should, if it is not.
    pub not_whole: Option<&'static str>,
}

/// What a file says of one booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The agency's dossier number.
    pub reference: String,
    /// The lines that its rows begin at.
    pub lines: Vec<usize>,
    /// What they say together.
    pub state: State,
}

/// What a booking's rows say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It takes place.
    Travels(Draft),
    /// It is cancelled.
    Cancelled,
    /// No day of it is spent abroad.
    AtHome,
    /// It is no booking yet.
    Ignored,
    /// A row of it was rejected: half a booking is none.
    Incomplete,
}

/// A dossier as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// The CRM's id of the customer or dossier.
    pub external_reference: String,
    /// Where and when.
    pub stays: Vec<Destination>,
    /// Who, the first one first.
    pub travellers: Vec<Person>,
    /// Where the dossier lives in the CRM.
    pub crm: CrmLink,
}

/// One who travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The name, first name first.
    pub name: PersonName,
    /// The address, if the file has one.
    pub email: Option<EmailAddress>,
    /// The phone number, if the file has one.
    pub phone: Option<PhoneNumber>,
    /// The language, if the file has one.
    pub locale: Option<Locale>,
}

/// A row that cannot be followed. Holds no cell of it but the reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// The line of the file that the row begins at, from 1.
    pub line: usize,
    /// The column at fault, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Machine-readable.
    pub code: &'static str,
    /// For people.
    pub text: String,
    /// The booking, where the row names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Something to know that rejects nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Machine-readable.
    pub code: &'static str,
    /// For people.
    pub text: String,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    column: Option<String>,
    code: &'static str,
    text: String,
}

impl Fault {
    fn of_row(code: &'static str, text: impl Into<String>) -> Self {
        Self { column: None, code, text: text.into() }
    }

    fn of(column: &str, code: &'static str, text: impl Into<String>) -> Self {
        Self { column: Some(column.to_owned()), code, text: text.into() }
    }

    fn at(self, line: usize, reference: Option<String>) -> Reject {
        Reject { line, column: self.column, code: self.code, text: self.text, reference }
    }
}

/// Why a file cannot be read at all: the mapping is for another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Machine-readable.
    pub code: &'static str,
    /// For people; holds no cell.
    pub text: String,
    /// The columns at fault.
    pub columns: Vec<String>,
}

impl Unreadable {
    fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), columns: Vec::new() }
    }
}

/// Reads a file by its mapping. `is_text`: it is UTF-8 whatever the mapping says, as what came in a JSON body.
///
/// # Errors
/// [`Unreadable`].
pub fn read(feed: &Feed, file: &[u8], is_text: bool) -> Result<Reading, Unreadable> {
    let (text, mut notes) = decode::decode(feed.encoding, file, is_text)?;
    let table = table::read(feed, &text)?;
    let other_order = dates::other_order(feed, &table);
    notes.extend(table.notes.iter().cloned());
    notes.extend(other_order.as_ref().map(|format| Note {
        code: "date_order",
        text: format!("the dates of this file fit {format} only, and not what the mapping says: none of its rows was followed"),
    }));
    let rows: Vec<_> = table.rows.iter().map(|row| row::Row::read(feed, &table, row, other_order.as_deref())).collect();
    let nameless = rows.iter().any(|row| row.reference.is_none());
    let not_whole = table.not_whole.or_else(|| nameless.then_some("a row does not say which booking it is of"));
    let (bookings, rejects) = group::bookings(feed, rows);
    Ok(Reading { rows: table.rows.len(), bookings, rejects, notes, not_whole })
}
