//! One record: the lines of it that a trip needs. All others are passed over unread, among them `FP` (payment), `SSR DOCS` and `FOID`
//! (passports), and remarks that are not for us.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::{
    dates,
    flight::{self, Flight},
    passenger::{self, Passenger},
    remark::Instructions,
};

/// Parts of one record; a higher number is no numbering.
const MOST_PARTS: u16 = 20;

/// Segments of an itinerary, and passengers of a group, with much to spare: what is kept of a record has an end.
pub(super) const MOST_LINES: usize = 50;

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    /// `7A`: tickets were issued, or issued anew.
    Ticket,
    /// `7D`: a document for a service: baggage, a seat. No trip.
    Emd,
    /// `MA`: tickets are void.
    Void,
    /// `RF`: tickets are refunded.
    Refund,
    /// `IM`, `BT`, `IA`: an itinerary without a ticket.
    Itinerary,
    /// `PNR_Reply`: the whole booking, as Amadeus Web Services answer it.
    Pnr,
    /// The whole booking, as Amadeus' REST interfaces answer it.
    FlightOrder,
}

impl MessageType {
    /// The word for people and keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Emd => "emd",
            Self::Void => "void",
            Self::Refund => "refund",
            Self::Itinerary => "itinerary",
            Self::Pnr => "pnr",
            Self::FlightOrder => "flight_order",
        }
    }

    /// Whether it tells the whole booking as it is, by a service's answer.
    #[must_use]
    pub fn is_snapshot(self) -> bool {
        matches!(self, Self::Pnr | Self::FlightOrder)
    }
}

/// `2/3`: which part of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Counted from 1.
    pub number: u16,
    /// How many there are.
    pub of: u16,
}

/// Why a record cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// Its message type is none that is known; the type, where it is two letters or digits.
    Type(Option<String>),
    /// It names no booking (`MUC1A`).
    NoLocator,
    /// It does not say when the booking was made (`D-`): its flights have no year, and its locator no owner.
    NoCreationDate,
    /// It has flights and names nobody who travels.
    NoTraveller,
    /// It lacks this member.
    Missing(&'static str),
    /// It is a service's refusal; the code that it gives.
    Refused(String),
}

/// One record, complete or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What it is about.
    pub message: MessageType,
    /// The booking's six characters; used again after years.
    pub locator: String,
    /// When the booking was made; voids and refunds may leave it out, services as well.
    pub created: Option<Date>,
    /// The version of the booking that it tells of; 0 where it does not say.
    pub envelope: u32,
    /// When the booking was changed last, where the record says so: orders those without a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<DateTime>,
    /// The record's own number (`AMD`); of a whole booking its version, or what names its content.
    pub sequence: String,
    /// Which part of how many.
    pub part: Part,
    /// Flights that are to be flown, in their order.
    pub flights: Vec<Flight>,
    /// Flight lines without a date that can be.
    pub unreadable_flights: usize,
    /// The passengers that it is about, each with the documents that it names.
    pub passengers: Vec<Passenger>,
    /// Documents that an exchange took in payment (`FO`).
    pub exchanged: Vec<String>,
    /// The adviser's.
    pub instructions: Instructions,
}

impl Record {
    /// Reads the lines of a record, the first of which is its `AIR-BLK`.
    pub(super) fn read(lines: &[&str]) -> Result<Self, Unusable> {
        let after = |prefix: &str| lines.iter().find_map(|line| line.strip_prefix(prefix));
        let message = message_type(lines.first().copied().unwrap_or_default())?;
        let booking = after("MUC1A").map(str::trim_start).unwrap_or_default();
        let locator = booking.get(0..6).filter(|code| is_locator(code)).ok_or(Unusable::NoLocator)?;
        let envelope = booking.get(6..9).and_then(|number| number.parse().ok()).unwrap_or(0);
        let numbered_line = after("AMD").unwrap_or_default();
        let message = if message != MessageType::Emd && numbered_line.contains(";VOID") { MessageType::Void } else { message };
        let created = after("D-").and_then(|days| dates::yymmdd(days.split(';').next()?.trim()));
        if created.is_none() && matches!(message, MessageType::Ticket | MessageType::Itinerary) {
            return Err(Unusable::NoCreationDate);
        }
        let (sequence, part) = numbered(numbered_line);
        let (flights, unreadable_flights) = created.map(|created| flights(lines, created)).unwrap_or_default();
        Ok(Self {
            message,
            locator: locator.to_owned(),
            created,
            envelope,
            changed: None,
            sequence: sequence.unwrap_or_else(|| format!("v{envelope}")),
            part,
            flights,
            unreadable_flights,
            passengers: passengers(lines),
            exchanged: lines.iter().filter_map(|line| document(line.strip_prefix("FO")?)).collect(),
            instructions: created.map(|created| instructions(lines, created)).unwrap_or_default(),
        })
    }

