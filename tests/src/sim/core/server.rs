//! The server under every simulator.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use futures::future::BoxFuture;
use http::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::call::Call;
use super::clock::{Clock, iso};
use super::fault::{Fault, Faults};
use super::journal::Journal;
use super::line::{CuttableListener, Switch};
use super::reply::Reply;
use crate::sim::{SimClient, SimError};

/// The largest request read, in bytes: above SendGrid's 30 MB.
const LARGEST_REQUEST: usize = 40 * 1_048_576;

/// What makes one simulator differ from another.
pub trait Behaviour: Send + Sync + 'static {
    /// Answers a request of the simulated API.
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply>;

    /// Answers a control request, `rest` being the path after `/_sim`; `None` when there is no such control.
    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>>;
}

/// A running simulator. Dropping it stops it.
#[derive(Debug)]
pub struct Sim {
    /// Which one: `airalo`, `reference`, `hubspot`, `sendgrid`, `inbox`.
    pub name: &'static str,
    /// `http://127.0.0.1:<port>`, without a final slash.
    pub url: String,
    /// What goes into an agency's secret as `base_url`: the URL plus the API's own prefix.
    pub base_url: String,
    /// The credentials it accepts, under the names of the agency's secret.
    pub credentials: Value,
    stopped: Arc<AtomicBool>,
    accepting: JoinHandle<()>,
}

impl Sim {
    /// Calls this simulator's controls.
    #[must_use]
    pub fn client(&self) -> SimClient {
        SimClient::new(&self.url)
    }

    /// Stops listening and cuts the open connections.
    pub fn stop(self) {}

    /// One of [`Sim::credentials`]; empty when there is none of that name.
    #[must_use]
    pub fn credential(&self, name: &str) -> String {
        self.credentials.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.accepting.abort();
    }
}

/// A port on which a simulator will listen: its behaviour may need to know its own address.
pub(crate) struct Port {
    listener: TcpListener,
    pub url: String,
}

impl Port {
    /// Takes a port of 127.0.0.1, any free one by default.
    pub async fn bind(port: Option<u16>) -> Result<Self, SimError> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
        let listener = TcpListener::bind(wanted).await.map_err(|error| format!("cannot listen on {wanted}: {error}"))?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok(Self { listener, url })
    }

    /// Starts answering.
    pub fn run(self, identity: Identity, clock: Clock, behaviour: Arc<dyn Behaviour>) -> Sim {
        let house = Arc::new(House { name: identity.name, behaviour, journal: Arc::default(), faults: Faults::default(), clock });
        let stopped = Arc::new(AtomicBool::new(false));
        let listener = CuttableListener { listener: self.listener, stopped: Arc::clone(&stopped) };
        let router = Router::new().fallback(answer).with_state(house);
        let accepting = tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<Switch>();
            // `axum::serve` does not end by itself; it is aborted when the `Sim` is dropped.
            let _ = axum::serve(listener, service).await;
        });
        let base_url = format!("{}{}", self.url, identity.prefix);
        Sim { name: identity.name, url: self.url, base_url, credentials: identity.credentials, stopped, accepting }
    }
}

/// How a simulator presents itself to the suites.
pub(crate) struct Identity {
    pub name: &'static str,
    pub prefix: &'static str,
    pub credentials: Value,
}

struct House {
    name: &'static str,
    behaviour: Arc<dyn Behaviour>,
    journal: Arc<Journal>,
    faults: Faults,
    clock: Clock,
}

