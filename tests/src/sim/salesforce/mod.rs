//! An org's REST API: client credentials, sObjects with external ids, describe, tasks and a platform event, as the published REST guide says.

mod control;
mod objects;
mod records;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use serde_json::{Value, json};
use url::form_urlencoded;

use self::records::Record;
use super::SimError;
use super::core::call::Call;
use super::core::clock::Clock;
use super::core::hold;
use super::core::iccid::digest;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

const CLIENT_ID: &str = "3MVG9simulated";
const CLIENT_SECRET: &str = "salesforce-secret";

/// Starts the simulator.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let org = Org { url: port.url.clone(), state: Mutex::default() };
    let credentials = json!({ "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET });
    Ok(port.run(Identity { name: "salesforce", prefix: "", credentials }, Clock::default(), Arc::new(org)))
}

/// One org.
pub(super) struct Org {
    url: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    logins: u64,
    /// The one token that is good.
    token: Option<String>,
    /// Records by object, then id.
    records: BTreeMap<String, BTreeMap<String, Record>>,
    made: u64,
    events: Vec<Value>,
    /// `Object.Field` that this org does not have.
    missing: BTreeSet<String>,
    /// What every call is answered while set: `daily` or `concurrent`.
    limit: Option<String>,
}

impl Behaviour for Org {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move { self.answer(call) })
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(async move { self.controlled(call, rest) })
    }
}

/// An error in the REST API's envelope: a list.
pub(super) fn error(status: u16, code: &str, message: &str, fields: &[&str]) -> Reply {
    Reply::json(status, &json!([{"message": message, "errorCode": code, "fields": fields}]))
}

impl Org {
    fn answer(&self, call: &Call) -> Reply {
        let (method, segments) = call.route();
        match (method, segments.as_slice()) {
            ("POST", ["services", "oauth2", "token"]) => self.log_in(call),
            ("PATCH", ["services", "data", version, "composite", "sobjects", object, field]) if version.starts_with('v') => {
                self.refusal(call).unwrap_or_else(|| self.collection(call, object, field))
            }
            (_, ["services", "data", version, "sobjects", rest @ ..]) if version.starts_with('v') => match self.refusal(call) {
                Some(refused) => refused,
                None => self.sobjects(call, rest),
            },
            _ => error(404, "NOT_FOUND", "The requested resource does not exist", &[]),
        }
    }

    fn log_in(&self, call: &Call) -> Reply {
        let refused = |code: &str, why: &str| Reply::json(400, &json!({"error": code, "error_description": why}));
        if call.media_type() != "application/x-www-form-urlencoded" {
            return refused("unsupported_grant_type", "grant type not supported");
        }
        let form: BTreeMap<String, String> = form_urlencoded::parse(&call.body).into_owned().collect();
        let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        if given("grant_type") != "client_credentials" {
            return refused("unsupported_grant_type", "grant type not supported");
        }
        if given("client_id") != CLIENT_ID {
            return refused("invalid_client_id", "client identifier invalid");
        }
        if given("client_secret") != CLIENT_SECRET {
            return refused("invalid_client", "invalid client credentials");
        }
        let mut state = hold(&self.state);
        state.logins += 1;
        let token = format!("00D!{}", digest(&format!("{} {}", self.url, state.logins), 40));
        state.token = Some(token.clone());
        Reply::json(
            200,
            &json!({
                "access_token": token, "signature": "c2ln", "instance_url": self.url, "id": format!("{}/id/00D/005", self.url),
                "token_type": "Bearer", "issued_at": "1795521620000", "scope": "api", "token_format": "opaque", "api_instance_url": "https://api.salesforce.com",
            }),
        )
    }

    fn refusal(&self, call: &Call) -> Option<Reply> {
        let state = hold(&self.state);
        if state.token.is_none() || call.bearer() != state.token.as_deref() {
            return Some(error(401, "INVALID_SESSION_ID", "Session expired or invalid", &[]));
        }
        match state.limit.as_deref() {
            Some("daily") => Some(error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", &[])),
            Some(_) => Some(error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", &[])),
            None => None,
        }
    }

    fn object(&self, name: &str) -> Option<objects::Object> {
        let missing = hold(&self.state).missing.clone();
        objects::of_name(name).map(|object| object.without(&missing))
    }

    fn sobjects(&self, call: &Call, rest: &[&str]) -> Reply {
        let Some(object) = rest.first().and_then(|name| self.object(name)) else {
            return error(404, "NOT_FOUND", "The requested resource does not exist", &[]);
        };
        match (call.method.as_str(), rest) {
            ("GET", [_, "describe"]) => Reply::json(200, &object.describe()),
            ("GET", [_, field, value]) => self.by_key(&object, field, value),
            ("PATCH", [_, field, value]) => self.upsert(&object, field, value, call),
            ("PATCH", [_, id]) => self.update(&object, id, call),
            ("POST", [_]) if object.is_event() => self.publish(&object, call),
            ("POST", [_]) => self.create(&object, call),
            _ => error(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed", &[]),
        }
    }
}
