//! What a provider tells of an eSIM, by webhook or poll, becomes state: forward only, each event once, and everything that must
//! follow from it in the same transaction.

use jiff::{Timestamp, ToSpan};
use std::time::Duration;

use super::{Run, purchase::esim_of, purchase::key_of, sales};
use crate::{
    domain::{Esim, EsimId, EsimStatus, UsageReading, esim::LifeEvent},
    problem::Problem,
    providers::ProviderError,
    store::{
        StoreError, Transaction,
        esims::{EsimRecord, EsimTimers},
        outbox::{Told, Work},
        timers::on_the_second,
    },
};

/// Times that a write is tried again when somebody else wrote the same eSIM at the same moment.
const MOST_CONFLICTS: u32 = 5;

/// Where a reading comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The provider told us: the next poll can wait.
    Webhook,
    /// We asked.
    Poll,
}

/// Takes a reading in. Repeated, late and reordered readings change nothing.
///
/// # Errors
/// [`Problem`] when the eSIM cannot be read or written.
pub async fn absorb(run: &Run<'_>, esim_id: &EsimId, reading: &UsageReading, source: Source) -> Result<Vec<LifeEvent>, Problem> {
    for _ in 0..MOST_CONFLICTS {
        let record = esim_of(run, esim_id).await?;
        match write(run, record, reading, source).await {
            Err(StoreErrorOr::Store(StoreError::Conflict)) => {}
            Err(StoreErrorOr::Store(error)) => return Err(error.into()),
            Err(StoreErrorOr::Problem(problem)) => return Err(problem),
            Ok(events) => return Ok(events),
        }
    }
    Err(StoreError::Conflict.into())
}

enum StoreErrorOr {
    Store(StoreError),
    Problem(Problem),
}

impl From<StoreError> for StoreErrorOr {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Problem> for StoreErrorOr {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

async fn write(run: &Run<'_>, mut record: EsimRecord, reading: &UsageReading, source: Source) -> Result<Vec<LifeEvent>, StoreErrorOr> {
    let before = record.clone();
    let events = record.esim.apply(reading, run.now());
    record.timers = timers(run, &record.esim, source == Source::Webhook)?;
    if record.esim == before.esim && record.timers == before.timers {
        return Ok(events);
    }
    record.esim.version = before.esim.version + 1;
    let transaction = run.house.store.transaction();
    let mut transaction = transaction.write_esim(&record, before.esim.version, &before.timers, &run.house.seals)?;
    if visible(&before.esim, &record.esim) {
        let sync = Work::SyncEsim { esim_id: record.esim.esim_id.clone(), version: record.esim.version };
        transaction = transaction.enqueue(&run.to_do(sync, Duration::ZERO))?;
    }
    for event in &events {
        transaction = tell(run, transaction, &record.esim, *event)?;
    }
    if record.esim.status == EsimStatus::Cancelled && before.esim.status != EsimStatus::Cancelled {
        transaction = sales::cancelled(run, transaction, &record)?;
    }
    if events.contains(&LifeEvent::Expired) {
        let plan = &record.esim.plan;
        transaction = transaction.count_past_use(&run.agency_id, plan.used_mb, plan.package.validity_days);
    }
    transaction.commit().await?;
    for event in &events {
        if *event == LifeEvent::Activated {
            run.house.metrics.activation(record.esim.plan.package.provider.as_str());
        }
    }
    Ok(events)
}

/// Whether a person would see a difference in the CRM.
fn visible(before: &Esim, after: &Esim) -> bool {
    let shown = |esim: &Esim| (esim.status, esim.plan.used_mb, esim.plan.total_mb, esim.plan.expires_at, esim.plan.activated_at);
    shown(before) != shown(after)
}

/// Adds the telling of an event: to the CRM's marketing, and to every subscriber.
///
/// # Errors
/// [`StoreError`] when the entry cannot be written.
pub fn tell(run: &Run<'_>, transaction: Transaction, esim: &Esim, event: LifeEvent) -> Result<Transaction, StoreError> {
    let told = Told {
        esim_id: esim.esim_id.clone(),
        plan: esim.plan.order_id.clone(),
        event,
        at: run.now(),
        used_mb: esim.plan.used_mb,
        total_mb: esim.plan.total_mb,
        expires_at: esim.plan.expires_at,
    };
    transaction.enqueue(&run.to_do(Work::Tell(told), Duration::ZERO))
}

/// When an eSIM wants to be called next, as it stands.
///
/// # Errors
/// [`Problem`] when the agency's settings no longer name its account.
pub fn timers(run: &Run<'_>, esim: &Esim, heard_by_webhook: bool) -> Result<EsimTimers, Problem> {
    let staleness = run.provider(&esim.plan.package.provider)?.capabilities().usage_staleness;
    let chance = run.house.world.jitter(Duration::from_millis(1000)).as_secs_f64();
    let proposed = esim.plan.told.contains(&LifeEvent::TopupProposed);
    Ok(EsimTimers {
        poll: esim.next_poll(staleness, heard_by_webhook, run.now(), chance),
        reminder: if proposed { None } else { esim.reminder_at(&run.agency.timezone) },
        retention: Some(keep_usage_until(run, esim)),
    }
    .on_the_second())
}

/// When the provider's usage can first show what was just bought.
///
/// # Errors
/// [`Problem`] when the agency's settings no longer name the account.
pub fn soonest_reading(run: &Run<'_>, esim: &Esim) -> Result<Option<Timestamp>, Problem> {
    let staleness = run.provider(&esim.plan.package.provider)?.capabilities().usage_staleness;
    Ok(run.now().saturating_add(staleness.max(Duration::from_secs(60))).ok().map(on_the_second))
}

/// Until when usage is kept: the project's 13 months after the plan's end (a policy, see `docs/REGISTER.md`).
#[must_use]
pub fn keep_usage_until(run: &Run<'_>, esim: &Esim) -> Timestamp {
    let end = esim.plan.expires_at.unwrap_or(esim.plan.begun_at);
    let months = run.house.settings.retention_months;
    end.to_zoned_datetime(run.agency.timezone.clone()).saturating_add(months.months()).timestamp()
}

/// Reads usage back from the provider and takes it in.
///
/// # Errors
/// [`ProviderError`] from the provider; a problem with our own table is `NotSent`.
pub async fn refresh(run: &Run<'_>, esim_id: &EsimId, source: Source) -> Result<Vec<LifeEvent>, Refresh> {
    let record = esim_of(run, esim_id).await.map_err(Refresh::Ours)?;
    let provider = run.provider(&record.esim.plan.package.provider).map_err(Refresh::Ours)?;
    let reading = provider.usage(key_of(&record), run.deadline).await.map_err(Refresh::Theirs)?;
    absorb(run, esim_id, &reading, source).await.map_err(Refresh::Ours)
}

/// Why usage was not refreshed.
#[derive(Debug)]
pub enum Refresh {
    /// The provider's answer.
    Theirs(ProviderError),
    /// Our own table or settings.
    Ours(Problem),
}
