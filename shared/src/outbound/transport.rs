//! Sends one request, once, and says what its failure means for money.

use async_trait::async_trait;
use secrecy::SecretString;
use std::time::Duration;

use super::{Answer, HttpRequest, SendError};
use crate::config::{ProviderAccount, TlsFloor};

/// How long a connection (name, TCP, TLS) may take to stand.
pub const CONNECT_TIME_OUT: Duration = Duration::from_secs(3);

/// The most that an answer may hold, 16 MB: more is not read. The largest catalogue page known is a tenth of it.
pub const MOST_BODY: usize = 16 * 1_048_576;

/// No connection to the other side: the name, the port, or the TLS that both would speak.
pub const NOT_REACHED: &str = "no connection";
/// The request itself could not be made.
pub const NOT_BUILT: &str = "the request cannot be made";
/// The address is not `https`, and not this very machine.
pub const NOT_SECURE: &str = "only https leaves this machine";
/// The client certificate of the account cannot be read.
pub const BAD_IDENTITY: &str = "the client certificate cannot be read";
/// The time-out passed.
pub const TIMED_OUT: &str = "no answer in time";
/// The connection broke before the answer was whole.
pub const BROKE_OFF: &str = "the connection broke off";
/// The answer is larger than [`MOST_BODY`].
pub const TOO_LARGE: &str = "the answer is too large";

/// How a host is spoken to.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// Lowest TLS version.
    pub minimum_tls: TlsFloor,
    /// PEM of a client certificate and its key, for mutual TLS.
    pub client_identity_pem: Option<SecretString>,
}

impl Route {
    /// The route to a provider account.
    #[must_use]
    pub fn of(account: &ProviderAccount) -> Self {
        Self { minimum_tls: account.minimum_tls, client_identity_pem: account.client_identity_pem.clone() }
    }
}

/// Sends. Implemented over the network, and by tests.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends the request exactly once (no redirect, no repetition) and waits at most `time_out` for the whole answer, any status.
    ///
    /// # Errors
    /// [`SendError::NotSent`] only when it is certain that no byte of the request was written; [`SendError::Unknown`] otherwise.
    async fn send(&self, request: HttpRequest, route: &Route, time_out: Duration) -> Result<Answer, SendError>;
}
