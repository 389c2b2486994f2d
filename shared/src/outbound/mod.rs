//! The one way out: HTTP with TLS floor, authentication, deadline, breaker and trace id.
//!
//! From the inside out: [`message`] is what is sent and comes back; [`transport`] sends one request, once, and says what its
//! failure means for money; [`deadline`] says how long a call may take; [`breaker`] whether it may be made; [`tokens`] with which
//! token. [`provider_client`] puts these together for the providers, [`client`] for CRMs and mail services, and [`Outbound`] is what
//! a function builds once and asks for both.

pub mod breaker;
pub mod client;
pub mod deadline;
mod exchange;
pub mod message;
pub mod observer;
pub mod provider_client;
mod reqwest_transport;
mod time;
pub mod tokens;
pub mod transport;

#[cfg(test)]
mod doubles;

use std::sync::Arc;

use crate::{
    config::ProviderAccount,
    domain::{AgencyId, TraceId},
    providers,
    world::World,
};

pub use breaker::{Breaker, BreakerKey, BreakerRecord, BreakerShelf, OperationClass};
pub use client::OutboundHttp;
pub use deadline::Deadline;
pub use exchange::{BREAKER_OPEN, NO_TIME_LEFT, was_tried};
pub use message::{Answer, Http, HttpRequest, SendError};
pub use observer::{CallObserver, Unobserved};
pub use provider_client::ProviderClient;
pub use reqwest_transport::ReqwestTransport;
pub use tokens::{LOGIN_ELSEWHERE, TokenKeeper, TokenKey, TokenSealer, TokenShelf};
pub use transport::{Route, Transport};

/// A shelf (breaker, tokens) could not be read or written. What that means is decided where it is used; the cause is logged there too.
#[derive(Debug, thiserror::Error)]
#[error("the shared items could not be reached: {0}")]
pub struct ShelfUnreachable(pub String);

/// Everything that calls to the outside share in one process. Built once, cloned cheaply.
#[derive(Clone)]
pub struct Outbound {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) tokens: Arc<TokenKeeper>,
    pub(crate) breaker: Arc<Breaker>,
    pub(crate) world: World,
    pub(crate) observer: Arc<dyn CallObserver>,
}

impl Outbound {
    /// The way out over these parts.
    #[must_use]
    pub fn new(
        world: World,
        transport: Arc<dyn Transport>,
        token_shelf: Arc<dyn TokenShelf>,
        sealer: Arc<dyn TokenSealer>,
        breaker_shelf: Arc<dyn BreakerShelf>,
        observer: Arc<dyn CallObserver>,
    ) -> Self {
        Self {
            transport,
            tokens: Arc::new(TokenKeeper::new(world.clone(), token_shelf, sealer)),
            breaker: Arc::new(Breaker::new(world.clone(), breaker_shelf)),
            world,
            observer,
        }
    }

    /// The client of one provider account, for one cause.
    #[must_use]
    pub fn provider(&self, agency: &AgencyId, account: &ProviderAccount, trace_id: &TraceId) -> ProviderClient {
        ProviderClient::new(self.clone(), providers::adapter(account).into(), agency, account, trace_id)
    }

    /// The client of a CRM or a mail service (`system` names it in metrics), for one cause, until `deadline`.
    #[must_use]
    pub fn http(&self, system: &'static str, trace_id: &TraceId, deadline: Deadline) -> OutboundHttp {
        OutboundHttp::new(self.clone(), system, Route::default(), trace_id.clone(), deadline)
    }

    /// The breaker, to show its state.
    #[must_use]
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }
}
