//! One queue message: take the outbox entry that it points to, do its work, end it. A message whose entry is gone is done.

use std::time::Duration;

use super::{
    House, Run, cancel_later, deliver, fulfil, house::back_off, mail_events, missing_parts, post_event, purchase::Next, receive_webhook,
    refund, renew_offers, revenue, subscription_health, sync_crm, watch_esim, write_back,
};
use crate::{
    domain::TraceId,
    outbound::Deadline,
    problem::Problem,
    store::{
        StoreError,
        outbox::{Entry, Taken, TaskKind, TaskNote, Work},
    },
};

/// Real attempts at one piece of work before a person is told (the mission: 5).
pub const MOST_ATTEMPTS: u32 = 5;

/// The longest that one entry is worked on, but for an order that only workers buy.
const LONGEST: Duration = Duration::from_secs(60);

/// How long a worker may hold an entry: longer than it works on it, and short, since what a dead worker held waits for its end. An order
/// that takes longer has a lease of its own ([`super::place_order::WORKER_LEASE`]): who takes over its entry meanwhile finds it held.
const LEASE: Duration = Duration::from_secs(65);

/// What becomes of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// Delete it.
    Done,
    /// Let it come back after this time.
    Later(Duration),
    /// Move it to the dead-letter queue, with this reason. Its entry stays in the table, so that it can be replayed.
    Dead(&'static str),
}

/// Works on one entry.
pub async fn consume(house: &House, outbox_id: &str, deadline: Deadline) -> Disposition {
    let owner = house.world.new_id("run");
    match take(house, outbox_id, &owner).await {
        Ok(entry) => {
            let result = work(house, &entry, deadline).await;
            settle(house, &entry, &owner, result).await
        }
        Err(disposition) => disposition,
    }
}

/// Takes an entry, or says what becomes of its message without it.
pub(super) async fn take(house: &House, outbox_id: &str, owner: &str) -> Result<Entry, Disposition> {
    match house.store.take_entry(outbox_id, owner, house.world.now(), LEASE).await {
        Ok(Taken::Ours(entry)) => Ok(*entry),
        Ok(Taken::Gone) => Err(Disposition::Done),
        Ok(Taken::Busy) => Err(Disposition::Later(Duration::from_secs(5))),
        Err(StoreError::Unreadable(what)) => {
            tracing::error!(what, "an outbox entry cannot be read");
            Err(Disposition::Dead("unreadable entry"))
        }
        Err(error) => Err(unavailable(house, &error)),
    }
}

fn unavailable(house: &House, error: &StoreError) -> Disposition {
    tracing::warn!(%error, "the table could not be used; the message comes back");
    Disposition::Later(back_off(&house.world, 4, None))
}

async fn work(house: &House, entry: &Entry, deadline: Deadline) -> Result<Next, Problem> {
    let deadline = match entry.work {
        Work::WatchOrder { .. } => deadline,
        _ => deadline.or_sooner(Deadline::within(house.world.now(), LONGEST)),
    };
    let trace_id: TraceId = entry.trace_id.clone();
    let run = Run { entry: Some(entry.id.clone()), ..house.run(entry.agency.clone(), trace_id, deadline).await? };
    match &entry.work {
        Work::WatchOrder { order_id } => fulfil::watch(&run, order_id).await,
        Work::ApplyWebhook { account, receipt_id } => receive_webhook::apply(&run, account, receipt_id).await,
        Work::RefreshUsage { esim_id } => receive_webhook::refresh(&run, esim_id).await,
        Work::WatchEsim { esim_id } => watch_esim::register(&run, esim_id).await,
        Work::Deliver { esim_id } => deliver::deliver(&run, esim_id, 0).await,
        Work::DeliverAgain { esim_id, copy } => deliver::deliver(&run, esim_id, *copy).await,
        Work::Remind { esim_id, plan, options } => deliver::remind(&run, esim_id, plan, options).await,
        Work::CancelLater { order_id } => cancel_later::cancel(&run, order_id).await,
        Work::AskRefund { order_id } => refund::ask(&run, order_id).await,
        Work::SyncEsim { esim_id, .. } => sync_crm::sync_esim(&run, esim_id).await,
        Work::ShowOffers { reference, version } => sync_crm::show_offers(&run, reference, *version).await,
        Work::ShowRevenue { reference } => revenue::show(&run, reference).await,
        Work::EraseEsim { esim_id, deal_id } => sync_crm::erase(&run, esim_id, deal_id.clone()).await,
        Work::SpreadChange { packages, after } => renew_offers::spread(&run, packages, after.as_deref()).await,
        Work::RenewOffers { reference } => renew_offers::renew(&run, reference).await,
        Work::Task(note) => sync_crm::task(&run, note).await,
        Work::Tell(told) => sync_crm::tell(&run, told).await,
        Work::AwaitParts { locator, reference, part } => missing_parts::look(&run, locator, reference, part, entry.created_at).await,
        Work::WriteRemark { esim_id } => write_back::write(&run, esim_id).await,
        Work::MailEvent(event) => mail_events::apply(&run, event).await,
        Work::Post { subscription_id, event } => post_event::post(&run, subscription_id, event).await,
    }
}

