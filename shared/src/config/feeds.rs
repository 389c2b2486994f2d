//! How the files of one of the agency's systems are to be read: one mapping per partner, in the agency's settings under `feeds`.
//!
//! Nothing is guessed from a file. What a mapping does not name is not read, so that nothing of it is kept.

use serde::Deserialize;
use std::collections::BTreeMap;

use super::feed_format::{DateFormat, FeedEncoding, FeedFormat};
use crate::domain::Country;

/// One partner's files.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Declared")]
pub struct Feed {
    /// How rows and cells are written.
    pub format: FeedFormat,
    /// How characters are written, where the file does not begin with a byte order mark.
    pub encoding: FeedEncoding,
    /// How dates are written: tried in this order.
    pub dates: Vec<DateFormat>,
    /// What a row is.
    pub rows: FeedRows,
    /// What is read, and from where.
    pub fields: FeedFields,
    /// Words of the partner in ours, by name of the list; looked up without regard to case.
    pub lookups: BTreeMap<String, BTreeMap<String, String>>,
    /// What says that a booking is cancelled.
    pub status: Option<FeedStatus>,
    /// Countries that are no stay abroad.
    pub home: Vec<Country>,
    /// What stands between several travellers' names, and between their addresses, in one cell.
    pub travellers_separated_by: Option<String>,
    /// Whether each file holds every booking that is still to come: then a booking that is missing is cancelled.
    pub snapshot: bool,
    /// Of a hundred bookings that are still to come, how many may vanish at once; with more, nothing is cancelled and a person is asked.
    pub most_vanished_percent: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    format: FeedFormat,
    #[serde(default)]
    encoding: FeedEncoding,
    dates: Vec<DateFormat>,
    #[serde(default)]
    rows: FeedRows,
    fields: FeedFields,
    #[serde(default)]
    lookups: BTreeMap<String, BTreeMap<String, String>>,
    status: Option<FeedStatus>,
    #[serde(default)]
    home: Vec<Country>,
    travellers_separated_by: Option<String>,
    #[serde(default)]
    snapshot: bool,
    #[serde(default = "fifth")]
    most_vanished_percent: u8,
}

fn fifth() -> u8 {
    20
}

/// What a row is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedRows {
    /// A stay in a country, from a day to a day; a booking may have several rows.
    #[default]
    Stays,
    /// A flight, from its day of departure to its day of arrival: stays are what lies between a booking's flights.
    Flights,
}

/// What is read, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedFields {
    /// The agency's dossier number: rows with the same one are one booking.
    pub reference: FeedField,
    /// The CRM's id of the customer or dossier; the reference where it is not mapped.
    pub external_reference: Option<FeedField>,
    /// The traveller's name, first name first, or `SURNAME/FIRST TITLE`.
    pub name: FeedField,
    /// The traveller's address.
    pub email: Option<FeedField>,
    /// The traveller's phone number, for the CRM.
    pub phone: Option<FeedField>,
    /// The traveller's language.
    pub locale: Option<FeedField>,
    /// What tells two travellers of one booking apart; name and address where it is not mapped.
    pub traveller_reference: Option<FeedField>,
    /// The country of the stay, or the one that is flown to: ISO 3166-1, two letters or three.
    pub country: Option<FeedField>,
    /// Instead: an airport or city there, by its IATA code.
    pub airport: Option<FeedField>,
    /// Of flights: the country of departure.
    pub origin_country: Option<FeedField>,
    /// Instead: the airport of departure.
    pub origin_airport: Option<FeedField>,
    /// First day of the stay; of a flight, the day of departure.
    pub from: FeedField,
    /// Last day of the stay; of a flight, the day of arrival, which is the day of departure where it is not mapped.
    pub to: Option<FeedField>,
    /// Instead of the last day: nights of the stay.
    pub nights: Option<FeedField>,
    /// The deal or dossier record in the CRM.
    pub deal_id: Option<FeedField>,
    /// The contact there.
    pub contact_id: Option<FeedField>,
    /// The person in charge there.
    pub owner_id: Option<FeedField>,
}

/// Where a field's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedField {
    /// The column.
    pub column: Option<String>,
    /// Several columns instead, joined by spaces: first name and surname.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The value where the cell is blank, or where no column is named.
    pub constant: Option<String>,
    /// The list of `lookups` that the cell is looked up in; what is not in it is refused.
    pub lookup: Option<String>,
    /// How many characters the value has: one with fewer may have lost its leading zeros in a spreadsheet.
    pub length: Option<usize>,
}

