//! Orders that the provider takes now and carries out on a later day. Until then nothing is bought and nothing is asked; from then on they
//! are orders that were taken, as any other.
//!
//! | the process dies | and then |
//! |---|---|
//! | before the order is sent | the order is `placing`: it is looked for, as below |
//! | after it, or its reply is lost | looked for among what was carried out and what waits, for an hour; a person is told; it is looked for again on its day |
//! | after it was taken | it is asked about on its day, or when the provider's webhook says so |

use jiff::Timestamp;
use std::time::Duration;

use super::{Next, close, stay_open, write};
use crate::{
    domain::{OrderStatus, order::Problem as OrderProblem},
    flows::{Run, tasks},
    outbound::{Deadline, ProviderClient},
    problem::Problem,
    providers::{FoundLater, FoundOrder, PlaceOrder, Placement, ProviderError, Recovery},
    store::{orders::OrderRecord, outbox::TaskKind},
};

/// How long a future order is looked for whose acceptance was lost, and one that should have been carried out. That it is in no list proves
/// nothing.
pub(super) const LOOK: Recovery = Recovery::FindOnly { look_for: Duration::from_secs(3600) };

/// How often: nobody waits for it before its day, and on its day the webhook makes us ask at once. Each time takes four calls.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(300);

/// Sends it; taken, never bought, whatever the provider answers.
pub(super) async fn place(
    record: &mut OrderRecord,
    provider: &ProviderClient,
    request: &PlaceOrder<'_>,
    due: Timestamp,
    deadline: Deadline,
) -> Result<Placement, ProviderError> {
    let scheduled = provider.place_later(request, due, deadline).await?;
    if let Some(later) = &mut record.order.later {
        later.cancel_by = scheduled.cancel_by;
    }
    Ok(Placement::Accepted { provider_order_id: Some(scheduled.request_id) })
}

/// Looks for it among what is not carried out yet. An order for now is not there; nor is it where the account no longer takes such orders.
pub(super) async fn find(record: &mut OrderRecord, provider: &ProviderClient, deadline: Deadline) -> Result<FoundOrder, ProviderError> {
    let Some(later) = &mut record.order.later else { return Ok(FoundOrder::Absent) };
    if provider.extras().future_orders.is_none() {
        return Ok(FoundOrder::Absent);
    }
    match provider.find_later(&record.order.order_id, later.due_at, deadline).await? {
        FoundLater::Waiting(scheduled) => {
            later.cancel_by = scheduled.cancel_by.or(later.cancel_by);
            Ok(FoundOrder::Pending { provider_order_id: Some(scheduled.request_id) })
        }
        FoundLater::Failed => Ok(FoundOrder::Failed { reason: "the provider lists the future order as failed".to_owned() }),
        FoundLater::Next(_) | FoundLater::Absent => Ok(FoundOrder::Absent),
    }
}

/// Lets an order that was taken wait for its day; how long its watch sleeps.
pub(super) fn sleep(run: &Run<'_>, record: &mut OrderRecord) -> Option<Duration> {
    record.order.later.as_mut()?.waits = true;
    record.order.sleeps(run.now())
}

/// Since when an order is looked for: its sending before its day, and its day from then on.
pub(super) fn looked_for_since(record: &OrderRecord, sent_at: Timestamp, now: Timestamp) -> Timestamp {
    record.order.later.as_ref().map(|later| later.due_at).filter(|due| now >= *due).map_or(sent_at, |due| due.max(sent_at))
}

/// Whether it was looked for before its day: on that day it is in the list, if it was taken.
pub(super) fn is_not_due(record: &OrderRecord, now: Timestamp) -> bool {
    record.order.later.as_ref().is_some_and(|later| now < later.due_at)
}

/// Leaves an order `unknown` until its day, and tells a person to look.
pub(super) async fn sleep_unheard(run: &Run<'_>, record: &mut OrderRecord) -> Result<Next, Problem> {
    let told = record.order.later.as_ref().is_some_and(|later| later.waits);
    let wait = sleep(run, record).unwrap_or_default();
    if !told {
        let detail = format!(
            "The order for a later day was sent, no answer came, and neither the provider's orders nor its future orders show it. Look for the \
             reference {} among the provider's future orders before ordering again: if it is there, it will be delivered.",
            record.order.order_id
        );
        let task = tasks::about_order(run, record, TaskKind::OrderUnclear, detail);
        run.house.store.transaction().enqueue(&task)?.commit().await?;
    }
    stay_open(run, record, wait).await
}

/// Ends an order that the provider has cancelled before its day; the caller holds its fence. `unheard` is the task that is not needed now.
///
/// # Errors
/// [`Problem`] when it could not be written.
pub async fn end_cancelled(run: &Run<'_>, record: &mut OrderRecord, unheard: &str) -> Result<Next, Problem> {
    let detail = "Cancelled at the provider before its day, because the trip does not take place. Nothing was bought.".to_owned();
    record.order.problem = Some(OrderProblem { code: "cancelled".to_owned(), detail });
    record.order.move_to(OrderStatus::Rejected, run.now(), "cancelled at the provider before its day");
    let transaction = close(run, run.house.store.transaction(), record).await?.dequeue(unheard);
    record.fence.lease_until = run.now();
    write(transaction.write_order(record, &run.house.seals)?, record).await?;
    run.house.metrics.orders(record.order.status);
    Ok(Next::Done)
}
