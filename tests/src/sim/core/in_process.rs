//! A simulator without a socket: called as a function, so that a whole world fits into one thread and can be played again.

use std::fmt;
use std::sync::Arc;

use futures::FutureExt;
use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::clock::Clock;
use super::deliver::{Courier, Outgoing};
use super::reply::Reply;
use super::server::{Behaviour, Identity};

/// The same behaviour that listens on a port elsewhere. Faults are the caller's to make: it stands between.
#[derive(Clone)]
pub struct InProcess {
    /// What goes into an agency's secret as `base_url`.
    pub base_url: String,
    /// The credentials it accepts, under the names of the agency's secret.
    pub credentials: Value,
    behaviour: Arc<dyn Behaviour>,
    clock: Clock,
    courier: Courier,
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InProcess({})", self.base_url)
    }
}

impl InProcess {
    pub(crate) fn new(url: &str, identity: Identity, clock: Clock, courier: Courier, behaviour: Arc<dyn Behaviour>) -> Self {
        Self { base_url: format!("{url}{}", identity.prefix), credentials: identity.credentials, behaviour, clock, courier }
    }

    /// Answers a request of the simulated API, at once.
    #[must_use]
    pub fn serve(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Reply {
        let call = Call::new(method.clone(), uri, headers.clone(), body.to_vec().into());
        // Nothing in a simulator waits once the body is there.
        self.behaviour.serve(&call).now_or_never().unwrap_or_else(|| Reply::json(500, &json!({"message": "the simulator waits"})))
    }

    /// Answers a control, `path` without the leading `/_sim/`. Null when there is no such control, or nothing to say.
    #[must_use]
    pub fn control(&self, method: Method, path: &str, body: &Value) -> Value {
        let call = Call::new(method, &Uri::default(), HeaderMap::new(), body.to_string().into());
        let rest: Vec<&str> = path.split('/').collect();
        let reply = self.behaviour.control(&call, &rest).now_or_never().flatten();
        reply.and_then(|reply| serde_json::from_slice(&reply.body).ok()).unwrap_or_default()
    }

    /// Sets its date.
    pub fn set_now(&self, now: Timestamp) {
        self.clock.freeze(now);
    }

    /// The webhooks that it would have sent since it was asked last.
    #[must_use]
    pub fn outgoing(&self) -> Vec<Outgoing> {
        self.courier.take_held()
    }
}
