//! Telna Connect Flex, with the events of Amazon SNS.

mod catalogue;
mod control;
mod events;
mod orders;
mod state;

use std::sync::{Arc, Mutex, MutexGuard};

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::json;

use self::state::State;
use super::SimError;
use super::core::call::Call;
use super::core::clock::Clock;
use super::core::deliver::Courier;
use super::core::hold;
use super::core::iccid::Profiles;
use super::core::in_process::InProcess;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

/// Starts the simulator with its customary key.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let (identity, provider) = made(&clock, Courier::new()?);
    Ok(port.run(identity, clock, provider))
}

/// The simulator without a socket.
#[must_use]
pub fn in_process() -> InProcess {
    let (clock, courier) = (Clock::default(), Courier::holding());
    let (identity, provider) = made(&clock, courier.clone());
    InProcess::new("https://telna.test", identity, clock, courier, provider)
}

fn made(clock: &Clock, courier: Courier) -> (Identity, Arc<Telna>) {
    let key = "telna-key";
    let provider = Telna { key: key.to_owned(), clock: clock.clone(), courier, profiles: Profiles::new(4), state: Mutex::default() };
    let credentials = json!({"client_id": "unused", "client_secret": key});
    (Identity { name: "telna", prefix: "/v1", credentials }, Arc::new(provider))
}

/// The provider.
pub(super) struct Telna {
    key: String,
    clock: Clock,
    courier: Courier,
    profiles: Profiles,
    state: Mutex<State>,
}

impl Behaviour for Telna {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let reply = self.answer(call).with("reference-id", "simulated");
            match call.header("request-id") {
                Some(id) => reply.with("request-id", id),
                None => reply,
            }
        })
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(self.controlled(call, rest))
    }
}

impl Telna {
    fn state(&self) -> MutexGuard<'_, State> {
        hold(&self.state)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn answer(&self, call: &Call) -> Reply {
        let (method, segments) = call.route();
        let ["v1", rest @ ..] = segments.as_slice() else {
            return error(404, "no such resource");
        };
        if call.header("user-agent").is_none() {
            return error(403, "Access denied");
        }
        if !self.known(call) {
            return error(401, "Unauthorized");
        }
        match (method, rest) {
            ("GET", ["ordering", "products"]) => catalogue::list(call),
            ("GET", ["ordering", "products", id]) => catalogue::show(id),
            ("POST", ["ordering", "work-orders"]) => self.order(call),
            ("GET", ["ordering", "work-orders"]) => self.list_orders(call),
            ("GET", ["ordering", "work-orders", id]) => self.show_order(id),
            ("GET", ["diagnostic", "usages"]) => self.usages(call),
            ("GET", ["diagnostic", "euicc-profiles", iccid]) => self.show_profile(iccid),
            _ => error(404, "no such resource"),
        }
    }

    /// The key alone or after `Bearer`, as the setting says: integrations disagree (§1).
    fn known(&self, call: &Call) -> bool {
        let given = call.header("authorization").unwrap_or_default();
        let alone = given == self.key;
        let bearer = call.bearer() == Some(self.key.as_str());
        match self.state().settings.auth.as_str() {
            "raw" => alone,
            "bearer" => bearer,
            _ => alone || bearer,
        }
    }
}

/// `{"error": text}` (§1).
fn error(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "error": message }))
}
