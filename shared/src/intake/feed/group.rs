//! Rows of one booking are one booking: one a traveller, one a stay, one of each.

use std::collections::HashMap;

use super::{
    Draft, Fault, Person, Reject, State, Told, flights,
    row::{Facts, Part, Row, Said},
};
use crate::{
    config::Feed,
    domain::{CrmLink, Destination},
};

/// Rows of one booking: ten travellers on a tour of thirty stays.
const MOST_ROWS: usize = 300;

/// The bookings, in the order of first appearance, and the rows that were rejected. Every row is in one of both: a row that names its booking and is
/// rejected is in both.
pub(super) fn bookings(feed: &Feed, rows: Vec<Row>) -> (Vec<Told>, Vec<Reject>) {
    let mut rejects: Vec<Reject> = rows.iter().filter_map(Row::reject).collect();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<(String, Vec<Row>)> = Vec::new();
    for row in rows {
        let Some(reference) = row.reference.clone() else { continue };
        let place = *places.entry(reference.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(row),
            None => groups.push((reference, vec![row])),
        }
    }
    rejects.extend(groups.iter().filter_map(|(reference, rows)| too_many(reference, rows)));
    (groups.into_iter().map(|(reference, rows)| told(feed, reference, rows)).collect(), rejects)
}

fn too_many(reference: &str, rows: &[Row]) -> Option<Reject> {
    let beyond = rows.get(MOST_ROWS)?;
    let fault = Fault::of_row("too_many_rows", format!("is one of more than {MOST_ROWS} rows of its booking"));
    Some(fault.at(beyond.line, Some(reference.to_owned())))
}

fn told(feed: &Feed, reference: String, rows: Vec<Row>) -> Told {
    let lines = rows.iter().map(|row| row.line).collect();
    if rows.len() > MOST_ROWS {
        return Told { reference, lines, state: State::Incomplete };
    }
    let (mut draft, mut parts, mut state) = (None::<Draft>, Parts::default(), State::Ignored);
    for row in rows {
        match row.said {
            Err(_) => return Told { reference, lines, state: State::Incomplete },
            // A cancelled row beside booked ones is a part of the trip that does not take place.
            Ok(Said::Cancelled) => state = State::Cancelled,
            Ok(Said::Ignored) => {}
            Ok(Said::Travels(facts)) => {
                let Facts { external_reference, travellers, part, crm } = *facts;
                parts.add(travellers, part);
                let whole = draft.get_or_insert_with(|| Draft {
                    external_reference,
                    stays: Vec::new(),
                    travellers: Vec::new(),
                    crm: CrmLink::default(),
                });
                whole.crm = filled(std::mem::take(&mut whole.crm), crm);
            }
        }
    }
    let Some(mut draft) = draft else { return Told { reference, lines, state } };
    draft.stays = parts.stays(feed);
    draft.travellers = parts.travellers.into_iter().map(|(_, person)| person).collect();
    let state = if draft.stays.is_empty() { State::AtHome } else { State::Travels(draft) };
    Told { reference, lines, state }
}

/// What the rows of a booking add up to.
#[derive(Default)]
struct Parts {
    stays: Vec<Destination>,
    flights: Vec<flights::Flight>,
    travellers: Vec<(String, Person)>,
}

impl Parts {
    fn add(&mut self, travellers: Vec<(String, Person)>, part: Part) {
        for (known_by, person) in travellers {
            match self.travellers.iter_mut().find(|(known, _)| *known == known_by) {
                Some((_, known)) => complete(known, person),
                None => self.travellers.push((known_by, person)),
            }
        }
        match part {
            Part::Stay(stay) if !self.stays.contains(&stay) => self.stays.push(stay),
            Part::Stay(_) => {}
            Part::Flight(flight) => self.flights.push(flight),
        }
    }

    fn stays(&mut self, feed: &Feed) -> Vec<Destination> {
        let mut stays = std::mem::take(&mut self.stays);
        stays.extend(flights::stays(std::mem::take(&mut self.flights), &feed.home));
        stays.retain(|stay| !feed.home.contains(&stay.iso_country));
        stays
    }
}

/// The same traveller again: what was not known is added.
fn complete(known: &mut Person, again: Person) {
    known.email = known.email.take().or(again.email);
    known.phone = known.phone.take().or(again.phone);
    known.locale = known.locale.or(again.locale);
}

fn filled(known: CrmLink, again: CrmLink) -> CrmLink {
    CrmLink {
        deal_id: known.deal_id.or(again.deal_id),
        contact_id: known.contact_id.or(again.contact_id),
        owner_id: known.owner_id.or(again.owner_id),
    }
}
