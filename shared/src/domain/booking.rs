//! The trip that an agency sold, as its CRM tells us.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Country, EmailAddress, Invalid, Locale, TraceId};

/// A dossier: who travels where and when. Its `reference` is the agency's own and names it for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Booking {
    /// The agency's dossier number.
    pub reference: String,
    /// The CRM's id of the customer or dossier, handed on to the provider's order.
    pub external_reference: String,
    /// Where and when.
    pub trip: Trip,
    /// Who.
    pub traveller: Traveller,
    /// Who travels along: each with an eSIM and an order of their own.
    #[serde(default)]
    pub companions: Vec<Traveller>,
    /// Where the dossier lives in the CRM, if we were told.
    pub crm: Option<CrmLink>,
    /// Rises by one with every change.
    pub version: u64,
    /// The call that made this version.
    pub trace_id: TraceId,
}

/// The stays of a trip: one at least, in any order, with gaps or overlaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Destination>", into = "Vec<Destination>")]
pub struct Trip(Vec<Destination>);

/// One stay in one country. Both days are days of stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// ISO 3166-1 alpha-2.
    pub iso_country: Country,
    /// First day, local to the destination.
    pub from: Date,
    /// Last day, local to the destination.
    pub to: Date,
}

impl Trip {
    /// A trip of these stays.
    ///
    /// # Errors
    /// [`Invalid`] when there is no stay, more than 30, one that ends before it starts, or one of more than 366 days.
    pub fn new(stays: Vec<Destination>) -> Result<Self, Invalid> {
        if stays.is_empty() || stays.len() > 30 {
            return Err(Invalid("must hold 1 to 30 destinations"));
        }
        for stay in &stays {
            if stay.to < stay.from {
                return Err(Invalid("must not hold a destination that ends before it starts"));
            }
            if days_between(stay.from, stay.to) > 366 {
                return Err(Invalid("must not hold a destination of more than 366 days"));
            }
        }
        Ok(Self(stays))
    }

    /// The stays, as given.
    #[must_use]
    pub fn stays(&self) -> &[Destination] {
        &self.0
    }

    /// Each country once, in order of first appearance.
    #[must_use]
    pub fn countries(&self) -> Vec<Country> {
        let mut seen = Vec::new();
        for stay in &self.0 {
            if !seen.contains(&stay.iso_country) {
                seen.push(stay.iso_country);
            }
        }
        seen
    }

    /// The first and the last day of the whole trip.
    #[must_use]
    pub fn span(&self) -> (Date, Date) {
        let first = self.0.iter().map(|s| s.from).min().unwrap_or(Date::ZERO);
        let last = self.0.iter().map(|s| s.to).max().unwrap_or(Date::ZERO);
        (first, last)
    }

    /// Days from the first to the last, both counted, home days in between included: what one plan must last.
    #[must_use]
    pub fn days(&self) -> u32 {
        let (first, last) = self.span();
        days_between(first, last)
    }

    /// Days of stay in one country, both ends of every stay counted, overlapping days once.
    #[must_use]
    pub fn days_in(&self, country: Country) -> u32 {
        total_days(&self.runs_in(|c| c == country))
    }

    /// Days of stay in any country, overlapping days once, days at home in between not at all: what data is needed for.
    #[must_use]
    pub fn days_of_stay(&self) -> u32 {
        total_days(&self.runs_in(|_| true))
    }

    /// The unbroken runs of days spent in the wanted countries, first and last day of each, in order.
    #[must_use]
    pub fn runs_in(&self, wanted: impl Fn(Country) -> bool) -> Vec<(Date, Date)> {
        let mut stays: Vec<_> = self.0.iter().filter(|s| wanted(s.iso_country)).map(|s| (s.from, s.to)).collect();
        stays.sort_unstable();
        let mut runs: Vec<(Date, Date)> = Vec::new();
        for (from, to) in stays {
            match runs.last_mut() {
                Some(run) if from <= run.1.tomorrow().unwrap_or(Date::MAX) => run.1 = run.1.max(to),
                _ => runs.push((from, to)),
            }
        }
        runs
    }
}

