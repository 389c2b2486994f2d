//! What travellers are sent. One trait, one folder a mail service; our own templates in French and English.

pub mod compose;
pub mod country_names;
mod event;
pub mod install;
pub mod mailjet;
pub mod message;
pub mod sendgrid;
pub mod words;

pub use event::MailEvent;
pub use message::{Attachment, MailKind, Message};

use crate::{
    config::{Agency, EmailSettings},
    outbound::{Answer, HttpRequest},
};
use http::HeaderMap;
use jiff::Timestamp;
use std::time::Duration;

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Surely not sent; worth sending again later (429, 503, other 5xx with a body of the service's own).
    #[error("the mail service could not take the mail: {reason}")]
    Later {
        /// For logs; no content.
        reason: String,
        /// `Retry-After` or the rate headers, where given.
        retry_after: Option<Duration>,
    },
    /// A definite no, or nobody can say whether it was sent: not to be sent again by us.
    #[error("the mail service refused the mail: {reason}")]
    Refused {
        /// For people; no address, no content.
        reason: String,
    },
}

/// One mail service. Pure: builds the request, reads the answer.
pub trait Mailer: Send + Sync {
    /// The request that sends a mail.
    fn send(&self, message: &Message) -> HttpRequest;
    /// Reads the answer: the service's message id where it gives one.
    ///
    /// # Errors
    /// [`MailError`].
    fn read_send(&self, answer: &Answer) -> Result<Option<String>, MailError>;

    /// Whether what was posted to our address for events comes from the service: by its signature, or by what was agreed with it.
    fn verify_events(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> bool;
    /// What became of mails of ours, without addresses; events of other kinds are left out. `None` when the body cannot be read.
    fn read_events(&self, body: &[u8]) -> Option<Vec<MailEvent>>;
}

/// The adapter for an agency's mail service.
#[must_use]
pub fn adapter(agency: &Agency) -> Box<dyn Mailer> {
    match &agency.email {
        EmailSettings::Sendgrid(settings) => Box::new(sendgrid::Sendgrid::new(settings, &agency.name)),
        EmailSettings::Mailjet(settings) => Box::new(mailjet::Mailjet::new(settings, &agency.name)),
    }
}
