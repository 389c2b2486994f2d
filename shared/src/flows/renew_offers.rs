//! Offers that the catalogue has overtaken: a plan that an adviser was shown is gone or has another price. The dossier's offers are made anew,
//! with a note that says what changed; once, since offers that were made anew no longer differ.
//!
//! The sync tells of changed packages before it writes them; minutes later, when they are surely written or the sync has died,
//! each dossier that was offered one gets an entry of its own ([`spread`]), and each is looked at ([`renew`]).

use jiff::civil::Date;
use std::{collections::BTreeSet, time::Duration};

use super::{Run, intake, offer, purchase::Next};
use crate::{
    domain::{
        Locale, PackageId, Trip,
        order::OrderStatus,
        recommend::{Change, OfferView, changes},
    },
    problem::Problem,
    store::{StoreError, bookings::BookingRecord, outbox::Work},
};

/// How long after it was told of a change may be acted upon: longer than a sync may run (300 s), so that what is then in the table is what the sync
/// wrote, or what the next one will compare with.
const SETTLED: Duration = Duration::from_secs(330);

/// Changed packages that one entry names.
const PACKAGES_AN_ENTRY: usize = 50;

/// Entries that one transaction writes.
const ENTRIES_AT_ONCE: usize = 90;

/// Dossiers that one run of an entry spreads to.
const DOSSIERS_A_RUN: u16 = 25;

/// Writes down that these packages of an account are about to be gone or repriced. Whoever dies after this has told too much, which does no
/// harm; never too little.
///
/// # Errors
/// [`StoreError`]: the catalogue must then stay as it was.
pub(super) async fn tell(run: &Run<'_>, changed: &[PackageId]) -> Result<(), StoreError> {
    let entries: Vec<_> = changed
        .chunks(PACKAGES_AN_ENTRY)
        .map(|packages| run.to_do(Work::SpreadChange { packages: packages.to_vec(), after: None }, SETTLED))
        .collect();
    for some in entries.chunks(ENTRIES_AT_ONCE) {
        let mut transaction = run.house.store.transaction();
        for entry in some {
            transaction = transaction.enqueue(entry)?;
        }
        transaction.commit().await?;
    }
    Ok(())
}

/// Gives dossiers that were offered one of the packages an entry each, a few at a time; what is left is the work of the next entry. Both and
/// the end of this one are one transaction.
///
/// # Errors
/// [`Problem`] when the table cannot be used.
pub async fn spread(run: &Run<'_>, packages: &[PackageId], after: Option<&str>) -> Result<Next, Problem> {
    let (dossiers, left) = next_dossiers(run, packages, after).await?;
    let mut transaction = run.house.store.transaction();
    for reference in &dossiers {
        transaction = transaction.enqueue(&run.to_do(Work::RenewOffers { reference: reference.clone() }, Duration::ZERO))?;
    }
    if let Some(work) = &left {
        transaction = transaction.enqueue(&run.to_do(work.clone(), Duration::ZERO))?;
    }
    if let (false, Some(entry)) = (dossiers.is_empty() && left.is_none(), &run.entry) {
        transaction.end_entry(entry).commit().await?;
    }
    Ok(Next::Done)
}

/// The next dossiers, and the work that is left after them.
async fn next_dossiers(run: &Run<'_>, packages: &[PackageId], after: Option<&str>) -> Result<(BTreeSet<String>, Option<Work>), StoreError> {
    let mut dossiers = BTreeSet::new();
    let mut after = after;
    for (place, package) in packages.iter().enumerate() {
        let (found, more) = run.house.store.dossiers_offered(&run.agency_id, package, after.take(), i32::from(DOSSIERS_A_RUN)).await?;
        let last = found.last().cloned();
        dossiers.extend(found);
        let left =
            if more { packages.get(place..) } else { packages.get(place + 1..).filter(|_| dossiers.len() >= usize::from(DOSSIERS_A_RUN)) };
        if let Some(left) = left.filter(|left| !left.is_empty()) {
            let after = last.filter(|_| more);
            return Ok((dossiers, Some(Work::SpreadChange { packages: left.to_vec(), after })));
        }
    }
    Ok((dossiers, None))
}

/// Makes a dossier's offers anew if one of them is no longer what it was. Not when something was ordered, when the trip is over, or when it was
/// cancelled: then there is nothing to choose.
///
/// # Errors
/// [`Problem`] when the table cannot be used, or the dossier was written meanwhile.
pub async fn renew(run: &Run<'_>, reference: &str) -> Result<Next, Problem> {
    let Some(before) = run.house.store.booking(&run.agency_id, reference, &run.house.seals).await? else { return Ok(Next::Done) };
    let today = run.now().to_zoned_datetime(run.agency.timezone.clone()).date();
    if before.cancelled || is_over(&before.booking.trip, today) || is_ordered(run, reference).await? {
        return Ok(Next::Done);
    }
    let packages = offer::packages(run, &before.booking.trip).await?;
    let shown: Vec<OfferView> = before.offers.iter().filter_map(|offer| serde_json::from_value(offer.clone()).ok()).collect();
    let changed = changes(&shown, &packages);
    if changed.is_empty() {
        return Ok(Next::Done);
    }
    let offers = offer::made_of(run, &before.booking.trip, &packages, run.agency.locale).await?;
    let note = note(&changed, today, run.agency.locale);
    let mut record = BookingRecord { offers, offers_note: Some(note), ..before.clone() };
    record.booking.version += 1;
    record.booking.trace_id = run.trace_id.clone();
    tracing::info!(changed = changed.len(), "a dossier's offers were made anew");
    intake::write(run, &record, Some(&before), Vec::new()).await?;
    Ok(Next::Done)
}

/// A day of grace, as when a dossier is taken in: it may still be yesterday at the destination.
fn is_over(trip: &Trip, today: Date) -> bool {
    trip.span().1.tomorrow().is_ok_and(|after| after < today)
}

/// An order that was refused is none: its dossier is still to be offered something.
async fn is_ordered(run: &Run<'_>, reference: &str) -> Result<bool, StoreError> {
    for order in run.house.store.orders_of_booking(&run.agency_id, reference).await? {
        let order = run.house.store.order(&run.agency_id, &order, &run.house.seals).await?;
        if order.is_some_and(|record| record.order.status != OrderStatus::Rejected) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn note(changed: &[Change], today: Date, locale: Locale) -> String {
    let what: Vec<String> = changed.iter().map(|change| change.text(locale)).collect();
    match locale {
        Locale::Fr => format!("Offres mises à jour le {} : {}.", today.strftime("%d/%m/%Y"), what.join(" ; ")),
        Locale::En => format!("Offers renewed on {today}: {}.", what.join("; ")),
    }
}
