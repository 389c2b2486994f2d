//! What is sent and what comes back, as values: adapters make the first and read the second, and never open a socket.

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, time::Duration};
use url::Url;

/// One request to an outside system. `Debug` shows the method and the operation only: URLs, headers and bodies carry secrets and ICCIDs.
#[derive(Clone)]
pub struct HttpRequest {
    /// The contract's word for what is asked (`place_order`, `usage` …), for metrics and logs.
    pub operation: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers; sensitive ones are marked so.
    pub headers: HeaderMap,
    /// The exact bytes.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// A request without body.
    #[must_use]
    pub fn new(operation: &'static str, method: Method, url: Url) -> Self {
        Self { operation, method, url, headers: HeaderMap::new(), body: Vec::new() }
    }

    /// With a header. A value that HTTP does not allow is left out, so that no header can be forged through one.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// With `Authorization: Bearer …`, marked sensitive.
    #[must_use]
    pub fn bearer(mut self, token: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {token}")) {
            value.set_sensitive(true);
            self.headers.insert(http::header::AUTHORIZATION, value);
        }
        self
    }

    /// With `Authorization: Basic …` (RFC 7617), marked sensitive.
    #[must_use]
    pub fn basic(mut self, user: &str, password: &str) -> Self {
        let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
        if let Ok(mut value) = HeaderValue::from_str(&format!("Basic {pair}")) {
            value.set_sensitive(true);
            self.headers.insert(http::header::AUTHORIZATION, value);
        }
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        // Our own wire types hold texts, numbers and lists only: serialising them cannot fail, and an empty body would be refused.
        self.body = serde_json::to_vec(body).unwrap_or_default();
        self.header("content-type", "application/json")
    }

    /// With a form body (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        self.body = serde_urlencoded::to_string(fields).unwrap_or_default().into_bytes();
        self.header("content-type", "application/x-www-form-urlencoded")
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpRequest({} {})", self.method, self.operation)
    }
}

/// One answer, whole.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads the JSON body. `None` when it is not what was expected: the caller decides what that means, the body is never quoted.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `Retry-After` in its seconds form (RFC 9110 §10.2.3).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why there is no answer. The difference decides about money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The request surely never reached the other side (no connection, breaker open, no time left, no token).
    #[error("not sent: {0}")]
    NotSent(&'static str),
    /// The request may have arrived: anything may have happened.
    #[error("sent, no answer: {0}")]
    Unknown(&'static str),
}

/// Where adapters that need several calls send them. Implemented by the outbound client, and by tests.
#[async_trait]
pub trait Http: Send + Sync {
    /// Sends one request and waits for the whole answer, any status.
    ///
    /// # Errors
    /// [`SendError`] when there is no answer.
    async fn send(&self, request: HttpRequest) -> Result<Answer, SendError>;
}
