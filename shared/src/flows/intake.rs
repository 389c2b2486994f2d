//! `POST /bookings`: a dossier that was made or changed. The dossier, its offers and their way to the CRM are one transaction.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

use super::{Run, cancel_later, offer, place_order::text, refund, tasks, trip_changed};
use crate::{
    domain::{Booking, CrmLink, Destination, Locale, Traveller, Trip},
    problem::{FieldError, Problem},
    store::{
        StoreError,
        bookings::BookingRecord,
        outbox::{Entry, Work},
        timers::TimerKind,
    },
};

/// Travellers besides the first: a group of ten is ordered for at once.
const MOST_COMPANIONS: usize = 9;

/// The body of `POST /bookings`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewBooking {
    /// The agency's dossier number; the same again changes the dossier.
    pub reference: String,
    /// The CRM's id of the customer or dossier.
    pub external_reference: String,
    /// Where and when.
    pub destinations: Vec<Destination>,
    /// Who.
    pub traveller: Traveller,
    /// Who travels along, nine at most: each gets an eSIM of their own.
    #[serde(default)]
    pub companions: Vec<Traveller>,
    /// Where the dossier lives in the CRM.
    #[serde(default)]
    pub crm: Option<CrmLink>,
}

/// A dossier as the API shows it.
#[derive(Serialize)]
pub struct BookingView<'a> {
    reference: &'a str,
    external_reference: &'a str,
    destinations: &'a [Destination],
    traveller: &'a Traveller,
    #[serde(skip_serializing_if = "<[Traveller]>::is_empty")]
    companions: &'a [Traveller],
    #[serde(skip_serializing_if = "Option::is_none")]
    crm: Option<&'a CrmLink>,
    offers: &'a [Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    offers_note: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cancelled: bool,
    trace_id: &'a str,
}

/// What became of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is new.
    Created,
    /// It was there; changed or not.
    Known,
}

/// Takes a dossier in. The same content again changes nothing but the offers. Where a trip changes that something was bought for, a person is
/// told if that no longer fits.
///
/// # Errors
/// [`Problem`] that names the field.
pub async fn take(run: &Run<'_>, new: NewBooking) -> Result<(Taken, BookingRecord), Problem> {
    let trip = checked(run, &new)?;
    for _ in 0..3 {
        let before = run.house.store.booking(&run.agency_id, &new.reference, &run.house.seals).await?;
        let record = next_version(run, &new, trip.clone(), before.as_ref()).await?;
        if let Some(before) = before.as_ref().filter(|before| same(before, &record)) {
            return Ok((Taken::Known, before.clone()));
        }
        let misfits = match &before {
            Some(before) => trip_changed::task(run, before, &record).await?,
            None => None,
        };
        match write(run, &record, before.as_ref(), misfits.into_iter().collect()).await {
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => return Ok((if before.is_some() { Taken::Known } else { Taken::Created }, record)),
        }
    }
    Err(StoreError::Conflict.into())
}

fn checked(run: &Run<'_>, new: &NewBooking) -> Result<Trip, Problem> {
    text("reference", &new.reference, 100)?;
    if new.reference.contains(['/', '#']) {
        return Err(Problem::field("reference", "must not contain / or #"));
    }
    text("external_reference", &new.external_reference, 200)?;
    if new.companions.len() > MOST_COMPANIONS {
        return Err(Problem::field("companions", format!("must hold {MOST_COMPANIONS} travellers at most")));
    }
    let trip = Trip::new(new.destinations.clone()).map_err(|error| Problem::field("destinations", error.0))?;
    let today = run.now().to_zoned_datetime(run.agency.timezone.clone()).date();
    let over: Vec<FieldError> = trip
        .stays()
        .iter()
        .enumerate()
        // A day of grace: it may still be yesterday at the destination.
        .filter(|(_, stay)| stay.to.tomorrow().is_ok_and(|after| after < today))
        .map(|(place, _)| FieldError { field: format!("destinations[{place}].to"), message: "is in the past".to_owned() })
        .collect();
    if over.len() == trip.stays().len() {
        let mut problem = Problem::new(422, "trip_is_over", "The whole trip is in the past.");
        problem.errors = over;
        return Err(problem);
    }
    Ok(trip)
}

async fn next_version(run: &Run<'_>, new: &NewBooking, trip: Trip, before: Option<&BookingRecord>) -> Result<BookingRecord, Problem> {
    // Offers are read by the adviser: in the agency's language.
    let offers = offer::for_trip(run, &trip, run.agency.locale).await?;
    let forget_at = forget_at(&trip, &run.agency.timezone, run.house.settings.retention_months);
    Ok(BookingRecord {
        agency: run.agency_id.clone(),
        booking: Booking {
            reference: new.reference.clone(),
            external_reference: new.external_reference.clone(),
            trip,
            traveller: new.traveller.clone(),
            companions: new.companions.clone(),
            crm: new.crm.clone().or_else(|| before.and_then(|before| before.booking.crm.clone())),
            version: before.map_or(0, |before| before.booking.version) + 1,
            trace_id: run.trace_id.clone(),
        },
        offers,
        offers_note: None,
        cancelled: false,
        forget_at,
    })
}

