//! Subscribers that fail: an event is tried for a day, ever more rarely; an address that fails for days is disabled, and its owner told.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use super::{Run, purchase::Next, tasks};
use crate::{
    problem::Problem,
    store::{
        StoreError,
        outbox::{Entry, TaskKind, TaskNote, Work},
        subscriptions::Subscription,
    },
};

/// How long an event is tried.
const TRIED_FOR: Duration = Duration::from_secs(24 * 3600);
/// The shortest and the longest wait between two tries.
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(4 * 3600);
/// The longest wait that a subscriber may ask for.
const MOST_ASKED: Duration = Duration::from_secs(3600);
/// An address with no success for so long is disabled …
const DISABLED_AFTER: SignedDuration = SignedDuration::from_hours(72);
/// … once the event at hand has failed for so long: a moment's failure after quiet days is none of days.
const NOT_BEFORE: Duration = Duration::from_secs(3600);

/// The wait before the next try of an event of this age: as long as it has been tried, half of it by chance, so that tries grow twice as rare
/// each time and many events do not come at once.
fn wait(run: &Run<'_>, age: Duration, asked: Option<Duration>) -> Duration {
    let most = age.clamp(SHORTEST, LONGEST);
    let drawn = most / 2 + run.house.world.jitter(most / 2);
    drawn.max(asked.unwrap_or_default().min(MOST_ASKED))
}

/// Somebody takes events there again.
pub(super) async fn recovered(run: &Run<'_>, subscription: Subscription) -> Result<(), Problem> {
    if subscription.failing_since.is_none() {
        return Ok(());
    }
    written(change(run, Subscription { failing_since: None, ..subscription }, None).await).map(drop)
}

/// 410: the subscription is ended, as was asked.
pub(super) async fn gone(run: &Run<'_>, subscription: Subscription) -> Result<Next, Problem> {
    tracing::warn!(subscription_id = subscription.subscription_id, "a subscriber is gone (410): its subscription has been ended");
    written(change(run, Subscription { active: false, ..subscription }, None).await)
}

/// The event is tried again, or its day is over; an address that failed for days is disabled.
pub(super) async fn failed(run: &Run<'_>, subscription: Subscription, begun: Timestamp, asked: Option<Duration>) -> Result<Next, Problem> {
    let now = run.now();
    let age = Duration::try_from(now.duration_since(begun)).unwrap_or_default();
    let since = subscription.failing_since.unwrap_or(now);
    if age >= NOT_BEFORE && now.duration_since(since) >= DISABLED_AFTER {
        return disable(run, subscription, since).await;
    }
    if subscription.failing_since.is_none() {
        // Written by one of several at once: whoever is late leaves it.
        written(change(run, Subscription { failing_since: Some(now), ..subscription }, None).await)?;
    }
    if age < TRIED_FOR {
        return Ok(Next::Later(wait(run, age, asked)));
    }
    // 502: not to be tried again by itself, and kept as a dead letter.
    Err(Problem::new(502, "event_not_taken", "the subscriber did not take the event for a day"))
}

async fn disable(run: &Run<'_>, subscription: Subscription, since: Timestamp) -> Result<Next, Problem> {
    run.house.metrics.error("webhook_disabled");
    let day = since.to_zoned_datetime(run.agency.timezone.clone()).date();
    let note = TaskNote {
        key: format!("{}-{}-{day}-disabled", tasks::word(TaskKind::WebhookFailed), subscription.subscription_id),
        kind: TaskKind::WebhookFailed,
        order_id: None,
        esim_id: None,
        booking_reference: None,
        detail: format!("{}: no success since {day}; it has been disabled, and misses events from now on", subscription.subscription_id),
    };
    let task = run.to_do(Work::Task(note), Duration::ZERO);
    written(change(run, Subscription { active: false, ..subscription }, Some(&task)).await)
}

async fn change(run: &Run<'_>, subscription: Subscription, task: Option<&Entry>) -> Result<(), StoreError> {
    let mut transaction = run.house.store.transaction().change_subscription(subscription, &run.house.seals)?;
    if let Some(task) = task {
        transaction = transaction.enqueue(task)?;
    }
    transaction.commit().await
}

/// A conflict: the subscription was changed or deleted meanwhile, and the next try sees how it stands.
fn written(result: Result<(), StoreError>) -> Result<Next, Problem> {
    match result {
        Ok(()) => Ok(Next::Done),
        Err(StoreError::Conflict) => Ok(Next::Later(Duration::from_secs(1))),
        Err(error) => Err(error.into()),
    }
}

/// The task for an event that was not taken for a day: one a subscription and day, however many events there are.
pub(super) fn note_of_dead_event(subscription_id: &str, now: Timestamp) -> TaskNote {
    let day = now.strftime("%Y-%m-%d");
    TaskNote {
        key: format!("{}-{subscription_id}-{day}", tasks::word(TaskKind::WebhookFailed)),
        kind: TaskKind::WebhookFailed,
        order_id: None,
        esim_id: None,
        booking_reference: None,
        detail: format!("{subscription_id}: events were not taken for a day; they wait in the dead-letter queue"),
    }
}
