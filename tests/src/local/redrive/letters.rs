//! A dead-letter queue and the queue that it belongs to, as the mover needs them.

use serde_json::Value;

use crate::stack::Result;

/// One message that was taken from the dead-letter queue, and is hidden from others for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The message's id.
    pub id: String,
    /// What to delete it by, or hand it back.
    pub handle: String,
    /// What it says.
    pub body: String,
}

impl Letter {
    /// Whether a consumer could read it: a pointer to an outbox entry with the trace id of its cause.
    #[must_use]
    pub fn is_pointer(&self) -> bool {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        text("outbox_id").is_some_and(|id| !id.is_empty()) && text("trace_id").is_some()
    }
}

/// Where letters lie and where they go.
#[expect(async_fn_in_trait, reason = "used within this crate, on one task")]
pub trait Letters {
    /// Takes one letter; `None` when there seems to be none.
    ///
    /// # Errors
    /// When the queue does not answer.
    async fn take(&self) -> Result<Option<Letter>>;

    /// Sends a letter's text to the queue that it came from.
    ///
    /// # Errors
    /// When the queue does not take it.
    async fn send(&self, letter: &Letter) -> Result<()>;

    /// Deletes a letter from the dead-letter queue.
    ///
    /// # Errors
    /// When the queue does not answer.
    async fn delete(&self, letter: &Letter) -> Result<()>;

    /// Lets others see a letter again.
    ///
    /// # Errors
    /// When the queue does not answer.
    async fn hand_back(&self, letter: &Letter) -> Result<()>;

    /// How many letters lie in the dead-letter queue, hidden ones included; about, as SQS counts.
    ///
    /// # Errors
    /// When the queue does not answer.
    async fn left(&self) -> Result<u64>;
}
