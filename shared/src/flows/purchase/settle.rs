//! A purchase that was made becomes an order, an eSIM or a new plan, and everything that must follow: in one transaction.

use jiff::SignedDuration;
use std::time::Duration;

use super::{Next, close, esim_of, key_of, swap_watch, write};
use crate::{
    domain::{
        EsimId, OrderStatus,
        esim::{Esim, EsimStatus, Plan},
        order::Purpose,
    },
    flows::{Run, absorb, house::back_off, revenue, sales, tasks, watch_esim, write_back},
    problem::Problem,
    providers::{Placed, ProvidedEsim, ProviderError, Recovery},
    store::{
        StoreError, Transaction,
        esims::{EsimRecord, EsimTimers},
        keys::EsimAlias,
        orders::OrderRecord,
        outbox::{Entry, TaskKind, Work},
    },
};

/// How long a provider may take to hand out the codes of what it sold, before a person fetches them.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Writes a purchase that was made: order, eSIM or plan, timers, and everything that must follow, in one transaction.
///
/// # Errors
/// [`Problem`] when it could not be written: the provider will be asked, and will say the same again.
pub async fn settle_placed(run: &Run<'_>, record: &mut OrderRecord, placed: Placed) -> Result<Next, Problem> {
    record.order.provider_order_id = Some(placed.provider_order_id);
    record.order.problem = None;
    record.order.move_to(OrderStatus::Placed, run.now(), "bought");
    let next = match record.order.purpose.clone() {
        Purpose::NewEsim => {
            let chosen = record.sim.take();
            let provided =
                placed.esim.or(chosen.map(|sim| ProvidedEsim { provider_esim_id: Some(sim.provider_esim_id), profile: Some(sim.profile) }));
            settle_new_esim(run, record, provided).await?
        }
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
    esim.timers = absorb::timers(run, &esim.esim, false)?;
    let aliases = aliases(run, &esim);
    let mut transaction = claim(run, close(run, run.house.store.transaction(), record).await?, record)?;
    transaction = transaction.create_esim(&esim, &aliases, &run.house.seals)?.enqueue(&sync(run, &esim))?;
    transaction = revenue::follow(run, write_back::follow(run, transaction, &esim)?, record)?;
    transaction = sales::sold(run, transaction, record, &esim)?;
    let complete = esim.profile.is_some();
    transaction = if complete {
        watch_esim::follow(run, transaction, &esim)?
            .enqueue(&run.to_do(Work::Deliver { esim_id: esim.esim.esim_id.clone() }, Duration::ZERO))?
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

/// Where purchases are matched by time, this one now belongs to this order; it stays unsettled if another was quicker.
fn claim(run: &Run<'_>, transaction: Transaction, record: &OrderRecord) -> Result<Transaction, Problem> {
    let (order, account) = (&record.order, &record.order.package.provider);
    let capabilities = run.provider(account)?.capabilities();
    let recovery = if matches!(order.purpose, Purpose::NewEsim) { capabilities.recovery } else { capabilities.topup_recovery };
    match (&order.provider_order_id, recovery) {
        (Some(theirs), Recovery::ListByTime { .. }) => {
            Ok(transaction.claim_purchase(&run.agency_id, account, theirs, &order.order_id, run.now()))
        }
        _ => Ok(transaction),
    }
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
            days: Vec::new(),
        },
        version: 1,
        created_at: now,
        mail: None,
    })
}

fn aliases(run: &Run<'_>, record: &EsimRecord) -> Vec<EsimAlias> {
    let iccid = record.profile.as_ref().map(|profile| EsimAlias::Iccid(run.house.index.iccid(&run.agency_id, &profile.iccid)));
    iccid.into_iter().chain(record.esim.provider_esim_id.clone().map(EsimAlias::Provider)).collect()
}

fn sync(run: &Run<'_>, record: &EsimRecord) -> Entry {
    let work = Work::SyncEsim { esim_id: record.esim.esim_id.clone(), version: record.esim.version };
    run.to_do(work, Duration::ZERO)
}

async fn settle_top_up(run: &Run<'_>, record: &mut OrderRecord, esim_id: &EsimId) -> Result<Next, Problem> {
    record.order.esim_id = Some(esim_id.clone());
    let mut esim = esim_of(run, esim_id).await?;
    let (version, timers) = (esim.esim.version, esim.timers.clone());
    esim.esim.start_plan(record.order.order_id.clone(), record.order.package.clone(), run.now());
    esim.esim.version = version + 1;
    esim.timers = absorb::timers(run, &esim.esim, false)?;
    // The new end is read as soon as the provider's usage can show it.
    esim.timers.poll = absorb::soonest_reading(run, &esim.esim)?;
    let transaction = claim(run, close(run, run.house.store.transaction(), record).await?, record)?;
    let transaction = transaction.write_esim(&esim, version, &timers, &run.house.seals)?.enqueue(&sync(run, &esim))?;
    let transaction = revenue::follow(run, transaction, record)?;
    let transaction = sales::sold(run, transaction, record, &esim)?;
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
    let told = provider.esim(key_of(&esim), run.deadline).await;
    let since = record.order.under_way_since();
    let late = run.now() > since.saturating_add(PATIENCE).map_or(since, |t| t);
    let provided = match told {
        Ok(ProvidedEsim { profile: Some(profile), .. }) => profile,
        _ if late => return missing_profile(run, record, "not handed out within an hour".to_owned()).await,
        Ok(_) => return Ok(Next::Later(patient_wait(run, record))),
        Err(ProviderError::Throttled { retry_after }) => return Ok(Next::Later(back_off(&run.house.world, 2, retry_after))),
        Err(ProviderError::Rejected { reason, .. }) => return missing_profile(run, record, reason).await,
        Err(ProviderError::Unsupported(reason)) => return missing_profile(run, record, reason.to_string()).await,
        Err(_) => return Ok(Next::Later(patient_wait(run, record))),
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
    transaction = watch_esim::follow(run, transaction, &esim)?;
    let deliver = run.to_do(Work::Deliver { esim_id }, Duration::ZERO);
    transaction.enqueue(&deliver)?.enqueue(&sync(run, &esim))?.commit().await?;
    Ok(Next::Done)
}

/// Seconds in the first minute, when a traveller may be waiting; up to a minute afterwards.
fn patient_wait(run: &Run<'_>, record: &OrderRecord) -> Duration {
    let age = run.now().duration_since(record.order.under_way_since());
    back_off(&run.house.world, if age < SignedDuration::from_mins(1) { 2 } else { 6 }, None)
}

async fn missing_profile(run: &Run<'_>, record: &OrderRecord, reason: String) -> Result<Next, Problem> {
    let task = tasks::about_order(run, record, TaskKind::ProfileMissing, reason);
    let mut transaction = run.house.store.transaction().enqueue(&task)?;
    if let Some(watch) = &record.watch {
        transaction = transaction.end_entry(watch);
    }
    match transaction.commit().await {
        // A conflict: another run ended the watch, and told.
        Ok(()) | Err(StoreError::Conflict) => Ok(Next::Done),
        Err(error) => Err(error.into()),
    }
}
