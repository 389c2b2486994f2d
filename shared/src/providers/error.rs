//! What a provider's refusal or silence means for money.

use std::time::Duration;

use crate::outbound::SendError;

/// Why a provider operation gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Surely nothing happened at the provider; the same may be sent again later.
    #[error("not sent: {0}")]
    NotSent(&'static str),
    /// The provider asks for patience (429): nothing happened.
    #[error("throttled by the provider")]
    Throttled {
        /// `Retry-After`, where given.
        retry_after: Option<Duration>,
    },
    /// Our token was refused (401): nothing happened; log in again once.
    #[error("the provider refused our token")]
    Unauthorised,
    /// A definite no: nothing was bought, and the same request will not succeed. `reason` is the provider's text, for people, free of secrets.
    #[error("refused by the provider ({code}): {reason}")]
    Rejected {
        /// One of ours: `sold_out`, `insufficient_credit`, `invalid_package`, `maintenance`, `not_rechargeable`, `not_found`, `refused`.
        code: &'static str,
        /// The provider's own words.
        reason: String,
    },
    /// The request may have had its effect (time-out, dropped reply, 5xx on a purchase, an answer that cannot be read).
    #[error("outcome unknown: {0}")]
    Unknown(&'static str),
    /// The provider has no such operation.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
}

/// What a provider cannot do, with a reason that a person can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unsupported(pub &'static str);

impl From<SendError> for ProviderError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NotSent(reason) => Self::NotSent(reason),
            SendError::Unknown(reason) => Self::Unknown(reason),
        }
    }
}
