//! SendGrid's `POST /v3/mail/send`. Messages are checked as strictly as the live API checks them, kept, and can be looked at.

mod control;
mod events;
mod message;
mod rules;
mod schema;

use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use self::events::Signer;
use self::schema::Schema;
use super::SimError;
use super::core::call::Call;
use super::core::clock::{Clock, iso};
use super::core::deliver::Courier;
use super::core::hold;
use super::core::iccid::digest;
use super::core::in_process::InProcess;
use super::core::mail::Message;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

/// Starts the simulator with its customary key and any sender verified.
///
/// # Errors
/// When the port is taken or the published schema cannot be compiled.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    start_with(port, "SG.simulated.key").await
}

/// Starts the simulator with a key of the caller's choice.
///
/// # Errors
/// When the port is taken or the published schema cannot be compiled.
pub async fn start_with(port: Option<u16>, api_key: &str) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let (identity, sendgrid) = made(&port.url, api_key, &clock, Courier::new()?)?;
    Ok(port.run(identity, clock, sendgrid))
}

/// The simulator without a socket.
///
/// # Errors
/// When the published schema cannot be compiled.
pub fn in_process() -> Result<InProcess, SimError> {
    let (url, clock) = ("https://sendgrid.test", Clock::default());
    let courier = Courier::holding();
    let (identity, sendgrid) = made(url, "SG.simulated.key", &clock, courier.clone())?;
    Ok(InProcess::new(url, identity, clock, courier, sendgrid))
}

fn made(url: &str, api_key: &str, clock: &Clock, courier: Courier) -> Result<(Identity, Arc<SendGrid>), SimError> {
    let sendgrid = SendGrid {
        url: url.to_owned(),
        api_key: api_key.to_owned(),
        schema: Schema::published()?,
        clock: clock.clone(),
        courier,
        signer: Signer::new()?,
        state: Mutex::default(),
    };
    let credentials = json!({ "api_key": api_key, "webhook_public_key": sendgrid.signer.public_key() });
    let identity = Identity { name: "sendgrid", prefix: "", credentials };
    Ok((identity, Arc::new(sendgrid)))
}

/// The mail service.
pub(super) struct SendGrid {
    url: String,
    api_key: String,
    schema: &'static Schema,
    clock: Clock,
    courier: Courier,
    signer: Signer,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    messages: Vec<Message>,
    accepted: u64,
    /// Senders that are verified; empty stands for all.
    senders: Vec<String>,
    /// Dynamic templates that exist.
    templates: Vec<String>,
}

impl Behaviour for SendGrid {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move { self.answer(call) })
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(async move { self.controlled(call, rest).await })
    }
}

/// One error in SendGrid's envelope.
pub(super) fn error(status: u16, message: &str, field: Option<&str>) -> Reply {
    Reply::json(status, &json!({"errors": [{"message": message, "field": field, "help": null}]}))
}

impl SendGrid {
    fn answer(&self, call: &Call) -> Reply {
        match call.route() {
            (method, segments) if segments == ["v3", "mail", "send"] => match method {
                "POST" => self.send(call),
                _ => error(405, "method not allowed", None),
            },
            _ => error(404, "not found", None),
        }
    }

    /// SendGrid v3, "Send".
    fn send(&self, call: &Call) -> Reply {
        match call.bearer() {
            None => return error(401, "authorization required", None),
            Some(key) if key != self.api_key => {
                return error(401, "The provided authorization grant is invalid, expired, or revoked", None);
            }
            Some(_) => {}
        }
        if call.media_type() != "application/json" {
            return error(415, "Content-Type should be application/json.", None);
        }
        if call.body.len() > rules::LARGEST_MESSAGE {
            return error(413, "The payload size exceeds the 30MB limit.", None);
        }
        let Ok(body) = call.json() else {
            return error(400, "Bad Request", None);
        };
        match self.checked(&body) {
            Err(refusal) => refusal,
            Ok(()) => self.accept(&body),
        }
    }

    fn checked(&self, body: &Value) -> Result<(), Reply> {
        rules::check(body)?;
        self.schema.check(body).map_err(|(message, field)| error(400, &message, Some(&field)))?;
        let (senders, templates) = {
            let state = hold(&self.state);
            (state.senders.clone(), state.templates.clone())
        };
        rules::check_sender(body, &senders)?;
        rules::check_template(body, &templates)?;
        rules::check_schedule(body, self.clock.now())
    }

    /// One message a personalization. A sandboxed mail is checked and forgotten.
    fn accept(&self, body: &Value) -> Reply {
        if body.pointer("/mail_settings/sandbox_mode/enable") == Some(&Value::Bool(true)) {
            return Reply::empty(200);
        }
        let mut state = hold(&self.state);
        state.accepted += 1;
        let id = digest(&format!("{} {}", self.url, state.accepted), 22);
        let now = iso(self.clock.now());
        let received = iso(Timestamp::now());
        state.messages.extend(message::from_request(body, &id, &now, &received));
        Reply::empty(202).with("x-message-id", id)
    }
}
