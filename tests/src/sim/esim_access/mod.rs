//! eSIM Access API v1: every call a POST, errors inside HTTP 200, profiles allocated later, usage hours old.

mod auth;
mod catalogue;
mod control;
mod esims;
mod hooks;
mod orders;
mod usage;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::esims::Esim;
use self::orders::{Line, Order};
use super::SimError;
use super::core::call::Call;
use super::core::clock::Clock;
use super::core::deliver::Courier;
use super::core::hold;
use super::core::iccid::Profiles;
use super::core::in_process::InProcess;
use super::core::rate::Rates;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

/// Starts the simulator with its customary credentials.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    start_with(port, "access-code", "access-secret").await
}

/// Starts the simulator with credentials of the caller's choice.
///
/// # Errors
/// When the port is taken.
pub async fn start_with(port: Option<u16>, access_code: &str, secret_key: &str) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let (identity, provider) = made(access_code, secret_key, &clock, Courier::new()?);
    Ok(port.run(identity, clock, provider))
}

/// The simulator without a socket, with its customary credentials and without the limit on requests, which follows the machine's clock.
#[must_use]
pub fn in_process() -> InProcess {
    let (clock, courier) = (Clock::default(), Courier::holding());
    let (identity, provider) = made("access-code", "access-secret", &clock, courier.clone());
    provider.state().settings.requests_per_second = usize::MAX;
    InProcess::new("https://esim-access.test", identity, clock, courier, provider)
}

fn made(access_code: &str, secret_key: &str, clock: &Clock, courier: Courier) -> (Identity, Arc<Provider>) {
    let credentials = json!({"client_id": access_code, "client_secret": secret_key});
    let provider = Provider {
        access_code: access_code.to_owned(),
        secret_key: secret_key.to_owned(),
        clock: clock.clone(),
        courier,
        profiles: Profiles::new(8),
        state: Mutex::new(State::default()),
    };
    (Identity { name: "esim-access", prefix: "/api/v1/open", credentials }, Arc::new(provider))
}

/// The provider.
pub(super) struct Provider {
    access_code: String,
    secret_key: String,
    clock: Clock,
    courier: Courier,
    profiles: Profiles,
    state: Mutex<State>,
}

/// Switches of the simulator, set with `POST /_sim/settings`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Requests a second; 8 in life.
    requests_per_second: usize,
    /// Seconds of the simulator's clock until a profile is allocated; up to 30 in life.
    allocation_seconds: i64,
    /// Seconds of the simulator's clock until usage is told; two to three hours in life.
    usage_lag_seconds: i64,
    /// `success` as a text.
    success_as_text: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { requests_per_second: 8, allocation_seconds: 5, usage_lag_seconds: 0, success_as_text: false }
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
    webhook: Option<String>,
    /// Ten-thousandths of a dollar; `None` is enough for everything.
    balance: Option<i64>,
    notices: u64,
}

impl State {
    /// By number, or by the latest use of an ICCID.
    fn esim(&self, key: &str) -> Option<&Esim> {
        self.esims.iter().rev().find(|esim| esim.number == key || esim.iccid == key)
    }

    fn esim_mut(&mut self, key: &str) -> Option<&mut Esim> {
        self.esims.iter_mut().rev().find(|esim| esim.number == key || esim.iccid == key)
    }

    fn pay(&mut self, price: i64) -> Result<(), Refusal> {
        match self.balance {
            Some(balance) if balance < price => Err(Refusal("200007", "Insufficient account balance")),
            Some(balance) => {
                self.balance = Some(balance - price);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// A code and its explanation.
pub(super) struct Refusal(&'static str, &'static str);

impl Behaviour for Provider {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(self.answer(call))
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

    async fn answer(&self, call: &Call) -> Reply {
        let (method, segments) = call.route();
        let ["api", "v1", "open", rest @ ..] = segments.as_slice() else {
            return Reply::json(404, &json!({"error": "Not Found"}));
        };
        let limit = self.state().settings.requests_per_second;
        if !self.state().rates.count("all", limit, Duration::from_secs(1)).allowed {
            return Reply::empty(429);
        }
        let outcome = match self.checked(call, method) {
            Ok(body) => self.operation(rest, &body).await,
            Err(refusal) => Err(refusal),
        };
        self.enveloped(outcome)
    }

    /// Method, credentials, and a JSON body.
    fn checked(&self, call: &Call, method: &str) -> Result<Value, Refusal> {
        if method != "POST" {
            return Err(Refusal("000103", "This request method is not supported"));
        }
        self.authenticated(call)?;
        if call.body.is_empty() {
            return Ok(json!({}));
        }
        if call.media_type() != "application/json" {
            return Err(Refusal("000104", "Request in invalid JSON format"));
        }
        call.json().ok().filter(Value::is_object).ok_or(Refusal("000104", "Request in invalid JSON format"))
    }

    async fn operation(&self, rest: &[&str], body: &Value) -> Result<Value, Refusal> {
        match rest {
            ["package", "list"] => self.packages(body),
            ["esim", "order"] => self.order(body),
            ["esim", "query"] => self.query(body),
            ["esim", "topup"] => self.top_up(body),
            ["esim", "cancel"] => self.cancel(body),
            ["esim", "usage", "query"] => self.usage(body),
            ["balance", "query"] => Ok(json!({"balance": self.state().balance.unwrap_or(100_000_000)})),
            ["webhook", "save"] => self.save_webhook(body).await,
            ["webhook", "query"] => Ok(json!({"webhook": self.state().webhook})),
            _ => Err(Refusal("000103", "There is no such end point")),
        }
    }

    /// HTTP 200 for everything.
    fn enveloped(&self, outcome: Result<Value, Refusal>) -> Reply {
        let (code, words, obj) = match outcome {
            Ok(obj) => (json!("0"), Value::Null, obj),
            Err(Refusal(code, words)) => (json!(code), json!(words), Value::Null),
        };
        let succeeded = code == json!("0");
        let success = if self.state().settings.success_as_text { json!(succeeded.to_string()) } else { json!(succeeded) };
        Reply::json(200, &json!({"success": success, "errorCode": code, "errorMsg": words, "obj": obj}))
    }
}
