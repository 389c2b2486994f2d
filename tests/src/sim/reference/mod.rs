//! A provider that speaks the reference contract: the mission's end points, headers and events.

mod catalogue;
mod control;
mod esim;
mod esims;
mod events;
mod orders;
mod problem;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::esim::Esim;
use self::events::Subscription;
pub use self::events::signature;
use self::orders::{Order, Purchase};
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

/// The version of the contract.
const VERSION: &str = "2024-10";
/// Seconds that a token lives, on the machine's clock.
const TOKEN_SECONDS: i64 = 3_600;

/// Starts the simulator with its customary credentials and webhook secret.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    start_with(port, "reference-client", "reference-secret", "reference-webhook-secret").await
}

/// Starts the simulator with credentials of the caller's choice.
///
/// # Errors
/// When the port is taken.
pub async fn start_with(port: Option<u16>, client_id: &str, client_secret: &str, webhook_secret: &str) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let (identity, provider) = made(&port.url, (client_id, client_secret), webhook_secret, &clock, Courier::new()?);
    Ok(port.run(identity, clock, provider))
}

/// The simulator without a socket, with its customary credentials and webhook secret.
#[must_use]
pub fn in_process() -> InProcess {
    let (url, clock, courier) = ("https://reference.test", Clock::default(), Courier::holding());
    let (identity, provider) = made(url, ("reference-client", "reference-secret"), "reference-webhook-secret", &clock, courier.clone());
    InProcess::new(url, identity, clock, courier, provider)
}

fn made(url: &str, client: (&str, &str), webhook_secret: &str, clock: &Clock, courier: Courier) -> (Identity, Arc<Provider>) {
    let (client_id, client_secret) = client;
    let credentials = json!({
        "client_id": client_id, "client_secret": client_secret, "webhook_secret": webhook_secret,
        "token_url": format!("{url}/oauth/token"),
    });
    let provider = Provider {
        url: url.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: client_secret.to_owned(),
        clock: clock.clone(),
        courier,
        profiles: Profiles::new(2),
        state: Mutex::new(State { webhook_secret: webhook_secret.to_owned(), ..State::default() }),
    };
    (Identity { name: "reference", prefix: "/", credentials }, Arc::new(provider))
}

/// The provider.
pub(super) struct Provider {
    url: String,
    client_id: String,
    client_secret: String,
    clock: Clock,
    courier: Courier,
    profiles: Profiles,
    state: Mutex<State>,
}

/// Switches of the simulator, set with `POST /_sim/settings`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// New orders stay `accepted`, without an eSIM, until `POST /_sim/orders/{id}/complete`.
    hold_orders: bool,
    /// How often an undelivered webhook is tried.
    webhook_attempts: u32,
    /// Milliseconds between two tries.
    webhook_retry_ms: u64,
    /// Packages that the price list leaves out.
    gone: Vec<String>,
    /// Packages with another price in the list, in hundredths of a euro.
    prices: HashMap<String, i64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { hold_orders: false, webhook_attempts: 1, webhook_retry_ms: 1_000, gone: Vec::new(), prices: HashMap::new() }
    }
}

/// What the provider remembers.
#[derive(Debug, Default)]
struct State {
    settings: Settings,
    webhook_secret: String,
    tokens: HashMap<String, Timestamp>,
    tokens_issued: u64,
    orders: Vec<Order>,
    esims: Vec<Esim>,
    ledger: Vec<Purchase>,
    /// Idempotency keys: what was asked under the key, and the order it made.
    keys: HashMap<String, (String, String)>,
    subscriptions: Vec<Subscription>,
    events_sent: u64,
    /// Tickets of pictures: ticket → activation code.
    pictures: HashMap<String, String>,
}

impl State {
    fn esim(&self, key: &str) -> Option<&Esim> {
        self.esims.iter().find(|esim| esim.id == key || esim.iccid == key)
    }

