//! Retention: usage is kept for the project's months after a plan's end, then only counts without people remain.
//!
//! The counts are month, country, provider account and size of plan; exact values, ids, blind indexes and travellers are deleted,
//! not hashed. What is published from the counts must leave out cells of fewer than ten (see `docs/REGISTER.md`).

use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

use super::{House, Run, purchase::esim_of};
use crate::{
    domain::{EsimId, Package, TraceId},
    outbound::Deadline,
    problem::Problem,
    store::{
        StoreError,
        esims::EsimRecord,
        keys::EsimAlias,
        outbox::Work,
        timers::{Timer, TimerKind},
    },
};

/// Timers read a shard and round.
const TIMERS_A_SHARD: i32 = 100;

/// Time that is kept back to end a run cleanly.
const RESERVE: Duration = Duration::from_secs(15);

/// What a run did: the proof that nothing due remains.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Anonymised {
    /// eSIMs whose usage was turned into counts.
    pub esims: u32,
    /// Dossiers forgotten.
    pub bookings: u32,
    /// Timers that were due and are left, for lack of time or because of an error.
    pub remaining: u32,
}

/// Anonymises what is due at `now`, which is the schedule's time.
///
/// # Errors
/// [`Problem`] when the timers cannot be read.
pub async fn anonymise_due(house: &House, now: Timestamp, trace_id: &TraceId, deadline: Deadline) -> Result<Anonymised, Problem> {
    let mut done = Anonymised::default();
    for kind in [TimerKind::Retention, TimerKind::BookingRetention] {
        for timer in house.store.due_timers(kind, now, TIMERS_A_SHARD).await? {
            if deadline.left(house.world.now()) < RESERVE {
                done.remaining += 1;
                continue;
            }
            let result = match kind {
                TimerKind::BookingRetention => forget_booking(house, &timer, trace_id, deadline).await.map(|()| done.bookings += 1),
                _ => forget_esim(house, &timer, now, trace_id, deadline).await.map(|forgotten| done.esims += u32::from(forgotten)),
            };
            if let Err(problem) = result {
                tracing::error!(problem = problem.code, detail = problem.detail, "an item was not anonymised; tried again in the next run");
                done.remaining += 1;
            }
        }
    }
    Ok(done)
}

async fn forget_booking(house: &House, timer: &Timer, trace_id: &TraceId, deadline: Deadline) -> Result<(), Problem> {
    let run = house.run(timer.agency.clone(), trace_id.clone(), deadline).await?;
    match run.house.store.booking(&run.agency_id, &timer.target, &run.house.seals).await? {
        Some(record) if record.forget_at == timer.due_at => {
            let orders = run.house.store.orders_of_booking(&run.agency_id, &timer.target).await?;
            // A transaction holds 100 writes; what is left of a longer list holds no personal data.
            let orders = orders.get(..orders.len().min(50)).unwrap_or_default();
            let transaction = run.house.store.transaction().forget_booking(&record, orders);
            let moved = transaction.move_timer(TimerKind::BookingRetention, &run.agency_id, &timer.target, Some(timer.due_at), None);
            moved.commit().await.map_err(Into::into)
        }
        _ => house.store.drop_timer(timer).await.map_err(Into::into),
    }
}

/// False when the plan was prolonged meanwhile.
async fn forget_esim(house: &House, timer: &Timer, now: Timestamp, trace_id: &TraceId, deadline: Deadline) -> Result<bool, Problem> {
    let run = house.run(timer.agency.clone(), trace_id.clone(), deadline).await?;
    let record = match EsimId::parse(&timer.target) {
        Ok(esim_id) => esim_of(&run, &esim_id).await,
        Err(_) => Err(Problem::not_found("eSIM")),
    };
    match record {
        Ok(record) if record.timers.retention.is_some_and(|at| at <= now) => forget(&run, record).await.map(|()| true),
        Ok(_) | Err(Problem { status: 404, .. }) => {
            house.store.drop_timer(timer).await?;
            Ok(false)
        }
        Err(problem) => Err(problem),
    }
}

async fn forget(run: &Run<'_>, record: EsimRecord) -> Result<(), Problem> {
    let plan = &record.esim.plan;
    let month = plan.begun_at.strftime("%Y-%m").to_string();
    let iccid = record.profile.as_ref().map(|p| EsimAlias::Iccid(run.house.index.iccid(&run.agency_id, &p.iccid)));
    let aliases: Vec<EsimAlias> = iccid.into_iter().chain(record.esim.provider_esim_id.clone().map(EsimAlias::Provider)).collect();
    let orders = [record.esim.order_id.clone(), plan.order_id.clone()];
    let mut transaction = run.house.store.transaction().count_anonymous(&run.agency_id, &month, &cell(&plan.package, plan.used_mb));
    if run.agency.crm.is_some() {
        // What the CRM was told is forgotten there as well. Its deal is known by the order alone, which goes now.
        let order = run.house.store.order(&run.agency_id, &record.esim.order_id, &run.house.seals).await?;
        let erase = Work::EraseEsim { esim_id: record.esim.esim_id.clone(), deal_id: order.and_then(|order| order.link.deal_id) };
        transaction = transaction.enqueue(&run.to_do(erase, Duration::ZERO))?;
    }
    let written = transaction.forget_esim(&record, &aliases, &orders).commit().await;
    match written {
        Ok(()) => Ok(()),
        // Written meanwhile: its timer is still there.
        Err(StoreError::Conflict) => Err(StoreError::Conflict.into()),
        Err(error) => Err(error.into()),
    }
}

/// Country (the first of the plan, or `multi`), account, size of plan and of use, in coarse steps.
fn cell(package: &Package, used_mb: u64) -> String {
    let country = match package.iso_countries.as_slice() {
        [country] => country.to_string(),
        _ => "multi".to_owned(),
    };
    let size = package.data_volume_mb.map_or("unlimited", bucket);
    format!("{country}#{}#{size}#{}", package.provider, bucket(used_mb))
}

fn bucket(mb: u64) -> &'static str {
    match mb {
        0 => "0",
        1..=1_024 => "up-to-1-GB",
        1_025..=5_120 => "up-to-5-GB",
        5_121..=20_480 => "up-to-20-GB",
        _ => "over-20-GB",
    }
}
