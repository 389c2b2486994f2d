//! DynamoDB inside the test's own process: `dynoxide` behind the SDK's HTTP client, so that the code under test is the very code
//! that runs on AWS, conditions, transactions and error shapes included, without a socket.

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region, StalledStreamProtectionConfig, retry::RetryConfig},
    types::AttributeValue,
};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, errors::DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::store::Store;

/// The name of the table in every fixture.
pub const TABLE: &str = "passerelle";

/// A client over a fresh, empty table named [`TABLE`] (keys `pk`, `sk`), gone with its last clone.
#[must_use]
pub fn dynamodb() -> Client {
    Table::new().client()
}

/// A fresh table, with what a test wants to do to it that the SDK cannot: make it unreachable, count writes, look at everything.
#[derive(Clone)]
pub struct Table {
    /// Made when it is asked for: a simulated run has a client of its own, and thousands of tables.
    client: OnceLock<Client>,
    engine: Engine,
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        let engine = Engine::new();
        engine.run("CreateTable", CREATE_TABLE).expect("the engine makes the table");
        Self::of(engine)
    }

    fn of(engine: Engine) -> Self {
        Self { client: OnceLock::new(), engine }
    }

    /// The table that a file holds which [`Table::save`] wrote.
    #[must_use]
    pub fn restored(path: &Path) -> Self {
        let engine = Engine::new();
        engine.database.restore_from(&path.to_string_lossy()).expect("the file holds a table");
        Self::of(engine)
    }

    /// Writes the whole table to a new file.
    pub fn save(&self, path: &Path) {
        self.engine.database.vacuum_into(&path.to_string_lossy()).expect("the file can be written");
    }

    /// One call as it goes over the wire: the operation's name and its JSON in, status and JSON out.
    #[must_use]
    pub fn raw(&self, operation: &str, body: &str) -> (u16, String) {
        match self.engine.run(operation, body) {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }

    /// The SDK's client.
    #[must_use]
    pub fn client(&self) -> Client {
        let made = || {
            // A failure that a test asks for is seen at once, and once.
            Client::from_conf(config().retry_config(RetryConfig::disabled()).http_client(self.engine.clone()).build())
        };
        self.client.get_or_init(made).clone()
    }

    /// The store over it.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(self.client(), TABLE)
    }

    /// From now on every call fails as if DynamoDB could not be reached (`false`), or works again (`true`).
    pub fn set_reachable(&self, reachable: bool) {
        self.engine.unreachable.store(!reachable, Ordering::SeqCst);
    }

    /// From now on calls that may write fail (`false`) while reads go on, as in a table that throttles writes; or work again (`true`).
    pub fn set_writable(&self, writable: bool) {
        self.engine.read_only.store(!writable, Ordering::SeqCst);
    }

    /// From now on so many calls that may write are carried out, and every further one fails: a process that dies there.
    pub fn allow_writes(&self, calls: u64) {
        self.engine.writes_left.store(calls, Ordering::SeqCst);
    }

    /// How many calls that may write were made so far.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.engine.writes.load(Ordering::SeqCst)
    }

    /// How many calls that only read were made so far.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.engine.reads.load(Ordering::SeqCst)
    }

    /// Every item of the table, for audits.
    pub async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let pages = self.client().scan().table_name(TABLE).into_paginator().items().send();
        pages.collect::<Result<_, _>>().await.expect("the table can be read")
    }

    /// Everything that the table holds, as text, to prove that something is not in it.
    pub async fn text(&self) -> String {
        format!("{:?}", self.items().await)
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

/// What every client here is made from; whoever uses it adds an HTTP client.
#[must_use]
pub fn config() -> aws_sdk_dynamodb::config::Builder {
    aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-3"))
        // Nobody checks signatures here, and an eighth of a simulated run went into them.
        .allow_no_auth()
        .endpoint_url("http://in-process.invalid")
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

const CREATE_TABLE: &str = r#"{
    "TableName": "passerelle",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST"
}"#;

/// Stands where the SDK's HTTP client would be.
#[derive(Clone)]
struct Engine {
    database: Database,
    unreachable: Arc<AtomicBool>,
    read_only: Arc<AtomicBool>,
    writes: Arc<AtomicU64>,
    writes_left: Arc<AtomicU64>,
    reads: Arc<AtomicU64>,
}

impl Engine {
    fn new() -> Self {
        Self {
            database: Database::memory().expect("an in-memory database opens"),
            unreachable: Arc::default(),
            read_only: Arc::default(),
            writes: Arc::default(),
            writes_left: Arc::new(AtomicU64::new(u64::MAX)),
            reads: Arc::default(),
        }
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        if self.unreachable.load(Ordering::SeqCst) {
            return Err(ConnectorError::io("the table is out of reach, as the test asked".into()));
        }
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let writes = !is_read(operation);
        let left = || self.writes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if writes && (self.read_only.load(Ordering::SeqCst) || !left()) {
            return Err(ConnectorError::io("writes are out of reach, as the test asked".into()));
        }
        let body = request.body().bytes().unwrap_or_default();
        let count = if is_read(operation) { &self.reads } else { &self.writes };
        count.fetch_add(1, Ordering::SeqCst);
        let (status, body) = match self.run(operation, &String::from_utf8_lossy(body)) {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json()),
        };
        let status = status.try_into().map_err(|error| ConnectorError::user(Box::new(error)))?;
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        Ok(response)
    }

    fn run(&self, operation: &str, body: &str) -> Result<String, DynoxideError> {
        let database = &self.database;
        match operation {
            "CreateTable" => call(body, |request| database.create_table(request)),
            "DescribeTable" => call(body, |request| database.describe_table(request)),
            "PutItem" => call(body, |request| database.put_item(request)),
            "GetItem" => call(body, |request| database.get_item(request)),
            "DeleteItem" => call(body, |request| database.delete_item(request)),
            "UpdateItem" => call(body, |request| database.update_item(request)),
            "Query" => call(body, |request| database.query(request)),
            "Scan" => call(body, |request| database.scan(request)),
            "BatchGetItem" => call(body, |request| database.batch_get_item(request)),
            "BatchWriteItem" => call(body, |request| database.batch_write_item(request)),
            "TransactWriteItems" => call(body, |request| database.transact_write_items(request)),
            "TransactGetItems" => call(body, |request| database.transact_get_items(request)),
            other => Err(DynoxideError::ValidationException(format!("the fixture does not carry {other}: add it to `run`"))),
        }
    }
}

