//! Buying, asking and settling: the moves of an order that spend money or prove that none was spent.
//!
//! Before a purchase is sent, the table says so (`placing`, `sent_at`), so that a crash on either side of the call leads to the
//! question, never to a second purchase. Every write is fenced: a late run of a lost lease writes nothing.

use std::time::Duration;

use super::{Run, house::back_off, order_view, tasks};
use crate::{
    domain::{
        EsimId, OrderStatus,
        esim::{Esim, EsimStatus, Plan},
        order::{Problem as OrderProblem, Purpose},
    },
    outbound::{Deadline, OperationClass, was_tried},
    problem::Problem,
    providers::{EsimKey, FindOrder, FoundOrder, PlaceOrder, Placed, Placement, ProvidedEsim, ProviderError, Recovery, TopUp},
    store::{
        StoreError, Transaction,
        esims::{EsimRecord, EsimTimers},
        idempotency::KeyRecord,
        keys::EsimAlias,
        orders::OrderRecord,
        outbox::{TaskKind, Work},
    },
};

/// Times that a purchase is sent at most, each only after proof that the one before bought nothing (the mission: 5 attempts).
pub const MOST_ATTEMPTS: u32 = 5;

/// How long a provider may take to deliver an order that it took, before a person is asked to look.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// Times that a provider is asked in vain before a person is.
const MOST_ASKS: u32 = 12;

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

/// How long until the provider may be sent this order's purchase.
///
/// # Errors
/// [`Problem`] when the agency's settings no longer name the account.
pub async fn ready_in(run: &Run<'_>, record: &OrderRecord) -> Result<Duration, Problem> {
    let operation = match record.order.purpose {
        Purpose::NewEsim => "place_order",
        Purpose::TopUp { .. } => "top_up",
    };
    Ok(run.provider(&record.order.package.provider)?.ready_in(OperationClass::Money, operation).await)
}

/// Leaves a queued order as it is, to be looked at again after `wait`.
///
/// # Errors
/// [`Problem`] when it cannot be written.
pub async fn hold(run: &Run<'_>, record: &mut OrderRecord, wait: Duration) -> Result<Next, Problem> {
    stay_open(run, record, wait.max(Duration::from_secs(1))).await
}

