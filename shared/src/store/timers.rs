//! Timers: the one way to be called later. A kind, a target and a due time, in partitions that sort by due time;
//! a run that was missed finds its timers still there.

use jiff::Timestamp;

use super::{Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::AgencyId;

/// What the call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerKind {
    /// Read an eSIM's usage.
    Poll,
    /// Propose a top-up, two days before expiry.
    Reminder,
    /// Anonymise an eSIM's usage.
    Retention,
    /// Forget a dossier.
    BookingRetention,
}

impl TimerKind {
    /// The word in keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Reminder => "reminder",
            Self::Retention => "retention",
            Self::BookingRetention => "booking-retention",
        }
    }
}

/// The instant without its fraction of a second. Timers are kept to the second: a target must remember its timer by the same
/// instant that the timer lies under.
#[must_use]
pub fn on_the_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// One timer that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// Whose.
    pub agency: AgencyId,
    /// The eSIM or dossier.
    pub target: String,
    /// When it was due.
    pub due_at: Timestamp,
    /// Where it lies.
    pub key: keys::Key,
}

impl Transaction {
    /// Moves a timer from where it was to where it shall be.
    pub fn move_timer(mut self, kind: TimerKind, agency: &AgencyId, target: &str, old: Option<Timestamp>, new: Option<Timestamp>) -> Self {
        let key = |at| keys::timer(kind.as_str(), agency, target, at);
        let (old, new_at) = (old.map(key), new);
        let new = new.map(key);
        if old == new {
            return self;
        }
        if let Some(old) = old {
            self = self.delete(&old, &Condition::Always);
        }
        if let (Some(new), Some(at)) = (new, new_at) {
            let item = Item::at(&new).text("kind", "timer").text("agency", agency.as_str()).text("target", target).instant("due_at", at);
            self = self.put(item, &Condition::Always);
        }
        self
    }
}

impl Store {
    /// Timers of one kind that are due at `now`, the oldest first within each shard, `limit` a shard at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due_timers(&self, kind: TimerKind, now: Timestamp, limit: i32) -> Result<Vec<Timer>, StoreError> {
        let mut due = Vec::new();
        for shard in 0..keys::TIMER_SHARDS {
            let pk = keys::timer_partition(kind.as_str(), shard);
            let (items, _) = self.page(&pk, "", None, limit).await?;
            due.extend(items.iter().filter_map(read).filter(|timer| timer.due_at <= now));
        }
        due.sort_by_key(|timer| timer.due_at);
        Ok(due)
    }

    /// Removes a timer whose target is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn drop_timer(&self, timer: &Timer) -> Result<(), StoreError> {
        self.delete(&timer.key).await
    }
}

fn read(item: &Item) -> Option<Timer> {
    Some(Timer {
        agency: AgencyId::parse(item.read_text("agency")?).ok()?,
        target: item.read_text("target")?.to_owned(),
        due_at: item.read_instant("due_at")?,
        key: item.key(),
    })
}
