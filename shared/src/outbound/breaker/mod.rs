//! The breaker: one a provider account and class of operations, shared by all sandboxes through a shelf.
//!
//! [`BreakerRecord`] is the whole policy, pure. Here is how it is shared: a closed breaker is read at most every [`KNOWN_CLOSED_FOR`] and a
//! success writes nothing; every change is a comparison with the version that was read, so that of all who want to probe exactly one
//! does. When the shelf cannot be reached the breaker counts as closed: it protects the provider, the purchase is protected elsewhere.

mod record;
mod shelf;

use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{CallObserver, ShelfUnreachable, Unobserved, time::between};
use crate::world::World;

pub use record::{Admission, BreakerRecord, HeldBy, Outcome, Phase, WINDOW, Window};
pub use shelf::{BreakerKey, BreakerShelf, OperationClass, Shelved};

/// For how long a breaker that was found closed is taken to be so without looking.
pub const KNOWN_CLOSED_FOR: Duration = Duration::from_secs(5);

/// How often a change is tried anew when another sandbox changed the record first.
const MOST_TRIES: usize = 4;

/// Leave to make one call; given back with [`Breaker::settle`]. One that is never given back (a crash) costs a probe's lease.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Ticket {
    probe: Option<String>,
}

/// No leave: the call is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// When it is worth asking again.
    pub until: Timestamp,
    /// What holds it.
    pub by: HeldBy,
}

/// The breakers of one process.
pub struct Breaker {
    world: World,
    shelf: Arc<dyn BreakerShelf>,
    observer: Arc<dyn CallObserver>,
    known: Mutex<HashMap<BreakerKey, Known>>,
}

/// What this process knows without asking.
#[derive(Default)]
struct Known {
    /// The record as last seen, if that was closed.
    closed: Option<(Timestamp, BreakerRecord)>,
    /// Successes of this process that the shared window has not been told of yet, and since when they are counted.
    successes: u32,
    counted_since: Option<Timestamp>,
}

impl Breaker {
    /// Breakers on this shelf.
    #[must_use]
    pub fn new(world: World, shelf: Arc<dyn BreakerShelf>) -> Self {
        Self { world, shelf, observer: Arc::new(Unobserved), known: Mutex::default() }
    }

