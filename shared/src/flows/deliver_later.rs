//! Orders that are made now and delivered on a later day: which days are possible.

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::Run;
use crate::{
    domain::{Package, order::DeliverLater},
    problem::Problem,
    store::bookings::BookingRecord,
};

/// The provider wants two days (Airalo Partner API v2, order); the rest is for clocks that are apart and an order that waits in a queue.
const SOONEST: SignedDuration = SignedDuration::from_mins(2 * 24 * 60 + 15);

/// It takes none for more than a year ahead.
const LATEST: SignedDuration = SignedDuration::from_hours(365 * 24);

/// When an order for `day` is due: the day's first minute where the agency is.
///
/// # Errors
/// [`Problem`] that names `deliver_on` when the package's account cannot deliver then, or the trip has begun by then.
pub(super) fn checked(run: &Run<'_>, package: &Package, booking: Option<&BookingRecord>, day: Date) -> Result<DeliverLater, Problem> {
    let wrong = |message: &str| Problem::field("deliver_on", message);
    if run.provider(&package.provider)?.extras().future_orders.is_none() {
        return Err(wrong("is not possible for this package: its account takes no orders for a later day"));
    }
    if booking.is_some_and(|record| day > record.booking.trip.span().0) {
        return Err(wrong("must not be after the trip has begun"));
    }
    let due = day.to_zoned_datetime(run.agency.timezone.clone()).map_err(|_| wrong("is no day that can be ordered for"))?.timestamp();
    let from_now = |wait: SignedDuration| run.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
    if due < from_now(SOONEST) {
        return Err(wrong("must be more than two days ahead"));
    }
    if due > from_now(LATEST) {
        return Err(wrong("must be at most a year ahead"));
    }
    Ok(DeliverLater { deliver_on: day, due_at: due, cancel_by: None, waits: false })
}
