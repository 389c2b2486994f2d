//! Which country a place of an itinerary is in.
//!
//! `airports.txt` is a table of IATA codes: a country a line, then the codes without anything between them. It was made from
//! airportsdata 20260905 (MIT, see `airports.LICENSE`): airports by country, then the metropolitan codes that are no airport (`PAR`,
//! `LON`), with Puerto Rico and the Virgin Islands set apart from `US`, because plans list them apart, Pristina in `XK`, Ercan in `CY`,
//! Simferopol in `UA`.

use crate::domain::Country;

const AIRPORTS: &str = include_str!("airports.txt");

/// Territories that itineraries put under `US` and plans do not.
const SET_APART: [&str; 2] = ["PR", "VI"];

/// The country of an IATA airport or city code; `told` is what the itinerary itself says of it, which counts more than the table,
/// but for the territories that plans list apart.
///
/// `None` is unknown, and never a guess: rail and bus stations are in no table, and `XK` is a code that ISO 3166-1 does not list.
#[must_use]
pub fn country(iata: &str, told: Option<Country>) -> Option<Country> {
    let known = listed(iata);
    match known {
        Some(code) if SET_APART.contains(&code) => Country::parse(code).ok(),
        _ => told.or_else(|| known.and_then(|code| Country::parse(code).ok())),
    }
}

fn listed(iata: &str) -> Option<&'static str> {
    let lines = AIRPORTS.lines().filter_map(|line| line.split_once(' '));
    lines.into_iter().find(|(_, codes)| codes.as_bytes().chunks(3).any(|code| code == iata.as_bytes())).map(|(country, _)| country)
}

#[cfg(test)]
mod tests {
    use super::{AIRPORTS, country};
    use crate::domain::Country;

    fn of(iata: &str) -> Option<String> {
        country(iata, None).map(|country| country.to_string())
    }

    #[test]
    fn airports_and_cities_have_their_country_and_islands_their_own() {
        for (iata, code) in
            [("CDG", "FR"), ("HND", "JP"), ("PAR", "FR"), ("TYO", "JP"), ("SJU", "PR"), ("STT", "VI"), ("PTP", "GP"), ("HKG", "HK")]
        {
            assert_eq!(of(iata).as_deref(), Some(code), "{iata}");
        }
        assert_eq!((of("ECN").as_deref(), of("SIP").as_deref()), (Some("CY"), Some("UA")));
    }

    #[test]
    fn what_is_in_no_table_is_unknown() {
        assert_eq!((of("ZYR"), of("QKL"), of(""), of("C"), of("cdg"), of("PRN")), (None, None, None, None, None, None));
    }

    #[test]
    fn the_itinerary_counts_more_than_the_table_but_for_territories() {
        assert_eq!(country("ZYR", Country::parse("BE").ok()).map(|c| c.to_string()).as_deref(), Some("BE"));
        assert_eq!(country("SJU", Country::parse("US").ok()).map(|c| c.to_string()).as_deref(), Some("PR"));
    }

    #[test]
    fn every_line_is_a_country_and_whole_codes() {
        for line in AIRPORTS.lines() {
            assert!(line.is_ascii() && line.get(2..3) == Some(" ") && (line.len() - 3).is_multiple_of(3), "{line}");
        }
    }
}