fn is_read(operation: &str) -> bool {
    matches!(operation, "GetItem" | "Query" | "Scan" | "BatchGetItem" | "TransactGetItems" | "DescribeTable")
}

fn call<I: DeserializeOwned, O: Serialize>(body: &str, run: impl FnOnce(I) -> Result<O, DynoxideError>) -> Result<String, DynoxideError> {
    let unreadable = |error: serde_json::Error| DynoxideError::SerializationException(error.to_string());
    let answer = run(serde_json::from_str(body).map_err(unreadable)?)?;
    serde_json::to_string(&answer).map_err(unreadable)
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

impl HttpConnector for Engine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.answer(&request))
    }
}

impl HttpClient for Engine {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{TABLE, Table};
    use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};

    fn s(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    #[tokio::test]
    async fn an_item_is_written_once_under_a_condition_and_read_back() {
        let table = Table::new();
        let put = || {
            let put = table.client().put_item().table_name(TABLE).item("pk", s("a")).item("sk", s("b"));
            put.condition_expression("attribute_not_exists(pk)").send()
        };
        put().await.expect("the first write is taken");
        let refused = put().await.expect_err("the second is refused").into_service_error();
        assert!(refused.is_conditional_check_failed_exception());
        assert_eq!(table.items().await.len(), 1);
        assert_eq!((table.writes(), table.reads()), (2, 1));
    }

    #[tokio::test]
    async fn a_transaction_is_all_or_nothing_and_says_why() {
        let table = Table::new();
        let put = |pk: &str| {
            let put = Put::builder().table_name(TABLE).item("pk", s(pk)).item("sk", s("-"));
            let put = put.condition_expression("attribute_not_exists(pk)").build().expect("a whole put");
            TransactWriteItem::builder().put(put).build()
        };
        let write = |one: &str, two: &str| table.client().transact_write_items().transact_items(put(one)).transact_items(put(two)).send();
        write("1", "2").await.expect("both are new");
        let refused = write("3", "2").await.expect_err("one is not").into_service_error();
        assert!(refused.is_transaction_canceled_exception());
        assert_eq!(table.items().await.len(), 2, "nothing of the refused transaction is there");
    }

    #[tokio::test]
    async fn out_of_reach_means_no_answer() {
        let table = Table::new();
        table.set_reachable(false);
        assert!(table.client().scan().table_name(TABLE).send().await.is_err());
        table.set_reachable(true);
        assert!(table.client().scan().table_name(TABLE).send().await.is_ok());
    }
}
