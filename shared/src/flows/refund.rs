//! Asking a provider for the money back when a trip does not take place, where the account wants that. The provider decides about it; a
//! person is told what was asked, and of everything that could not be.
//!
//! Asked once an eSIM: that it is being asked is written first. A process that dies after that, or a reply that never came, leaves it
//! unclear, and a person looks instead of a second request being sent.

use std::time::Duration;

use super::{
    Run,
    absorb::{self, Source},
    purchase::{Next, esim_of, key_of},
    tasks,
};
use crate::{
    domain::{EsimStatus, OrderId, order::Purpose},
    outbound::ProviderClient,
    problem::Problem,
    providers::ProviderError,
    store::{
        StoreError,
        esims::EsimRecord,
        orders::OrderRecord,
        outbox::{Entry, TaskKind, Work},
    },
};

/// After how long a person is told of a request of which nothing more was heard: longer than any function works on it.
const HEARD_OF: Duration = Duration::from_secs(600);

/// How often an order is looked at that is still under way when its trip is cancelled: it ends within a day.
const UNDER_WAY: Duration = Duration::from_secs(300);

/// What is to be asked for a dossier's orders; nothing where no account of the agency wants it.
#[must_use]
pub fn entries(run: &Run<'_>, orders: &[OrderId]) -> Vec<Entry> {
    if run.agency.providers.iter().all(|account| account.airalo.refunds.is_none()) {
        return Vec::new();
    }
    orders.iter().map(|order_id| run.to_do(Work::AskRefund { order_id: order_id.clone() }, Duration::ZERO)).collect()
}

/// Asks for the money of one order, if it bought an eSIM that nobody has used, for a trip that is still cancelled.
///
/// # Errors
/// [`Problem`] when the table cannot be used.
pub async fn ask(run: &Run<'_>, order_id: &OrderId) -> Result<Next, Problem> {
    let Some(record) = run.house.store.order(&run.agency_id, order_id, &run.house.seals).await? else { return Ok(Next::Done) };
    if record.order.purpose != Purpose::NewEsim || !is_cancelled(run, &record).await? {
        return Ok(Next::Done);
    }
    if !record.order.status.is_settled() {
        return Ok(Next::Later(record.order.sleeps(run.now()).unwrap_or(UNDER_WAY)));
    }
    let Some(esim_id) = &record.order.esim_id else { return Ok(Next::Done) };
    // What is known of its use may be half a day old. Where it cannot be read now, the provider's own review will see it.
    if let Err(error) = absorb::refresh(run, esim_id, Source::Poll).await {
        tracing::info!(%order_id, ?error, "usage was not read before a refund is asked for");
    }
    let esim = esim_of(run, esim_id).await?;
    let provider = run.provider(&record.order.package.provider)?;
    // One that is used, or gone already, is a matter between people.
    if provider.extras().refunds.is_none() || esim.profile.is_none() || esim.esim.status >= EsimStatus::Activated {
        return Ok(Next::Done);
    }
    if let Some(unheard) = begin(run, &record, &esim).await? {
        let (kind, detail) = send(run, &provider, &record, &esim).await;
        let task = tasks::about_order(run, &record, kind, detail);
        run.house.store.transaction().dequeue(&unheard.id).enqueue(&task)?.commit().await?;
    }
    Ok(Next::Done)
}

/// Whether the order's dossier is cancelled, still.
pub(super) async fn is_cancelled(run: &Run<'_>, record: &OrderRecord) -> Result<bool, Problem> {
    let Some(reference) = record.order.booking_reference.as_deref() else { return Ok(false) };
    let booking = run.house.store.booking(&run.agency_id, reference, &run.house.seals).await?;
    Ok(booking.is_some_and(|booking| booking.cancelled))
}

/// Writes that it is being asked, with a task that a person gets if nothing more is heard of it. `None`: it was asked before.
async fn begin(run: &Run<'_>, record: &OrderRecord, esim: &EsimRecord) -> Result<Option<Entry>, Problem> {
    let account = &record.order.package.provider;
    let name = format!("REFUND-{}", esim.esim.esim_id);
    let unheard = tasks::about_order(run, record, TaskKind::RefundUnclear, "the process ended while it asked".to_owned());
    let unheard = Entry { delay: HEARD_OF, ..unheard };
    let transaction = run.house.store.transaction().enqueue(&unheard)?;
    match transaction.claim_purchase(&run.agency_id, account, &name, &record.order.order_id, run.now()).commit().await {
        Ok(()) => Ok(Some(unheard)),
        Err(StoreError::Conflict) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What came of it, for a person.
async fn send(run: &Run<'_>, provider: &ProviderClient, record: &OrderRecord, esim: &EsimRecord) -> (TaskKind, String) {
    match provider.refund(key_of(esim), &record.order.order_id, run.deadline).await {
        Ok(id) => (TaskKind::RefundAsked, id),
        Err(ProviderError::Unknown(reason)) => (TaskKind::RefundUnclear, reason.to_owned()),
        Err(error) => (TaskKind::RefundNotAsked, error.to_string()),
    }
}
