//! 1GLOBAL (once Truphone) Connect v2, with v1's registration of webhooks.

mod catalogue;
mod control;
mod hooks;
mod orders;
mod sims;
mod state;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use self::state::State;
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

/// Seconds that an access token lives, on the machine's clock (Connect v2, §1).
const TOKEN_SECONDS: i64 = 300;
/// Host of the SM-DP+, always the same (§2).
const SMDP_HOST: &str = "rsp.truphone.com";

/// Starts the simulator with its customary credentials.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let (identity, provider) = made(&port.url, &clock, Courier::new()?);
    Ok(port.run(identity, clock, provider))
}

/// The simulator without a socket.
#[must_use]
pub fn in_process() -> InProcess {
    let (url, clock, courier) = ("https://one-global.test", Clock::default(), Courier::holding());
    let (identity, provider) = made(url, &clock, courier.clone());
    InProcess::new(url, identity, clock, courier, provider)
}

fn made(url: &str, clock: &Clock, courier: Courier) -> (Identity, Arc<OneGlobal>) {
    let (client_id, client_secret) = ("one-client", "one-secret");
    let provider = OneGlobal {
        url: url.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: client_secret.to_owned(),
        clock: clock.clone(),
        courier,
        profiles: Profiles::new(3),
        state: Mutex::default(),
    };
    let credentials = json!({"client_id": client_id, "client_secret": client_secret, "footprints": catalogue::footprints()});
    (Identity { name: "one-global", prefix: "/connect-api", credentials }, Arc::new(provider))
}

/// The provider.
pub(super) struct OneGlobal {
    url: String,
    client_id: String,
    client_secret: String,
    clock: Clock,
    courier: Courier,
    profiles: Profiles,
    state: Mutex<State>,
}

impl Behaviour for OneGlobal {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(self.answer(call))
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(self.controlled(call, rest))
    }
}

impl OneGlobal {
    fn state(&self) -> MutexGuard<'_, State> {
        hold(&self.state)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn answer(&self, call: &Call) -> Reply {
        self.fulfil_due();
        let (method, segments) = call.route();
        match (method, segments.as_slice()) {
            ("POST", ["auth", "realms", "tru-staff", "protocol", "openid-connect", "token"]) => self.token(call).await,
            (_, ["connect-api", rest @ ..]) => self.guarded(call, method, rest),
            _ => error(404, "INVALID_HTTP_MESSAGE", "no such resource"),
        }
    }

    fn guarded(&self, call: &Call, method: &str, rest: &[&str]) -> Reply {
        if !self.known(call) {
            return error(401, "UNAUTHORISED", "The access token is missing, unknown or expired");
        }
        let Some(correlation) = call.header("x-correlation-id").filter(|id| !id.is_empty()) else {
            return error(400, "INVALID_HTTP_MESSAGE", "X-Correlation-ID is required");
        };
        if !self.state().correlations.insert(correlation.to_owned()) {
            return error(400, "INVALID_HTTP_MESSAGE", "X-Correlation-ID must be unique for each request");
        }
        if let Some(refusal) = self.over_limit(method, rest) {
            return refusal;
        }
        self.operation(call, method, rest)
    }

    fn operation(&self, call: &Call, method: &str, rest: &[&str]) -> Reply {
        match (method, rest) {
            ("GET", ["v2", "products"]) => catalogue::list(&self.url, call),
            ("POST", ["v2", "orders"]) => self.order(call),
            ("GET", ["v2", "orders", id]) => self.show_order(id),
            ("GET", ["v2", "sims", iccid]) => self.show_sim(iccid),
            ("DELETE", ["v2", "sims", iccid]) => self.cancel(iccid),
            ("GET", ["v2", "subscriptions"]) => self.subscriptions(call),
            ("POST", ["v2", "subscriptions", id, "activate"]) => self.activate(id),
            ("GET", ["v1", "sim", iccid, "preferences"]) => self.preferences(iccid),
            ("POST", ["v1", "sim", iccid, "preferences", "notifications", kind]) => self.register(call, iccid, kind),
            ("DELETE", ["v1", "sim", iccid, "preferences", "notifications", kind]) => self.unregister(iccid, kind),
            _ => error(404, "INVALID_HTTP_MESSAGE", "no such resource"),
        }
    }

    /// Client credentials or a refresh token, in a form.
    async fn token(&self, call: &Call) -> Reply {
        let fields = form::read(call).await.filter(|fields| fields.encoding == form::Encoding::Urlencoded);
        let Some(fields) = fields.map(|fields| fields.value) else {
            return oauth_error(400, "invalid_request");
        };
        let is = |name: &str, wanted: &str| text(&fields, name) == Some(wanted);
        if !is("client_id", &self.client_id) || !is("client_secret", &self.client_secret) {
            return oauth_error(401, "unauthorized_client");
        }
        let refreshed = text(&fields, "refresh_token").is_some_and(|token| self.state().refresh_tokens.contains(token));
        match text(&fields, "grant_type") {
            Some("client_credentials") => Reply::json(200, &self.new_tokens()),
            Some("refresh_token") if refreshed => Reply::json(200, &self.new_tokens()),
            Some("refresh_token") => oauth_error(400, "invalid_grant"),
            _ => oauth_error(400, "unsupported_grant_type"),
        }
    }

    fn new_tokens(&self) -> Value {
        let mut state = self.state();
        state.tokens_issued += 1;
        let token = |kind: &str| digest(&format!("{kind} {} {} {}", self.url, self.profiles.seed(), state.tokens_issued), 60);
        let (access, refresh) = (token("access"), token("refresh"));
        state.tokens.insert(access.clone(), Timestamp::now());
        state.refresh_tokens.insert(refresh.clone());
        json!({"access_token": access, "expires_in": TOKEN_SECONDS, "refresh_token": refresh, "refresh_expires_in": 1_800, "token_type": "bearer"})
    }

    /// Tokens age on the machine's clock: a played date must not kill them.
    fn known(&self, call: &Call) -> bool {
        let issued = call.bearer().and_then(|token| self.state().tokens.get(token).copied());
        issued.is_some_and(|at| Timestamp::now().as_second() - at.as_second() < TOKEN_SECONDS)
    }

    /// Requests a minute for each end point (§1, Rate limits), where the setting says so.
    fn over_limit(&self, method: &str, rest: &[&str]) -> Option<Reply> {
        let mut state = self.state();
        let limit = state.settings.requests_per_minute?;
        let endpoint = format!("{method} {}", rest.iter().take(2).copied().collect::<Vec<_>>().join("/"));
        let verdict = state.rates.count(&endpoint, limit, Duration::from_secs(60));
        (!verdict.allowed).then(|| error(429, "TOO MANY REQUESTS", "Too many requests"))
    }
}

/// `{"type", "messages"}` (§1, Errors).
fn error(status: u16, kind: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"type": kind, "messages": [message]}))
}

fn oauth_error(status: u16, error: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": "refused"}))
}