    fn esim_mut(&mut self, key: &str) -> Option<&mut Esim> {
        self.esims.iter_mut().find(|esim| esim.id == key || esim.iccid == key)
    }
}

impl Behaviour for Provider {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let reply = self.answer(call).await;
            match call.header("x-request-id") {
                Some(id) => reply.with("x-request-id", id),
                None => reply,
            }
        })
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
        let (versioned, rest) = match segments.as_slice() {
            ["v2", rest @ ..] => (true, rest),
            all => (false, all),
        };
        match (method, rest) {
            ("POST", ["oauth", "token"]) => return self.token(call).await,
            ("GET", ["qr", file]) => return self.picture(file),
            _ => {}
        }
        if !self.known(call) {
            return problem::problem(401, "unauthorized", "The access token is missing, unknown or expired.")
                .with("www-authenticate", "Bearer error=\"invalid_token\"");
        }
        if !versioned && call.header("x-api-version") != Some(VERSION) {
            return problem::problem(400, "unsupported_version", "Send X-API-Version: 2024-10, or call below /v2/.");
        }
        self.operation(call, method, rest)
    }

    fn operation(&self, call: &Call, method: &str, rest: &[&str]) -> Reply {
        if method == "POST" && call.media_type() != "application/json" {
            return problem::problem(415, "unsupported_media_type", "Send application/json.");
        }
        match (method, rest) {
            ("GET", ["catalog", "packages"]) => catalogue::list(call, &self.state().settings),
            ("POST", ["orders"]) => self.place_order(call),
            ("GET", ["orders", id]) => self.show_order(id),
            ("GET", ["esims", id]) => self.show_esim(id),
            ("GET", ["esims", id, "usage"]) => self.show_usage(id),
            ("GET", ["esims", id, "topups"]) => self.list_topups(call, id),
            ("POST", ["esims", id, "topup"]) => self.top_up(call, id),
            ("POST", ["webhooks", "register"]) => self.subscribe(call),
            _ => problem::problem(404, "not_found", "There is no such resource."),
        }
    }

    /// RFC 6749 §4.4, the client in a Basic header or in the form.
    async fn token(&self, call: &Call) -> Reply {
        let Some(fields) = form::read(call).await.filter(|fields| fields.encoding == form::Encoding::Urlencoded) else {
            return oauth_error(400, "invalid_request");
        };
        if text(&fields.value, "grant_type") != Some("client_credentials") {
            return oauth_error(400, "unsupported_grant_type");
        }
        let in_body = text(&fields.value, "client_id").zip(text(&fields.value, "client_secret"));
        let given = basic(call).or_else(|| in_body.map(|(id, secret)| (id.to_owned(), secret.to_owned())));
        if given != Some((self.client_id.clone(), self.client_secret.clone())) {
            return oauth_error(401, "invalid_client").with("www-authenticate", "Basic realm=\"reference\"");
        }
        let token = self.new_token();
        Reply::json(200, &json!({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}))
            .with("cache-control", "no-store")
    }

    fn new_token(&self) -> String {
        let mut state = self.state();
        state.tokens_issued += 1;
        let token = digest(&format!("{} {} {}", self.url, self.profiles.seed(), state.tokens_issued), 48);
        state.tokens.insert(token.clone(), Timestamp::now());
        token
    }

    /// Tokens age on the machine's clock: a played date must not kill them.
    fn known(&self, call: &Call) -> bool {
        let issued = call.bearer().and_then(|token| self.state().tokens.get(token).copied());
        issued.is_some_and(|at| Timestamp::now().as_second() - at.as_second() < TOKEN_SECONDS)
    }
}

fn oauth_error(status: u16, error: &str) -> Reply {
    Reply::json(status, &json!({ "error": error })).with("cache-control", "no-store")
}

fn basic(call: &Call) -> Option<(String, String)> {
    let (scheme, encoded) = call.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let plain = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    plain.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}
