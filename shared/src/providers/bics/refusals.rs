//! What BICS's errors mean for money: by HTTP where the platform itself fails, and inside HTTP 200 for everything else (§1, Envelope).

use serde::Deserialize;
use serde_json::Value;

use crate::outbound::Answer;
use crate::providers::{ProviderError, lenient, reason};

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "Response")]
    response: Response,
}

/// The envelope of every answer but the log-in's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    #[serde(default, deserialize_with = "lenient::text")]
    result_code: Option<String>,
    #[serde(default)]
    result_param: Value,
    #[serde(default)]
    response_param: Value,
    #[serde(default, deserialize_with = "lenient::text")]
    unique_id: Option<String>,
}

impl Response {
    /// The inner code.
    pub(super) fn code(&self) -> Option<String> {
        self.result_param.get("resultCode").and_then(lenient::text_of)
    }

    /// The rows of the answer; one thing alone is one row. `None` when there is neither.
    pub(super) fn rows(self) -> Option<Vec<Value>> {
        match self.response_param {
            Value::Object(mut param) => match param.remove("rows") {
                Some(Value::Array(rows)) => Some(rows),
                Some(_) => None,
                None if param.is_empty() => None,
                None => Some(vec![Value::Object(param)]),
            },
            Value::Array(rows) => Some(rows),
            _ => self.unique_id.map(|id| vec![serde_json::json!({ "uniqueId": id })]),
        }
    }

    fn is_ok(&self) -> bool {
        self.result_code.as_deref() == Some("0")
    }

    fn words(&self) -> String {
        reason::reason(&self.result_param.get("resultDescription").and_then(lenient::text_of).unwrap_or_default())
    }
}

/// The answer to a call that went well; every other one as what it means.
pub(super) fn success(answer: &Answer) -> Result<Response, ProviderError> {
    let response = whole(answer)?;
    if response.is_ok() { Ok(response) } else { Err(refused(&response)) }
}

/// The answer, well or not.
pub(super) fn whole(answer: &Answer) -> Result<Response, ProviderError> {
    if !answer.status.is_success() {
        return Err(failed(answer));
    }
    let body = answer.json::<Body>().ok_or(ProviderError::Unknown("the provider's answer cannot be read"))?;
    if body.response.result_code.is_none() {
        return Err(ProviderError::Unknown("the provider's answer has no code"));
    }
    Ok(body.response)
}

/// An error inside HTTP 200. A code that reads as a failure of the platform itself is not a no.
pub(super) fn refused(response: &Response) -> ProviderError {
    match response.code().as_deref() {
        Some("401") => ProviderError::Unauthorised,
        Some("429") => ProviderError::Throttled { retry_after: None },
        Some("404") => ProviderError::Rejected { code: "not_found", reason: response.words() },
        Some(code) if code.len() == 3 && code.starts_with('5') => ProviderError::Unknown("the provider failed (inside an answer)"),
        _ => ProviderError::Rejected { code: "refused", reason: response.words() },
    }
}

fn failed(answer: &Answer) -> ProviderError {
    match answer.status.as_u16() {
        401 => ProviderError::Unauthorised,
        429 => ProviderError::Throttled { retry_after: answer.retry_after() },
        408 => ProviderError::Unknown("the provider gave up waiting (408)"),
        404 => ProviderError::Rejected { code: "not_found", reason: words(answer) },
        400..=499 => ProviderError::Rejected { code: "refused", reason: words(answer) },
        500..=599 => ProviderError::Unknown("the provider failed (5xx)"),
        _ => ProviderError::Unknown("the provider gave an answer that is neither yes nor no"),
    }
}

fn words(answer: &Answer) -> String {
    answer.json::<Body>().map_or_else(|| reason::reason(""), |body| body.response.words())
}

/// Why there is no token. Nothing can have been bought by logging in.
pub(super) fn login_refusal(answer: &Answer) -> ProviderError {
    match (answer.status.as_u16(), whole(answer)) {
        (429, _) => ProviderError::Throttled { retry_after: answer.retry_after() },
        (200..=299, Ok(response)) if !response.is_ok() => no_login(),
        (400..=499, _) if answer.status != http::StatusCode::REQUEST_TIMEOUT => no_login(),
        _ => ProviderError::NotSent("the provider's log-in gave no token"),
    }
}

fn no_login() -> ProviderError {
    ProviderError::Rejected { code: "refused", reason: "log-in: the user was refused".to_owned() }
}
