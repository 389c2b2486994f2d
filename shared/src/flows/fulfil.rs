//! The watch over an order: finds what a crash, a throttle or a lost reply left open, and brings it to an end.

use std::time::Duration;

use super::{
    Run,
    place_order::{LEASE, WORKER_LEASE},
    purchase::{self, Next},
};
use crate::{
    domain::{OrderId, OrderStatus},
    problem::Problem,
    store::{StoreError, orders::OrderRecord},
};

/// After which time a provider is asked again whose list does not say what its webhook said.
const ASKED_AGAIN: Duration = Duration::from_secs(60);

/// Looks after an order once.
///
/// # Errors
/// [`Problem`] when the table cannot be used; the watch goes on later.
pub async fn watch(run: &Run<'_>, order_id: &OrderId) -> Result<Next, Problem> {
    let Some(mut record) = run.house.store.order(&run.agency_id, order_id, &run.house.seals).await? else {
        return Ok(Next::Done);
    };
    if record.watch.is_some() && record.watch != run.entry {
        // Another entry watches it now.
        return Ok(Next::Done);
    }
    if record.order.status.is_settled() {
        return finish(run, &mut record).await;
    }
    if let Some(wait) = record.order.sleeps(run.now()).or_else(|| lease_left(run, &record)) {
        return Ok(Next::Later(wait));
    }
    if !take(run, &mut record).await? {
        return Ok(Next::Later(Duration::from_secs(2)));
    }
    match record.order.status {
        OrderStatus::Queued => send_again(run, &mut record).await,
        _ => purchase::ask(run, &mut record).await,
    }
}

/// Asks about an open order now, and not at its watch's next turn: the provider has said by itself, signed, that it is done with it;
/// `refused` is why it was not carried out. Whoever has the order in hand goes first.
///
/// # Errors
/// [`Problem`] when the table cannot be used; the watch goes on.
pub async fn hasten(run: &Run<'_>, order_id: &OrderId, refused: Option<&str>) -> Result<Next, Problem> {
    let Some(mut record) = run.house.store.order(&run.agency_id, order_id, &run.house.seals).await? else {
        return Ok(Next::Done);
    };
    if let Some(wait) = lease_left(run, &record).filter(|_| !record.order.status.is_settled()) {
        return Ok(Next::Later(wait));
    }
    // What is queued was surely not bought, and what is `placing` is asked about by its watch.
    if !matches!(record.order.status, OrderStatus::Accepted | OrderStatus::Unknown) {
        return Ok(Next::Done);
    }
    if !take(run, &mut record).await? {
        return Ok(Next::Later(Duration::from_secs(2)));
    }
    match refused {
        Some(reason) => purchase::ask_after_refusal(run, &mut record, reason).await?,
        None => purchase::ask(run, &mut record).await?,
    };
    // A refusal that the list does not bear out yet is not forgotten.
    let open = refused.is_some() && !record.order.status.is_settled();
    Ok(if open { Next::Later(ASKED_AGAIN) } else { Next::Done })
}

async fn finish(run: &Run<'_>, record: &mut OrderRecord) -> Result<Next, Problem> {
    if record.order.status == OrderStatus::Placed { purchase::fetch_profile(run, record).await } else { Ok(Next::Done) }
}

pub(super) fn lease_left(run: &Run<'_>, record: &OrderRecord) -> Option<Duration> {
    let left = run.now().duration_until(record.fence.lease_until);
    Duration::try_from(left).ok().filter(|left| !left.is_zero()).map(|left| left + Duration::from_secs(1))
}

/// Takes the order over, for as long as a run may work on it. False: somebody else did.
pub(super) async fn take(run: &Run<'_>, record: &mut OrderRecord) -> Result<bool, Problem> {
    let by_worker = run.provider(&record.order.package.provider)?.extras().buying_time.is_some();
    let lease = if by_worker { WORKER_LEASE } else { LEASE };
    let until = run.now().saturating_add(lease).map_or(run.now(), |t| t);
    match run.house.store.take_order(record, &run.house.world.new_id("run"), until).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Sends a purchase again that surely was not made. The table is told first. While the provider's breaker is open, or it asked for
/// patience, nothing is sent and no attempt is used up.
async fn send_again(run: &Run<'_>, record: &mut OrderRecord) -> Result<Next, Problem> {
    if let Some(held) = purchase::held(run, record).await? {
        return purchase::hold(run, record, held).await;
    }
    record.order.attempts += 1;
    record.order.sent_at = Some(run.now());
    record.order.absences = 0;
    record.order.absence_proves_nothing = run.provider(&record.order.package.provider)?.capabilities().recovery.absence_proves_nothing();
    let attempt = record.order.attempts;
    record.order.move_to(OrderStatus::Placing, run.now(), format!("attempt {attempt}"));
    run.house.store.transaction().write_order(record, &run.house.seals)?.commit().await?;
    purchase::send(run, record).await
}
