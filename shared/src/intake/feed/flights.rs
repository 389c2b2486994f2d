//! Stays between the flights of a booking, where a feed has a row a flight.

use jiff::civil::Date;

use crate::domain::{Country, Destination};

/// A flight by its days: feeds seldom have hours that can be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flight {
    pub(super) leaves: Date,
    pub(super) arrives: Date,
    pub(super) from: Country,
    pub(super) to: Country,
}

/// The stays abroad. A place that is left on the day of arrival is a change of planes. After a last flight that does not lead home, only its day of
/// arrival is known. Without a list of home countries, home is where the first flight leaves from.
pub(super) fn stays(mut flights: Vec<Flight>, home: &[Country]) -> Vec<Destination> {
    flights.sort_unstable();
    flights.dedup();
    let first = flights.first().map(|flight| flight.from);
    let at_home = |country: Country| if home.is_empty() { Some(country) == first } else { home.contains(&country) };
    let next_days = flights.iter().skip(1).map(|next| Some(next.leaves)).chain([None]);
    let stays = flights.iter().zip(next_days).filter(|(flight, _)| !at_home(flight.to)).filter_map(|(flight, next)| match next {
        Some(leaves) if leaves <= flight.arrives => None,
        next => Some(Destination { iso_country: flight.to, from: flight.arrives, to: next.unwrap_or(flight.arrives) }),
    });
    stays.collect()
}
