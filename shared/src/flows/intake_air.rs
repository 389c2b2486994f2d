//! `POST /intake/amadeus/air`: a file of Amadeus interface records; and what is done with a record, however it came. Each makes, changes or cancels the dossier of its booking by
//! the same way as `POST /bookings`, or says why it does not.
//!
//! What a record told is written after the dossier that follows from it: when we die in between, the same file does both again, and
//! the dossier, being the same, does not change. A record that was followed is known by locator, type and sequence, and changes
//! nothing when it comes again.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::time::Duration;

use super::{
    Run,
    intake::{self, Cancelled, NewBooking, Taken},
    missing_parts, tasks,
};
use crate::{
    domain::{CrmLink, Destination, EmailAddress, Traveller},
    intake::amadeus::{self, Dossier, Followed, NoTrip, Passenger, Reading, Record, Unusable},
    problem::Problem,
    store::{StoreError, air::ToldBooking, outbox::Entry},
};

/// Time that one record may need: with less, the rest of the file is left to be sent again.
const RESERVE: Duration = Duration::from_secs(6);

/// How long what was told is kept where no dossier came of it.
const KEPT_WITHOUT_DOSSIER: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Outcome {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

/// Why a record made no difference, or not all of it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Reason {
    code: &'static str,
    text: String,
}

#[derive(Serialize)]
struct RecordView {
    line: usize,
    #[serde(flatten)]
    named: Option<Named>,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
struct Named {
    locator: String,
    message_type: &'static str,
    sequence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wish: Option<String>,
}

#[derive(Serialize)]
struct View<'a> {
    records: Vec<RecordView>,
    trace_id: &'a str,
}

fn done(outcome: &'static str) -> Outcome {
    Outcome { outcome, reason: None }
}

fn because(outcome: &'static str, code: &'static str, text: impl Into<String>) -> Outcome {
    Outcome { outcome, reason: Some(Reason { code, text: text.into() }) }
}

fn left_out(code: &'static str, text: impl Into<String>) -> Outcome {
    because("left_out", code, text)
}

/// Takes a file in, and tells what became of each of its records, as JSON.
///
/// # Errors
/// [`Problem`] 422 when it holds no record; 5xx when the table cannot be used: the same file may then be sent again.
pub async fn take(run: &Run<'_>, file: &[u8]) -> Result<String, Problem> {
    let readings = amadeus::read(file);
    if readings.is_empty() {
        return Err(Problem::new(422, "not_an_air_file", "The body holds no Amadeus interface record: no line begins with AIR-BLK."));
    }
    report(run, readings).await
}

/// Follows each record, and tells what became of it, as JSON.
///
/// # Errors
/// As [`take`].
pub(super) async fn report(run: &Run<'_>, readings: Vec<Reading>) -> Result<String, Problem> {
    let mut records = Vec::with_capacity(readings.len());
    for reading in readings {
        records.push(one(run, reading).await?);
    }
    Ok(serde_json::to_string(&View { records, trace_id: run.trace_id.as_str() }).unwrap_or_default())
}

async fn one(run: &Run<'_>, Reading { line, record }: Reading) -> Result<RecordView, Problem> {
    let record = match record {
        Ok(record) => record,
        Err(why) => return Ok(RecordView { line, named: None, outcome: unusable(&why) }),
    };
    let mut reference = record.reference();
    if reference.is_none() {
        reference = run.house.store.reference_of_locator(&run.agency_id, &record.locator).await?;
    }
    let outcome = match &reference {
        Some(_) if run.deadline.left(run.now()) < RESERVE => left_out("out_of_time", "not looked at for lack of time: send the file again"),
        Some(reference) => follow(run, &record, reference).await?,
        None if record.message.is_snapshot() => {
            left_out("no_creation_date", "it does not say when the booking was made, nor was it taken in before")
        }
        None => left_out("unknown_booking", "no booking of this locator was taken in"),
    };
    let named = Named {
        message_type: record.message.as_str(),
        sequence: record.sequence,
        locator: record.locator,
        reference,
        wish: record.instructions.wish,
    };
    Ok(RecordView { line, named: Some(named), outcome })
}

