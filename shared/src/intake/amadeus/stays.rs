//! From flights to stays: where the traveller needs data, and when.

use jiff::{SignedDuration, civil::Date};

use super::flight::{End, Flight};
use crate::{
    domain::{Country, Destination},
    intake::places,
};

/// A change of planes that takes longer is a stay, whatever its mark says.
const LONGEST_CONNECTION: SignedDuration = SignedDuration::from_hours(24);

/// Why flights are no trip that needs an eSIM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoTrip {
    /// There is no flight to be flown.
    NoFlights,
    /// Nobody says which country this code is in.
    UnknownPlace(String),
    /// No stay is outside of the country where the journey begins.
    AtHome,
}

/// The stays of a journey, in its order, without those in the country that it begins in.
///
/// A stay lasts from an arrival to the next departure, in the country of each where a part of the way goes over land. A change of planes
/// is none. After the last flight, when that does not lead home, the stay lasts `until` the day that the adviser named; without one only
/// the day of arrival is known.
///
/// # Errors
/// [`NoTrip`].
pub fn stays(flights: &[Flight], until: Option<Date>) -> Result<Vec<Destination>, NoTrip> {
    let first = flights.first().ok_or(NoTrip::NoFlights)?;
    let home = country(&first.origin)?;
    let mut stays: Vec<Destination> = Vec::new();
    for (place, flight) in flights.iter().enumerate() {
        let next = flights.get(place + 1);
        if next.is_some_and(|next| is_connection(flight, next)) {
            continue;
        }
        let from = flight.destination.at.date();
        let to = next.map_or(until.unwrap_or(from), |next| next.origin.at.date()).max(from);
        let here = country(&flight.destination)?;
        let left_from = next.map(|next| country(&next.origin)).transpose()?;
        for iso_country in [Some(here), left_from.filter(|country| *country != here)].into_iter().flatten() {
            if iso_country != home {
                push(&mut stays, Destination { iso_country, from, to });
            }
        }
    }
    if stays.is_empty() { Err(NoTrip::AtHome) } else { Ok(stays) }
}

fn country(end: &End) -> Result<Country, NoTrip> {
    places::country(&end.iata, end.country).ok_or_else(|| NoTrip::UnknownPlace(end.iata.clone()))
}

fn is_connection(flight: &Flight, next: &Flight) -> bool {
    let short = next.origin.at.duration_since(flight.destination.at) <= LONGEST_CONNECTION;
    short && next.stopover_at_origin != Some(true)
}

/// Two stays in a row in one country, as between domestic flights, are one.
fn push(stays: &mut Vec<Destination>, stay: Destination) {
    match stays.last_mut() {
        Some(last) if last.iso_country == stay.iso_country && stay.from <= last.to => last.to = last.to.max(stay.to),
        _ => stays.push(stay),
    }
}
