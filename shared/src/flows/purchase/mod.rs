//! Buying, asking and settling: the moves of an order that spend money or prove that none was spent.
//!
//! Before a purchase is sent, the table says so (`placing`, `sent_at`), so that a crash on either side of the call leads to the
//! question, never to a second purchase. Every write is fenced: a late run of a lost lease writes nothing.

mod ask;
mod fail_over;
mod later;
mod settle;
mod stock;

use jiff::Timestamp;
use std::time::Duration;

pub use ask::{ask, ask_after_refusal};
pub use later::end_cancelled;
pub use settle::{fetch_profile, settle_placed};

use super::{Run, house::back_off, order_view, tasks};
use crate::{
    domain::{
        EsimId, OrderStatus,
        order::{Problem as OrderProblem, Purpose},
    },
    outbound::{BREAKER_OPEN, Deadline, Held, HeldBy, OperationClass, was_tried},
    problem::Problem,
    providers::{Delivery, EsimKey, PlaceOrder, Placement, ProviderError, Signature, TopUp},
    store::{
        StoreError, Transaction,
        esims::EsimRecord,
        idempotency::KeyRecord,
        orders::OrderRecord,
        outbox::{TaskKind, Work},
    },
};

/// Times that a purchase is sent at most, each only after proof that the one before bought nothing (the mission: 5 attempts).
pub const MOST_ATTEMPTS: u32 = 5;

/// How long a provider may take to deliver an order that it took, before a person is asked to look.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// The longest that an order is left alone which was taken, or should be in a list soon.
const LONGEST_LOOK: Duration = Duration::from_secs(1800);

const THROTTLED: &str = "throttled by the provider";

/// What the watch over an order does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the order is settled, or another entry watches it.
    Done,
    /// Look again after this time.
    Later(Duration),
}

/// Sends the purchase of an order whose record says `placing` and whose fence is ours, and writes what came of it.
///
/// # Errors
/// [`Problem`] when the outcome could not be written: the order stands `placing`, and the watch asks the provider.
pub async fn send(run: &Run<'_>, record: &mut OrderRecord) -> Result<Next, Problem> {
    let answer = call(run, record).await;
    match answer {
        Ok(Placement::Placed(placed)) => settle_placed(run, record, placed).await,
        Ok(Placement::Accepted { provider_order_id }) => accept(run, record, provider_order_id).await,
        Err(error) => after_error(run, record, error).await,
    }
}

/// What holds this order's purchase back at its provider; `None` when it may be sent now.
///
/// # Errors
/// [`Problem`] when the agency's settings no longer name the account.
pub async fn held(run: &Run<'_>, record: &OrderRecord) -> Result<Option<Held>, Problem> {
    let operation = match record.order.purpose {
        Purpose::NewEsim => "place_order",
        Purpose::TopUp { .. } => "top_up",
    };
    Ok(run.provider(&record.order.package.provider)?.held(OperationClass::Money, operation).await)
}

/// Leaves a queued order as it is, to be looked at again when it is no longer held; or lets it go elsewhere, as the agency's rule says.
///
/// # Errors
/// [`Problem`] when it cannot be written.
pub async fn hold(run: &Run<'_>, record: &mut OrderRecord, held: Held) -> Result<Next, Problem> {
    let wait = Duration::try_from(run.now().duration_until(held.until)).unwrap_or_default();
    let reason = match held.by {
        HeldBy::Breaker => BREAKER_OPEN,
        HeldBy::Pause => THROTTLED,
    };
    if fail_over::at_once(reason, Some(wait)) {
        if let Some(next) = fail_over::elsewhere(run, record, reason).await? {
            return Ok(next);
        }
        if fail_over::is_for_a_person(run, record).await {
            let detail = format!("The order could not be sent to the provider for ten minutes or more ({reason}). Nothing was bought.");
            return give_up(run, record, "not_sent", detail, TaskKind::OrderNotSent).await;
        }
    }
    stay_open(run, record, wait.max(Duration::from_secs(1))).await
}

/// The call must end before the lease does: a process that was frozen and thaws after it sends nothing any more.
async fn call(run: &Run<'_>, record: &mut OrderRecord) -> Result<Placement, ProviderError> {
    let order = record.order.clone();
    let deadline = run.deadline.or_sooner(Deadline::at(record.fence.lease_until));
    let provider =
        run.provider(&order.package.provider).map_err(|_| ProviderError::NotSent("the agency's settings no longer name the account"))?;
    let (_, provider_package_id) =
        order.package.package_id.split().map_err(|_| ProviderError::NotSent("the package id names no account"))?;
    match &order.purpose {
        Purpose::NewEsim => {
            let request = PlaceOrder { provider_package_id, reference: &order.order_id, locale: run.agency.locale };
            match (&order.later, provider.extras().sim_stock.as_deref()) {
                (Some(day), _) => later::place(record, &provider, &request, day.due_at, deadline).await,
                (None, Some(stock)) => stock::buy(run, record, &provider, stock, &request, deadline).await,
                (None, None) => provider.place(&request, deadline).await,
            }
        }
        Purpose::TopUp { esim_id } => {
            let esim = esim_of(run, esim_id).await.map_err(|_| ProviderError::NotSent("the eSIM could not be read"))?;
            let request = TopUp { esim: key_of(&esim), provider_package_id, reference: &order.order_id, locale: run.agency.locale };
            provider.top_up(&request, deadline).await
        }
    }
}

