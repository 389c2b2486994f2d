//! J-2: two days before a plan ends, in the agency's time zone, a top-up is proposed: to the adviser by a task, to the traveller by
//! mail. Once per plan.

use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

use super::{House, Run, absorb, purchase::esim_of, tasks, topup};
use crate::{
    domain::{EsimId, Package, TraceId, esim::LifeEvent},
    outbound::Deadline,
    problem::Problem,
    providers::ProviderError,
    store::{
        StoreError,
        esims::EsimRecord,
        outbox::{TaskKind, TaskNote, Work},
        timers::{Timer, TimerKind},
    },
};

/// Reminders read a shard and run.
const TIMERS_A_SHARD: i32 = 100;

/// Time that is kept back to end a run cleanly.
const RESERVE: Duration = Duration::from_secs(15);

/// Times that an eSIM is read again which somebody else wrote meanwhile.
const MOST_READS: u32 = 3;

/// Top-ups that a mail names.
const MOST_OPTIONS: usize = 6;

/// What a run did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reminded {
    /// Proposals made.
    pub proposed: u32,
    /// Proposals that could not be made now, and come again in the next run.
    pub postponed: u32,
}

/// Proposes what is due at `now`, which is the schedule's time.
///
/// # Errors
/// [`Problem`] when the timers cannot be read.
pub async fn remind_due(house: &House, now: Timestamp, trace_id: &TraceId, deadline: Deadline) -> Result<Reminded, Problem> {
    let mut done = Reminded::default();
    for timer in house.store.due_timers(TimerKind::Reminder, now, TIMERS_A_SHARD).await? {
        if deadline.left(house.world.now()) < RESERVE {
            break;
        }
        match remind_one(house, &timer, now, trace_id, deadline).await {
            Ok(true) => done.proposed += 1,
            Ok(false) => {}
            // The timer stays: the next run tries again.
            Err(problem) => {
                tracing::warn!(problem = problem.code, detail = problem.detail, "a top-up was not proposed; tried again in the next run");
                done.postponed += 1;
            }
        }
    }
    Ok(done)
}

async fn remind_one(house: &House, timer: &Timer, now: Timestamp, trace_id: &TraceId, deadline: Deadline) -> Result<bool, Problem> {
    let run = house.run(timer.agency.clone(), trace_id.clone(), deadline).await?;
    for _ in 0..MOST_READS {
        if let Some(proposed) = remind_once(&run, timer, now).await? {
            return Ok(proposed);
        }
    }
    Err(StoreError::Conflict.into())
}

/// Whether something was proposed; `None` when somebody else wrote the eSIM at the same moment, and nothing was written.
async fn remind_once(run: &Run<'_>, timer: &Timer, now: Timestamp) -> Result<Option<bool>, Problem> {
    let record = match EsimId::parse(&timer.target) {
        Ok(esim_id) => esim_of(run, &esim_id).await,
        Err(_) => Err(Problem::not_found("eSIM")),
    };
    let record = match record {
        Ok(record) if record.timers.reminder == Some(timer.due_at) => record,
        Ok(_) | Err(Problem { status: 404, .. }) => {
            run.house.store.drop_timer(timer).await?;
            return Ok(Some(false));
        }
        Err(problem) => return Err(problem),
    };
    let too_late = record.esim.plan.expires_at.is_none_or(|end| end <= now);
    if too_late || record.esim.plan.told.contains(&LifeEvent::TopupProposed) {
        return Ok(clear(run, record).await?.then_some(false));
    }
    let options = match topup::options(run, &record).await {
        Ok(options) => options,
        Err(ProviderError::Unsupported(_) | ProviderError::Rejected { .. }) => Vec::new(),
        Err(error) => return Err(Problem::unavailable(error.to_string())),
    };
    Ok(propose(run, record, &options).await?.then_some(true))
}

async fn clear(run: &Run<'_>, mut record: EsimRecord) -> Result<bool, Problem> {
    let (version, timers) = (record.esim.version, record.timers.clone());
    record.timers.reminder = None;
    record.esim.version = version + 1;
    written(run.house.store.transaction().write_esim(&record, version, &timers, &run.house.seals)?.commit().await)
}

async fn propose(run: &Run<'_>, mut record: EsimRecord, options: &[Package]) -> Result<bool, Problem> {
    let (version, timers) = (record.esim.version, record.timers.clone());
    record.esim.plan.told.push(LifeEvent::TopupProposed);
    record.esim.version = version + 1;
    record.timers.reminder = None;
    let plan = record.esim.plan.order_id.clone();
    let esim_id = record.esim.esim_id.clone();
    let kind = if options.is_empty() { TaskKind::ProposeNewPlan } else { TaskKind::ProposeTopup };
    let titles: Vec<String> = options.iter().map(|package| package.title.clone()).collect();
    let note = TaskNote {
        key: format!("{}-{esim_id}-{plan}", tasks::word(kind)),
        kind,
        order_id: Some(record.esim.order_id.clone()),
        esim_id: Some(esim_id.clone()),
        booking_reference: record.esim.booking_reference.clone(),
        detail: titles.join(" · "),
    };
    let transaction = run.house.store.transaction().write_esim(&record, version, &timers, &run.house.seals)?;
    let mut transaction =
        absorb::tell(run, transaction, &record.esim, LifeEvent::TopupProposed)?.enqueue(&run.to_do(Work::Task(note), Duration::ZERO))?;
    if !options.is_empty() {
        let mail = Work::Remind { esim_id, plan, options: options.iter().take(MOST_OPTIONS).cloned().collect() };
        transaction = transaction.enqueue(&run.to_do(mail, Duration::ZERO))?;
    }
    written(transaction.commit().await)
}

/// Whether it was: not when somebody else wrote the eSIM meanwhile.
fn written(outcome: Result<(), StoreError>) -> Result<bool, Problem> {
    match outcome {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
