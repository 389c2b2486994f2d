//! One answer, before it is put on the wire.

use axum::body::{Body, Bytes};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

/// Status, headers and body of an answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status code.
    pub status: u16,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// Body bytes.
    pub body: Bytes,
}

impl Reply {
    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// A JSON answer.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, "application/json", body.to_string().into_bytes())
    }

    /// An answer of any media type.
    #[must_use]
    pub fn bytes(status: u16, media_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        Self { status, headers, body: body.into() }
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with the body cut in the middle: no JSON reader accepts it.
    #[must_use]
    pub fn truncated(mut self) -> Self {
        let kept = (self.body.len() / 2).max(1).min(self.body.len());
        self.body = self.body.slice(..kept);
        if self.body.is_empty() {
            self.body = Bytes::from_static(b"{\"data\":");
        }
        self
    }

    /// For the wire. A header or status that HTTP does not allow is a fault of the person who asked for it, and is left out.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
