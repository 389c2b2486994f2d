//! One row: what it says by the mapping, or what is wrong with it.

use jiff::{ToSpan, civil::Date};

use super::{
    Fault, Person, Reject, cells, dates,
    flights::Flight,
    names,
    table::{Cells, Table},
};
use crate::{
    config::{Feed, FeedField, FeedRows},
    domain::{Country, CrmLink, Destination, EmailAddress, Locale, booking::PhoneNumber},
    intake::places,
};

/// A row, read.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: usize,
    /// The booking; without one nobody knows whose row it is.
    pub(super) reference: Option<String>,
    pub(super) said: Result<Said, Fault>,
}

/// What a row says of its booking.
#[derive(Debug)]
pub(super) enum Said {
    Travels(Box<Facts>),
    Cancelled,
    Ignored,
}

/// What a row adds to its booking.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) external_reference: String,
    pub(super) travellers: Vec<(String, Person)>,
    pub(super) part: Part,
    pub(super) crm: CrmLink,
}

/// The part of the trip that a row is about.
#[derive(Debug)]
pub(super) enum Part {
    Stay(Destination),
    Flight(Flight),
}

impl Row {
    pub(super) fn read(feed: &Feed, table: &Table, row: &Cells, other_order: Option<&str>) -> Self {
        let reader = Reader { feed, table, row };
        let reference = reader.reference();
        let said = match (&row.fault, &reference) {
            (Some(fault), _) => Err(fault.clone()),
            (None, Err(fault)) => Err(fault.clone()),
            (None, Ok(reference)) => reader.said(reference, other_order),
        };
        Self { line: row.line, reference: reference.ok(), said }
    }

    /// The row among the rejected, if it is.
    pub(super) fn reject(&self) -> Option<Reject> {
        self.said.as_ref().err().map(|fault| fault.clone().at(self.line, self.reference.clone()))
    }
}

struct Reader<'a> {
    feed: &'a Feed,
    table: &'a Table,
    row: &'a Cells,
}

