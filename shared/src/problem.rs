//! Problem documents (RFC 9457): how every refusal looks on the wire.

use serde::Serialize;
use std::time::Duration;

use crate::domain::TraceId;
use crate::store::{StoreError, idempotency::StoredAnswer};

/// A refusal: what is wrong, in a code for machines and words for people. Holds no secrets and quotes no input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Machine-readable, stable: `missing_idempotency_key`, `invalid_request` …
    pub code: &'static str,
    /// For people.
    pub detail: String,
    /// The fields that are wrong.
    pub errors: Vec<FieldError>,
    /// When to come back.
    pub retry_after: Option<Duration>,
    /// Where to look instead (`Link: <…>; rel="related"`).
    pub link: Option<String>,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Path in the body, or the name of the parameter or header.
    pub field: String,
    /// What it must be.
    pub message: String,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    trace_id: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// A refusal with this status, code and detail.
    #[must_use]
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), retry_after: None, link: None }
    }

    /// One field of the request is wrong.
    #[must_use]
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        let (field, message) = (field.into(), message.into());
        let mut problem = Self::new(422, "invalid_request", format!("{field}: {message}"));
        problem.errors.push(FieldError { field, message });
        problem
    }

    /// There is no such thing, or it is not the caller's.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(404, "not_found", format!("There is no such {what}."))
    }

    /// We cannot do it now; nothing was bought and nothing was lost.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self { retry_after: Some(Duration::from_secs(5)), ..Self::new(503, "unavailable", detail) }
    }

    /// With a time to come back.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// The document, as it is sent and, for definite refusals of orders, kept.
    #[must_use]
    pub fn document(&self, trace_id: &TraceId) -> StoredAnswer {
        let document = Document {
            r#type: "about:blank",
            title: http::StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Error"),
            status: self.status,
            code: self.code,
            detail: &self.detail,
            trace_id: trace_id.as_str(),
            errors: &self.errors,
        };
        StoredAnswer {
            status: self.status,
            content_type: "application/problem+json".to_owned(),
            body: serde_json::to_string(&document).unwrap_or_default(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => {
                Self::new(409, "conflict", "Somebody else changed it at the same moment. Try again.").retry_after(Duration::from_secs(1))
            }
            StoreError::Unavailable(reason) => {
                tracing::error!(reason, "the table could not be used");
                Self::unavailable("The table cannot be used at the moment. Nothing was sent.")
            }
            StoreError::Unreadable(what) => {
                tracing::error!(what, "an item could not be read");
                Self::new(500, "internal", "A stored item could not be read. The agency's operator has been told by the log.")
            }
        }
    }
}
