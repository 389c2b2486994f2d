//! A trip that changes after something was bought for it: nothing is bought, cancelled or moved by itself. Where what was bought no longer
//! fits, a person gets a task, once a change.

use jiff::civil::Date;

use super::{Run, tasks};
use crate::{
    domain::{
        Locale, OrderStatus,
        fit::{Bought, Misfit, misfits},
        order::Purpose,
    },
    email::words,
    problem::Problem,
    store::{bookings::BookingRecord, orders::OrderRecord, outbox::Entry},
};

/// The task for a dossier whose trip was `before` and is `after`, if one is needed.
///
/// # Errors
/// [`Problem`] when the table cannot be read.
pub async fn task(run: &Run<'_>, before: &BookingRecord, after: &BookingRecord) -> Result<Option<Entry>, Problem> {
    if before.booking.trip == after.booking.trip {
        return Ok(None);
    }
    let mut orders: Vec<OrderRecord> = Vec::new();
    for order_id in run.house.store.orders_of_booking(&run.agency_id, &after.booking.reference).await? {
        let record = run.house.store.order(&run.agency_id, &order_id, &run.house.seals).await?;
        orders.extend(record.filter(is_for_the_trip));
    }
    let bought: Vec<Bought<'_>> = orders.iter().map(bought).collect();
    let found = misfits(&before.booking.trip, &after.booking.trip, &bought);
    Ok(orders.first().filter(|_| !found.is_empty()).map(|first| {
        let detail = found.iter().map(|misfit| words(misfit, run)).collect::<Vec<_>>().join(" ");
        tasks::trip_changed(run, &after.booking, first.order.order_id.clone(), detail)
    }))
}

/// Bought, or perhaps: what was refused or given to a person is known to a person.
fn is_for_the_trip(record: &OrderRecord) -> bool {
    let ended_without = matches!(record.order.status, OrderStatus::Rejected | OrderStatus::Parked);
    !ended_without && matches!(record.order.purpose, Purpose::NewEsim)
}

fn bought(record: &OrderRecord) -> Bought<'_> {
    let waiting = record.order.later.as_ref().filter(|_| !record.order.status.is_settled());
    Bought { package: &record.order.package, waits_for: waiting.map(|later| later.deliver_on) }
}

fn words(misfit: &Misfit, run: &Run<'_>) -> String {
    let locale = run.agency.locale;
    match misfit {
        Misfit::NotCovered(country) => {
            let country = words::countries(&[*country], locale);
            match locale {
                Locale::Fr => format!("Nouvelle destination sans forfait : {country}."),
                Locale::En => format!("A new destination without a plan: {country}."),
            }
        }
        Misfit::Outlasted { title, validity_days, days } => {
            let (validity, stay) = (words::days(*validity_days, locale), words::days(*days, locale));
            match locale {
                Locale::Fr => format!("Le forfait « {title} » est valable {validity}, le séjour dure maintenant {stay}."),
                Locale::En => format!("The plan \"{title}\" lasts {validity}, and the stay takes {stay} now."),
            }
        }
        Misfit::Moved { ordered_for, begins } => {
            let (ordered_for, begins) = (day(*ordered_for, run), day(*begins, run));
            match locale {
                Locale::Fr => format!("L'eSIM est commandée pour le {ordered_for}, le voyage commence maintenant le {begins}."),
                Locale::En => format!("The eSIM is ordered for {ordered_for}, and the trip begins on {begins} now."),
            }
        }
    }
}

fn day(day: Date, run: &Run<'_>) -> String {
    day.to_zoned_datetime(run.agency.timezone.clone()).map_or_else(|_| day.to_string(), |at| words::date(&at, run.agency.locale))
}