pub(super) async fn esim_of(run: &Run<'_>, esim_id: &EsimId) -> Result<EsimRecord, Problem> {
    let found = run.house.store.esim(&run.agency_id, esim_id, &run.house.seals).await?;
    found.ok_or_else(|| Problem::not_found("eSIM"))
}

/// What a provider calls an eSIM.
#[must_use]
pub fn key_of(record: &EsimRecord) -> EsimKey<'_> {
    EsimKey { provider_esim_id: record.esim.provider_esim_id.as_deref(), iccid: record.profile.as_ref().map(|profile| &profile.iccid) }
}

async fn after_error(run: &Run<'_>, record: &mut OrderRecord, error: ProviderError) -> Result<Next, Problem> {
    match error {
        ProviderError::NotSent(reason) => queue(run, record, reason, None, was_tried(reason)).await,
        ProviderError::Throttled { retry_after } => queue(run, record, THROTTLED, retry_after, true).await,
        ProviderError::Unauthorised => queue(run, record, "the provider refused our token", None, true).await,
        ProviderError::Rejected { code, reason } => reject(run, record, code, reason).await,
        ProviderError::Unsupported(reason) => reject(run, record, "unsupported", reason.to_string()).await,
        ProviderError::Unknown(reason) => unclear(run, record, reason).await,
    }
}

/// Surely not bought: to be sent again later, unless it was tried often enough.
async fn queue(
    run: &Run<'_>,
    record: &mut OrderRecord,
    reason: &str,
    retry_after: Option<Duration>,
    charged: bool,
) -> Result<Next, Problem> {
    if !charged {
        record.order.attempts = record.order.attempts.saturating_sub(1);
    }
    let used_up = record.order.attempts >= MOST_ATTEMPTS;
    if (used_up || fail_over::at_once(reason, retry_after))
        && let Some(next) = fail_over::elsewhere(run, record, reason).await?
    {
        return Ok(next);
    }
    if used_up {
        let detail = format!("The order could not be sent to the provider in {MOST_ATTEMPTS} attempts ({reason}). Nothing was bought.");
        return give_up(run, record, "not_sent", detail, TaskKind::OrderNotSent).await;
    }
    let wait = back_off(&run.house.world, record.order.attempts, retry_after);
    record.order.move_to(OrderStatus::Queued, run.now(), format!("not bought: {reason}"));
    stay_open(run, record, wait).await
}

/// Perhaps bought: the provider is asked before anything else.
async fn unclear(run: &Run<'_>, record: &mut OrderRecord, reason: &str) -> Result<Next, Problem> {
    record.order.perhaps_sent = true;
    record.order.absences = 0;
    record.order.move_to(OrderStatus::Unknown, run.now(), format!("outcome unknown: {reason}"));
    stay_open(run, record, Duration::from_secs(2)).await
}

async fn accept(run: &Run<'_>, record: &mut OrderRecord, provider_order_id: Option<String>) -> Result<Next, Problem> {
    record.order.perhaps_sent = true;
    record.order.provider_order_id = provider_order_id.or(record.order.provider_order_id.take());
    let since = record.order.under_way_since();
    let patience_ends = since.saturating_add(PATIENCE).map_or(since, |t| t);
    if run.now() > patience_ends {
        return ask::cannot_tell(run, record, "taken by the provider a day ago, and never delivered").await;
    }
    if record.order.status != OrderStatus::Accepted {
        remember_request(run, record).await?;
        record.order.move_to(OrderStatus::Accepted, run.now(), "taken by the provider, which delivers later");
    }
    let wait = later::sleep(run, record).unwrap_or_else(|| between_looks(run, since));
    stay_open(run, record, wait).await
}

/// How long an order is left alone whose provider takes its time to carry it out or to show it: about a third of its age. What takes a
/// minute is seen within seconds, and what takes a day costs less than a hundred questions; a webhook makes us ask at once.
fn between_looks(run: &Run<'_>, since: Timestamp) -> Duration {
    let age = Duration::try_from(run.now().duration_since(since)).unwrap_or_default();
    let most = (age / 3).clamp(Duration::from_secs(4), LONGEST_LOOK);
    most / 2 + run.house.world.jitter(most / 2)
}

