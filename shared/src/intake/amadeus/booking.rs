//! A body that tells of bookings, in either form: by its content, not by what it is called.

use serde_json::Value;

use super::{Reading, flight_order, pnr, split};
use crate::xml;

/// Why a body tells of no booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotABooking {
    /// It is no XML; the line of the fault.
    Xml(u32),
    /// It is no JSON; the line of the fault.
    Json(usize),
    /// It is readable, and holds neither a `PNR_Reply` nor a flight order.
    Other,
    /// It is a SOAP fault.
    Fault,
}

/// Reads a body: `PNR_Reply` elements wherever they stand in a document, or a flight order, or a list of them.
///
/// # Errors
/// [`NotABooking`].
pub fn read_bookings(body: &[u8]) -> Result<Vec<Reading>, NotABooking> {
    let text = split::decode(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.chars().next() {
        Some('<') => replies(text),
        Some('{' | '[') => orders(text),
        _ => Err(NotABooking::Other),
    }
}

fn replies(text: &str) -> Result<Vec<Reading>, NotABooking> {
    let document = xml::parse(text).map_err(|error| NotABooking::Xml(error.line))?;
    let replies = document.descendants().filter(|node| xml::is(*node, "PNR_Reply"));
    let readings: Vec<Reading> = replies
        .map(|reply| Reading {
            line: usize::try_from(document.text_pos_at(reply.range().start).row).unwrap_or(1),
            record: pnr::read(reply),
        })
        .collect();
    match readings.is_empty() {
        false => Ok(readings),
        true if document.descendants().any(|node| xml::is(node, "Fault")) => Err(NotABooking::Fault),
        true => Err(NotABooking::Other),
    }
}

fn orders(text: &str) -> Result<Vec<Reading>, NotABooking> {
    let value: Value = serde_json::from_str(text).map_err(|error| NotABooking::Json(error.line()))?;
    // As answered; or only what stands in `data`.
    let data = value.get("data").unwrap_or(&value);
    let orders = data.as_array().map_or(std::slice::from_ref(data), Vec::as_slice);
    let nothing = Value::Null;
    let dictionaries = value.get("dictionaries").unwrap_or(&nothing);
    let found = orders.iter().filter(|order| flight_order::is(order));
    let readings: Vec<Reading> = found.map(|order| Reading { line: 1, record: flight_order::read(order, dictionaries) }).collect();
    if readings.is_empty() { Err(NotABooking::Other) } else { Ok(readings) }
}