    /// Names the record for good within its booking: type, sequence and part.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}-{}-{}", self.message.as_str(), self.sequence, self.part.number)
    }

    /// The agency's reference for the booking: its locator with the day on which it was made.
    #[must_use]
    pub fn reference(&self) -> Option<String> {
        self.created.map(|created| format!("{}-{}", self.locator, created.strftime("%Y%m%d")))
    }
}

/// `AIR-BLK207;7A;;…`.
fn message_type(line: &str) -> Result<MessageType, Unusable> {
    let word = line.split(';').nth(1).unwrap_or_default().trim();
    Ok(match word {
        "7A" => MessageType::Ticket,
        "7D" => MessageType::Emd,
        "MA" => MessageType::Void,
        "RF" => MessageType::Refund,
        "IM" | "BT" | "IA" => MessageType::Itinerary,
        _ => return Err(Unusable::Type((word.len() == 2 && word.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| word.to_owned()))),
    })
}

pub(super) fn is_locator(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// ` 0100000001;1/1;`.
fn numbered(line: &str) -> (Option<String>, Part) {
    let mut fields = line.trim().split(';');
    let sequence =
        fields.next().map(str::trim).filter(|number| (1..=12).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()));
    let whole = Part { number: 1, of: 1 };
    let part = fields.next().and_then(|part| {
        let (number, of) = part.trim().split_once('/')?;
        Some(Part { number: number.parse().ok()?, of: of.parse().ok()? })
    });
    let part = part.filter(|part| (1..=part.of).contains(&part.number) && part.of <= MOST_PARTS).unwrap_or(whole);
    (sequence.map(str::to_owned), part)
}

fn flights(lines: &[&str], created: Date) -> (Vec<Flight>, usize) {
    let read = lines.iter().filter_map(|line| match line.get(..2)? {
        "H-" => flight::Line::read(line.get(2..)?, [20, 21]),
        "U-" => flight::Line::read(line.get(2..)?, [22, 23]),
        _ => None,
    });
    flight::dated(read.take(MOST_LINES).collect(), created)
}

fn instructions(lines: &[&str], created: Date) -> Instructions {
    let mut instructions = Instructions::default();
    let remarks = lines.iter().filter_map(|line| line.strip_prefix("RM")?.trim_start().strip_prefix("ESIM/"));
    remarks.for_each(|remark| instructions.take(remark, created));
    instructions
}

/// The passengers, each with what the lines up to the next one say.
fn passengers(lines: &[&str]) -> Vec<Passenger> {
    let mut passengers: Vec<Passenger> = Vec::new();
    for line in lines {
        if let Some(text) = line.strip_prefix("I-") {
            passengers.extend(Passenger::read(text).filter(|_| passengers.len() < MOST_LINES));
        } else if let Some(text) = line.strip_prefix("SSR CTCE") {
            if let (Some(passenger), Some(email)) = (meant(&mut passengers, text), passenger::ctce(text)) {
                passenger.email = Some(email);
            }
        } else if let Some(text) = line.strip_prefix("SSR CTCM") {
            if let (Some(passenger), Some(phone)) = (meant(&mut passengers, text), passenger::ctcm(text)) {
                passenger.phone = Some(phone);
            }
        } else if let Some(passenger) = passengers.last_mut() {
            let ticket = line.strip_prefix("T-").or_else(|| line.strip_prefix("R-")).and_then(document);
            passenger.tickets.extend(ticket);
        }
    }
    passengers
}

/// Whom a line is about: the passenger that it names, or the one whose lines it stands among.
fn meant<'a>(passengers: &'a mut [Passenger], text: &str) -> Option<&'a mut Passenger> {
    match passenger::named_at_end(text) {
        Some(number) => passengers.iter_mut().find(|passenger| passenger.number == number),
        None => passengers.last_mut(),
    }
}

/// The first document number of a line: an airline's three digits, a hyphen, ten digits.
pub(super) fn document(text: &str) -> Option<String> {
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let found = text.as_bytes().windows(14).find(|window| match window {
        [airline @ .., b'-', _, _, _, _, _, _, _, _, _, _] if airline.len() == 3 => {
            digits(airline) && digits(window.get(4..).unwrap_or_default())
        }
        _ => false,
    })?;
    std::str::from_utf8(found).ok().map(str::to_owned)
}
