//! Mailjet's `POST /v3.1/send` and its event calls. Messages are checked as the guide says, kept, and can be looked at.

mod control;
mod events;
mod message;
mod rules;

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::SimError;
use super::core::call::Call;
use super::core::clock::{Clock, iso};
use super::core::deliver::Courier;
use super::core::hold;
use super::core::iccid::digest;
use super::core::json::{list, text, truth};
use super::core::mail::Message;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

/// Starts the simulator with its customary keys and any sender verified.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let mailjet = Mailjet { url: port.url.clone(), clock: clock.clone(), courier: Courier::new()?, state: Mutex::default() };
    let credentials = json!({ "api_key": API_KEY, "secret_key": SECRET_KEY });
    Ok(port.run(Identity { name: "mailjet", prefix: "", credentials }, clock, Arc::new(mailjet)))
}

const API_KEY: &str = "mailjet-api-key";
const SECRET_KEY: &str = "mailjet-secret-key";
/// Bytes of a whole message: 15 MB, and what JSON and base64 add.
const LARGEST_REQUEST: usize = 21 * 1_048_576;

/// The mail service.
pub(super) struct Mailjet {
    url: String,
    clock: Clock,
    courier: Courier,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    messages: Vec<Message>,
    accepted: u64,
    /// Senders that are verified; empty stands for all.
    senders: Vec<String>,
    /// Templates that exist: number, and whether it has an HTML part.
    templates: Vec<u64>,
}

impl Behaviour for Mailjet {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move { self.answer(call) })
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(async move { self.controlled(call, rest).await })
    }
}

/// One error as Mailjet writes it.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    code: &'static str,
    status: u16,
    message: String,
    related: Vec<String>,
}

impl Fault {
    pub(super) fn new(code: &'static str, status: u16, message: &str, related: &str) -> Self {
        Self { code, status, message: message.to_owned(), related: vec![related.to_owned()] }
    }

    fn show(&self, number: u64) -> Value {
        json!({"ErrorIdentifier": uuid(&format!("error {number} {}", self.code)), "ErrorCode": self.code, "StatusCode": self.status,
               "ErrorMessage": self.message, "ErrorRelatedTo": self.related})
    }

    /// For the request as a whole.
    fn global(&self) -> Reply {
        let mut shown = self.show(0);
        shown.as_object_mut().and_then(|members| members.remove("ErrorRelatedTo"));
        Reply::json(self.status, &shown)
    }
}

/// A text with the look of a UUID.
fn uuid(seed: &str) -> String {
    let mut hex = digest(seed, 32);
    for place in [20, 16, 12, 8] {
        hex.insert(place, '-');
    }
    hex
}

impl Mailjet {
    fn answer(&self, call: &Call) -> Reply {
        match call.route() {
            ("POST", segments) if segments == ["v3.1", "send"] => self.send(call),
            _ => Reply::json(404, &json!({"ErrorMessage": "Resource not found", "StatusCode": 404})),
        }
    }

    /// Send API v3.1, "Send".
    fn send(&self, call: &Call) -> Reply {
        let pair = STANDARD.encode(format!("{API_KEY}:{SECRET_KEY}"));
        if call.header("authorization") != Some(&format!("Basic {pair}")) {
            return Fault::new(
                "mj-0015",
                401,
                "API key authentication/authorization failure. You may be unauthorized to access the API or your API key may be expired.",
                "",
            )
            .global();
        }
        if call.body.len() > LARGEST_REQUEST {
            return Fault::new("mj-0011", 400, "The payload is too large.", "").global();
        }
        let Ok(body) = call.json() else {
            return Fault::new("mj-0002", 400, "Malformed JSON, please review the syntax and properties types.", "").global();
        };
        if let Err(fault) = rules::check_root(&body) {
            return fault.global();
        }
        let sandbox = truth(&body, "SandboxMode");
        let results: Vec<Result<Value, Vec<Fault>>> = list(&body, "Messages").iter().map(|mail| self.one(mail, sandbox)).collect();
        self.told(&results)
    }

    /// A status of its own for each message; an error for the whole when nothing was taken.
    fn told(&self, results: &[Result<Value, Vec<Fault>>]) -> Reply {
        let mut number = hold(&self.state).accepted * 100;
        let mut show = |result: &Result<Value, Vec<Fault>>| match result {
            Ok(value) => value.clone(),
            Err(faults) => {
                let shown: Vec<Value> = faults
                    .iter()
                    .map(|fault| {
                        number += 1;
                        fault.show(number)
                    })
                    .collect();
                json!({"Status": "error", "Errors": shown})
            }
        };
        let shown: Vec<Value> = results.iter().map(&mut show).collect();
        let refused = results.iter().all(Result::is_err);
        let first = results.iter().find_map(|result| result.as_ref().err()?.first());
        let status = first.filter(|_| refused).map_or(200, |fault| fault.status);
        Reply::json(status, &json!({ "Messages": shown }))
    }

    fn one(&self, mail: &Value, sandbox: bool) -> Result<Value, Vec<Fault>> {
        let (senders, templates) = {
            let state = hold(&self.state);
            (state.senders.clone(), state.templates.clone())
        };
        let faults = rules::check(mail, &senders, &templates);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut state = hold(&self.state);
        state.accepted += 1;
        // Above 2^53, where a double would round.
        let (id, guid) = (1_152_921_504_606_846_000 + state.accepted, uuid(&format!("{} {}", self.url, state.accepted)));
        let to = list(mail, "To").iter().map(|recipient| {
            let email = text(recipient, "Email").unwrap_or_default();
            if sandbox { json!({ "Email": email }) } else {
                json!({"Email": email, "MessageUUID": guid, "MessageID": id, "MessageHref": format!("https://api.mailjet.com/v3/REST/message/{id}")})
            }
        });
        let told = json!({"Status": "success", "CustomID": text(mail, "CustomID").unwrap_or_default(), "To": to.collect::<Vec<_>>(), "Cc": [], "Bcc": []});
        if !sandbox {
            state.messages.push(message::from_mail(mail, &guid, &iso(self.clock.now()), &iso(Timestamp::now())));
        }
        Ok(told)
    }
}
