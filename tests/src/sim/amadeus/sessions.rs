//! Sessions: begun by a log-in, each message with the next number, until one ends them.

use roxmltree::Node;

use super::super::core::hold;
use super::super::core::iccid::digest;
use super::{Fault, Point, find, text};

/// One session.
#[derive(Debug, Clone, Default)]
pub struct Session {
    token: String,
    last: u64,
    over: bool,
    /// The booking that was retrieved, and its version then.
    pub booking: Option<(String, u64)>,
}

impl Point {
    /// The session that a message belongs to, checked; a new one where it begins one.
    pub(super) fn session(&self, header: Node<'_, '_>) -> Result<String, Fault> {
        let unknown = || Fault("soap:Client", " 11|Session|");
        let told = find(header, "Session").ok_or_else(unknown)?;
        let code = told.attribute("TransactionStatusCode").unwrap_or_default();
        if code == "Start" {
            self.log_in(header)?;
            let mut state = hold(&self.state);
            state.made += 1;
            let id = format!("0{}", digest(&format!("session {}", state.made), 9).to_uppercase());
            let token = digest(&format!("token {} {}", self.address, state.made), 25).to_uppercase();
            state.sessions.insert(id.clone(), Session { token, last: 1, ..Session::default() });
            return Ok(id);
        }
        let mut state = hold(&self.state);
        let id = text(told, "SessionId").unwrap_or_default().to_owned();
        let session = state.sessions.get_mut(&id).filter(|session| !session.over).ok_or_else(unknown)?;
        let number = text(told, "SequenceNumber").and_then(|number| number.parse().ok());
        if text(told, "SecurityToken") != Some(&session.token) || number != Some(session.last + 1) || !matches!(code, "InSeries" | "End") {
            return Err(unknown());
        }
        session.last += 1;
        session.over = code == "End";
        state.ended += u64::from(code == "End");
        Ok(id)
    }

    /// What the answer's header says of a session, and whether it is over.
    pub(super) fn told(&self, id: &str) -> (String, bool) {
        let session = hold(&self.state).sessions.get(id).cloned().unwrap_or_default();
        let code = if session.over { "End" } else { "InSeries" };
        let told = format!(
            "<awsse:Session TransactionStatusCode=\"{code}\"><awsse:SessionId>{id}</awsse:SessionId><awsse:SequenceNumber>{}</awsse:SequenceNumber>\
             <awsse:SecurityToken>{}</awsse:SecurityToken></awsse:Session>",
            session.last, session.token
        );
        (told, session.over)
    }

    /// Sessions that were begun and not ended.
    pub(super) fn open(&self) -> usize {
        hold(&self.state).sessions.values().filter(|session| !session.over).count()
    }
}
