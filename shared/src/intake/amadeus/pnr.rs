//! `PNR_Reply`: a booking as Amadeus Web Services answer it, whatever the version of the contract.
//!
//! Only the elements that a trip needs are looked at. Payment (`FP`), passports (`SSR DOCS`, `DOCO`, `FOID`), confidential remarks (`RC`)
//! and all else are passed over unread.

use jiff::civil::{Date, DateTime};
use roxmltree::Node;

use super::{
    dates,
    flight::{self, End, Flight},
    passenger::{self, Passenger},
    record::{self, MOST_LINES, MessageType, Record, Unusable},
    remark::Instructions,
    snapshot::Snapshot,
};
use crate::{
    domain::{EmailAddress, booking::PersonName},
    xml::{self, all, children, text},
};

/// Segments that name the place of a stay: its last day counts where no flight leads home.
const HOTELS: [&str; 2] = ["HTL", "HHL"];

/// Reads the element.
pub(super) fn read(reply: Node<'_, '_>) -> Result<Record, Unusable> {
    if let Some(code) = refusal(reply) {
        return Err(Unusable::Refused(code));
    }
    let reservation = reservation(reply).ok_or(Unusable::NoLocator)?;
    let created = text(reply, &["securityInformation", "secondRpInformation", "creationDate"]).and_then(dates::ddmmyy);
    let envelope = text(reply, &["technicalData", "enveloppeNumberData", "sequenceDetails", "number"]);
    let segments = all(reply, &["originDestinationDetails", "itineraryInfo"]);
    let (flights, unreadable_flights) = flights(&segments);
    let elements = all(reply, &["dataElementsMaster", "dataElementsIndiv"]);
    let changed = moment(reservation, "date", "time");
    // Remarks name days without a year: they are after what is known to be early.
    let floor = created.or(changed.map(DateTime::date)).or(flights.first().map(|flight| flight.origin.at.date()));
    let mut instructions = floor.map(|floor| instructions(&elements, floor)).unwrap_or_default();
    if instructions.until.is_none() {
        instructions.until = segments.iter().filter_map(|segment| hotel_left(*segment)).max();
    }
    let snapshot = Snapshot {
        message: MessageType::Pnr,
        locator: text(reservation, &["controlNumber"]).unwrap_or_default().to_owned(),
        created,
        envelope: envelope.and_then(|number| number.parse().ok()).unwrap_or(0),
        changed,
        flights,
        unreadable_flights,
        passengers: passengers(reply, &elements),
        instructions,
    };
    snapshot.record()
}

/// The booking's place at Amadeus (`1A`), among those at other systems.
fn reservation<'a, 'input>(reply: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
    let named = |node: &Node<'_, '_>| text(*node, &["controlNumber"]).is_some_and(|code| code.len() == 6 && record::is_locator(code));
    let found: Vec<_> = all(reply, &["pnrHeader", "reservationInfo", "reservation"]).into_iter().filter(named).collect();
    let amadeus = found.iter().find(|node| text(**node, &["companyId"]) == Some("1A"));
    amadeus.or(found.first()).copied()
}

/// The service's own code, where an answer is an error. It may hold a booking all the same: one that was never saved.
fn refusal(reply: Node<'_, '_>) -> Option<String> {
    let errors = children(reply, "generalErrorInfo").find(|error| {
        let mut categories = error.descendants().filter(|node| xml::is(*node, "errorCategory") || xml::is(*node, "qualifier"));
        !categories.any(|category| category.text().is_some_and(|kind| kind.trim().starts_with('W')))
    })?;
    let code = errors.descendants().find(|node| xml::is(*node, "errorCode")).and_then(|node| node.text()).map(str::trim);
    let is_code = |code: &&str| (1..=8).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    Some(code.filter(is_code).unwrap_or("unknown").to_owned())
}

/// A date and a time beside each other, local.
fn moment(node: Node<'_, '_>, date: &str, time: &str) -> Option<DateTime> {
    Some(dates::ddmmyy(text(node, &[date])?)?.to_datetime(dates::hhmm(text(node, &[time])?, None)?))
}

/// The flights that are to be flown, and how many have no date that can be.
fn flights(segments: &[Node<'_, '_>]) -> (Vec<Flight>, usize) {
    let read = segments.iter().filter_map(|segment| flight(*segment)).take(MOST_LINES);
    let (flights, unreadable): (Vec<_>, Vec<_>) = read.partition(Option::is_some);
    (flights.into_iter().flatten().collect(), unreadable.len())
}

/// `None` is no flight to be flown, `Some(None)` one without a date.
fn flight(segment: Node<'_, '_>) -> Option<Option<Flight>> {
    if text(segment, &["elementManagementItinerary", "segmentName"]) != Some("AIR") || !is_flown(segment) {
        return None;
    }
    let product = |path: &'static str| text(segment, &["travelProduct", path, "cityCode"]).filter(|code| flight::is_place(code));
    let (from, to) = (product("boardpointDetail")?, product("offpointDetail")?);
    let end = |iata: &str, date, time| {
        let at = all(segment, &["travelProduct", "product"]).first().and_then(|days| moment(*days, date, time))?;
        Some(End { iata: iata.to_owned(), country: None, at })
    };
    Some(end(from, "depDate", "depTime").zip(end(to, "arrDate", "arrTime")).map(|(origin, destination)| Flight {
        origin,
        destination,
        stopover_at_origin: None,
    }))
}

fn is_flown(segment: Node<'_, '_>) -> bool {
    !all(segment, &["relatedProduct", "status"]).iter().filter_map(Node::text).any(|status| flight::is_not_flown(status.trim()))
}