async fn answer(State(house): State<Arc<House>>, ConnectInfo(switch): ConnectInfo<Switch>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_REQUEST).await else {
        return Reply::json(413, &json!({"message": "request too large for the simulator"})).into_response();
    };
    let call = Call::new(parts.method, &parts.uri, parts.headers, body);
    if call.segments.first().is_some_and(|first| first == "_sim") {
        return house.control(&call).await.into_response();
    }
    let record = house.journal.open(&call);
    let fault = house.faults.take(&call);
    if let Some(fault) = &fault {
        record.fault(fault.name());
    }
    // On a task of its own: a caller who hangs up does not take back what it asked for.
    let outcome = tokio::spawn(async move { house.perform(&call, fault.unwrap_or_default()).await }).await;
    let reply = outcome.unwrap_or_else(|error| Some(Reply::json(500, &json!({"message": error.to_string()}))));
    record.close(reply.as_ref().map(|reply| reply.status));
    match reply {
        Some(reply) => reply.into_response(),
        None => {
            switch.cut();
            Reply::empty(500).into_response()
        }
    }
}

impl House {
    /// Handles a request under a fault; `None` when no answer may leave.
    async fn perform(&self, call: &Call, fault: Fault) -> Option<Reply> {
        pause(fault.delay_before_effect_ms).await;
        if fault.drop_before_effect {
            return None;
        }
        let reply = match fault.status {
            Some(status) => Reply::json(status, &json!({"message": "simulated fault"})),
            None => self.behaviour.serve(call).await,
        };
        pause(fault.delay_ms).await;
        (!fault.drop_reply_after_effect).then(|| altered(reply, &fault))
    }

    async fn control(&self, call: &Call) -> Reply {
        let (method, segments) = call.route();
        let rest = segments.get(1..).unwrap_or_default();
        match (method, rest) {
            ("GET", ["health"]) => Reply::json(200, &json!({"simulator": self.name, "now": iso(self.clock.now())})),
            ("GET", ["requests"]) => Reply::json(200, &json!(self.journal.all())),
            ("DELETE", ["requests"]) => {
                self.journal.clear();
                Reply::empty(204)
            }
            ("GET", ["faults"]) => Reply::json(200, &json!(self.faults.waiting())),
            ("POST", ["faults"]) => self.add_faults(call),
            ("DELETE", ["faults"]) => {
                self.faults.clear();
                Reply::empty(204)
            }
            ("GET", ["clock"]) => Reply::json(200, &json!({"now": iso(self.clock.now())})),
            ("POST", ["clock"]) => self.set_clock(call),
            _ => {
                let unknown = || Reply::json(404, &json!({"error": format!("no control {method} {}", call.path)}));
                self.behaviour.control(call, rest).await.unwrap_or_else(unknown)
            }
        }
    }

    /// One fault or an array of them.
    fn add_faults(&self, call: &Call) -> Reply {
        let many = serde_json::from_slice::<Vec<Fault>>(&call.body);
        let faults = many.or_else(|_| serde_json::from_slice::<Fault>(&call.body).map(|fault| vec![fault]));
        match faults {
            Ok(faults) => {
                faults.into_iter().for_each(|fault| self.faults.add(fault));
                Reply::json(201, &json!(self.faults.waiting()))
            }
            Err(error) => Reply::json(400, &json!({"error": error.to_string()})),
        }
    }

    fn set_clock(&self, call: &Call) -> Reply {
        let body = call.json_or_empty();
        match body.get("now").and_then(Value::as_str).map(str::parse::<Timestamp>) {
            None => self.clock.reset(),
            Some(Ok(now)) if super::json::truth(&body, "run") => self.clock.run_from(now),
            Some(Ok(now)) => self.clock.freeze(now),
            Some(Err(error)) => return Reply::json(400, &json!({"error": error.to_string()})),
        }
        Reply::json(200, &json!({"now": iso(self.clock.now())}))
    }
}

fn altered(mut reply: Reply, fault: &Fault) -> Reply {
    match &fault.body {
        Some(Value::String(text)) => reply.body = text.clone().into_bytes().into(),
        Some(body) => reply.body = body.to_string().into_bytes().into(),
        None => {}
    }
    for (name, value) in &fault.headers {
        reply.headers.retain(|(existing, _)| !existing.eq_ignore_ascii_case(name));
        reply = reply.with(name, value.clone());
    }
    if fault.malformed { reply.truncated() } else { reply }
}

async fn pause(milliseconds: u64) {
    if milliseconds > 0 {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
}