/// The call must end before the lease does: a process that was frozen and thaws after it sends nothing any more.
async fn call(run: &Run<'_>, record: &OrderRecord) -> Result<Placement, ProviderError> {
    let order = &record.order;
    let deadline = run.deadline.or_sooner(Deadline::at(record.fence.lease_until));
    let provider =
        run.provider(&order.package.provider).map_err(|_| ProviderError::NotSent("the agency's settings no longer name the account"))?;
    let (_, provider_package_id) =
        order.package.package_id.split().map_err(|_| ProviderError::NotSent("the package id names no account"))?;
    match &order.purpose {
        Purpose::NewEsim => {
            let request = PlaceOrder { provider_package_id, reference: &order.order_id, locale: run.agency.locale };
            provider.place(&request, deadline).await
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
        ProviderError::Throttled { retry_after } => queue(run, record, "throttled by the provider", retry_after, true).await,
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
    if record.order.attempts >= MOST_ATTEMPTS {
        let detail = format!("The order could not be sent to the provider in {MOST_ATTEMPTS} attempts ({reason}). Nothing was bought.");
        return give_up(run, record, "not_sent", detail, TaskKind::OrderNotSent).await;
    }
    let wait = back_off(&run.house.world, record.order.attempts, retry_after);
    record.order.move_to(OrderStatus::Queued, run.now(), format!("not bought: {reason}"));
    stay_open(run, record, wait).await
}

/// Perhaps bought: the provider is asked before anything else.
async fn unclear(run: &Run<'_>, record: &mut OrderRecord, reason: &str) -> Result<Next, Problem> {
    record.order.absences = 0;
    record.order.move_to(OrderStatus::Unknown, run.now(), format!("outcome unknown: {reason}"));
    stay_open(run, record, Duration::from_secs(2)).await
}

async fn accept(run: &Run<'_>, record: &mut OrderRecord, provider_order_id: Option<String>) -> Result<Next, Problem> {
    record.order.provider_order_id = provider_order_id.or(record.order.provider_order_id.take());
    let patience_ends = record.order.created_at.saturating_add(PATIENCE).map_or(record.order.created_at, |t| t);
    if run.now() > patience_ends {
        return cannot_tell(run, record, "taken by the provider a day ago, and never delivered").await;
    }
    if record.order.status != OrderStatus::Accepted {
        record.order.move_to(OrderStatus::Accepted, run.now(), "taken by the provider, which delivers later");
    }
    let wait = back_off(&run.house.world, 4, None);
    stay_open(run, record, wait).await
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

/// Writes a purchase that was made: order, eSIM or plan, timers, and everything that must follow, in one transaction.
///
/// # Errors
/// [`Problem`] when it could not be written: the provider will be asked, and will say the same again.
pub async fn settle_placed(run: &Run<'_>, record: &mut OrderRecord, placed: Placed) -> Result<Next, Problem> {
    record.order.provider_order_id = Some(placed.provider_order_id);
    record.order.problem = None;
    record.order.move_to(OrderStatus::Placed, run.now(), "bought");
    let next = match record.order.purpose.clone() {
        Purpose::NewEsim => settle_new_esim(run, record, placed.esim).await?,
        Purpose::TopUp { esim_id } => settle_top_up(run, record, &esim_id).await?,
    };
    run.house.metrics.orders(record.order.status);
    run.house.metrics.revenue(&record.order.package.price);
    Ok(next)
}

async fn settle_new_esim(run: &Run<'_>, record: &mut OrderRecord, provided: Option<ProvidedEsim>) -> Result<Next, Problem> {
    let now = run.now();
    let (provider_esim_id, profile) = provided.map_or((None, None), |esim| (esim.provider_esim_id, esim.profile));
    let esim = new_esim(record, provider_esim_id, profile.is_some(), now)?;
    record.order.esim_id = Some(esim.esim_id.clone());
    let mut esim = EsimRecord { agency: run.agency_id.clone(), esim, profile, timers: EsimTimers::default() };
    esim.timers = super::absorb::timers(run, &esim.esim, false)?;
    let aliases = aliases(run, &esim);
    let mut transaction = close(run, run.house.store.transaction(), record).await?;
    transaction = transaction.create_esim(&esim, &aliases, &run.house.seals)?.enqueue(&sync(run, &esim))?;
    let complete = esim.profile.is_some();
    transaction = if complete {
        transaction.enqueue(&run.to_do(Work::Deliver { esim_id: esim.esim.esim_id.clone() }, Duration::ZERO))?
    } else {
        swap_watch(run, transaction, record, Duration::from_secs(2))?
    };
    record.fence.lease_until = now;
    write(transaction.write_order(record, &run.house.seals)?, record).await?;
    if !complete {
        // Bought and written. The codes are fetched now if time is left; the watch fetches them otherwise.
        if let Err(problem) = fetch_profile(run, record).await {
            tracing::warn!(problem = problem.code, "the codes were not fetched at once: the watch fetches them");
        }
    }
    Ok(Next::Done)
}

fn new_esim(record: &OrderRecord, provider_esim_id: Option<String>, complete: bool, now: jiff::Timestamp) -> Result<Esim, Problem> {
    let order = &record.order;
    let id = order.order_id.as_str();
    // The eSIM's id follows from the order's, so that a settlement that is repeated names the same eSIM.
    let id = format!("esim_{}", id.strip_prefix("ord_").unwrap_or(id));
    Ok(Esim {
        esim_id: EsimId::parse(&id).map_err(|_| Problem::unavailable("No eSIM id could be made."))?,
        order_id: order.order_id.clone(),
        booking_reference: order.booking_reference.clone(),
        external_reference: order.external_reference.clone(),
        provider_esim_id,
        status: if complete { EsimStatus::Released } else { EsimStatus::Ordered },
        plan: Plan {
            order_id: order.order_id.clone(),
            package: order.package.clone(),
            begun_at: now,
            previous_expires_at: None,
            used_mb: 0,
            total_mb: order.package.data_volume_mb,
            activated_at: None,
            expires_at: None,
            measured_at: None,
            told: Vec::new(),
        },
        version: 1,
        created_at: now,
    })
}

fn aliases(run: &Run<'_>, record: &EsimRecord) -> Vec<EsimAlias> {
    let iccid = record.profile.as_ref().map(|profile| EsimAlias::Iccid(run.house.index.iccid(&run.agency_id, &profile.iccid)));
    iccid.into_iter().chain(record.esim.provider_esim_id.clone().map(EsimAlias::Provider)).collect()
}

fn sync(run: &Run<'_>, record: &EsimRecord) -> crate::store::outbox::Entry {
    let work = Work::SyncEsim { esim_id: record.esim.esim_id.clone(), version: record.esim.version };
    run.to_do(work, Duration::ZERO)
}

async fn settle_top_up(run: &Run<'_>, record: &mut OrderRecord, esim_id: &EsimId) -> Result<Next, Problem> {
    record.order.esim_id = Some(esim_id.clone());
    let mut esim = esim_of(run, esim_id).await?;
    let (version, timers) = (esim.esim.version, esim.timers.clone());
    esim.esim.start_plan(record.order.order_id.clone(), record.order.package.clone(), run.now());
    esim.esim.version = version + 1;
    esim.timers = super::absorb::timers(run, &esim.esim, false)?;
    // The new end is read as soon as the provider's usage can show it.
    esim.timers.poll = super::absorb::soonest_reading(run, &esim.esim)?;
    let transaction = close(run, run.house.store.transaction(), record).await?;
    let transaction = transaction.write_esim(&esim, version, &timers, &run.house.seals)?.enqueue(&sync(run, &esim))?;
    record.fence.lease_until = run.now();
    write(transaction.write_order(record, &run.house.seals)?, record).await?;
    Ok(Next::Done)
}

/// Fetches what installs an eSIM that is bought, and sends it on its way.
///
/// # Errors
/// [`Problem`] when the eSIM cannot be read or written.
pub async fn fetch_profile(run: &Run<'_>, record: &mut OrderRecord) -> Result<Next, Problem> {
    let Some(esim_id) = record.order.esim_id.clone() else { return Ok(Next::Done) };
    let mut esim = esim_of(run, &esim_id).await?;
    if esim.profile.is_some() {
        return Ok(Next::Done);
    }
    let provider = run.provider(&record.order.package.provider)?;
    let provided = match provider.esim(key_of(&esim), run.deadline).await {
        Ok(ProvidedEsim { profile: Some(profile), .. }) => profile,
        Ok(_) => return Ok(Next::Later(back_off(&run.house.world, 3, None))),
        Err(ProviderError::Throttled { retry_after }) => return Ok(Next::Later(back_off(&run.house.world, 2, retry_after))),
        Err(ProviderError::Rejected { reason, .. }) => return missing_profile(run, record, reason).await,
        Err(ProviderError::Unsupported(reason)) => return missing_profile(run, record, reason.to_string()).await,
        Err(_) => return Ok(Next::Later(back_off(&run.house.world, 4, None))),
    };
    let (version, timers) = (esim.esim.version, esim.timers.clone());
    esim.profile = Some(provided);
    esim.esim.status = esim.esim.status.max(EsimStatus::Released);
    esim.esim.version = version + 1;
    let names = aliases(run, &esim);
    let mut transaction = run.house.store.transaction().write_esim(&esim, version, &timers, &run.house.seals)?.name_esim(&esim, &names)?;
    if let Some(watch) = &record.watch {
        transaction = transaction.dequeue(watch);
    }
    let deliver = run.to_do(Work::Deliver { esim_id }, Duration::ZERO);
    transaction.enqueue(&deliver)?.enqueue(&sync(run, &esim))?.commit().await?;
    Ok(Next::Done)
}

async fn missing_profile(run: &Run<'_>, record: &OrderRecord, reason: String) -> Result<Next, Problem> {
    let task = tasks::about_order(run, record, TaskKind::ProfileMissing, reason);
    let mut transaction = run.house.store.transaction().enqueue(&task)?;
    if let Some(watch) = &record.watch {
        transaction = transaction.dequeue(watch);
    }
    transaction.commit().await?;
    Ok(Next::Done)
}

/// Asks the provider about a purchase whose outcome is open, and writes what it says.
///
/// # Errors
/// [`Problem`] when that could not be written.
pub async fn ask(run: &Run<'_>, record: &mut OrderRecord) -> Result<Next, Problem> {
    let order = record.order.clone();
    let provider = run.provider(&order.package.provider)?;
    let (_, provider_package_id) = order.package.package_id.split().map_err(|e| Problem::field("package_id", e.0))?;
    let topped_up = match &order.purpose {
        Purpose::TopUp { esim_id } => Some(esim_of(run, esim_id).await?),
        Purpose::NewEsim => None,
    };
    let question = FindOrder {
        reference: &order.order_id,
        provider_order_id: order.provider_order_id.as_deref(),
        provider_package_id,
        top_up_of: topped_up.as_ref().map(key_of),
        sent_at: order.sent_at.unwrap_or(order.created_at),
        locale: run.agency.locale,
        cursor: None,
    };
    let capabilities = provider.capabilities();
    let recovery = if topped_up.is_some() { capabilities.topup_recovery } else { capabilities.recovery };
    match provider.find_order(&question, run.deadline).await {
        Ok(FoundOrder::Placed(placed)) => settle_placed(run, record, placed).await,
        Ok(FoundOrder::Pending { provider_order_id }) => accept(run, record, provider_order_id).await,
        Ok(FoundOrder::Failed { reason }) => reject(run, record, "failed", reason).await,
        Ok(FoundOrder::Absent | FoundOrder::Next(_)) => absent(run, record, recovery).await,
        Err(ProviderError::Unsupported(reason)) => cannot_tell(run, record, &reason.to_string()).await,
        Err(ProviderError::Rejected { reason, .. }) => cannot_tell(run, record, &reason).await,
        Err(ProviderError::Throttled { retry_after }) => ask_later(run, record, "throttled by the provider", retry_after, false).await,
        Err(ProviderError::NotSent(reason)) => ask_later(run, record, reason, None, was_tried(reason)).await,
        Err(ProviderError::Unauthorised) => ask_later(run, record, "the provider refused our token", None, true).await,
        Err(ProviderError::Unknown(reason)) => ask_later(run, record, reason, None, true).await,
    }
}

/// Not there. Proof only when the provider has had the time to show it, and was asked twice since.
async fn absent(run: &Run<'_>, record: &mut OrderRecord, recovery: Recovery) -> Result<Next, Problem> {
    let Recovery::ListAndMatch { visible_after } = recovery else {
        return cannot_tell(run, record, "the provider has no order by our reference, and cannot prove that there is none").await;
    };
    let sent_at = record.order.sent_at.unwrap_or(record.order.created_at);
    let visible_at = sent_at.saturating_add(visible_after).map_or(sent_at, |t| t);
    if run.now() < visible_at {
        let wait = Duration::try_from(run.now().duration_until(visible_at)).unwrap_or(visible_after);
        return ask_later(run, record, "not there yet", Some(wait.min(Duration::from_secs(30))), false).await;
    }
    record.order.absences += 1;
    if record.order.absences < 2 {
        return ask_later(run, record, "not there", Some(Duration::from_secs(10)), false).await;
    }
    queue(run, record, "the provider has no such order, asked twice after it would have shown", None, true).await
}

async fn ask_later(
    run: &Run<'_>,
    record: &mut OrderRecord,
    reason: &str,
    retry_after: Option<Duration>,
    charged: bool,
) -> Result<Next, Problem> {
    if charged {
        record.order.asks += 1;
    }
    if record.order.asks >= MOST_ASKS {
        return cannot_tell(run, record, reason).await;
    }
    let wait = back_off(&run.house.world, record.order.asks.max(1), retry_after);
    if record.order.status != OrderStatus::Unknown && record.order.status != OrderStatus::Accepted {
        record.order.move_to(OrderStatus::Unknown, run.now(), format!("outcome unknown: {reason}"));
    }
    stay_open(run, record, wait).await
}

async fn cannot_tell(run: &Run<'_>, record: &mut OrderRecord, reason: &str) -> Result<Next, Problem> {
    let detail = format!(
        "The order was sent and its outcome is not known ({reason}). Look for the reference {} at the provider before ordering again.",
        record.order.order_id
    );
    give_up(run, record, "outcome_unknown", detail, TaskKind::OrderUnclear).await
}
