//! eSIM Go API v2.x: a key in a header, synchronous orders without idempotency, bundles applied to eSIMs, signed callbacks.

mod bundles;
mod callbacks;
mod catalogue;
mod control;
mod esims;
mod orders;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::callbacks::Receiver;
use self::esims::Esim;
use self::orders::{Line, Order};
use super::SimError;
use super::core::call::Call;
use super::core::clock::{Clock, iso};
use super::core::deliver::Courier;
use super::core::hold;
use super::core::iccid::Profiles;
use super::core::in_process::InProcess;
use super::core::rate::Rates;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

/// Starts the simulator with its customary key.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    start_with(port, "esim-go-api-key").await
}

/// Starts the simulator with a key of the caller's choice.
///
/// # Errors
/// When the port is taken.
pub async fn start_with(port: Option<u16>, api_key: &str) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let (identity, provider) = made(api_key, &clock, Courier::new()?);
    Ok(port.run(identity, clock, provider))
}

/// The simulator without a socket, with its customary key and without the limit on requests, which follows the machine's clock.
#[must_use]
pub fn in_process() -> InProcess {
    let (clock, courier) = (Clock::default(), Courier::holding());
    let (identity, provider) = made("esim-go-api-key", &clock, courier.clone());
    provider.state().settings.requests_per_second = usize::MAX;
    InProcess::new("https://esim-go.test", identity, clock, courier, provider)
}

fn made(api_key: &str, clock: &Clock, courier: Courier) -> (Identity, Arc<Provider>) {
    let credentials = json!({"client_id": "organisation", "client_secret": api_key});
    let provider = Provider {
        api_key: api_key.to_owned(),
        clock: clock.clone(),
        courier,
        profiles: Profiles::new(7),
        state: Mutex::new(State::default()),
    };
    (Identity { name: "esim-go", prefix: "/v2.5", credentials }, Arc::new(provider))
}

/// The provider.
pub(super) struct Provider {
    api_key: String,
    clock: Clock,
    courier: Courier,
    profiles: Profiles,
    state: Mutex<State>,
}

/// Switches of the simulator, set with `POST /_sim/settings`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Requests a second; 10 in life.
    requests_per_second: usize,
    /// Seconds of the simulator's clock until `GET /orders` lists an order.
    list_lag_seconds: i64,
    /// Orders name no eSIM at first: their codes are only under `/esims/assignments`.
    orders_without_esims: bool,
    /// ICCIDs as JSON numbers.
    iccid_numbers: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { requests_per_second: 10, list_lag_seconds: 0, orders_without_esims: false, iccid_numbers: false }
    }
}

/// What the provider remembers.
#[derive(Debug, Default)]
struct State {
    settings: Settings,
    rates: Rates,
    orders: Vec<Order>,
    esims: Vec<Esim>,
    ledger: Vec<Line>,
    /// Bundles bought and not assigned.
    inventory: HashMap<&'static str, i64>,
    /// Hundredths left to buy with; `None` is enough for everything.
    balance: Option<i64>,
    receiver: Option<Receiver>,
    assignments: u64,
}

impl State {
    fn esim(&self, iccid: &str) -> Option<&Esim> {
        self.esims.iter().find(|esim| esim.iccid == iccid)
    }

    fn esim_mut(&mut self, iccid: &str) -> Option<&mut Esim> {
        self.esims.iter_mut().find(|esim| esim.iccid == iccid)
    }

    fn pay(&mut self, hundredths: i64) -> Result<(), Reply> {
        match self.balance {
            Some(balance) if balance < hundredths => Err(message(403, "Insufficient balance")),
            Some(balance) => {
                self.balance = Some(balance - hundredths);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Behaviour for Provider {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move { self.answer(call) })
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(self.controlled(call, rest))
    }
}

impl Provider {
    fn state(&self) -> MutexGuard<'_, State> {
        hold(&self.state)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn answer(&self, call: &Call) -> Reply {
        let (method, segments) = call.route();
        let ["v2" | "v2.1" | "v2.2" | "v2.3" | "v2.4" | "v2.5", rest @ ..] = segments.as_slice() else {
            return message(404, "Not found");
        };
        if call.header("x-api-key") != Some(&self.api_key) {
            return message(403, "Forbidden");
        }
        let limit = self.state().settings.requests_per_second;
        let verdict = self.state().rates.count("all", limit, Duration::from_secs(1));
        let reply = if verdict.allowed {
            self.operation(call, method, rest)
        } else {
            message(429, "Rate limit exceeded").with("retry-after", verdict.reset_seconds.to_string())
        };
        reply
            .with("x-ratelimit-limit", limit.to_string())
            .with("x-ratelimit-remaining", verdict.remaining.to_string())
            .with("x-ratelimit-reset", iso(Timestamp::now()))
            .with("x-ratelimit-cost", "1")
    }

    fn operation(&self, call: &Call, method: &str, rest: &[&str]) -> Reply {
        if method != "GET" && call.media_type() != "application/json" {
            return message(400, "Send application/json");
        }
        match (method, rest) {
            ("GET", ["catalogue"]) => catalogue::list(call),
            ("GET", ["catalogue", "bundle", name]) => catalogue::show(name),
            ("POST", ["orders"]) => self.order(call),
            ("GET", ["orders"]) => self.list_orders(call),
            ("GET", ["orders", reference]) => self.show_order(reference),
            ("PUT", ["esims"]) => self.refer(call),
            ("POST", ["esims", "apply"]) => self.apply(call),
            ("GET", ["esims", "assignments"]) => self.install_data(call),
            ("GET", ["esims", iccid]) => self.show_esim(iccid),
            ("GET", ["esims", iccid, "bundles"]) => self.list_bundles(call, iccid),
            ("GET", ["organisation"]) => self.organisation(),
            _ => message(404, "Not found"),
        }
    }

    /// As in life, the answer holds the key.
    fn organisation(&self) -> Reply {
        let balance = self.state().balance;
        let organisation = json!({"name": "Simulated agency", "apiKey": self.api_key, "currency": "USD", "balance": balance});
        Reply::json(200, &json!({"organisations": [organisation]}))
    }
}

/// The one shape of an error.
fn message(status: u16, words: &str) -> Reply {
    Reply::json(status, &json!({ "message": words }))
}