fn same(before: &BookingRecord, after: &BookingRecord) -> bool {
    let content = |record: &BookingRecord| {
        let b = &record.booking;
        (
            b.external_reference.clone(),
            b.trip.clone(),
            b.traveller.clone(),
            b.companions.clone(),
            b.crm.clone(),
            record.offers.clone(),
            record.cancelled,
        )
    };
    content(before) == content(after)
}

/// Writes a dossier's next version, with its way to the CRM and what else follows.
pub(super) async fn write(
    run: &Run<'_>,
    record: &BookingRecord,
    before: Option<&BookingRecord>,
    besides: Vec<Entry>,
) -> Result<(), StoreError> {
    let reference = &record.booking.reference;
    let show = Work::ShowOffers { reference: reference.clone(), version: record.booking.version };
    let mut transaction = run
        .house
        .store
        .transaction()
        .write_booking(record, &run.house.seals)?
        .offered(record, before)
        .move_timer(TimerKind::BookingRetention, &run.agency_id, reference, before.map(|b| b.forget_at), Some(record.forget_at))
        .enqueue(&run.to_do(show, Duration::ZERO))?;
    for entry in besides {
        transaction = transaction.enqueue(&entry)?;
    }
    transaction.commit().await
}

/// What a cancellation found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// The dossier is cancelled now.
    Now,
    /// It was already.
    Before,
    /// There is no such dossier.
    Unknown,
}

/// The trip does not take place: its offers are taken back, and nothing can be ordered for it until it is taken in again. What was
/// bought stays bought: a person gets a task. Orders for a later day are cancelled at their provider.
///
/// # Errors
/// [`Problem`] when the table cannot be used.
pub async fn cancel(run: &Run<'_>, reference: &str) -> Result<Cancelled, Problem> {
    for _ in 0..3 {
        let Some(before) = run.house.store.booking(&run.agency_id, reference, &run.house.seals).await? else {
            return Ok(Cancelled::Unknown);
        };
        if before.cancelled {
            return Ok(Cancelled::Before);
        }
        let mut record = BookingRecord { offers: Vec::new(), offers_note: None, cancelled: true, ..before.clone() };
        record.booking.version += 1;
        record.booking.trace_id = run.trace_id.clone();
        let bought = run.house.store.orders_of_booking(&run.agency_id, reference).await?;
        let mut besides = refund::entries(run, &bought);
        let (waiting, bought) = cancel_later::apart(run, bought).await?;
        besides.extend(cancel_later::entries(run, &waiting));
        besides.extend(bought.into_iter().next().map(|order| tasks::trip_cancelled(run, &record.booking, order)));
        match write(run, &record, Some(&before), besides).await {
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => return Ok(Cancelled::Now),
        }
    }
    Err(StoreError::Conflict.into())
}

/// When a dossier's personal data are forgotten: the project's months after the trip.
fn forget_at(trip: &Trip, zone: &TimeZone, months: i32) -> Timestamp {
    let end: Date = trip.span().1;
    end.to_zoned_datetime(zone.clone()).map_or(Timestamp::MAX, |end| end.saturating_add(months.months()).timestamp())
}

/// `GET /bookings/{reference}`.
///
/// # Errors
/// [`Problem`] when there is no such dossier.
pub async fn read(run: &Run<'_>, reference: &str) -> Result<BookingRecord, Problem> {
    let found = run.house.store.booking(&run.agency_id, reference, &run.house.seals).await?;
    found.ok_or_else(|| Problem::not_found("booking"))
}

/// The dossier as JSON, its offers in the language that the caller asked for.
///
/// # Errors
/// [`Problem`] when the offers cannot be made in that language.
pub async fn view(run: &Run<'_>, record: &BookingRecord, locale: Option<Locale>) -> Result<String, Problem> {
    let booking = &record.booking;
    let offers = offer::in_language(run, record, locale).await?;
    let view = BookingView {
        reference: &booking.reference,
        external_reference: &booking.external_reference,
        destinations: booking.trip.stays(),
        traveller: &booking.traveller,
        companions: &booking.companions,
        crm: booking.crm.as_ref(),
        offers: &offers,
        offers_note: record.offers_note.as_deref(),
        cancelled: record.cancelled,
        trace_id: booking.trace_id.as_str(),
    };
    Ok(serde_json::to_string(&view).unwrap_or_default())
}