fn unusable(why: &Unusable) -> Outcome {
    match why {
        Unusable::Type(Some(word)) => left_out("unknown_type", format!("{word} is no message type that is known")),
        Unusable::NoTraveller => left_out("no_traveller", "it has flights and names nobody who travels"),
        Unusable::Missing(member) => left_out("missing_field", format!("{member} is missing")),
        Unusable::Refused(code) => {
            left_out("refused_by_amadeus", format!("the answer is an error, code {code}: what it holds was not saved"))
        }
        Unusable::Type(None) => left_out("unknown_type", "its first line names no message type"),
        Unusable::NoLocator => {
            left_out("no_locator", "nothing names a booking: no MUC1A line, no controlNumber, no reference of associatedRecords")
        }
        Unusable::NoCreationDate => left_out("no_creation_date", "no D- line says when the booking was made: its flights have no year"),
    }
}

/// Follows a record; anew when another was followed at the same moment.
async fn follow(run: &Run<'_>, record: &Record, reference: &str) -> Result<Outcome, Problem> {
    for _ in 0..3 {
        let mut told = run.house.store.told_booking(&run.agency_id, &record.locator, reference, &run.house.seals).await?;
        let begins_to_wait = record.part.of > 1 && !told.dossier.awaits(record);
        let outcome = match told.dossier.follow(record) {
            Followed::Repeated => return Ok(done("unchanged")),
            Followed::NoTrip => return Ok(left_out("emd", "sells a service, no trip")),
            Followed::Older => return Ok(left_out("older", "tells of an older version of the booking than is known")),
            Followed::OtherDocument => return Ok(left_out("other_document", "is about a document that is none of the booking's now")),
            Followed::Waiting(missing) => because("waiting", "parts_missing", format!("waits for part {}", listed(&missing))),
            Followed::Changed => apply(run, reference, &told.dossier).await?,
        };
        if matches!(outcome.outcome, "created" | "changed" | "unchanged" | "cancelled") {
            told.dossier.keep(record);
        }
        let watch = (begins_to_wait && outcome.outcome == "waiting").then(|| missing_parts::watch(run, &told, record));
        match keep(run, &told, task(run, &told.reference, &outcome).into_iter().chain(watch)).await {
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => return Ok(outcome),
        }
    }
    Err(StoreError::Conflict.into())
}

