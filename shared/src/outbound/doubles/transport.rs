//! A transport that follows a script.

use async_trait::async_trait;
use http::{HeaderMap, StatusCode};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::{
    config::TlsFloor,
    outbound::{Answer, HttpRequest, Route, SendError, Transport},
    testing::ManualClock,
};

/// An answer with this status and body.
pub fn answer(status: u16, body: &str) -> Answer {
    Answer { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

struct Step {
    takes: Duration,
    result: Result<Answer, SendError>,
}

/// Answers in the order of the script; a call that is not in the script fails the test.
pub struct ScriptedTransport {
    clock: Arc<ManualClock>,
    script: Mutex<VecDeque<Step>>,
    sent: Mutex<Vec<(HttpRequest, TlsFloor, Duration)>>,
}

impl ScriptedTransport {
    pub fn new(clock: Arc<ManualClock>) -> Self {
        Self { clock, script: Mutex::default(), sent: Mutex::default() }
    }

    fn push(&self, takes: Duration, result: Result<Answer, SendError>) {
        self.script.lock().unwrap().push_back(Step { takes, result });
    }

    pub fn answer(&self, answer: Answer) {
        self.push(Duration::ZERO, Ok(answer));
    }

    pub fn answer_after(&self, takes: Duration, answer: Answer) {
        self.push(takes, Ok(answer));
    }

    pub fn fail(&self, error: SendError) {
        self.push(Duration::ZERO, Err(error));
    }

    /// A log-in that gives `token` for an hour.
    pub fn logs_in(&self, token: &str) {
        self.answer(answer(200, token));
    }

    pub fn sent(&self) -> Vec<HttpRequest> {
        self.sent.lock().unwrap().iter().map(|(request, ..)| request.clone()).collect()
    }

    /// What was sent: the operation, and the token where there was one.
    pub fn sent_words(&self) -> Vec<String> {
        let word = |request: &HttpRequest| match request.headers.get("authorization") {
            Some(token) => format!("{} {}", request.operation, token.to_str().unwrap()),
            None => request.operation.to_owned(),
        };
        self.sent().iter().map(word).collect()
    }

    pub fn time_outs(&self) -> Vec<Duration> {
        self.sent.lock().unwrap().iter().map(|(.., time_out)| *time_out).collect()
    }

    pub fn floors(&self) -> Vec<TlsFloor> {
        self.sent.lock().unwrap().iter().map(|(_, floor, _)| *floor).collect()
    }

    /// How many steps of the script were not played.
    pub fn left(&self) -> usize {
        self.script.lock().unwrap().len()
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn send(&self, request: HttpRequest, route: &Route, time_out: Duration) -> Result<Answer, SendError> {
        // As on a network, others get their turn while this waits.
        tokio::task::yield_now().await;
        let operation = request.operation;
        self.sent.lock().unwrap().push((request, route.minimum_tls, time_out));
        let step = self.script.lock().unwrap().pop_front();
        let step = step.unwrap_or_else(|| panic!("{operation} was sent, and is not in the script"));
        self.clock.advance(step.takes);
        step.result
    }
}
