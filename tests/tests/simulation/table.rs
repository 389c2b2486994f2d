//! The table behind the SDK's HTTP client: the calls of the code under test, byte for byte, over a line that loses and delays them.
//! What is written is watched as it is written: the outbox feeds the queues, and nothing may go back.

use aws_sdk_dynamodb::{
    Client,
    config::{
        AsyncSleep, SharedAsyncSleep, Sleep,
        retry::{RetryConfig, RetryPartition, TokenBucket},
        timeout::TimeoutConfig,
    },
};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use passerelle::testing::{self, Table};
use serde_json::Value;
use std::{fmt, time::Duration};

use super::{
    faults::Fault,
    stage::Stage,
    watch::Watch,
    weather::{Blow, Weather},
};

/// The line to the table.
#[derive(Clone)]
pub struct Line {
    pub table: Table,
    pub stage: Stage,
    pub weather: Weather,
    pub watch: Watch,
    pub fault: Option<Fault>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

impl Line {
    /// The SDK's client over this line, set up as the functions set it up: three attempts, short time-outs.
    pub fn client(&self) -> Client {
        let seconds = Duration::from_secs;
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(seconds(3)).operation_timeout(seconds(10)).build();
        let config = testing::config()
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            // Clients of one service share a bucket of retries by default: another run's would decide about this one's.
            .retry_partition(RetryPartition::custom("simulation").token_bucket(TokenBucket::unlimited()).build())
            .timeout_config(timeouts)
            .sleep_impl(SharedAsyncSleep::new(VirtualSleep(self.stage.clone())))
            .http_client(self.clone());
        Client::from_conf(config.build())
    }

    async fn carry(self, operation: String, body: String) -> Result<HttpResponse, ConnectorError> {
        let blow = self.weather.next_call();
        if blow == Some(Blow::CrashBefore) {
            self.stage.die().await;
        }
        self.weather.crash_here("before a call to the table").await;
        self.stage.pause(self.weather.delay(1, 15)).await;
        if self.weather.strikes(|rates| rates.table_slow) {
            self.stage.pause(self.weather.delay(500, 6_000)).await;
        }
        if self.weather.strikes(|rates| rates.table_refuses) {
            self.stage.note(|| format!("table {operation} REFUSED"));
            return refusal(self.stage.draw(|chance| chance.hits(500)));
        }
        if blow == Some(Blow::Fails) || self.weather.strikes(|rates| rates.table_lost) {
            self.stage.note(|| format!("table {operation} LOST"));
            return Err(ConnectorError::io("the call was lost".into()));
        }
        let (status, answer) = self.run(&operation, body);
        self.stage.note(|| format!("table {operation} {status}"));
        if blow == Some(Blow::CrashAfter) {
            self.stage.die().await;
        }
        self.weather.crash_here("after a call to the table").await;
        if blow == Some(Blow::ReplyLost) || self.weather.strikes(|rates| rates.table_lost) {
            self.stage.note(|| format!("table {operation} REPLY LOST"));
            return Err(ConnectorError::io("the reply was lost".into()));
        }
        response(status, answer)
    }

    fn run(&self, operation: &str, body: String) -> (u16, String) {
        let body = match self.fault {
            Some(fault) => fault.altered(operation, body),
            None => body,
        };
        let answer = self.table.raw(operation, &body);
        if answer.0 == 200 && matches!(operation, "PutItem" | "DeleteItem" | "TransactWriteItems") {
            let body: Value = serde_json::from_str(&body).expect("the SDK sends JSON");
            self.watch.written(&body);
        }
        answer
    }
}

fn refusal(throttled: bool) -> Result<HttpResponse, ConnectorError> {
    let name = if throttled { "ProvisionedThroughputExceededException" } else { "InternalServerError" };
    let body = format!("{{\"__type\":\"com.amazonaws.dynamodb.v20120810#{name}\",\"message\":\"as the seed wants it\"}}");
    response(if throttled { 400 } else { 500 }, body)
}

fn response(status: u16, body: String) -> Result<HttpResponse, ConnectorError> {
    let status = status.try_into().map_err(|error| ConnectorError::user(Box::new(error)))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        HttpConnectorFuture::new(self.clone().carry(operation, body))
    }
}

impl HttpClient for Line {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// The SDK waits in virtual time.
struct VirtualSleep(Stage);

impl fmt::Debug for VirtualSleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VirtualSleep")
    }
}

impl AsyncSleep for VirtualSleep {
    fn sleep(&self, time: Duration) -> Sleep {
        Sleep::new(self.0.pause(time))
    }
}
