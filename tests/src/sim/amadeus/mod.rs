//! Amadeus Web Services of one access point: a log-in by digest, sessions with numbered messages, bookings that are read and remarked, as the
//! exchanges that public clients recorded have them.

mod bookings;
mod control;
mod log_in;
mod sessions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use roxmltree::{Document, Node};
use serde_json::json;

use self::bookings::Booking;
use self::sessions::Session;
use super::SimError;
use super::core::call::Call;
use super::core::clock::Clock;
use super::core::hold;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

const USER: &str = "WSPASSIM";
const PASSWORD: &str = "amadeus-secret";
const OFFICE: &str = "PAREX2100";
const POINT: &str = "/1ASIWPAS";

/// Starts the simulator.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let point = Point { address: format!("{}{POINT}", port.url), clock: clock.clone(), state: Mutex::default() };
    let credentials = json!({ "user_id": USER, "password": PASSWORD, "office_id": OFFICE });
    Ok(port.run(Identity { name: "amadeus", prefix: POINT, credentials }, clock, Arc::new(point)))
}

/// One access point.
pub(super) struct Point {
    address: String,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    bookings: BTreeMap<String, Booking>,
    sessions: BTreeMap<String, Session>,
    made: u64,
    /// Nonces are good once.
    nonces: BTreeSet<String>,
    /// Sessions that were ended, not timed out.
    ended: u64,
}

/// A SOAP fault.
pub(super) struct Fault(pub &'static str, pub &'static str);

impl Behaviour for Point {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move { self.answer(call) })
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(async move { self.controlled(call, rest) })
    }
}

/// The first element of this name, whatever its namespace.
pub(super) fn find<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.descendants().find(|found| found.is_element() && found.tag_name().name() == name)
}

/// The text of the first element of this name.
pub(super) fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    find(node, name)?.text().map(str::trim)
}

fn envelope(header: &str, body: &str) -> String {
    format!(
        "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:awsse=\"http://xml.amadeus.com/2010/06/Session_v3\">\
         <SOAP-ENV:Header>{header}</SOAP-ENV:Header><SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
}

impl Point {
    fn answer(&self, call: &Call) -> Reply {
        if call.method != "POST" || call.path != POINT {
            return Reply::empty(404);
        }
        match self.heard(call) {
            Ok(answer) => Reply::bytes(200, "text/xml;charset=UTF-8", answer),
            Err(Fault(code, words)) => {
                let fault = format!("<SOAP-ENV:Fault><faultcode>{code}</faultcode><faultstring>{words}</faultstring></SOAP-ENV:Fault>");
                Reply::bytes(500, "text/xml;charset=UTF-8", envelope("", &fault))
            }
        }
    }

    fn heard(&self, call: &Call) -> Result<String, Fault> {
        let unread = || Fault("soap:Client", "18|Presentation|Fusion DSC found an exception !");
        let whole = String::from_utf8(call.body.to_vec()).map_err(|_| unread())?;
        let document = Document::parse(&whole).map_err(|_| unread())?;
        let header = find(document.root(), "Header").ok_or_else(unread)?;
        let body = find(document.root(), "Body").and_then(|body| body.first_element_child()).ok_or_else(unread)?;
        let version =
            body.tag_name().namespace().and_then(|namespace| namespace.strip_prefix("http://xml.amadeus.com/")).ok_or_else(unread)?;
        let action = format!("http://webservices.amadeus.com/{version}");
        let named =
            call.header("soapaction").map(|value| value.trim_matches('"')) == Some(&action) && text(header, "Action") == Some(&action);
        if !named || call.media_type() != "text/xml" || text(header, "To") != Some(&self.address) || text(header, "MessageID").is_none() {
            return Err(unread());
        }
        let session = self.session(header)?;
        let answer = self.asked(body, &session)?;
        let (echo, over) = self.told(&session);
        Ok(envelope(&echo, if over { "<Security_SignOutReply xmlns=\"http://xml.amadeus.com/VLSSOR_04_1_1A\"/>" } else { &answer }))
    }

    fn asked(&self, body: Node<'_, '_>, session: &str) -> Result<String, Fault> {
        let mut state = hold(&self.state);
        match body.tag_name().name() {
            "PNR_Retrieve" => state.retrieve(body, session),
            "PNR_AddMultiElements" => state.add_elements(body, session),
            "Security_SignOut" => Ok(String::new()),
            _ => Err(Fault("soap:Server", "1|Application|UNKNOWN MESSAGE")),
        }
    }
}
