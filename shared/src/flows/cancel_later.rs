//! Cancelling future orders of a trip that does not take place. What is not carried out yet can be taken back until the time that the
//! provider said; then nothing is bought. In every other case a person gets a task.
//!
//! Asked once an order: that it is being asked is written first. A process that dies after that, or a reply that never came, leaves it
//! unclear: a person looks, and on the order's day the provider is asked what became of it, as of every order that was taken.

use std::time::Duration;

use super::{
    Run, fulfil,
    purchase::{self, Next},
    refund, tasks,
};
use crate::{
    domain::{Order, OrderId, OrderStatus},
    outbound::Deadline,
    problem::Problem,
    providers::ProviderError,
    store::{
        StoreError,
        orders::OrderRecord,
        outbox::{Entry, TaskKind, Work},
    },
};

/// After how long a person is told of a request of which nothing more was heard: longer than any function works on it.
const HEARD_OF: Duration = Duration::from_secs(600);

/// How often an order is looked at that is still being sent or looked for.
const UNDER_WAY: Duration = Duration::from_secs(60);

/// A dossier's orders: those that wait for a later day, and the others that may have bought something. One for a later day that was refused or
/// cancelled is neither.
///
/// # Errors
/// [`Problem`] when the table cannot be read.
pub async fn apart(run: &Run<'_>, orders: Vec<OrderId>) -> Result<(Vec<OrderId>, Vec<OrderId>), Problem> {
    let (mut waiting, mut others) = (Vec::new(), Vec::new());
    let possible = run.agency.providers.iter().any(|account| account.airalo.future_orders);
    for order_id in orders {
        let record = if possible { run.house.store.order(&run.agency_id, &order_id, &run.house.seals).await? } else { None };
        match record {
            Some(record) if record.order.later.is_some() && !record.order.status.is_settled() => waiting.push(order_id),
            Some(record) if record.order.later.is_some() && record.order.status == OrderStatus::Rejected => {}
            _ => others.push(order_id),
        }
    }
    Ok((waiting, others))
}

/// What is to be cancelled for a dossier.
#[must_use]
pub fn entries(run: &Run<'_>, waiting: &[OrderId]) -> Vec<Entry> {
    waiting.iter().map(|order_id| run.to_do(Work::CancelLater { order_id: order_id.clone() }, Duration::ZERO)).collect()
}

/// Cancels one order, if its trip is still cancelled.
///
/// # Errors
/// [`Problem`] when the table cannot be used.
pub async fn cancel(run: &Run<'_>, order_id: &OrderId) -> Result<Next, Problem> {
    let Some(mut record) = run.house.store.order(&run.agency_id, order_id, &run.house.seals).await? else { return Ok(Next::Done) };
    if !refund::is_cancelled(run, &record).await? {
        return Ok(Next::Done);
    }
    let request_id = match step(&record.order, run) {
        Step::Nothing => return Ok(Next::Done),
        Step::Wait => return Ok(Next::Later(UNDER_WAY)),
        Step::Tell(why) => return tell(run, &record, TaskKind::FutureNotCancelled, why.to_owned()).await,
        Step::Ask(request_id) => request_id,
    };
    if let Some(wait) = fulfil::lease_left(run, &record) {
        return Ok(Next::Later(wait));
    }
    if !fulfil::take(run, &mut record).await? {
        return Ok(Next::Later(Duration::from_secs(2)));
    }
    match begin(run, &record).await? {
        Some(unheard) => send(run, &mut record, &request_id, &unheard).await,
        None => Ok(Next::Done),
    }
}

/// What is to be done about an order.
enum Step {
    Nothing,
    Wait,
    Tell(&'static str),
    Ask(String),
}

fn step(order: &Order, run: &Run<'_>) -> Step {
    let Some(later) = &order.later else { return Step::Nothing };
    match (order.status, &order.provider_order_id) {
        (OrderStatus::Rejected | OrderStatus::Parked, _) => Step::Nothing,
        (OrderStatus::Placed | OrderStatus::Delivered, _) => Step::Tell("it was carried out already"),
        (OrderStatus::Accepted, Some(_)) if run.now() >= later.cancel_by.unwrap_or(later.due_at) => {
            Step::Tell("the time until which the provider lets it be cancelled is over")
        }
        (OrderStatus::Accepted, Some(request_id)) => Step::Ask(request_id.clone()),
        (OrderStatus::Unknown, _) if later.waits => Step::Tell("whether the provider took it is not known"),
        _ => Step::Wait,
    }
}

async fn tell(run: &Run<'_>, record: &OrderRecord, kind: TaskKind, detail: String) -> Result<Next, Problem> {
    run.house.store.transaction().enqueue(&tasks::about_order(run, record, kind, detail))?.commit().await?;
    Ok(Next::Done)
}

/// Writes that it is being asked, with a task that a person gets if nothing more is heard of it. `None`: it was asked before.
async fn begin(run: &Run<'_>, record: &OrderRecord) -> Result<Option<Entry>, Problem> {
    let order = &record.order;
    let unheard = tasks::about_order(run, record, TaskKind::FutureCancelUnclear, "the process ended while it asked".to_owned());
    let unheard = Entry { delay: HEARD_OF, ..unheard };
    let transaction = run.house.store.transaction().enqueue(&unheard)?;
    // Kept from the order's day on: it is cancelled before that.
    let (name, from) = (format!("CANCEL-{}", order.order_id), order.under_way_since().max(run.now()));
    match transaction.claim_purchase(&run.agency_id, &order.package.provider, &name, &order.order_id, from).commit().await {
        Ok(()) => Ok(Some(unheard)),
        Err(StoreError::Conflict) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The call must end before the order's lease does.
async fn send(run: &Run<'_>, record: &mut OrderRecord, request_id: &str, unheard: &Entry) -> Result<Next, Problem> {
    let deadline = run.deadline.or_sooner(Deadline::at(record.fence.lease_until));
    let provider = run.provider(&record.order.package.provider)?;
    let (kind, detail) = match provider.cancel_later(request_id, deadline).await {
        Ok(()) => return purchase::end_cancelled(run, record, &unheard.id).await,
        Err(ProviderError::Unknown(reason)) => (TaskKind::FutureCancelUnclear, reason.to_owned()),
        Err(error) => (TaskKind::FutureNotCancelled, error.to_string()),
    };
    record.fence.lease_until = run.now();
    let task = tasks::about_order(run, record, kind, detail);
    let transaction = run.house.store.transaction().dequeue(&unheard.id).enqueue(&task)?;
    transaction.write_order(record, &run.house.seals)?.commit().await?;
    Ok(Next::Done)
}
