//! The moving itself: one letter a tick, sent before it is deleted.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};

use super::{Letter, Letters};
use crate::stack::{During, Result};

/// A queue is taken for empty after so many looks in a row that found nothing: SQS asks only some of its machines.
const EMPTY_LOOKS: u32 = 2;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Letters a second, at most.
    pub rate: u32,
    /// Letters in all, at most.
    pub max: Option<u64>,
    /// Only count.
    pub dry_run: bool,
    /// Delete what no consumer could read.
    pub discard_unreadable: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self { rate: 5, max: None, dry_run: false, discard_unreadable: false }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Letters that were moved, or would be.
    pub moved: u64,
    /// Letters that no consumer could read, and that were left.
    pub unreadable: u64,
    /// Letters that no consumer could read, and that were deleted.
    pub discarded: u64,
    /// Letters in the dead-letter queue afterwards, the unreadable ones included.
    pub left: u64,
}

/// Moves letters by the plan, until none is left.
///
/// # Errors
/// When a queue does not answer: what was moved until then is moved, and nothing is lost.
pub async fn replay(letters: &impl Letters, plan: &Plan) -> Result<Moved> {
    let mut kept = Vec::new();
    let mut moved = Moved::default();
    let ended = pass(letters, plan, &mut kept, &mut moved).await;
    for letter in &kept {
        letters.hand_back(letter).await?;
    }
    ended.during(|| format!("after {} letters were moved", moved.moved))?;
    Ok(Moved { left: letters.left().await?, ..moved })
}

/// One pass over the queue. `kept` holds the letters that stay where they are.
async fn pass(letters: &impl Letters, plan: &Plan, kept: &mut Vec<Letter>, moved: &mut Moved) -> Result<()> {
    let mut seen = BTreeSet::new();
    let mut ticks = ticks(plan.rate);
    let mut empty = 0;
    while empty < EMPTY_LOOKS && plan.max.is_none_or(|max| moved.moved < max) {
        ticks.tick().await;
        let Some(letter) = letters.take().await? else {
            empty += 1;
            continue;
        };
        empty = 0;
        if !seen.insert(letter.id.clone()) {
            // Kept, hidden, and here again: the queue was gone through.
            kept.push(letter);
            return Ok(());
        }
        one(letters, plan, letter, kept, moved).await?;
    }
    Ok(())
}

async fn one(letters: &impl Letters, plan: &Plan, letter: Letter, kept: &mut Vec<Letter>, moved: &mut Moved) -> Result<()> {
    match (letter.is_pointer(), plan.dry_run) {
        (true, false) => {
            // In this order: whoever dies in between leaves the letter in both queues, and a message too many changes nothing. The other way
            // round it would be in neither.
            letters.send(&letter).await?;
            moved.moved += 1;
            letters.delete(&letter).await
        }
        (false, false) if plan.discard_unreadable => {
            letters.delete(&letter).await?;
            moved.discarded += 1;
            Ok(())
        }
        (readable, _) => {
            moved.moved += u64::from(readable);
            moved.unreadable += u64::from(!readable);
            kept.push(letter);
            Ok(())
        }
    }
}

