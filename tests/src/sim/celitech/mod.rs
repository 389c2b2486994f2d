//! Celitech API v1: OAuth client credentials, packages by destination, size and days, purchases under an idempotency key.

mod catalogue;
mod control;
mod esims;
mod keys;
mod purchases;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use self::esims::Esim;
use self::keys::Remembered;
use self::purchases::{Line, Purchase};
use super::SimError;
use super::core::call::Call;
use super::core::clock::Clock;
use super::core::deliver::Courier;
use super::core::form;
use super::core::hold;
use super::core::iccid::{Profiles, digest};
use super::core::in_process::InProcess;
use super::core::json::text;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

/// Seconds that a token lives, on the machine's clock.
const TOKEN_SECONDS: i64 = 3_600;

/// Starts the simulator with its customary credentials.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    start_with(port, "celitech-client", "celitech-secret").await
}

/// Starts the simulator with credentials of the caller's choice.
///
/// # Errors
/// When the port is taken.
pub async fn start_with(port: Option<u16>, client_id: &str, client_secret: &str) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let (identity, provider) = made(&port.url, client_id, client_secret, &clock);
    Ok(port.run(identity, clock, provider))
}

/// The simulator without a socket, with its customary credentials.
#[must_use]
pub fn in_process() -> InProcess {
    let (url, clock) = ("https://celitech.test", Clock::default());
    let (identity, provider) = made(url, "celitech-client", "celitech-secret", &clock);
    InProcess::new(url, identity, clock, Courier::holding(), provider)
}

fn made(url: &str, client_id: &str, client_secret: &str, clock: &Clock) -> (Identity, Arc<Provider>) {
    let credentials = json!({
        "client_id": client_id, "client_secret": client_secret, "token_url": format!("{url}/oauth2/token"),
    });
    let provider = Provider {
        client_id: client_id.to_owned(),
        client_secret: client_secret.to_owned(),
        clock: clock.clone(),
        profiles: Profiles::new(6),
        state: Mutex::new(State::default()),
    };
    (Identity { name: "celitech", prefix: "/v1", credentials }, Arc::new(provider))
}

/// The provider.
pub(super) struct Provider {
    client_id: String,
    client_secret: String,
    clock: Clock,
    profiles: Profiles,
    state: Mutex<State>,
}

/// What the provider remembers.
#[derive(Debug, Default)]
struct State {
    tokens: HashMap<String, Timestamp>,
    tokens_issued: u64,
    purchases: Vec<Purchase>,
    esims: Vec<Esim>,
    ledger: Vec<Line>,
    keys: HashMap<String, Remembered>,
    /// Keys whose first request is still being worked on, by order of a control.
    in_hand: HashSet<String>,
    /// Hundredths left to buy with; `None` is enough for everything.
    balance: Option<i64>,
}

impl State {
    fn esim(&self, iccid: &str) -> Option<&Esim> {
        self.esims.iter().find(|esim| esim.iccid == iccid)
    }

    fn esim_mut(&mut self, iccid: &str) -> Option<&mut Esim> {
        self.esims.iter_mut().find(|esim| esim.iccid == iccid)
    }
}

impl Behaviour for Provider {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(self.answer(call))
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(async move { self.controlled(call, rest) })
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
        if (method, segments.as_slice()) == ("POST", &["oauth2", "token"]) {
            return self.token(call).await;
        }
        let ["v1", rest @ ..] = segments.as_slice() else {
            return message(404, "Not found");
        };
        if !self.known(call) {
            return message(401, "Unauthorized");
        }
        self.operation(call, method, rest)
    }

    fn operation(&self, call: &Call, method: &str, rest: &[&str]) -> Reply {
        match (method, rest) {
            ("GET", ["destinations"]) => catalogue::destinations(),
            ("GET", ["packages"]) => catalogue::list(call),
            ("POST", ["purchases", "v2"]) => self.keyed(call, |body| self.buy(body)),
            ("POST", ["purchases", "topup"]) => self.keyed(call, |body| self.top_up(body)),
            ("GET", ["purchases"]) => self.list_purchases(call),
            ("GET", ["purchases", id, "consumption"]) => self.consumption(id),
            ("GET", ["esim"]) => self.show_esim(call),
            ("POST", ["esim", iccid, "suspend"]) => self.suspend(iccid),
            _ => message(404, "Not found"),
        }
    }

    /// Form-encoded client credentials; the scope may be empty.
    async fn token(&self, call: &Call) -> Reply {
        let Some(fields) = form::read(call).await.filter(|fields| fields.encoding == form::Encoding::Urlencoded) else {
            return Reply::json(400, &json!({"error": "invalid_request"}));
        };
        if text(&fields.value, "grant_type") != Some("client_credentials") {
            return Reply::json(400, &json!({"error": "unsupported_grant_type"}));
        }
        let given = text(&fields.value, "client_id").zip(text(&fields.value, "client_secret"));
        if given != Some((&self.client_id, &self.client_secret)) {
            return Reply::json(400, &json!({"error": "invalid_client"}));
        }
        let mut state = self.state();
        state.tokens_issued += 1;
        let token = digest(&format!("celitech {} {}", self.profiles.seed(), state.tokens_issued), 48);
        state.tokens.insert(token.clone(), Timestamp::now());
        Reply::json(200, &json!({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}))
    }

    /// Tokens age on the machine's clock: a played date must not kill them.
    fn known(&self, call: &Call) -> bool {
        let issued = call.bearer().and_then(|token| self.state().tokens.get(token).copied());
        issued.is_some_and(|at| Timestamp::now().as_second() - at.as_second() < TOKEN_SECONDS)
    }
}

/// The one shape of an error.
fn message(status: u16, words: &str) -> Reply {
    Reply::json(status, &json!({ "message": words }))
}

/// A number that is written as a number.
fn number(value: &Value, key: &str) -> Option<f64> {
    value.get(key).and_then(Value::as_f64)
}