impl Reader<'_> {
    fn said(&self, reference: &str, other_order: Option<&str>) -> Result<Said, Fault> {
        if let Some(said) = self.status()? {
            return Ok(said);
        }
        if let Some(format) = other_order {
            return Err(Fault::of(column(&self.feed.fields.from), "date_order", format!("all dates of the file fit {format} only")));
        }
        Ok(Said::Travels(Box::new(self.facts(reference)?)))
    }

    /// `None` is a booked row.
    fn status(&self) -> Result<Option<Said>, Fault> {
        let Some(status) = &self.feed.status else { return Ok(None) };
        let cell = self.cell(&status.column)?;
        let is = |words: &[String]| words.iter().any(|word| word.trim().to_lowercase() == cell.to_lowercase());
        match () {
            () if is(&status.cancelled) => Ok(Some(Said::Cancelled)),
            () if is(&status.ignored) => Ok(Some(Said::Ignored)),
            () if status.confirmed.is_empty() || is(&status.confirmed) => Ok(None),
            () => Err(Fault::of(&status.column, "unknown_status", "is no status that the mapping knows")),
        }
    }

    fn facts(&self, reference: &str) -> Result<Facts, Fault> {
        let fields = &self.feed.fields;
        let crm = CrmLink {
            deal_id: self.optional(fields.deal_id.as_ref())?,
            contact_id: self.optional(fields.contact_id.as_ref())?,
            owner_id: self.optional(fields.owner_id.as_ref())?,
        };
        Ok(Facts {
            external_reference: self.optional(fields.external_reference.as_ref())?.unwrap_or_else(|| reference.to_owned()),
            travellers: self.travellers()?,
            part: self.part()?,
            crm,
        })
    }

    fn reference(&self) -> Result<String, Fault> {
        let field = &self.feed.fields.reference;
        let text = self.needed(field)?;
        if text.chars().count() > 100 || text.contains(['/', '#']) {
            return Err(Fault::of(column(field), "reference", "must have 100 characters at most, and neither / nor #"));
        }
        Ok(text)
    }

    /// The travellers of the row, each with what tells them apart from others.
    fn travellers(&self) -> Result<Vec<(String, Person)>, Fault> {
        let fields = &self.feed.fields;
        let names = self.several(&self.needed(&fields.name)?);
        let emails = self.optional(fields.email.as_ref())?.map(|cell| self.several(&cell)).unwrap_or_default();
        let phone = self.phone()?;
        let locale = self.optional(fields.locale.as_ref())?.and_then(|tag| Locale::negotiate(&tag));
        let told = self.optional(fields.traveller_reference.as_ref())?;
        let mut travellers = Vec::with_capacity(names.len());
        for (place, written) in names.iter().enumerate() {
            let name = names::name(written).map_err(|wrong| Fault::of(column(&fields.name), "name", wrong.0))?;
            let email = emails.get(place).filter(|cell| !cell.is_empty()).map(|cell| EmailAddress::parse(cell)).transpose();
            let email = email.map_err(|wrong| Fault::of(fields.email.as_ref().map_or("email", column), "email", wrong.0))?;
            let known_by = match &told {
                Some(told) => format!("{told}#{place}"),
                None => format!("{}|{}", name.expose().to_lowercase(), email.as_ref().map_or("", EmailAddress::expose).to_lowercase()),
            };
            // The number in the row is one person's: the first one's.
            travellers.push((known_by, Person { name, email, phone: phone.clone().filter(|_| place == 0), locale }));
        }
        Ok(travellers)
    }

    fn phone(&self) -> Result<Option<PhoneNumber>, Fault> {
        let Some(field) = &self.feed.fields.phone else { return Ok(None) };
        let text = self.optional(Some(field))?;
        text.map(|text| PhoneNumber::parse(&text)).transpose().map_err(|wrong| Fault::of(column(field), "phone", wrong.0))
    }

    /// The parts of a cell that holds several travellers.
    fn several(&self, cell: &str) -> Vec<String> {
        match &self.feed.travellers_separated_by {
            Some(mark) => cell.split(mark.as_str()).map(|part| part.trim().to_owned()).collect(),
            None => vec![cell.to_owned()],
        }
    }

    fn part(&self) -> Result<Part, Fault> {
        let fields = &self.feed.fields;
        let country = self.country(fields.country.as_ref(), fields.airport.as_ref())?;
        let from = self.date(&fields.from)?;
        let to = match (&fields.to, &fields.nights) {
            (Some(field), _) => self.date(field)?,
            (None, Some(field)) => self.after(from, field)?,
            (None, None) => from,
        };
        if to < from || from.until(to).is_ok_and(|span| span.get_days() > 366) {
            let at = fields.to.as_ref().or(fields.nights.as_ref()).unwrap_or(&fields.from);
            return Err(Fault::of(column(at), "span", "must not be before the first day, nor more than 366 days after it"));
        }
        Ok(match self.feed.rows {
            FeedRows::Stays => Part::Stay(Destination { iso_country: country, from, to }),
            FeedRows::Flights => {
                let origin = self.country(fields.origin_country.as_ref(), fields.origin_airport.as_ref())?;
                Part::Flight(Flight { from: origin, to: country, leaves: from, arrives: to })
            }
        })
    }

    fn after(&self, from: Date, nights: &FeedField) -> Result<Date, Fault> {
        let wrong = || Fault::of(column(nights), "nights", "must be a number of nights, 366 at most");
        let count: i64 = self.needed(nights)?.parse().ok().filter(|count| (0..=366).contains(count)).ok_or_else(wrong)?;
        from.checked_add(count.days()).map_err(|_| wrong())
    }

    fn date(&self, field: &FeedField) -> Result<Date, Fault> {
        dates::read(&self.feed.dates, column(field), &self.needed(field)?)
    }

    fn country(&self, country: Option<&FeedField>, airport: Option<&FeedField>) -> Result<Country, Fault> {
        let Some(field) = country.or(airport) else { return Err(Fault::of_row("unknown_place", "the mapping names no place")) };
        let text = self.needed(field)?;
        let found = match country {
            Some(_) => Country::parse(&text).or_else(|_| Country::parse_alpha3(&text)).ok(),
            None => places::country(&text.to_uppercase(), None),
        };
        let kind = if country.is_some() { "must be an ISO 3166-1 country code" } else { "is in no table of airports and cities" };
        found.ok_or_else(|| {
            Fault::of(column(field), "unknown_place", format!("{kind}: mend it, or add it to a list of the mapping's lookups"))
        })
    }

    fn needed(&self, field: &FeedField) -> Result<String, Fault> {
        self.optional(Some(field))?.ok_or_else(|| Fault::of(column(field), "blank", "must not be blank"))
    }

    /// A field's value: `None` where it is not mapped or blank.
    fn optional(&self, field: Option<&FeedField>) -> Result<Option<String>, Fault> {
        let Some(field) = field else { return Ok(None) };
        let cells: Vec<&str> = field.sources().map(|source| self.cell(source)).collect::<Result<_, _>>()?;
        let filled: Vec<&str> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
        let text = if filled.is_empty() { field.constant.clone().unwrap_or_default() } else { filled.join(" ") };
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().count() > 300 {
            return Err(Fault::of(column(field), "too_long", "has more than 300 characters"));
        }
        if field.length.is_some_and(|length| text.chars().count() != length) {
            let length = field.length.unwrap_or_default();
            return Err(Fault::of(column(field), "length", format!("must have {length} characters: leading zeros may be lost")));
        }
        match field.lookup.as_ref().and_then(|name| self.feed.lookups.get(name)) {
            None => Ok(Some(text)),
            Some(list) => match list.get(&text.to_uppercase()) {
                Some(found) => Ok(Some(found.clone())),
                None => Err(Fault::of(column(field), "not_in_lookup", "is not in the list that the mapping looks it up in")),
            },
        }
    }

    /// A cell that is not damaged. What is written as `="0042"`, so that spreadsheets leave it alone, is 0042.
    fn cell(&self, column: &str) -> Result<&str, Fault> {
        let cell = self.table.cell(self.row, column);
        let cell = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell);
        match cells::damage(column, cell) {
            // Some phone numbers are as long as a card's, and one in ten has its check digit.
            Some(fault) if fault.code == "card_number" && self.is_phone(column) => Ok(cell),
            Some(fault) => Err(fault),
            None => Ok(cell),
        }
    }

    fn is_phone(&self, column: &str) -> bool {
        self.feed.fields.phone.as_ref().is_some_and(|field| field.sources().any(|source| source == column))
    }
}

/// The column to name where a field is at fault.
fn column(field: &FeedField) -> &str {
    field.sources().next().unwrap_or("constant")
}
