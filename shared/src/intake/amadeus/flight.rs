//! `H-` and `U-` lines: the flights of an itinerary, ticketed here or not.

use jiff::{
    ToSpan,
    civil::{Date, DateTime},
};
use serde::{Deserialize, Serialize};

use super::dates;
use crate::domain::Country;

/// Status codes of segments that nobody will fly: cancelled, refused or on a waiting list.
const NOT_FLOWN: [&str; 9] = ["HX", "UN", "NO", "UC", "XX", "HL", "WL", "US", "UU"];

/// Whether a segment of this status will be flown by nobody.
pub(super) fn is_not_flown(status: &str) -> bool {
    NOT_FLOWN.iter().any(|code| status.starts_with(code))
}

/// Whether it has the form of an IATA code.
pub(super) fn is_place(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// One end of a flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// IATA code.
    pub iata: String,
    /// The country that the line names.
    pub country: Option<Country>,
    /// Local time.
    pub at: DateTime,
}

/// A flight, its year found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// Where it begins.
    pub origin: End,
    /// Where it ends.
    pub destination: End,
    /// Whether the traveller stays at the origin (`O`) or only changes planes there (`X`); `None` where the line does not say.
    pub stopover_at_origin: Option<bool>,
}

/// A flight as its line tells it: days without a year.
pub(super) struct Line<'a> {
    number: u32,
    stopover_at_origin: Option<bool>,
    origin: &'a str,
    destination: &'a str,
    countries: [Option<Country>; 2],
    block: &'a str,
}

impl<'a> Line<'a> {
    /// The line behind its prefix; `None` for surface segments, cancelled ones, and what is no flight.
    ///
    /// `countries` are the places of the two countries: 20 and 21 of an `H-` line, 22 and 23 of a `U-` line.
    pub(super) fn read(line: &'a str, countries: [usize; 2]) -> Option<Self> {
        let fields: Vec<&str> = line.split(';').collect();
        let field = |place: usize| fields.get(place).copied().unwrap_or_default();
        let (head, block) = (field(1).trim(), field(5));
        let status = field(7).trim();
        if is_not_flown(status) || block.len() < 35 {
            return None;
        }
        let origin_at = head.len().checked_sub(3)?;
        let origin = head.get(origin_at..)?;
        let marks = head.get(..origin_at)?;
        let stopover_at_origin = match marks.chars().last() {
            Some('O') => Some(true),
            Some('X') => Some(false),
            _ => None,
        };
        let number = marks.trim_end_matches(['O', 'X']).parse().unwrap_or(u32::MAX);
        let destination = field(3).trim();
        (is_place(origin) && is_place(destination)).then(|| Self {
            number,
            stopover_at_origin,
            origin,
            destination,
            countries: countries.map(|place| Country::parse(field(place)).ok()),
            block,
        })
    }

    /// The flight, not before `floor`. Local times differ across the date line: an arrival may bear the day before its departure.
    fn dated(&self, floor: Date) -> Option<Flight> {
        let part = |from: usize, to: usize| self.block.get(from..to);
        let marker = |place: usize| self.block.get(place..=place).and_then(|mark| mark.chars().next()).filter(|mark| *mark != ' ');
        let departure = dates::ddmmm(part(15, 20)?, floor)?;
        let arrival = dates::ddmmm(part(30, 35)?, departure.saturating_sub(1.day()))?;
        let [from, to] = self.countries;
        Some(Flight {
            origin: End { iata: self.origin.to_owned(), country: from, at: departure.to_datetime(dates::hhmm(part(20, 24)?, marker(24))?) },
            destination: End {
                iata: self.destination.to_owned(),
                country: to,
                at: arrival.to_datetime(dates::hhmm(part(25, 29)?, marker(29))?),
            },
            stopover_at_origin: self.stopover_at_origin,
        })
    }
}

/// The flights in the order of the itinerary, each in the first year in which it is not before the booking or the flight before it.
/// The second is how many lines bear no date that can be.
pub(super) fn dated(mut lines: Vec<Line<'_>>, created: Date) -> (Vec<Flight>, usize) {
    lines.sort_by_key(|line| line.number);
    let mut flights: Vec<Flight> = Vec::new();
    let mut unreadable = 0;
    for line in lines {
        let floor = flights.last().map_or(created, |before| before.origin.at.date().saturating_sub(1.day()).max(created));
        match line.dated(floor) {
            Some(flight) => flights.push(flight),
            None => unreadable += 1,
        }
    }
    (flights, unreadable)
}