fn listed(numbers: &[u16]) -> String {
    numbers.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

/// Writes what was told, and what must follow from it, together.
async fn keep(run: &Run<'_>, told: &ToldBooking, entries: impl Iterator<Item = Entry>) -> Result<(), StoreError> {
    let booking = run.house.store.booking(&run.agency_id, &told.reference, &run.house.seals).await?;
    let until = booking.map(|booking| booking.forget_at);
    let until = until.unwrap_or_else(|| run.now().saturating_add(KEPT_WITHOUT_DOSSIER).unwrap_or(Timestamp::MAX));
    let mut transaction = run.house.store.transaction().write_told(&run.agency_id, told, until, &run.house.seals)?;
    for entry in entries {
        transaction = transaction.enqueue(&entry)?;
    }
    transaction.commit().await
}

/// The task for a person, where somebody can mend what was left out.
fn task(run: &Run<'_>, reference: &str, outcome: &Outcome) -> Option<Entry> {
    let reason = outcome.reason.as_ref().filter(|_| outcome.outcome == "left_out")?;
    let nothing_to_mend = matches!(reason.code, "no_stay_abroad" | "no_flight" | "none_wanted" | "trip_is_over" | "unknown_booking");
    (!nothing_to_mend).then(|| tasks::booking_left_out(run, reference, reason.code, reason.text.clone()))
}

/// Makes the dossier what the booking is now.
async fn apply(run: &Run<'_>, reference: &str, dossier: &Dossier) -> Result<Outcome, Problem> {
    if dossier.instructions.none_wanted {
        return withdraw(run, reference, left_out("none_wanted", "a remark says that no eSIM is wanted")).await;
    }
    if dossier.passengers.is_empty() {
        return withdraw(run, reference, left_out("unknown_booking", "no passenger of this booking was taken in")).await;
    }
    match amadeus::stays(&dossier.flights, dossier.instructions.until) {
        Ok(stays) => match new_booking(run, reference, dossier, stays) {
            Some(new) => save(run, new, dossier.unreadable_flights).await,
            None => Ok(left_out("no_email", "no e-mail address of the traveller: add SSR CTCE or RM ESIM/EMAIL")),
        },
        Err(NoTrip::UnknownPlace(code)) => Ok(left_out("unknown_place", format!("nobody says which country {code} is in"))),
        Err(NoTrip::NoFlights) => withdraw(run, reference, left_out("no_flight", "no flight to be flown")).await,
        Err(NoTrip::AtHome) => withdraw(run, reference, left_out("no_stay_abroad", "no stay outside of the country of departure")).await,
    }
}

/// Cancels the dossier; `otherwise` is what is answered where there is none.
async fn withdraw(run: &Run<'_>, reference: &str, otherwise: Outcome) -> Result<Outcome, Problem> {
    Ok(match intake::cancel(run, reference).await? {
        // Why the trip does not take place, where the record itself says so.
        Cancelled::Now => Outcome { outcome: "cancelled", reason: otherwise.reason.filter(|reason| reason.code != "unknown_booking") },
        Cancelled::Before => done("unchanged"),
        Cancelled::Unknown => otherwise,
    })
}

async fn save(run: &Run<'_>, new: NewBooking, unreadable_flights: usize) -> Result<Outcome, Problem> {
    let before = run.house.store.booking(&run.agency_id, &new.reference, &run.house.seals).await?.map(|record| record.booking.version);
    match intake::take(run, new).await {
        Ok((taken, record)) => {
            let outcome = match taken {
                Taken::Created => "created",
                Taken::Known if before == Some(record.booking.version) => "unchanged",
                Taken::Known => "changed",
            };
            Ok(match unreadable_flights {
                0 => done(outcome),
                some => because(outcome, "flights_unreadable", format!("{some} flight lines could not be read: look at the stays")),
            })
        }
        Err(problem) if problem.status < 500 && problem.status != 409 => Ok(left_out(problem.code, problem.detail)),
        Err(problem) => Err(problem),
    }
}

/// The dossier that a booking makes; `None` when nobody can be written to.
///
/// The first passenger is the traveller. A passenger without an address shares the traveller's, as families do. The agency's own is none.
fn new_booking(run: &Run<'_>, reference: &str, dossier: &Dossier, destinations: Vec<Destination>) -> Option<NewBooking> {
    let ours = run.agency.email.sender().email.expose().to_lowercase();
    let not_ours = |email: &EmailAddress| email.expose() != ours;
    let own = |passenger: &Passenger| passenger.email.clone().filter(not_ours);
    let told = &dossier.instructions;
    let first = dossier.passengers.first()?;
    let email = told.email.clone().filter(not_ours).or_else(|| own(first)).or_else(|| dossier.passengers.iter().find_map(own))?;
    let traveller = |passenger: &Passenger, email: EmailAddress| Traveller {
        name: passenger.name.clone(),
        email,
        phone: passenger.phone.clone(),
        locale: told.locale,
    };
    let crm = CrmLink { deal_id: told.deal_id.clone(), contact_id: told.contact_id.clone(), owner_id: None };
    Some(NewBooking {
        reference: reference.to_owned(),
        external_reference: reference.to_owned(),
        destinations,
        traveller: traveller(first, email.clone()),
        companions: dossier.passengers.iter().skip(1).map(|one| traveller(one, own(one).unwrap_or_else(|| email.clone()))).collect(),
        crm: (crm != CrmLink::default()).then_some(crm),
    })
}
