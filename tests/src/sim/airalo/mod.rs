//! Airalo's Partner API v2.

mod card;
mod catalogue;
mod checksum;
mod control;
mod errors;
mod future;
mod hooks;
mod orders;
mod packages;
mod paging;
mod phones;
mod refunds;
mod sims;
mod state;
mod topups;

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

/// Seconds that a token lives: 366 days, as in every published example.
const TOKEN_SECONDS: i64 = 31_622_400;

/// Starts the simulator with its customary credentials.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    start_with(port, "airalo-client", "airalo-secret").await
}

/// Starts the simulator with credentials of the caller's choice.
///
/// # Errors
/// When the port is taken.
pub async fn start_with(port: Option<u16>, client_id: &str, client_secret: &str) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let (identity, door) = made(&port.url, client_id, client_secret, &clock, Courier::new()?);
    Ok(port.run(identity, clock, door))
}

/// The simulator without a socket, with its customary credentials and without limits on requests, which follow the machine's clock.
#[must_use]
pub fn in_process() -> InProcess {
    in_process_at("https://airalo.test")
}

/// The same under an address of the caller's choice, for a second account.
#[must_use]
pub fn in_process_at(url: &str) -> InProcess {
    let (clock, courier) = (Clock::default(), Courier::holding());
    let (identity, door) = made(url, "airalo-client", "airalo-secret", &clock, courier.clone());
    door.0.state().settings.limits.clear();
    InProcess::new(url, identity, clock, courier, door)
}

fn made(url: &str, client_id: &str, client_secret: &str, clock: &Clock, courier: Courier) -> (Identity, Arc<Door>) {
    let airalo = Airalo {
        url: url.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: client_secret.to_owned(),
        clock: clock.clone(),
        courier,
        profiles: Profiles::new(1),
        state: Mutex::new(State::default()),
    };
    let credentials = json!({"client_id": client_id, "client_secret": client_secret});
    (Identity { name: "airalo", prefix: "/v2/", credentials }, Arc::new(Door(Arc::new(airalo))))
}

/// The provider.
pub(super) struct Airalo {
    url: String,
    client_id: String,
    client_secret: String,
    clock: Clock,
    courier: Courier,
    profiles: Profiles,
    state: Mutex<State>,
}

/// Shares the provider with the tasks that carry out asynchronous orders.
struct Door(Arc<Airalo>);

impl Behaviour for Door {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(self.0.serve(call))
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(control::control(&self.0, call, rest))
    }
}

impl Airalo {
    fn state(&self) -> MutexGuard<'_, State> {
        hold(&self.state)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn serve(self: &Arc<Self>, call: &Call) -> Reply {
        self.carry_out_due();
        let (method, segments) = call.route();
        let Some(("v2", rest)) = segments.split_first().map(|(first, rest)| (*first, rest)) else {
            return match (method, segments.as_slice()) {
                ("GET", ["qr", file]) => self.picture(file),
                _ => errors::not_found(),
            };
        };
        if (method, rest) == ("POST", &["token"]) {
            return self.token(call).await;
        }
        if !self.known(call) {
            return errors::unauthorized();
        }
        if method == "POST" {
            return self.post(call, rest).await;
        }
        match (method, rest) {
            ("GET", ["packages"]) => self.packages(call),
            ("GET", ["orders"]) => self.list_orders(call),
            ("GET", ["future-orders"]) => self.list_scheduled(call),
            ("GET", ["orders", id]) => self.show_order(call, id),
            ("GET", ["sims"]) => self.list_sims(call),
            ("GET", ["sims", iccid]) => self.show_sim(call, iccid),
            ("GET", ["sims", iccid, "usage"]) => self.usage(iccid),
            ("GET", ["sims", iccid, "topups"]) => self.list_topups(iccid),
            ("GET", ["sims", iccid, "packages"]) => self.history(iccid),
            ("GET", ["sims", iccid, "instructions"]) => self.instructions(call, iccid),
            ("GET", ["compatible-devices-lite"]) => Self::compatible_devices(),
            ("GET", ["balance"]) => self.balance(),
            ("GET", ["notifications", "opt-in"]) => self.subscriptions(),
            _ => errors::not_found(),
        }
    }