/// Ticks that are never made up for: a slow queue is not followed by a burst.
fn ticks(rate: u32) -> Interval {
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing step fails the test")]

    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::time::Duration;

    use super::{Letter, Letters, Moved, Plan, replay};
    use crate::stack::{Result, StackError};

    /// A dead-letter queue in memory that writes down what is done to it.
    #[derive(Default)]
    struct Memory {
        visible: RefCell<VecDeque<Letter>>,
        hidden: RefCell<Vec<Letter>>,
        done: RefCell<Vec<String>>,
        refuses_to_delete: bool,
    }

    impl Memory {
        fn holding(bodies: &[&str]) -> Self {
            let letter = |(n, body): (usize, &&str)| Letter { id: n.to_string(), handle: n.to_string(), body: (*body).to_owned() };
            Self { visible: RefCell::new(bodies.iter().enumerate().map(letter).collect()), ..Self::default() }
        }

        fn did(&self, what: &str, letter: &Letter) {
            self.done.borrow_mut().push(format!("{what} {}", letter.id));
        }

        fn unhide(&self, letter: &Letter) {
            self.hidden.borrow_mut().retain(|hidden| hidden.id != letter.id);
        }
    }

    impl Letters for Memory {
        async fn take(&self) -> Result<Option<Letter>> {
            let letter = self.visible.borrow_mut().pop_front();
            self.hidden.borrow_mut().extend(letter.clone());
            Ok(letter)
        }

        async fn send(&self, letter: &Letter) -> Result<()> {
            self.did("send", letter);
            Ok(())
        }

        async fn delete(&self, letter: &Letter) -> Result<()> {
            if self.refuses_to_delete {
                return Err(StackError::new("cut off"));
            }
            self.did("delete", letter);
            self.unhide(letter);
            Ok(())
        }

        async fn hand_back(&self, letter: &Letter) -> Result<()> {
            self.did("hand back", letter);
            self.unhide(letter);
            self.visible.borrow_mut().push_back(letter.clone());
            Ok(())
        }

        async fn left(&self) -> Result<u64> {
            Ok(u64::try_from(self.visible.borrow().len() + self.hidden.borrow().len()).unwrap())
        }
    }

    const GOOD: &str = r#"{"outbox_id":"out_1","trace_id":"t"}"#;

    #[tokio::test(start_paused = true)]
    async fn each_letter_is_sent_before_it_is_deleted_and_what_cannot_be_read_stays() {
        let queue = Memory::holding(&[GOOD, "not a pointer", GOOD, r#"{"outbox_id":7}"#]);
        let moved = replay(&queue, &Plan::default()).await.unwrap();
        assert_eq!(moved, Moved { moved: 2, unreadable: 2, discarded: 0, left: 2 });
        assert_eq!(*queue.done.borrow(), ["send 0", "delete 0", "send 2", "delete 2", "hand back 1", "hand back 3"]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_read_is_deleted_only_when_asked_for() {
        let queue = Memory::holding(&["{", GOOD]);
        let moved = replay(&queue, &Plan { discard_unreadable: true, ..Plan::default() }).await.unwrap();
        assert_eq!(moved, Moved { moved: 1, unreadable: 0, discarded: 1, left: 0 });
    }

    #[tokio::test(start_paused = true)]
    async fn a_dry_run_changes_nothing() {
        let queue = Memory::holding(&[GOOD, "{", GOOD]);
        let moved = replay(&queue, &Plan { dry_run: true, discard_unreadable: true, ..Plan::default() }).await.unwrap();
        assert_eq!(moved, Moved { moved: 2, unreadable: 1, discarded: 0, left: 3 });
        assert!(queue.done.borrow().iter().all(|done| done.starts_with("hand back")));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_taken_than_the_rate_and_the_most_allow() {
        let queue = Memory::holding(&[GOOD; 50]);
        let began = tokio::time::Instant::now();
        let moved = replay(&queue, &Plan { rate: 10, max: Some(31), ..Plan::default() }).await.unwrap();
        assert_eq!((moved.moved, moved.left), (31, 19));
        assert!(began.elapsed() >= Duration::from_secs(3), "{:?}", began.elapsed());
        assert_eq!(queue.hidden.borrow().len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_letter_that_could_not_be_deleted_is_still_there() {
        let queue = Memory { refuses_to_delete: true, ..Memory::holding(&[GOOD, GOOD]) };
        let told = replay(&queue, &Plan::default()).await.unwrap_err().to_string();
        assert!(told.contains("after 1 letters were moved") && told.contains("cut off"), "{told}");
        assert_eq!(*queue.done.borrow(), ["send 0"]);
        assert_eq!(queue.left().await.unwrap(), 2);
    }
}
