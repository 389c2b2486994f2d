//! One request as it arrived, before anything is made of it.

use axum::body::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use url::form_urlencoded;

/// A request read to its end.
#[derive(Debug, Clone)]
pub struct Call {
    /// HTTP method.
    pub method: Method,
    /// Path as sent, percent-encoding untouched, without the query.
    pub path: String,
    /// Path segments, percent-decoded, empty ones left out.
    pub segments: Vec<String>,
    /// Raw query string, empty when absent.
    pub query: String,
    /// Headers as sent.
    pub headers: HeaderMap,
    /// Raw body.
    pub body: Bytes,
}

impl Call {
    /// Takes a request apart.
    #[must_use]
    pub fn new(method: Method, uri: &http::Uri, headers: HeaderMap, body: Bytes) -> Self {
        let path = uri.path().to_owned();
        let segments = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        Self { method, path, segments, query: uri.query().unwrap_or_default().to_owned(), headers, body }
    }

    /// Method and decoded segments, for matching routes with a slice pattern.
    #[must_use]
    pub fn route(&self) -> (&str, Vec<&str>) {
        (self.method.as_str(), self.segments.iter().map(String::as_str).collect())
    }

    /// Query parameters in order, decoded.
    #[must_use]
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// First value of a query parameter.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        self.query_pairs().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The token of `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }

    /// Media type without parameters, lower case.
    #[must_use]
    pub fn media_type(&self) -> String {
        let full = self.header("content-type").unwrap_or_default();
        full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// The body as a JSON object; anything else counts as an empty one. For control calls.
    #[must_use]
    pub fn json_or_empty(&self) -> Value {
        self.json().ok().filter(Value::is_object).unwrap_or_else(|| serde_json::json!({}))
    }
}

/// Percent-decodes one path segment; `+` is a plus sign in a path.
fn decode(segment: &str) -> String {
    let kept = segment.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(kept.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}
