//! What a mail service tells of a mail afterwards, in our words.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::MailOutcome;

/// One event. Holds no address: what the service says is cleaned before it is put here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailEvent {
    /// Ours, as it was given to the service with the mail.
    pub reference: String,
    /// The service's id of the mail, comparable with what it answered to the sending.
    pub message_id: Option<String>,
    /// What became of it.
    pub outcome: MailOutcome,
    /// Why not, for people.
    pub reason: Option<String>,
    /// When, by the service's clock.
    pub at: Timestamp,
}
