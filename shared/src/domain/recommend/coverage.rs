//! The countries of a trip as bits, so that covering them is one `or` a country.

use crate::domain::{Country, Trip};

/// A set of countries of one trip, a bit each. A trip has 30 stays at most.
pub(super) type Covered = u32;

/// The bit of each country of a trip.
pub(super) struct TripCountries {
    /// By [`Country::ordinal`]: the bit, or zero for a country that is not visited.
    bits: [Covered; Country::ORDINALS],
    all: Covered,
}

impl TripCountries {
    pub(super) fn of(trip: &Trip) -> Self {
        let mut bits = [0; Country::ORDINALS];
        let mut all = 0;
        for (country, place) in trip.countries().into_iter().zip(0_u32..) {
            let bit = 1_u32.checked_shl(place).unwrap_or(0);
            if let Some(slot) = bits.get_mut(country.ordinal()) {
                *slot = bit;
            }
            all |= bit;
        }
        Self { bits, all }
    }

    /// Every country of the trip.
    pub(super) fn all(&self) -> Covered {
        self.all
    }

    /// How many countries the trip visits.
    pub(super) fn count(&self) -> u32 {
        self.all.count_ones()
    }

    /// The countries of the trip among these.
    pub(super) fn covered_by(&self, countries: &[Country]) -> Covered {
        let mut covered = 0;
        for country in countries {
            covered |= self.bits.get(country.ordinal()).copied().unwrap_or(0);
            if covered == self.all {
                break;
            }
        }
        covered
    }
}
