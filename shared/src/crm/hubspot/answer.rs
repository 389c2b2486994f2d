//! What HubSpot's answers mean for us (HubSpot facts, "Limits and errors"). Every field of an error body may be missing.

use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

use crate::{crm::CrmError, outbound::Answer, outbound::SendError, quoting::repeatable};

/// Characters of HubSpot's own words that are handed on.
const MOST_WORDS: usize = 300;

/// Why a call did not do what it should, finer than [`CrmError`]: a few refusals are good news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// Again later.
    Later { reason: String, retry_after: Option<Duration> },
    /// A definite no.
    Refused(Refusal),
}

/// A definite no, free of personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    category: String,
    reason: String,
}

impl Refusal {
    /// Whether what we wanted to make is there already.
    pub(super) fn already_there(&self) -> bool {
        let words = self.reason.to_ascii_lowercase();
        self.status == 409 || self.category == "CONFLICT" || words.contains("already exist") || words.contains("duplicate")
    }

    /// Whether there is no such thing.
    pub(super) fn not_found(&self) -> bool {
        self.status == 404 || self.category == "OBJECT_NOT_FOUND"
    }

    /// Whether a property that we write does not exist there.
    pub(super) fn lacks_property(&self) -> bool {
        self.status == 400 && self.reason.contains("PROPERTY_DOESNT_EXIST")
    }

    /// Whether the portal or the token may not do this at all.
    pub(super) fn forbidden(&self) -> bool {
        self.status == 403
    }

    /// HubSpot's category and message.
    pub(super) fn reason(&self) -> &str {
        &self.reason
    }
}

impl Failure {
    /// A refusal of our own, before anything is sent.
    pub(super) fn refused(reason: &str) -> Self {
        Self::Refused(Refusal { status: 0, category: String::new(), reason: reason.to_owned() })
    }

    fn later(reason: impl Into<String>) -> Self {
        Self::Later { reason: reason.into(), retry_after: None }
    }

    /// A refusal because of a conflict, for writes of state: someone else wrote the same record at the same moment,
    /// and what we wanted to write is not there yet.
    pub(super) fn conflict_is_passing(self) -> Self {
        match self {
            Self::Refused(refusal) if refusal.already_there() => Self::later(refusal.reason),
            other => other,
        }
    }
}

impl From<Failure> for CrmError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Later { reason, retry_after } => Self::Later { reason, retry_after },
            Failure::Refused(refusal) => Self::Refused { reason: refusal.reason },
        }
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        Self::later(error.to_string())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorBody {
    category: Option<String>,
    #[serde(rename = "subCategory")]
    sub_category: Option<Value>,
    message: Option<String>,
    #[serde(rename = "policyName")]
    policy_name: Option<String>,
    errors: Vec<ErrorDetail>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorDetail {
    category: Option<String>,
    code: Option<String>,
    message: Option<String>,
}

/// The body of a batch whose inputs are named: what failed of it stands beside what did not.
pub(super) fn read_each(answer: &Answer) -> Result<Value, Failure> {
    if answer.status.is_success() { Ok(answer.json().unwrap_or(Value::Null)) } else { Err(failure(answer.status, answer)) }
}

/// Why one input of a batch failed.
pub(super) fn of_input(error: &Value) -> Failure {
    let detail = ErrorDetail::deserialize(error).unwrap_or_default();
    partial(std::slice::from_ref(&detail)).conflict_is_passing()
}

/// The body of a success (null when empty), or why it is none. A success that lists errors is none:
/// batches answer so, with or without status 207.
pub(super) fn read(answer: &Answer) -> Result<Value, Failure> {
    let status = answer.status;
    if !status.is_success() {
        return Err(failure(status, answer));
    }
    let body: Value = answer.json().unwrap_or(Value::Null);
    match answer.json::<ErrorBody>().map(|body| body.errors) {
        Some(errors) if !errors.is_empty() => Err(partial(&errors)),
        _ => Ok(body),
    }
}

fn failure(status: StatusCode, answer: &Answer) -> Failure {
    let body: ErrorBody = answer.json().unwrap_or_default();
    if is_passing(status) {
        let retry_after = answer.retry_after().or_else(|| wait(status, body.policy_name.as_deref()));
        return Failure::Later { reason: format!("HTTP {}", status.as_u16()), retry_after };
    }
    let detail = body.errors.iter().find_map(|error| error.code.clone());
    let detail = detail.or_else(|| body.sub_category.as_ref().and_then(Value::as_str).map(str::to_owned));
    let category = body.category.unwrap_or_default();
    let reason = words(status.as_u16(), &category, detail.as_deref(), body.message.as_deref());
    Failure::Refused(Refusal { status: status.as_u16(), category, reason })
}

/// Too many at once, locked or being moved, or HubSpot's and its front's own trouble (500, 502, 524 …).
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 423 | 425 | 429 | 477)
}

