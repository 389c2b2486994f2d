//! One session: messages in their order, each with the next number, until the end.

use http::Method;

use super::{
    answer::{self, Booking},
    envelope::{Session, Step, action, envelope},
};
use crate::{
    config::WriteBack,
    crm::CrmError,
    outbound::{Answer, Http, HttpRequest, SendError},
    world::World,
};

/// A session, from its first message on.
pub(super) struct Talk<'a> {
    settings: &'a WriteBack,
    world: &'a World,
    http: &'a dyn Http,
    session: Option<Session>,
}

impl<'a> Talk<'a> {
    pub(super) fn new(settings: &'a WriteBack, world: &'a World, http: &'a dyn Http) -> Self {
        Self { settings, world, http, session: None }
    }

    /// Asks, and reads the booking in the answer.
    pub(super) async fn ask(&mut self, operation: &'static str, version: &str, body: &str) -> Result<Booking, CrmError> {
        let answer = match self.next() {
            Some(session) => self.send(operation, &Step::InSeries(&session), version, body).await?,
            None => self.send(operation, &Step::Start, version, body).await?,
        };
        let heard = answer::read(&answer);
        self.session = heard.session.or(self.session.take());
        heard.booking
    }

    /// Ends the session, if one was begun. It would end by itself after a while: that it cannot be ended now is no failure of ours.
    pub(super) async fn end(&mut self, version: &str, body: &str) {
        if let Some(session) = self.next() {
            let ended = self.send("security_sign_out", &Step::End(&session), version, body).await;
            if !ended.is_ok_and(|answer| answer.status.is_success()) {
                tracing::info!("a session at Amadeus was not ended; it ends by itself");
            }
            self.session = None;
        }
    }

    /// The session with the number of its next message, which is used up by the sending, heard or not.
    fn next(&mut self) -> Option<Session> {
        let session = self.session.as_mut()?;
        session.sequence += 1;
        Some(session.clone())
    }

    async fn send(&self, operation: &'static str, step: &Step<'_>, version: &str, body: &str) -> Result<Answer, SendError> {
        let mut request = HttpRequest::new(operation, Method::POST, self.settings.base_url.clone())
            .header("content-type", "text/xml; charset=utf-8")
            .header("accept", "text/xml")
            .header("soapaction", &format!("\"{}\"", action(version)));
        request.body = envelope(self.settings, self.world, step, version, body).into_bytes();
        self.http.send(request).await
    }
}
