//! What a part of a trip asks of a plan: days and data.

use std::collections::HashMap;

use super::coverage::Covered;
use crate::domain::Trip;

/// The days and data of the stays in some countries of a trip.
#[derive(Debug)]
pub(super) struct Need {
    /// Unbroken runs of days of stay, as first and last day counted from the first of all.
    runs: Vec<(u32, u32)>,
    /// From the first day to the last, days elsewhere in between included: what one plan must last.
    pub(super) span_days: u32,
    /// Days of stay: what data is needed for.
    pub(super) stay_days: u32,
    /// Data needed in all, MB.
    pub(super) data_mb: u64,
}

impl Need {
    fn of(trip: &Trip, part: Covered, mb_per_day: u32) -> Self {
        let countries = trip.countries();
        let wanted = |country| countries.iter().position(|c| *c == country).is_some_and(|place| part >> place & 1 == 1);
        let dates = trip.runs_in(wanted);
        let first = dates.first().map(|run| run.0).unwrap_or_default();
        let offset = |date: jiff::civil::Date| u32::try_from(first.until(date).map_or(0, |span| span.get_days())).unwrap_or(0);
        let runs: Vec<_> = dates.iter().map(|(from, to)| (offset(*from), offset(*to))).collect();
        let stay_days = runs.iter().map(|(from, to)| to - from + 1).sum();
        let span_days = runs.last().map_or(0, |run| run.1 + 1);
        Self { runs, span_days, stay_days, data_mb: u64::from(stay_days) * u64::from(mb_per_day) }
    }

    /// How often a plan of this many days must be bought: once, twice one after the other, or `None` when two do not do.
    ///
    /// The second plan starts on the first day of stay that the first does not reach, as it would in the traveller's hands:
    /// days at home in between need no plan.
    pub(super) fn times(&self, validity_days: u32) -> Option<u32> {
        if validity_days >= self.span_days {
            return Some(1);
        }
        let second_starts = self.runs.iter().find(|run| run.1 >= validity_days).map(|run| run.0.max(validity_days))?;
        (validity_days > 0 && second_starts.saturating_add(validity_days) >= self.span_days).then_some(2)
    }
}

/// The needs of the parts of one trip, each worked out when it is first asked for.
pub(super) struct Needs<'a> {
    trip: &'a Trip,
    mb_per_day: u32,
    known: HashMap<Covered, Need>,
}

impl<'a> Needs<'a> {
    pub(super) fn of(trip: &'a Trip, mb_per_day: u32) -> Self {
        Self { trip, mb_per_day, known: HashMap::new() }
    }

    pub(super) fn get(&mut self, part: Covered) -> &Need {
        self.known.entry(part).or_insert_with(|| Need::of(self.trip, part, self.mb_per_day))
    }
}
