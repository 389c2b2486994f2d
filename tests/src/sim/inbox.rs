//! Somebody's webhook receiver: takes any POST and keeps it in the record of requests.

use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use serde_json::json;

use super::SimError;
use super::core::call::Call;
use super::core::clock::Clock;
use super::core::hold;
use super::core::json::whole;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

/// Starts an inbox. What it got is `requests()` of its client.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    let identity = Identity { name: "inbox", prefix: "/hook", credentials: json!({}) };
    Ok(Port::bind(port).await?.run(identity, Clock::default(), Arc::new(Inbox { status: Mutex::new(204) })))
}

struct Inbox {
    status: Mutex<u16>,
}

impl Behaviour for Inbox {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            match call.method.as_str() {
                "POST" => Reply::empty(*hold(&self.status)),
                "HEAD" => Reply::empty(200),
                _ => Reply::empty(405).with("allow", "POST, HEAD"),
            }
        })
    }

    /// `POST /_sim/status {"status": 200}`: what to answer from now on.
    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(async move {
            if (call.method.as_str(), rest) != ("POST", &["status"]) {
                return None;
            }
            let wanted = whole(&call.json_or_empty(), "status").and_then(|status| u16::try_from(status).ok());
            *hold(&self.status) = wanted.unwrap_or(204);
            Some(Reply::empty(204))
        })
    }
}