/// How long HubSpot's own client waits after each limit; the daily one is tried again by the hour.
fn wait(status: StatusCode, policy: Option<&str>) -> Option<Duration> {
    let seconds = match (status.as_u16(), policy) {
        (429, Some("SECONDLY")) => 1,
        (429, Some("DAILY")) => 3600,
        (429, _) => 10,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

fn partial(errors: &[ErrorDetail]) -> Failure {
    let Some(error) = errors.first() else { return Failure::later("an empty list of errors") };
    let category = error.category.clone().unwrap_or_default();
    if category == "RATE_LIMITS" {
        return Failure::Later { reason: category, retry_after: wait(StatusCode::TOO_MANY_REQUESTS, None) };
    }
    let reason = words(207, &category, error.code.as_deref(), error.message.as_deref());
    Failure::Refused(Refusal { status: 207, category, reason })
}

fn words(status: u16, category: &str, detail: Option<&str>, message: Option<&str>) -> String {
    let mut reason = format!("HTTP {status}");
    for part in [Some(category), detail].into_iter().flatten().filter(|part| !part.is_empty()) {
        reason.push(' ');
        reason.push_str(part);
    }
    if let Some(message) = message {
        reason.push_str(": ");
        reason.push_str(message);
    }
    repeatable(&reason, MOST_WORDS)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap, index or panic is a failed test")]
    use super::{Failure, Refusal, read};
    use crate::outbound::Answer;
    use http::{HeaderMap, StatusCode};
    use std::time::Duration;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    fn refusal(status: u16, body: &str) -> Refusal {
        match read(&answer(status, body)) {
            Err(Failure::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }

    fn waiting(answer: &Answer) -> Option<Duration> {
        match read(answer) {
            Err(Failure::Later { retry_after, .. }) => retry_after,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn limits_are_waited_for_as_hubspot_says() {
        let body = |policy: &str| format!(r#"{{"status":"error","errorType":"RATE_LIMIT","policyName":"{policy}"}}"#);
        assert_eq!(waiting(&answer(429, &body("TEN_SECONDLY_ROLLING"))), Some(Duration::from_secs(10)));
        assert_eq!(waiting(&answer(429, &body("SECONDLY"))), Some(Duration::from_secs(1)));
        assert_eq!(waiting(&answer(429, &body("DAILY"))), Some(Duration::from_secs(3600)));
        assert_eq!(waiting(&answer(429, "")), Some(Duration::from_secs(10)));
        let mut told = answer(429, &body("SECONDLY"));
        told.headers.insert("retry-after", "7".parse().unwrap());
        assert_eq!(waiting(&told), Some(Duration::from_secs(7)));
    }

    #[test]
    fn trouble_on_their_side_passes() {
        for status in [500, 502, 503, 524, 408, 423] {
            assert_eq!(waiting(&answer(status, "<html>not JSON</html>")), None);
        }
    }

    #[test]
    fn a_no_says_category_and_message_without_personal_data() {
        let no = refusal(
            400,
            r#"{"category":"VALIDATION_ERROR","message":"Property values were not valid: [{\"name\":\"email\",\"value\":\"marie@exemple.fr\"}]","errors":[{"code":"INVALID_EMAIL"}]}"#,
        );
        assert!(no.reason().starts_with("HTTP 400 VALIDATION_ERROR INVALID_EMAIL: Property values were not valid"));
        assert!(!no.reason().contains("marie") && !no.reason().contains("exemple"));
        assert!(!no.already_there() && !no.not_found() && !no.forbidden());
        for status in [400, 401, 403, 404, 409] {
            assert_eq!(refusal(status, "").reason(), format!("HTTP {status}"));
        }
        assert!(refusal(403, r#"{"category":"MISSING_SCOPES"}"#).forbidden());
        assert!(refusal(404, "").not_found());
    }

    #[test]
    fn what_is_there_already_is_told_apart() {
        assert!(refusal(409, r#"{"category":"CONFLICT","message":"Contact already exists. Existing ID: 12345"}"#).already_there());
        assert!(refusal(400, r#"{"category":"VALIDATION_ERROR","message":"An event with this name already exists"}"#).already_there());
    }

    #[test]
    fn a_batch_that_lists_errors_is_no_success_whatever_its_status() {
        let body = r#"{"status":"COMPLETE","results":[],"numErrors":1,"errors":[{"status":"error","category":"VALIDATION_ERROR","message":"no"}]}"#;
        for status in [200, 207] {
            assert_eq!(refusal(status, body).reason(), "HTTP 207 VALIDATION_ERROR: no");
        }
        assert!(matches!(read(&answer(207, r#"{"errors":[{"category":"RATE_LIMITS"}]}"#)), Err(Failure::Later { .. })));
        assert_eq!(read(&answer(204, "")), Ok(serde_json::Value::Null));
    }
}