    /// Whose changes of state are told to `observer`.
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn CallObserver>) -> Self {
        Self { observer, ..self }
    }

    /// Asks for leave to make one call of `operation`.
    ///
    /// # Errors
    /// [`Held`] while the breaker is open, a probe is under way, or the provider asked for a pause.
    pub async fn admit(&self, key: &BreakerKey, operation: &str) -> Result<Ticket, Held> {
        let now = self.world.now();
        let record = match self.known_closed(key, now) {
            Some(record) => record,
            None => self.look(key, now).await,
        };
        match record.admit(operation, now) {
            Admission::Go => Ok(Ticket { probe: None }),
            Admission::Held { until, by } => Err(Held { until, by }),
            Admission::Probe => self.probe(key, operation).await,
        }
    }

    /// Gives the leave back with what came of it.
    pub async fn settle(&self, key: &BreakerKey, operation: &str, ticket: Ticket, outcome: Outcome) {
        let now = self.world.now();
        if ticket.probe.is_none() && matches!(outcome, Outcome::Success) {
            self.count_success(key, now);
        }
        if ticket.probe.is_none() && matches!(outcome, Outcome::Success | Outcome::Neutral) {
            return;
        }
        let successes = self.take_successes(key, now);
        let probe = ticket.probe.as_deref();
        let chance = |most| self.world.jitter(most);
        let class = key.class;
        let changed = self.change(key, |record| record.after(probe, (class, operation), outcome, successes, now, chance)).await;
        if let Err(error) = changed {
            tracing::warn!(account = %key.account, class = class.as_str(), %error, "the breaker could not be told of a call");
        }
    }

    /// What holds a call of the class back; `None` when it may be made now. Takes no probe.
    pub async fn held(&self, key: &BreakerKey, operation: &str) -> Option<Held> {
        let now = self.world.now();
        match self.look(key, now).await.admit(operation, now) {
            Admission::Held { until, by } => Some(Held { until, by }),
            Admission::Go | Admission::Probe => None,
        }
    }

    /// The shared record, for people.
    ///
    /// # Errors
    /// [`ShelfUnreachable`].
    pub async fn show(&self, key: &BreakerKey) -> Result<BreakerRecord, ShelfUnreachable> {
        Ok(self.shelf.load(key).await?.record)
    }

    async fn look(&self, key: &BreakerKey, now: Timestamp) -> BreakerRecord {
        let record = match self.shelf.load(key).await {
            Ok(shelved) => shelved.record,
            Err(error) => {
                tracing::warn!(account = %key.account, class = key.class.as_str(), %error, "the breaker cannot be read: taken as closed");
                BreakerRecord::default()
            }
        };
        self.remember(key, &record, now);
        record
    }

    /// One of all who try becomes the prober.
    async fn probe(&self, key: &BreakerKey, operation: &str) -> Result<Ticket, Held> {
        let owner = self.world.new_id("probe");
        let now = self.world.now();
        let wish = |record: &BreakerRecord| match record.admit(operation, now) {
            Admission::Probe => Some(record.probed_by(&owner, now)),
            Admission::Go | Admission::Held { .. } => None,
        };
        let record = match self.change(key, wish).await {
            Ok(record) => record,
            Err(error) => {
                tracing::warn!(account = %key.account, class = key.class.as_str(), %error, "the breaker cannot be asked for a probe: taken as closed");
                return Ok(Ticket { probe: None });
            }
        };
        if record.is_probed_by(&owner) {
            return Ok(Ticket { probe: Some(owner) });
        }
        match record.admit(operation, now) {
            Admission::Go => Ok(Ticket { probe: None }),
            Admission::Held { until, by } => Err(Held { until, by }),
            // Only after losing every try: whoever won is probing.
            Admission::Probe => Err(Held { until: now, by: HeldBy::Breaker }),
        }
    }

    /// Changes the record unless `wish` leaves it. Answers with the record as it now stands.
    async fn change(
        &self,
        key: &BreakerKey,
        wish: impl Fn(&BreakerRecord) -> Option<BreakerRecord>,
    ) -> Result<BreakerRecord, ShelfUnreachable> {
        let mut last = BreakerRecord::default();
        for _ in 0..MOST_TRIES {
            let shelved = self.shelf.load(key).await?;
            let Some(new) = wish(&shelved.record) else {
                self.remember(key, &shelved.record, self.world.now());
                return Ok(shelved.record);
            };
            let now = self.world.now();
            if self.shelf.replace(key, shelved.version, &new, new.keep_until(now)).await? {
                self.tell(key, &shelved.record, &new);
                self.remember(key, &new, now);
                return Ok(new);
            }
            last = shelved.record;
        }
        Ok(last)
    }

    /// A change of phase is worth a line and a metric; counting is not. Told by whoever wrote it, so once.
    fn tell(&self, key: &BreakerKey, before: &BreakerRecord, after: &BreakerRecord) {
        let (from, to) = (before.phase.as_str(), after.phase.as_str());
        if from != to {
            let (agency, account, class) = (&key.agency, &key.account, key.class.as_str());
            tracing::warn!(%agency, %account, class, from, to, trips = after.trips, "the breaker changed");
            self.observer.breaker_changed(key.system, class, to);
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<BreakerKey, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_closed(&self, key: &BreakerKey, now: Timestamp) -> Option<BreakerRecord> {
        let known = self.known();
        let (seen_at, record) = known.get(key)?.closed.as_ref()?;
        (*seen_at <= now && between(*seen_at, now) < KNOWN_CLOSED_FOR).then(|| record.clone())
    }

    fn remember(&self, key: &BreakerKey, record: &BreakerRecord, now: Timestamp) {
        let closed = (record.phase == Phase::Closed).then(|| (now, record.clone()));
        self.known().entry(key.clone()).or_default().closed = closed;
    }

    fn count_success(&self, key: &BreakerKey, now: Timestamp) {
        let mut known = self.known();
        let known = known.entry(key.clone()).or_default();
        if known.counted_since.is_none_or(|since| between(since, now) >= WINDOW) {
            known.successes = 0;
            known.counted_since = Some(now);
        }
        known.successes = known.successes.saturating_add(1);
    }

    fn take_successes(&self, key: &BreakerKey, now: Timestamp) -> u32 {
        let mut known = self.known();
        let known = known.entry(key.clone()).or_default();
        let fresh = known.counted_since.take().is_some_and(|since| between(since, now) < WINDOW);
        let successes = std::mem::take(&mut known.successes);
        if fresh { successes } else { 0 }
    }
}

#[cfg(test)]
mod shared_tests;
