//! The record of requests: written before a request is handled, completed when it is answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::call::Call;
use super::clock::iso_ms;
use super::hold;

/// One request and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Counts from 1.
    pub id: u64,
    /// Machine time of arrival, ISO 8601 UTC with milliseconds.
    pub time: String,
    /// HTTP method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Raw query string.
    pub query: String,
    /// Headers, names in lower case, repeated ones joined by a comma.
    pub headers: BTreeMap<String, String>,
    /// JSON when the body is JSON, else text; `{"base64": …}` when it is not UTF-8; null when empty.
    pub body: Value,
    /// Status answered; null while running and when no answer left.
    pub status: Option<u16>,
    /// The connection was closed without an answer.
    pub reply_dropped: bool,
    /// The caller closed the connection before the answer was ready.
    pub caller_gone: bool,
    /// The fault that was applied.
    pub fault: Option<String>,
}

/// The records of one simulator.
#[derive(Debug, Default)]
pub struct Journal(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    last: u64,
    records: Vec<Record>,
}

impl Journal {
    /// Writes a request down.
    pub fn open(self: &Arc<Self>, call: &Call) -> OpenRecord {
        let mut book = hold(&self.0);
        book.last += 1;
        let id = book.last;
        book.records.push(record(id, call));
        OpenRecord { journal: Arc::clone(self), id, closed: false }
    }

    /// All records, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Record> {
        hold(&self.0).records.clone()
    }

    /// Forgets all records; numbers go on.
    pub fn clear(&self) {
        hold(&self.0).records.clear();
    }

    fn amend(&self, id: u64, change: impl FnOnce(&mut Record)) {
        if let Some(record) = hold(&self.0).records.iter_mut().find(|record| record.id == id) {
            change(record);
        }
    }
}

/// A record whose answer is still to come. Dropped unfinished, it notes that the caller has gone.
#[derive(Debug)]
pub struct OpenRecord {
    journal: Arc<Journal>,
    id: u64,
    closed: bool,
}

impl OpenRecord {
    /// Notes the fault that this request meets.
    pub fn fault(&self, name: String) {
        self.journal.amend(self.id, |record| record.fault = Some(name));
    }

    /// Notes the answer; `None` when the connection was closed without one.
    pub fn close(mut self, status: Option<u16>) {
        self.closed = true;
        self.journal.amend(self.id, |record| {
            record.status = status;
            record.reply_dropped = status.is_none();
        });
    }
}

impl Drop for OpenRecord {
    fn drop(&mut self) {
        if !self.closed {
            self.journal.amend(self.id, |record| record.caller_gone = true);
        }
    }
}

fn record(id: u64, call: &Call) -> Record {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &call.headers {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(name.as_str().to_owned()).and_modify(|all| *all = format!("{all}, {text}")).or_insert(text);
    }
    Record {
        id,
        time: iso_ms(Timestamp::now()),
        method: call.method.to_string(),
        path: call.path.clone(),
        query: call.query.clone(),
        headers,
        body: readable(&call.body),
        status: None,
        reply_dropped: false,
        caller_gone: false,
        fault: None,
    }
}

fn readable(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    if let Ok(json) = serde_json::from_slice(body) {
        return json;
    }
    match std::str::from_utf8(body) {
        Ok(text) => Value::from(text),
        Err(_) => serde_json::json!({ "base64": STANDARD.encode(body) }),
    }
}
