//! BICS SIM for Things: a platform for SIMs that the tenant holds, whose errors come inside HTTP 200.

mod addons;
mod control;
mod endpoints;
mod state;

use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use self::state::State;
use super::SimError;
use super::core::call::Call;
use super::core::clock::Clock;
use super::core::deliver::Courier;
use super::core::hold;
use super::core::iccid::{Profiles, digest};
use super::core::in_process::InProcess;
use super::core::json::text;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

/// Seconds that a token lives, on the machine's clock. Not documented: the token says it.
const TOKEN_SECONDS: i64 = 900;
/// SIMs in stock at the start.
const STOCK: usize = 12;

/// Starts the simulator with its customary user.
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
    InProcess::new("https://bics.test", identity, clock, courier, provider)
}

fn made(clock: &Clock, courier: Courier) -> (Identity, Arc<Bics>) {
    let (username, password) = ("bics-user", "bics-password");
    let profiles = Profiles::new(5);
    let provider = Bics {
        username: username.to_owned(),
        password: password.to_owned(),
        clock: clock.clone(),
        courier,
        state: Mutex::new(State::stocked(&profiles, STOCK)),
        seed: profiles.seed(),
    };
    let credentials = json!({"client_id": username, "client_secret": password, "plans": addons::price_table()});
    (Identity { name: "bics", prefix: "/api", credentials }, Arc::new(provider))
}

/// The platform.
pub(super) struct Bics {
    username: String,
    password: String,
    clock: Clock,
    courier: Courier,
    state: Mutex<State>,
    seed: u64,
}

impl Behaviour for Bics {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move { self.answer(call) })
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(self.controlled(call, rest))
    }
}

impl Bics {
    fn state(&self) -> MutexGuard<'_, State> {
        hold(&self.state)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn answer(&self, call: &Call) -> Reply {
        let (method, segments) = call.route();
        let ["api", name] = segments.as_slice() else {
            return Reply::empty(404);
        };
        match (method, *name) {
            ("POST", "login") => return self.login(call),
            ("GET", "RefreshToken") => return self.refresh(call),
            _ => {}
        }
        if !self.known(call) {
            return refusal("401", "Authorisation Failure");
        }
        match (method, *name) {
            ("GET", "fetchSIM") => self.fetch_sim(call),
            ("POST", "EndPointLifeCycleChange") => self.change_life_cycle(call),
            ("POST", "EndPointActivation") => self.activate(call),
            ("GET", "QueryRatePlan") => addons::query(call),
            ("POST", "SubscribeAddon") => self.subscribe(call),
            ("GET", "GetEndpointAddonDetails") => self.details(call),
            ("GET", "GetStatistics") => self.statistics(call),
            _ => Reply::empty(404),
        }
    }

    fn login(&self, call: &Call) -> Reply {
        let body = call.json_or_empty();
        let given = (text(&body, "username"), text(&body, "password"));
        if given != (Some(self.username.as_str()), Some(self.password.as_str())) {
            return refusal("401", "Authorisation Failure");
        }
        Reply::json(200, &self.new_tokens())
    }

    fn refresh(&self, call: &Call) -> Reply {
        let known = bearer(call).is_some_and(|token| self.state().refresh_tokens.contains(token));
        if known { Reply::json(200, &self.new_tokens()) } else { refusal("401", "Authorisation Failure") }
    }

    /// JSON web tokens in shape; nobody checks their signature here.
    fn new_tokens(&self) -> Value {
        let mut state = self.state();
        state.tokens_issued += 1;
        let now = Timestamp::now();
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let jwt = |kind: &str| {
            let claims =
                json!({"sub": self.username, "iat": now.as_second(), "exp": now.as_second() + TOKEN_SECONDS, "jti": state.tokens_issued});
            let signature = digest(&format!("{kind} {} {}", self.seed, state.tokens_issued), 43);
            format!("{}.{}.{signature}", encoded(&json!({"alg": "HS256", "typ": "JWT"})), encoded(&claims))
        };
        let (access, refresh) = (jwt("access"), jwt("refresh"));
        state.tokens.insert(access.clone(), now);
        state.refresh_tokens.insert(refresh.clone());
        json!({"AccessToken": access, "RefreshToken": refresh})
    }

    /// Tokens age on the machine's clock: a played date must not kill them.
    fn known(&self, call: &Call) -> bool {
        let issued = bearer(call).and_then(|token| self.state().tokens.get(token).copied());
        issued.is_some_and(|at| Timestamp::now().as_second() - at.as_second() < TOKEN_SECONDS)
    }
}

/// The token of `X-Authorization`: `Authorization` is not looked at (§1).
fn bearer(call: &Call) -> Option<&str> {
    call.header("x-authorization")?.strip_prefix("Bearer ")
}

/// A success: HTTP 200, outer code 0.
fn success(code: &str, param: &Value) -> Reply {
    let result = json!({"resultCode": code, "resultDescription": "Success"});
    Reply::json(200, &json!({"Response": {"resultCode": "0", "resultParam": result, "responseParam": param}}))
}

/// A business error: HTTP 200, outer code 1 (§1).
fn refusal(code: &str, words: &str) -> Reply {
    let result = json!({"resultCode": code, "resultDescription": words});
    Reply::json(200, &json!({"Response": {"resultCode": "1", "resultParam": result}}))
}

/// `Request.endPointId` and `Request.requestParam`.
fn request(call: &Call) -> Option<(String, Value)> {
    let body = call.json().ok()?;
    let request = body.get("Request")?;
    Some((text(request, "endPointId")?.to_owned(), request.get("requestParam").cloned().unwrap_or_default()))
}