/// The day on which the traveller leaves a hotel.
fn hotel_left(segment: Node<'_, '_>) -> Option<Date> {
    let name = text(segment, &["elementManagementItinerary", "segmentName"])?;
    if !HOTELS.contains(&name) || !is_flown(segment) {
        return None;
    }
    text(segment, &["travelProduct", "product", "arrDate"]).and_then(dates::ddmmyy)
}

/// A passenger with what Amadeus calls them in other elements.
struct Known<'a> {
    tattoo: Option<&'a str>,
    passenger: Passenger,
    /// How good the address is: what was said for the airlines (`SSR CTCE`) counts more than what was said for anybody (`AP`), and what was
    /// said of one passenger more than what was said of all.
    address: u8,
}

/// Who travels, with what the elements about each say. Infants are told within who holds them, and get no eSIM.
fn passengers(reply: Node<'_, '_>, elements: &[Node<'_, '_>]) -> Vec<Passenger> {
    let mut known: Vec<Known<'_>> = Vec::new();
    for (place, traveller) in children(reply, "travellerInfo").enumerate().take(MOST_LINES) {
        let tattoo = text(traveller, &["elementManagementPassenger", "reference", "number"]);
        let line = text(traveller, &["elementManagementPassenger", "lineNumber"]).and_then(|line| line.parse().ok());
        let number: u16 = line.unwrap_or_else(|| u16::try_from(place + 1).unwrap_or(u16::MAX));
        let named = all(traveller, &["passengerData", "travellerInformation"]).into_iter().flat_map(adults);
        known.extend(named.zip(0_u16..).map(|(name, more)| {
            let number = number.saturating_add(more.saturating_mul(100));
            let passenger = Passenger { number, name, email: None, phone: None, tickets: Vec::new() };
            Known { tattoo, passenger, address: 0 }
        }));
    }
    for element in elements {
        match about(*element).as_slice() {
            // Of all: the first passenger's.
            [] => known.first_mut().into_iter().for_each(|first| first.learn(*element, 0)),
            about => {
                let meant = known.iter_mut().filter(|one| one.tattoo.is_some_and(|tattoo| about.contains(&tattoo)));
                meant.for_each(|one| one.learn(*element, 1));
            }
        }
    }
    known.into_iter().map(|one| one.passenger).collect()
}

/// The passengers that an element is about, by their tattoos.
fn about<'a>(element: Node<'a, '_>) -> Vec<&'a str> {
    let references = all(element, &["referenceForDataElement", "reference"]).into_iter();
    references.filter(|one| text(*one, &["qualifier"]) == Some("PT")).filter_map(|one| text(one, &["number"])).collect()
}

/// The names of an element, without infants.
fn adults(information: Node<'_, '_>) -> Vec<PersonName> {
    let surname = text(information, &["traveller", "surname"]).unwrap_or_default();
    let grown = children(information, "passenger").filter(|passenger| text(*passenger, &["type"]) != Some("INF"));
    grown.filter_map(|passenger| passenger::name(&format!("{surname}/{}", text(passenger, &["firstName"]).unwrap_or_default()))).collect()
}

impl Known<'_> {
    /// Takes in what an element says; `own` is 1 where it is about this passenger, 0 where it is about all.
    fn learn(&mut self, element: Node<'_, '_>, own: u8) {
        match text(element, &["elementManagementData", "segmentName"]) {
            Some("AP") if text(element, &["otherDataFreetext", "freetextDetail", "type"]) == Some("P02") => {
                self.reached_at(text(element, &["otherDataFreetext", "longFreetext"]).and_then(passenger::written_address), 1 + own);
            }
            Some("SSR") => {
                self.reached_at(request(element, "CTCE").and_then(passenger::address), 3 + own);
                let phone = request(element, "CTCM").and_then(passenger::mobile);
                if own == 1 || self.passenger.phone.is_none() {
                    self.passenger.phone = phone.or(self.passenger.phone.take());
                }
            }
            Some("FA") => {
                let line = text(element, &["otherDataFreetext", "longFreetext"]).filter(|line| !line.starts_with("INF"));
                let tickets = &mut self.passenger.tickets;
                tickets.extend(line.and_then(record::document).filter(|ticket| !tickets.contains(ticket)).into_iter().collect::<Vec<_>>());
            }
            _ => {}
        }
    }

    fn reached_at(&mut self, email: Option<EmailAddress>, how_good: u8) {
        if let Some(email) = email.filter(|_| how_good > self.address) {
            (self.passenger.email, self.address) = (Some(email), how_good);
        }
    }
}

/// The words of a special service request of this kind.
fn request<'a>(element: Node<'a, '_>, kind: &str) -> Option<&'a str> {
    let request = all(element, &["serviceRequest", "ssr"]).into_iter().find(|ssr| text(*ssr, &["type"]) == Some(kind))?;
    text(request, &["freeText"]).map(|words| words.trim_start_matches(['/', '-', ' ']))
}

/// The adviser's, from `RM`.
fn instructions(elements: &[Node<'_, '_>], floor: Date) -> Instructions {
    let mut instructions = Instructions::default();
    let remarks = elements.iter().filter(|element| text(**element, &["elementManagementData", "segmentName"]) == Some("RM"));
    for remark in remarks.filter_map(|element| text(*element, &["miscellaneousRemarks", "remarks", "freetext"])) {
        if let Some(told) = remark.trim_start_matches('*').strip_prefix("ESIM/") {
            instructions.take(told, floor);
        }
    }
    instructions
}