    /// Everything that is posted with a token: read in any encoding, checked against its signature.
    async fn post(self: &Arc<Self>, call: &Call, rest: &[&str]) -> Reply {
        let Some(fields) = form::read(call).await else {
            return errors::business(43, "Bad request.");
        };
        if !self.signed(call, &fields) {
            return errors::business(14, "The request checksum is invalid.");
        }
        match rest {
            ["orders"] => self.order(&fields),
            ["orders-async"] => self.order_later(&fields).await,
            ["future-orders"] => self.schedule(&fields).await,
            ["cancel-future-orders"] => self.cancel_scheduled(&fields),
            ["orders", "topups"] => self.order_topup(&fields),
            ["notifications", "opt-in"] => self.opt_in(&fields).await,
            ["notifications", "opt-out"] => self.opt_out(&fields),
            ["refund"] => self.ask_refund(&fields),
            ["simulator", "webhook"] => self.simulate_webhook(&fields).await,
            _ => errors::not_found(),
        }
    }

    /// Airalo Partner API v2, "Base, environments, auth".
    async fn token(&self, call: &Call) -> Reply {
        if let Some(refusal) = self.over_limit("token", "", Duration::from_secs(60)) {
            return refusal;
        }
        let Some(fields) = form::read(call).await else {
            return errors::invalid_fields(&json!({
                "client_id": "The client id field is required.",
                "client_secret": "The client secret field is required.",
            }));
        };
        for (name, label) in [("client_id", "client id"), ("client_secret", "client secret"), ("grant_type", "grant type")] {
            if text(&fields.value, name).is_none_or(str::is_empty) {
                return errors::invalid(name, &format!("The {label} field is required."));
            }
        }
        let is = |name: &str, wanted: &str| text(&fields.value, name) == Some(wanted);
        if !is("grant_type", "client_credentials") {
            return errors::invalid("grant_type", "The selected grant type is invalid.");
        }
        if !is("client_id", &self.client_id) || !is("client_secret", &self.client_secret) {
            return errors::login_refused();
        }
        if !self.signed(call, &fields) {
            return errors::business(14, "The request checksum is invalid.");
        }
        errors::success(200, &json!({"token_type": "Bearer", "expires_in": TOKEN_SECONDS, "access_token": self.new_token()}))
    }

    fn new_token(&self) -> String {
        let mut state = self.state();
        state.tokens_issued += 1;
        let token = digest(&format!("{} {} {}", self.url, self.profiles.seed(), state.tokens_issued), 60);
        state.tokens.insert(token.clone());
        token
    }

    fn known(&self, call: &Call) -> bool {
        call.bearer().is_some_and(|token| self.state().tokens.contains(token))
    }

    /// A request without the header passes: the page's documents do not demand it.
    fn signed(&self, call: &Call, fields: &form::Fields) -> bool {
        let Some(signature) = call.header("airalo-signature") else {
            return true;
        };
        checksum::fits(&self.client_secret, signature, &call.body, fields)
    }

    /// The refusal when a limit is used up.
    fn over_limit(&self, name: &str, subject: &str, window: Duration) -> Option<Reply> {
        let mut state = self.state();
        let limit = *state.settings.limits.get(name)?;
        let verdict = state.rates.count(&format!("{name} {subject}"), limit, window);
        (!verdict.allowed).then(|| errors::too_many(limit, verdict, Timestamp::now().as_second()))
    }

    fn balance(&self) -> Reply {
        let amount = super::core::json::money(self.state().balance);
        let available = json!({"amount": amount, "currency": "USD"});
        errors::success(200, &json!({"balances": {"name": "balance", "availableBalance": available}}))
    }

    fn pricing(discount: bool) -> Value {
        let model = if discount { "discount_pricing" } else { "net_pricing" };
        json!({"model": model, "discount_percentage": if discount { 20 } else { 0 }})
    }
}
