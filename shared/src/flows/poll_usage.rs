//! Usage polling: the eSIMs whose timer is due, the longest waiting first, within each account's rate. What is not reached keeps
//! its timer and is first in the next run.

use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use std::{collections::HashMap, time::Duration};

use super::{
    House, Run,
    absorb::{self, Refresh, Source},
    purchase::esim_of,
};
use crate::{
    domain::{AccountName, AgencyId, EsimId, TraceId},
    outbound::Deadline,
    problem::Problem,
    providers::ProviderError,
    store::{
        StoreError,
        timers::{Timer, TimerKind, on_the_second},
    },
};

/// Timers read a shard and run: bounds memory; 5-minute runs of this many serve 10,000 eSIMs at their 6 to 12 hours.
const TIMERS_A_SHARD: i32 = 100;

/// Minutes between two runs: an account's rate a minute times this is its share of a run.
const MINUTES_A_RUN: u32 = 5;

/// Time that is kept back to end a run cleanly.
const RESERVE: Duration = Duration::from_secs(15);

/// What a run did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Polled {
    /// eSIMs read.
    pub read: u32,
    /// eSIMs that could not be read now, and come again later.
    pub postponed: u32,
    /// Due eSIMs that were left for the next run: no time, or the account's rate.
    pub left: u32,
}

/// Polls what is due at `now`, which is the schedule's time: any day can be played.
///
/// # Errors
/// [`Problem`] when the timers cannot be read.
pub async fn poll_due(house: &House, now: Timestamp, trace_id: &TraceId, deadline: Deadline) -> Result<Polled, Problem> {
    let due = house.store.due_timers(TimerKind::Poll, now, TIMERS_A_SHARD).await?;
    let mut polled = Polled::default();
    let mut spent: HashMap<(AgencyId, AccountName), u32> = HashMap::new();
    for timer in due {
        if deadline.left(house.world.now()) < RESERVE {
            polled.left += 1;
            continue;
        }
        match poll_one(house, &timer, trace_id, deadline, &mut spent).await {
            Ok(Polling::Read) => polled.read += 1,
            Ok(Polling::Postponed) => polled.postponed += 1,
            Ok(Polling::RateSpent) => polled.left += 1,
            Err(problem) => {
                tracing::warn!(problem = problem.code, detail = problem.detail, "an eSIM was not polled");
                polled.postponed += 1;
            }
        }
    }
    Ok(polled)
}

enum Polling {
    Read,
    Postponed,
    RateSpent,
}

async fn poll_one(
    house: &House,
    timer: &Timer,
    trace_id: &TraceId,
    deadline: Deadline,
    spent: &mut HashMap<(AgencyId, AccountName), u32>,
) -> Result<Polling, Problem> {
    let run = house.run(timer.agency.clone(), trace_id.clone(), deadline).await?;
    let Ok(esim_id) = EsimId::parse(&timer.target) else {
        house.store.drop_timer(timer).await?;
        return Ok(Polling::Postponed);
    };
    let record = match esim_of(&run, &esim_id).await {
        Ok(record) if record.timers.poll == Some(timer.due_at) => record,
        // The timer is a left-over: the eSIM is gone or waits for another time.
        Ok(_) | Err(Problem { status: 404, .. }) => {
            house.store.drop_timer(timer).await?;
            return Ok(Polling::Postponed);
        }
        Err(problem) => return Err(problem),
    };
    let account = record.esim.plan.package.provider.clone();
    let share = run.provider(&account)?.capabilities().usage_calls_per_minute.saturating_mul(MINUTES_A_RUN);
    let used = spent.entry((timer.agency.clone(), account)).or_default();
    if *used >= share {
        return Ok(Polling::RateSpent);
    }
    *used += 1;
    match absorb::refresh(&run, &esim_id, Source::Poll).await {
        Ok(_) => Ok(Polling::Read),
        Err(Refresh::Ours(problem)) => Err(problem),
        Err(Refresh::Theirs(error)) => {
            postpone(&run, &esim_id, &error).await?;
            Ok(Polling::Postponed)
        }
    }
}

/// Moves the timer of an eSIM that could not be read, so that it does not stand in the way of the others.
async fn postpone(run: &Run<'_>, esim_id: &EsimId, error: &ProviderError) -> Result<(), Problem> {
    let minutes = match error {
        ProviderError::Rejected { .. } | ProviderError::Unsupported(_) => 12 * 60,
        _ => 15 + i64::try_from(run.house.world.jitter(Duration::from_secs(15)).as_secs()).unwrap_or(0),
    };
    tracing::warn!(%error, minutes, "usage could not be read; asked again later");
    let mut record = esim_of(run, esim_id).await?;
    let (version, timers) = (record.esim.version, record.timers.clone());
    record.timers.poll = run.now().saturating_add(minutes.minutes()).ok().map(on_the_second);
    record.esim.version = version + 1;
    let written = run.house.store.transaction().write_esim(&record, version, &timers, &run.house.seals)?.commit().await;
    match written {
        // Somebody else wrote the eSIM meanwhile, timers included.
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
