//! The way out for CRMs and mail services, whose adapters make several calls for one wish.

use async_trait::async_trait;
use http::StatusCode;
use std::time::Duration;

use super::{
    Answer, Deadline, Http, HttpRequest, Outbound, Route, SendError,
    exchange::{time_out, traced},
    time::between,
};
use crate::domain::TraceId;

/// How long one call may take.
const MOST: Duration = Duration::from_secs(10);

/// One system, one cause, one deadline. Every write to a CRM or a mail service is repeated from the queue, never here.
pub struct OutboundHttp {
    outbound: Outbound,
    system: &'static str,
    route: Route,
    trace_id: TraceId,
    deadline: Deadline,
}

impl OutboundHttp {
    /// The client of `system` until `deadline`.
    #[must_use]
    pub fn new(outbound: Outbound, system: &'static str, route: Route, trace_id: TraceId, deadline: Deadline) -> Self {
        Self { outbound, system, route, trace_id, deadline }
    }

    async fn exchange(&self, request: HttpRequest) -> Result<Answer, SendError> {
        let time_out = time_out(&self.outbound.world, self.deadline, MOST)?;
        self.outbound.transport.send(traced(request, &self.trace_id), &self.route, time_out).await
    }
}

#[async_trait]
impl Http for OutboundHttp {
    async fn send(&self, request: HttpRequest) -> Result<Answer, SendError> {
        let operation = request.operation;
        let started = self.outbound.world.now();
        let result = self.exchange(request).await;
        let elapsed = between(started, self.outbound.world.now());
        self.outbound.observer.called(self.system, operation, outcome_word(&result), elapsed);
        result
    }
}

fn outcome_word(result: &Result<Answer, SendError>) -> &'static str {
    match result {
        Ok(answer) if answer.status.is_success() => "ok",
        Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => "throttled",
        Ok(answer) if answer.status.is_server_error() => "failed",
        Ok(_) => "refused",
        Err(SendError::NotSent(_)) => "not_sent",
        Err(SendError::Unknown(_)) => "unknown",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::OutboundHttp;
    use crate::{
        domain::TraceId,
        outbound::{
            Deadline, Http, HttpRequest, NO_TIME_LEFT, Route, SendError,
            doubles::{Rig, answer},
        },
    };
    use http::Method;
    use std::time::Duration;

    fn request() -> HttpRequest {
        HttpRequest::new("create_task", Method::POST, "https://crm.test/tasks".parse().unwrap())
    }

    fn client(rig: &Rig, seconds: u64) -> OutboundHttp {
        let deadline = Deadline::within(rig.world.now(), Duration::from_secs(seconds));
        OutboundHttp::new(rig.outbound(), "hubspot", Route::default(), TraceId::parse("trace-1").unwrap(), deadline)
    }

    #[tokio::test]
    async fn a_call_carries_the_trace_id_and_is_observed() {
        let rig = Rig::new();
        rig.transport.answer(answer(201, "{}"));
        assert_eq!(client(&rig, 20).send(request()).await.unwrap().status, 201);
        let sent = rig.transport.sent();
        assert_eq!(sent.first().unwrap().headers.get("x-request-id").unwrap(), "trace-1");
        assert_eq!(rig.transport.time_outs(), [Duration::from_secs(10)]);
        assert_eq!(rig.observer.words(), ["hubspot create_task ok"]);
    }

    #[tokio::test]
    async fn a_failure_is_told_as_it_is_and_the_call_is_not_repeated() {
        let rig = Rig::new();
        rig.transport.answer(answer(503, ""));
        rig.transport.fail(SendError::Unknown("x"));
        assert_eq!(client(&rig, 20).send(request()).await.unwrap().status, 503);
        assert_eq!(client(&rig, 20).send(request()).await.unwrap_err(), SendError::Unknown("x"));
        assert_eq!(rig.observer.words(), ["hubspot create_task failed", "hubspot create_task unknown"]);
    }

    #[tokio::test]
    async fn nothing_is_started_that_cannot_finish() {
        let rig = Rig::new();
        assert_eq!(client(&rig, 5).send(request()).await.unwrap_err(), SendError::NotSent(NO_TIME_LEFT));
        assert!(rig.transport.sent().is_empty());
    }
}