fn total_days(runs: &[(Date, Date)]) -> u32 {
    runs.iter().map(|(from, to)| days_between(*from, *to)).sum()
}

/// Days from one to the other, both counted.
fn days_between(from: Date, to: Date) -> u32 {
    let days = from.until(to).map_or(0, |span| span.get_days());
    u32::try_from(days).unwrap_or(0) + 1
}

impl TryFrom<Vec<Destination>> for Trip {
    type Error = Invalid;
    fn try_from(stays: Vec<Destination>) -> Result<Self, Invalid> {
        Self::new(stays)
    }
}

impl From<Trip> for Vec<Destination> {
    fn from(trip: Trip) -> Self {
        trip.0
    }
}

/// The person who travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traveller {
    /// Name as the traveller is greeted with.
    pub name: PersonName,
    /// Where the QR code is sent.
    pub email: EmailAddress,
    /// For the CRM only; not used by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// Language of what the traveller reads; the agency's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
}

macro_rules! personal_text {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the text: not blank, no control characters, not longer than the type's limit.
            ///
            /// # Errors
            /// [`Invalid`]; the message does not repeat the text.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                let text = text.trim();
                if text.is_empty() || text.chars().count() > $max || text.chars().any(char::is_control) {
                    return Err(Invalid(concat!("must be 1 to ", $max, " characters without control characters")));
                }
                Ok(Self(text.to_owned()))
            }

            /// The text itself.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

personal_text!(
    /// A person's name; cannot be printed by accident.
    PersonName, 200
);
personal_text!(
    /// A telephone number as the CRM writes it; cannot be printed by accident.
    PhoneNumber, 40
);