impl FeedField {
    /// The columns it is read from.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.column.iter().chain(&self.columns).map(String::as_str)
    }
}

/// What says that a booking, or one row of it, is cancelled. Compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedStatus {
    /// The column.
    pub column: String,
    /// Its values for a cancelled row.
    pub cancelled: Vec<String>,
    /// Its values for a row that is no booking yet: quotes, options.
    #[serde(default)]
    pub ignored: Vec<String>,
    /// Its values for a booked row; any other is refused where this is not empty.
    #[serde(default)]
    pub confirmed: Vec<String>,
}

impl Feed {
    /// Every column that is read, once.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let status = self.status.as_ref().map(|status| status.column.as_str());
        let mut columns: Vec<&str> = self.fields.each().iter().flat_map(|(_, field)| field.sources()).chain(status).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}

impl FeedFields {
    /// Every field that is mapped, with its name.
    fn each(&self) -> Vec<(&'static str, &FeedField)> {
        let optional = [
            ("external_reference", &self.external_reference),
            ("email", &self.email),
            ("phone", &self.phone),
            ("locale", &self.locale),
            ("traveller_reference", &self.traveller_reference),
            ("country", &self.country),
            ("airport", &self.airport),
            ("origin_country", &self.origin_country),
            ("origin_airport", &self.origin_airport),
            ("to", &self.to),
            ("nights", &self.nights),
            ("deal_id", &self.deal_id),
            ("contact_id", &self.contact_id),
            ("owner_id", &self.owner_id),
        ];
        let mapped = optional.into_iter().filter_map(|(name, field)| field.as_ref().map(|field| (name, field)));
        [("reference", &self.reference), ("name", &self.name), ("from", &self.from)].into_iter().chain(mapped).collect()
    }
}

impl TryFrom<Declared> for Feed {
    type Error = String;

    fn try_from(told: Declared) -> Result<Self, String> {
        told.fields_hold()?;
        told.trip_holds()?;
        told.rest_holds()?;
        let upper = |list: BTreeMap<String, String>| list.into_iter().map(|(from, to)| (from.trim().to_uppercase(), to)).collect();
        Ok(Self {
            format: told.format,
            encoding: told.encoding,
            dates: told.dates,
            rows: told.rows,
            fields: told.fields,
            lookups: told.lookups.into_iter().map(|(name, list)| (name, upper(list))).collect(),
            status: told.status,
            home: told.home,
            travellers_separated_by: told.travellers_separated_by,
            snapshot: told.snapshot,
            most_vanished_percent: told.most_vanished_percent,
        })
    }
}

/// What one field cannot say of another.
impl Declared {
    fn fields_hold(&self) -> Result<(), String> {
        for (name, field) in self.fields.each() {
            let sources = field.sources().count();
            if sources == 0 && field.constant.is_none() || field.column.is_some() && !field.columns.is_empty() {
                return Err(format!("must name a column, columns or a constant for fields.{name}"));
            }
            if field.lookup.as_ref().is_some_and(|list| !self.lookups.contains_key(list)) {
                return Err(format!("must hold the list in lookups that fields.{name} names"));
            }
        }
        must(self.fields.reference.sources().next().is_some(), "must name a column for fields.reference")
    }

    fn trip_holds(&self) -> Result<(), String> {
        let fields = &self.fields;
        must(fields.country.is_some() != fields.airport.is_some(), "must map either fields.country or fields.airport")?;
        match self.rows {
            FeedRows::Stays => must(fields.to.is_some() != fields.nights.is_some(), "must map either fields.to or fields.nights"),
            FeedRows::Flights => must(
                fields.origin_country.is_some() != fields.origin_airport.is_some() && fields.nights.is_none(),
                "must map either fields.origin_country or fields.origin_airport, and no fields.nights: its rows are flights",
            ),
        }
    }

    fn rest_holds(&self) -> Result<(), String> {
        must(!self.dates.is_empty(), "must hold a format in dates")?;
        let written = |other: &String| self.dates.iter().any(|one| one.format == *other);
        let both = self.dates.iter().any(|one| one.other_order.as_ref().is_some_and(written));
        must(!both, "must not hold both orders of day and month in dates")?;
        must(self.travellers_separated_by.as_deref() != Some(""), "must not have an empty travellers_separated_by")?;
        must(self.most_vanished_percent <= 100, "must have a most_vanished_percent of 100 at most")
    }
}

fn must(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}