pub(super) async fn settle(house: &House, entry: &Entry, owner: &str, result: Result<Next, Problem>) -> Disposition {
    let (outcome, disposition) = match result {
        Ok(Next::Done) => (house.store.finish_entry(&entry.id).await, Disposition::Done),
        // A wait that was asked for is no failed attempt.
        Ok(Next::Later(wait)) => (house.store.release_entry(&entry.id, owner, false).await, Disposition::Later(wait)),
        Err(problem) => return failed(house, entry, owner, &problem).await,
    };
    match outcome {
        Ok(()) => disposition,
        Err(error) => unavailable(house, &error),
    }
}

async fn failed(house: &House, entry: &Entry, owner: &str, problem: &Problem) -> Disposition {
    let attempts = entry.attempts + 1;
    tracing::warn!(work = entry.work.name(), attempts, problem = problem.code, detail = problem.detail, "work failed");
    if let Err(error) = house.store.release_entry(&entry.id, owner, true).await {
        return unavailable(house, &error);
    }
    // A refusal will not turn into a success by waiting.
    let refused = problem.status < 500 && problem.status != 409 || problem.status == 502;
    if attempts < MOST_ATTEMPTS && !refused {
        return Disposition::Later(back_off(&house.world, attempts, problem.retry_after.filter(|_| problem.status != 503)));
    }
    house.metrics.error("work_failed");
    match bury(house, entry, problem).await {
        Ok(()) => Disposition::Dead("attempts are used up"),
        Err(error) => unavailable(house, &error),
    }
}

/// Tells a person, then gives the entry its attempts back for the day when its message is replayed. A process that dies in between
/// has told, and tries once more.
async fn bury(house: &House, entry: &Entry, problem: &Problem) -> Result<(), StoreError> {
    report(house, entry, problem).await?;
    house.store.forget_attempts(&entry.id).await
}

/// A person is told once: the task's key is the entry's, also when the entry fails again after a replay. Work that is itself a task is not reported by another task: the dead-letter queue's alarm is.
async fn report(house: &House, entry: &Entry, problem: &Problem) -> Result<(), StoreError> {
    if matches!(entry.work, Work::Task(_)) {
        return Ok(());
    }
    let note = match &entry.work {
        Work::Post { subscription_id, .. } => subscription_health::note_of_dead_event(subscription_id, house.world.now()),
        _ => TaskNote {
            key: format!("work-failed-{}", entry.id),
            kind: TaskKind::WorkFailed,
            order_id: None,
            esim_id: None,
            booking_reference: None,
            detail: format!("{}: {}", entry.work.name(), problem.detail),
        },
    };
    let task = Entry {
        id: format!("{}-report", entry.id),
        agency: entry.agency.clone(),
        work: Work::Task(note),
        delay: Duration::ZERO,
        trace_id: entry.trace_id.clone(),
        created_at: house.world.now(),
        attempts: 0,
    };
    house.store.transaction().enqueue(&task)?.commit().await
}