/// Where the dossier lives in the agency's CRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct CrmLink {
    /// The deal, opportunity or dossier record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<String>,
    /// The contact record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<String>,
    /// The person in charge, for tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use super::{Country, Destination, PersonName, Traveller, Trip};
    use proptest::prelude::*;

    fn country(code: &str) -> Country {
        Country::parse(code).unwrap()
    }

    fn stay(code: &str, from: &str, to: &str) -> Destination {
        Destination { iso_country: country(code), from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn trip(stays: &[(&str, &str, &str)]) -> Trip {
        Trip::new(stays.iter().map(|(code, from, to)| stay(code, from, to)).collect()).unwrap()
    }

    #[test]
    fn both_ends_of_a_stay_are_days_of_it() {
        let week = trip(&[("JP", "2026-05-01", "2026-05-09")]);
        assert_eq!((week.days(), week.days_of_stay(), week.days_in(country("JP"))), (9, 9, 9));
        assert_eq!(trip(&[("JP", "2026-05-01", "2026-05-01")]).days(), 1);
    }

    #[test]
    fn the_day_of_moving_on_is_a_day_in_both_countries_and_one_of_the_trip() {
        let tour = trip(&[("JP", "2026-05-01", "2026-05-05"), ("KR", "2026-05-05", "2026-05-08")]);
        assert_eq!((tour.days_in(country("JP")), tour.days_in(country("KR"))), (5, 4));
        assert_eq!((tour.days(), tour.days_of_stay()), (8, 8));
    }

    #[test]
    fn days_at_home_count_for_the_span_only() {
        let open_jaw = trip(&[("US", "2026-03-20", "2026-03-22"), ("ES", "2026-03-01", "2026-03-03")]);
        assert_eq!((open_jaw.days(), open_jaw.days_of_stay()), (22, 6));
        assert_eq!(open_jaw.span(), ("2026-03-01".parse().unwrap(), "2026-03-22".parse().unwrap()));
        assert_eq!(open_jaw.runs_in(|_| true).len(), 2);
    }

    #[test]
    fn the_same_country_twice_is_named_once_and_its_overlapping_days_are_counted_once() {
        let back = trip(&[("JP", "2026-05-01", "2026-05-05"), ("KR", "2026-05-06", "2026-05-08"), ("JP", "2026-05-04", "2026-05-12")]);
        assert_eq!(back.countries(), [country("JP"), country("KR")]);
        assert_eq!(back.days_in(country("JP")), 12);
        assert_eq!(back.days_in(country("FR")), 0);
    }

    #[test]
    fn months_leap_days_and_new_year_are_civil_days() {
        assert_eq!(trip(&[("JP", "2028-02-28", "2028-03-01")]).days(), 3);
        assert_eq!(trip(&[("JP", "2026-02-28", "2026-03-01")]).days(), 2);
        assert_eq!(trip(&[("JP", "2026-12-31", "2027-01-01")]).days(), 2);
        assert_eq!(trip(&[("JP", "2026-01-15", "2026-04-15")]).days(), 91);
    }

    #[test]
    fn trips_that_cannot_be_are_refused() {
        assert!(Trip::new(Vec::new()).is_err());
        assert!(Trip::new(vec![stay("JP", "2026-05-02", "2026-05-01")]).is_err());
        assert!(Trip::new(vec![stay("JP", "2026-01-01", "2027-01-02")]).is_err());
        assert!(Trip::new(vec![stay("JP", "2026-01-01", "2027-01-01")]).is_ok());
        assert!(Trip::new(vec![stay("JP", "2026-01-01", "2026-01-01"); 31]).is_err());
        assert!(serde_json::from_str::<Trip>("[]").is_err());
        assert!(serde_json::from_str::<Trip>(r#"[{"iso_country":"JP","from":"2026-05-01","to":"2026-05-09","city":"Tokyo"}]"#).is_err());
    }

    #[test]
    fn a_traveller_cannot_be_printed() {
        let json = r#"{"name":"Marie Curie","email":"marie@example.com","phone":"+33 1 23 45 67 89","locale":"fr"}"#;
        let printed = format!("{:?}", serde_json::from_str::<Traveller>(json).unwrap());
        assert!(!["Marie", "example.com", "33"].iter().any(|part| printed.contains(part)), "{printed}");
        assert!(PersonName::parse(" ").is_err() && PersonName::parse("a\nb").is_err() && PersonName::parse(&"é".repeat(201)).is_err());
    }

    fn any_stays() -> impl Strategy<Value = Vec<Destination>> {
        let any_stay = (0..3_usize, 0..60_i64, 0..20_i64).prop_map(|(place, start, length)| {
            let day = |offset: i64| jiff::civil::date(2026, 2, 1).saturating_add(jiff::Span::new().days(offset));
            Destination { iso_country: country(["JP", "KR", "FR"][place]), from: day(start), to: day(start + length) }
        });
        prop::collection::vec(any_stay, 1..8)
    }

    proptest! {
        #[test]
        fn days_of_stay_are_the_different_days(stays in any_stays()) {
            let trip = Trip::new(stays.clone()).unwrap();
            let mut days: Vec<_> = stays.iter().flat_map(|s| s.from.series(jiff::Span::new().days(1)).take_while(|d| *d <= s.to)).collect();
            days.sort_unstable();
            days.dedup();
            prop_assert_eq!(trip.days_of_stay() as usize, days.len());
            prop_assert!(trip.days() >= trip.days_of_stay());
            let runs = trip.runs_in(|_| true);
            prop_assert!(runs.windows(2).all(|pair| pair[0].1.tomorrow().unwrap() < pair[1].0), "runs are apart");
        }

        #[test]
        fn the_order_of_stays_does_not_matter_for_days(mut stays in any_stays()) {
            let there = Trip::new(stays.clone()).unwrap();
            stays.reverse();
            let back = Trip::new(stays).unwrap();
            prop_assert_eq!((there.span(), there.days(), there.days_of_stay()), (back.span(), back.days(), back.days_of_stay()));
        }
    }
}