/// Where the provider tells by a signed webhook what became of an order that it took, and may name nothing but its own id of the request:
/// the order is written under that id. Written once; a process that dies after it writes it again in vain.
async fn remember_request(run: &Run<'_>, record: &OrderRecord) -> Result<(), Problem> {
    let (order, account) = (&record.order, &record.order.package.provider);
    let capabilities = run.provider(account)?.capabilities();
    let Some(id) = order.provider_order_id.as_deref() else { return Ok(()) };
    if capabilities.delivery != Delivery::Later && order.later.is_none() || capabilities.signature != Signature::Hmac {
        return Ok(());
    }
    let transaction = run.house.store.transaction();
    // Kept from the order's day on: it may be told of then.
    let from = order.under_way_since().max(run.now());
    let written = transaction.claim_purchase(&run.agency_id, account, &request_name(id), &order.order_id, from).commit().await;
    match written {
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What a request for an order is remembered under, beside the purchases themselves.
pub(super) fn request_name(id: &str) -> String {
    format!("REQUEST-{id}")
}

/// Writes an open order. In a worker the same watch goes on after `wait`; in an API call a new watch takes the claim's place.
async fn stay_open(run: &Run<'_>, record: &mut OrderRecord, wait: Duration) -> Result<Next, Problem> {
    let mut transaction = run.house.store.transaction();
    let next = if run.entry.is_some() && run.entry == record.watch {
        Next::Later(wait)
    } else {
        transaction = swap_watch(run, transaction, record, wait)?;
        Next::Done
    };
    record.fence.lease_until = run.now();
    write(transaction.write_order(record, &run.house.seals)?, record).await?;
    run.house.metrics.orders(record.order.status);
    Ok(next)
}

fn swap_watch(run: &Run<'_>, mut transaction: Transaction, record: &mut OrderRecord, wait: Duration) -> Result<Transaction, Problem> {
    if let Some(old) = record.watch.take() {
        transaction = transaction.dequeue(&old);
    }
    let watch = run.to_do(Work::WatchOrder { order_id: record.order.order_id.clone() }, wait);
    record.watch = Some(watch.id.clone());
    Ok(transaction.enqueue(&watch)?)
}

async fn write(transaction: Transaction, record: &OrderRecord) -> Result<(), Problem> {
    transaction.commit().await.map_err(|error| {
        if error == StoreError::Conflict {
            tracing::warn!(order_id = %record.order.order_id, status = record.order.status.as_str(), "a late run lost its fence: its outcome was not written, the provider will be asked");
        }
        error.into()
    })
}

async fn reject(run: &Run<'_>, record: &mut OrderRecord, code: &str, reason: String) -> Result<Next, Problem> {
    if code == "sold_out"
        && let Some(next) = fail_over::elsewhere(run, record, "sold out").await?
    {
        return Ok(next);
    }
    record.order.problem =
        Some(OrderProblem { code: code.to_owned(), detail: format!("Refused by the provider: {reason}. Nothing was bought.") });
    record.order.move_to(OrderStatus::Rejected, run.now(), format!("refused: {code}"));
    run.house.metrics.error("order_rejected");
    close_without_esim(run, record, TaskKind::OrderRejected, reason).await
}

/// Gives an order to a person.
pub(super) async fn give_up(run: &Run<'_>, record: &mut OrderRecord, code: &str, detail: String, kind: TaskKind) -> Result<Next, Problem> {
    record.order.problem = Some(OrderProblem { code: code.to_owned(), detail: detail.clone() });
    record.order.move_to(OrderStatus::Parked, run.now(), format!("given to a person: {code}"));
    run.house.metrics.error("order_parked");
    close_without_esim(run, record, kind, detail).await
}

async fn close_without_esim(run: &Run<'_>, record: &mut OrderRecord, kind: TaskKind, detail: String) -> Result<Next, Problem> {
    let (kind, detail) = fail_over::with_choices(run, record, kind, detail).await;
    let task = tasks::about_order(run, record, kind, detail);
    let transaction = close(run, run.house.store.transaction(), record).await?.enqueue(&task)?;
    record.fence.lease_until = run.now();
    write(transaction.write_order(record, &run.house.seals)?, record).await?;
    run.house.metrics.orders(record.order.status);
    Ok(Next::Done)
}

/// Adds what ends every purchase: the stored answer for the key, and the end of the watch.
async fn close(run: &Run<'_>, mut transaction: Transaction, record: &mut OrderRecord) -> Result<Transaction, Problem> {
    if let Some(key) = run.house.store.key_record(&run.agency_id, &record.key_hash, run.now()).await? {
        let answered = KeyRecord { answer: Some(order_view::answer(&record.order)), ..key };
        transaction = transaction.answer_key(&run.agency_id, &record.key_hash, &answered)?;
    }
    if let Some(watch) = record.watch.take() {
        transaction = transaction.dequeue(&watch);
    }
    Ok(transaction)
}
