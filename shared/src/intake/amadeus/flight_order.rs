//! A flight order: a booking as Amadeus' REST interfaces tell it, in JSON (`data.type` is `flight-order`).
//!
//! Only the members that a trip needs are looked at; documents of travellers, forms of payment and all else are passed over unread.

use jiff::civil::{Date, DateTime};
use serde_json::Value;

use super::{
    flight::{self, End, Flight},
    passenger::{self, Passenger},
    record::{self, MOST_LINES, MessageType, Record, Unusable},
    remark::Instructions,
    snapshot::Snapshot,
};
use crate::domain::{
    Country, EmailAddress,
    booking::{PersonName, PhoneNumber},
};

/// Whether it is one.
pub(super) fn is(order: &Value) -> bool {
    order.get("type").and_then(Value::as_str) == Some("flight-order")
}

/// Reads an order; `dictionaries` are what stands beside it in the answer.
pub(super) fn read(order: &Value, dictionaries: &Value) -> Result<Record, Unusable> {
    let booked = booked(order).ok_or(Unusable::NoLocator)?;
    // An order without its offers is one that was told in part: it is no cancellation.
    let offers = order.get("flightOffers").and_then(Value::as_array).ok_or(Unusable::Missing("data.flightOffers"))?;
    let created = text(booked, "creationDate").and_then(|day| day.get(..10)).and_then(|day| day.parse().ok());
    let (flights, unreadable_flights) = flights(offers, dictionaries);
    let floor = created.or(flights.first().map(|flight| flight.origin.at.date()));
    let snapshot = Snapshot {
        message: MessageType::FlightOrder,
        locator: text(booked, "reference").unwrap_or_default().to_owned(),
        created,
        envelope: 0,
        changed: None,
        flights,
        unreadable_flights,
        passengers: passengers(order, offers),
        instructions: floor.map(|floor| instructions(order, floor)).unwrap_or_default(),
    };
    snapshot.record()
}

/// The record at Amadeus (`GDS`), among those at airlines.
fn booked(order: &Value) -> Option<&Value> {
    let named = |record: &&Value| text(record, "reference").is_some_and(|code| code.len() == 6 && record::is_locator(code));
    let records: Vec<&Value> = list(order, "associatedRecords").iter().filter(named).collect();
    records.iter().find(|record| text(record, "originSystemCode") == Some("GDS")).or(records.first()).copied()
}

fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The flights in their order, and how many have no date that can be.
fn flights(offers: &[Value], dictionaries: &Value) -> (Vec<Flight>, usize) {
    let mut flights: Vec<Flight> = Vec::new();
    let mut unreadable = 0;
    for (way, itinerary) in offers.iter().flat_map(|offer| list(offer, "itineraries").iter().enumerate()) {
        for (place, segment) in list(itinerary, "segments").iter().enumerate() {
            // Within a way planes are changed; between two ways of one offer the traveller stays, if only for a day.
            let stopover = match (way, place) {
                (0, 0) => None,
                (_, 0) => Some(true),
                _ => Some(false),
            };
            match flight(segment, dictionaries, stopover) {
                Some(flight) if flights.len() < MOST_LINES => flights.push(flight),
                Some(_) => {}
                None => unreadable += 1,
            }
        }
    }
    flights.sort_by_key(|flight| flight.origin.at);
    (flights, unreadable)
}

fn flight(segment: &Value, dictionaries: &Value, stopover_at_origin: Option<bool>) -> Option<Flight> {
    let end = |name: &str| {
        let end = segment.get(name)?;
        let iata = text(end, "iataCode").filter(|code| flight::is_place(code))?;
        // Local, without an offset; one that is there all the same says nothing more about the day.
        let at: DateTime = text(end, "at")?.get(..16)?.parse().ok()?;
        let located = dictionaries.get("locations").and_then(|places| places.get(iata));
        Some(End { iata: iata.to_owned(), country: located.and_then(|place| Country::parse(text(place, "countryCode")?).ok()), at })
    };
    Some(Flight { origin: end("departure")?, destination: end("arrival")?, stopover_at_origin })
}

fn passengers(order: &Value, offers: &[Value]) -> Vec<Passenger> {
    let held: Vec<&str> = offers
        .iter()
        .flat_map(|offer| list(offer, "travelerPricings"))
        .filter(|pricing| text(pricing, "travelerType") == Some("HELD_INFANT"))
        .filter_map(|pricing| text(pricing, "travelerId"))
        .collect();
    let mut passengers: Vec<Passenger> = Vec::new();
    for (place, traveller) in list(order, "travelers").iter().enumerate().take(MOST_LINES) {
        let id = text(traveller, "id").unwrap_or_default();
        let number = id.parse().unwrap_or_else(|_| u16::try_from(place + 1).unwrap_or(u16::MAX));
        if let (false, Some(name)) = (held.contains(&id), name(traveller)) {
            passengers.push(Passenger { number, name, email: email(traveller), phone: phone(traveller), tickets: tickets(order, id) });
        }
    }
    passengers
}

fn name(traveller: &Value) -> Option<PersonName> {
    let name = traveller.get("name")?;
    passenger::name(&format!("{}/{}", text(name, "lastName")?, text(name, "firstName").unwrap_or_default()))
}

fn email(traveller: &Value) -> Option<EmailAddress> {
    passenger::written_address(text(traveller.get("contact")?, "emailAddress")?)
}

fn phone(traveller: &Value) -> Option<PhoneNumber> {
    let mobile = |phone: &&Value| text(phone, "deviceType") == Some("MOBILE");
    let phone = list(traveller.get("contact")?, "phones").iter().find(mobile)?;
    passenger::mobile(&format!("{}{}", text(phone, "countryCallingCode")?.trim_start_matches('+'), text(phone, "number")?))
}

fn tickets(order: &Value, traveller: &str) -> Vec<String> {
    let own = list(order, "tickets").iter().filter(|ticket| text(ticket, "travelerId") == Some(traveller));
    own.filter_map(|ticket| record::document(text(ticket, "documentNumber")?)).collect()
}

fn instructions(order: &Value, floor: Date) -> Instructions {
    let mut instructions = Instructions::default();
    let remarks = order.get("remarks").map_or(&[][..], |remarks| list(remarks, "general"));
    for remark in remarks.iter().filter_map(|remark| text(remark, "text")) {
        let told = remark.strip_prefix("RM").unwrap_or(remark).trim_start_matches([' ', '*']).strip_prefix("ESIM/");
        if let Some(told) = told {
            instructions.take(told, floor);
        }
    }
    instructions
}
