//! What Salesforce's answers mean for us (Salesforce facts, "Errors and limits"). An error is a list of `{message, errorCode, fields?}`.

use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

use crate::{
    crm::CrmError,
    outbound::{Answer, SendError},
    quoting::repeatable,
};

/// Characters of Salesforce's own words that are handed on.
const MOST_WORDS: usize = 300;
/// The daily allowance is a rolling one: worth another look every hour.
const DAILY: Duration = Duration::from_secs(3600);
/// Too many long calls at once.
const CONCURRENT: Duration = Duration::from_secs(10);

/// Why a call did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The token is no longer good; nothing was done.
    SessionOver,
    /// Again later.
    Later { reason: String, retry_after: Option<Duration> },
    /// A definite no: status, code and words, free of personal data.
    Refused { status: u16, reason: String },
}

impl Failure {
    pub(super) fn later(reason: &str) -> Self {
        Self::Later { reason: reason.to_owned(), retry_after: None }
    }

    /// A refusal of our own, before anything is sent.
    pub(super) fn refused(reason: &str) -> Self {
        Self::Refused { status: 0, reason: reason.to_owned() }
    }

    /// Whether there is no such thing.
    pub(super) fn not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }
}

impl From<Failure> for CrmError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::SessionOver => Self::Later { reason: "the new token was refused too".to_owned(), retry_after: None },
            Failure::Later { reason, retry_after } => Self::Later { reason, retry_after },
            Failure::Refused { reason, .. } => Self::Refused { reason },
        }
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        Self::later(&error.to_string())
    }
}

#[derive(Deserialize)]
struct Fault {
    message: Option<String>,
    #[serde(rename = "errorCode")]
    error_code: Option<String>,
    #[serde(default)]
    fields: Vec<String>,
}

#[derive(Deserialize)]
struct LoginFault {
    error: Option<String>,
    error_description: Option<String>,
}

/// The body of a success (null when empty), or why it is none.
pub(super) fn read(answer: &Answer) -> Result<Value, Failure> {
    // 300: several records have this external id, and nothing was written.
    if answer.status.as_u16() == 300 {
        let reason = "several records have the same external id: its field must be unique".to_owned();
        return Err(Failure::Refused { status: 300, reason });
    }
    if !answer.status.is_success() {
        return Err(failure(answer));
    }
    let body: Value = answer.json().unwrap_or(Value::Null);
    // A published event lists an "error" when all is well: `success` alone counts.
    if body.get("success") == Some(&Value::Bool(false)) {
        return Err(Failure::refused("HTTP 200: success is false"));
    }
    Ok(body)
}

fn failure(answer: &Answer) -> Failure {
    let status = answer.status.as_u16();
    let faults: Vec<Fault> = answer.json().unwrap_or_default();
    let fault = faults.first();
    let code = fault.and_then(|fault| fault.error_code.as_deref()).unwrap_or_default();
    let message = fault.and_then(|fault| fault.message.as_deref()).unwrap_or_default();
    let later = |retry_after| Failure::Later { reason: format!("HTTP {status} {code}").trim_end().to_owned(), retry_after };
    match (status, code) {
        (401, _) => Failure::SessionOver,
        (_, code) if passes(code) => later(wait(code, message)),
        (408 | 409 | 412 | 423 | 425 | 428 | 429 | 500.., _) => later(answer.retry_after()),
        _ => Failure::Refused { status, reason: words(status, code, message, fault.map_or(&[], |fault| &fault.fields)) },
    }
}

/// Codes of trouble that passes, whatever their status says: a throttle; somebody else who writes the same record, or makes it, at this
/// moment.
fn passes(code: &str) -> bool {
    matches!(code, "REQUEST_LIMIT_EXCEEDED" | "UNABLE_TO_LOCK_ROW" | "DUPLICATE_VALUE")
}

fn wait(code: &str, message: &str) -> Option<Duration> {
    (code == "REQUEST_LIMIT_EXCEEDED").then_some(if message.starts_with("Concurrent") { CONCURRENT } else { DAILY })
}

#[derive(Deserialize)]
struct Row {
    success: bool,
    #[serde(default)]
    errors: Vec<RowFault>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RowFault {
    status_code: String,
    message: String,
    fields: Vec<String>,
}

/// What became of one row of a collection.
pub(super) fn of_row(row: &Value) -> Result<(), Failure> {
    let Ok(row) = Row::deserialize(row) else { return Err(Failure::later("a row that cannot be read")) };
    if row.success {
        return Ok(());
    }
    let fault = row.errors.into_iter().next().unwrap_or_default();
    if passes(&fault.status_code) {
        return Err(Failure::Later { retry_after: wait(&fault.status_code, &fault.message), reason: fault.status_code });
    }
    Err(Failure::Refused { status: 200, reason: words(200, &fault.status_code, &fault.message, &fault.fields) })
}

fn words(status: u16, code: &str, message: &str, fields: &[String]) -> String {
    let mut reason = format!("HTTP {status}");
    for part in std::iter::once(code).chain(fields.iter().map(String::as_str)).filter(|part| !part.is_empty()) {
        reason.push_str(&format!(" {part}"));
    }
    if !message.is_empty() {
        reason.push_str(&format!(": {message}"));
    }
    repeatable(&reason, MOST_WORDS)
}

/// Why there is no token.
pub(super) fn login_failure(answer: &Answer) -> Failure {
    let status = answer.status.as_u16();
    if status == 429 || status >= 500 {
        return Failure::Later { reason: format!("log-in: HTTP {status}"), retry_after: answer.retry_after() };
    }
    let fault: Option<LoginFault> = answer.json();
    let (code, message) =
        fault.map(|fault| (fault.error.unwrap_or_default(), fault.error_description.unwrap_or_default())).unwrap_or_default();
    Failure::Refused { status, reason: format!("log-in: {}", words(status, &code, &message, &[])) }
}
