//! One API call, checked as far as every call is, and its reply.

use ::http::{HeaderMap, Method};
use serde::{Deserialize, de::DeserializeOwned};
use std::borrow::Cow;

use crate::{
    domain::{Locale, TraceId},
    flows::{
        order_view::OrderAnswer,
        pages::{
            Page,
            assets::{self, Asset},
        },
    },
    outbound::Deadline,
    problem::{FieldError, Problem},
};

/// The longest body that is read, bytes.
pub const MOST_BODY: usize = 256 * 1024;

/// One call.
#[derive(Debug)]
pub struct Call {
    /// HTTP method.
    pub method: Method,
    /// The path's parts, decoded: `/orders/ord_1` is `["orders", "ord_1"]`.
    pub path: Vec<String>,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// Headers.
    pub headers: HeaderMap,
    /// Raw bytes.
    pub body: Vec<u8>,
    /// The OAuth client, as the gateway's authorizer found it; `None` on open routes.
    pub client_id: Option<String>,
    /// The scopes that its token carries.
    pub scopes: Vec<String>,
    /// Our address as the caller wrote it.
    pub host_base: String,
    /// Ties everything together.
    pub trace_id: TraceId,
    /// When the answer must be out.
    pub deadline: Deadline,
}

impl Call {
    /// The path's parts, for matching.
    #[must_use]
    pub fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A query parameter; the last wins, an empty one counts as absent.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A query parameter, read by `read`.
    ///
    /// # Errors
    /// [`Problem`] 400 that names the parameter.
    pub fn parsed<T>(&self, name: &str, must_be: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        self.parameter(name).map(|text| read(text).ok_or_else(|| bad_parameter(name, must_be))).transpose()
    }

    /// A query parameter that must be there, read by `read`.
    ///
    /// # Errors
    /// [`Problem`] 400 that names the parameter.
    pub fn required<T>(&self, name: &str, must_be: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
        self.parsed(name, must_be, read)?.ok_or_else(|| bad_parameter(name, must_be))
    }

    /// Whether the caller names a media type among those that it takes.
    #[must_use]
    pub fn accepts(&self, media_type: &str) -> bool {
        let accepted = self.header("accept").unwrap_or_default().to_ascii_lowercase();
        accepted.split(',').filter_map(|range| range.split(';').next()).any(|range| range.trim() == media_type)
    }

    /// Refuses query parameters that the call does not know.
    ///
    /// # Errors
    /// [`Problem`] 400 that names the parameter.
    pub fn only_parameters(&self, known: &[&str]) -> Result<(), Problem> {
        match self.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(bad_parameter(name, "not a parameter of this call")),
            None => Ok(()),
        }
    }

    /// The JSON body. Unknown fields are refused; the problem names the field and quotes nothing.
    ///
    /// # Errors
    /// [`Problem`] 413, 415, 400 or 422.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if self.body.len() > MOST_BODY {
            return Err(Problem::new(413, "body_too_large", format!("The body must not be larger than {MOST_BODY} bytes.")));
        }
        let content_type = self.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if media_type != "application/json" && !(media_type.starts_with("application/") && media_type.ends_with("+json")) {
            return Err(Problem::new(415, "unsupported_media_type", "The body must be JSON: set Content-Type to application/json."));
        }
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| bad_json(&error))?;
        reader.end().map_err(|_| Problem::new(400, "invalid_json", "The body holds more than one JSON value."))?;
        Ok(value)
    }

    /// A file: the `file` of a JSON body, or the body itself, text or bytes as they are.
    ///
    /// # Errors
    /// [`Problem`] 413, 415, 400 or 422.
    pub fn file(&self) -> Result<Cow<'_, [u8]>, Problem> {
        if self.body.len() > MOST_BODY {
            return Err(Problem::new(413, "body_too_large", format!("The file must not be larger than {MOST_BODY} bytes.")));
        }
        match self.is_plain_file() {
            true => Ok(Cow::Borrowed(&self.body)),
            false => Ok(Cow::Owned(self.json::<FileBody>()?.file.into_bytes())),
        }
    }

    /// A document of another system, XML or JSON: the `file` of a JSON body, or the body itself as that system wrote it.
    ///
    /// # Errors
    /// [`Problem`] 413, 415 or 400.
    pub fn document(&self) -> Result<Cow<'_, [u8]>, Problem> {
        if self.body.len() > MOST_BODY {
            return Err(Problem::new(413, "body_too_large", format!("The document must not be larger than {MOST_BODY} bytes.")));
        }
        let content_type = self.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let of = |kind: &str| media_type.starts_with("application/") && media_type.ends_with(kind);
        match media_type {
            "text/plain" | "text/xml" | "application/xml" | "application/octet-stream" => Ok(Cow::Borrowed(&self.body)),
            _ if of("+xml") => Ok(Cow::Borrowed(&self.body)),
            "application/json" => self.wrapped(),
            _ if of("+json") => self.wrapped(),
            _ => Err(Problem::new(
                415,
                "unsupported_media_type",
                "The body must be XML or JSON: set Content-Type to application/xml or application/json.",
            )),
        }
    }

    /// What stands in the `file` of a JSON body; the body itself where there is none.
    fn wrapped(&self) -> Result<Cow<'_, [u8]>, Problem> {
        #[derive(Deserialize)]
        struct Wrapped {
            file: Option<String>,
        }
        let wrapped: Wrapped =
            serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(&self.body)).map_err(|error| bad_json(&error))?;
        Ok(wrapped.file.map_or(Cow::Borrowed(&*self.body), |file| Cow::Owned(file.into_bytes())))
    }

    /// Whether the body is a file as it is, and not JSON with a text in it.
    #[must_use]
    pub fn is_plain_file(&self) -> bool {
        let content_type = self.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let rows = ["text/csv", "text/tab-separated-values", "text/xml", "application/xml", "application/x-ndjson"];
        matches!(media_type, "text/plain" | "application/octet-stream") || rows.contains(&media_type)
    }

    /// The body of a form. Pages' forms are small.
    ///
    /// # Errors
    /// [`Problem`] 413 or 415.
    pub fn form(&self) -> Result<&[u8], Problem> {
        if self.body.len() > MOST_BODY {
            return Err(Problem::new(413, "body_too_large", format!("The body must not be larger than {MOST_BODY} bytes.")));
        }
        let content_type = self.header("content-type").unwrap_or_default().to_ascii_lowercase();
        if content_type.split(';').next().is_none_or(|media| media.trim() != "application/x-www-form-urlencoded") {
            return Err(Problem::new(415, "unsupported_media_type", "The body must be a form."));
        }
        Ok(&self.body)
    }

    /// Whether the caller reads gzip.
    fn reads_gzip(&self) -> bool {
        let accepted = self.header("accept-encoding").unwrap_or_default().to_ascii_lowercase();
        accepted.split(',').map(str::trim).any(|coding| coding == "gzip" || (coding.starts_with("gzip;") && !coding.ends_with("q=0")))
    }

    /// The language that the caller wants, if it is one of ours.
    #[must_use]
    pub fn locale(&self) -> Option<Locale> {
        self.header("accept-language").and_then(Locale::negotiate)
    }

    /// Refuses a token without the scope. The gateway checks it too; this holds if a route's settings are lost.
    ///
    /// # Errors
    /// [`Problem`] 403.
    pub fn needs(&self, scope: &str) -> Result<(), Problem> {
        let held = self.scopes.iter().any(|held| held.rsplit('/').next() == Some(scope));
        if held { Ok(()) } else { Err(Problem::new(403, "missing_scope", format!("The token must carry the scope passerelle/{scope}."))) }
    }
}

/// A file in a JSON body, for callers that can send nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileBody {
    file: String,
}

fn bad_parameter(name: &str, must_be: &str) -> Problem {
    let mut problem = Problem::new(400, "invalid_parameter", format!("{name}: {must_be}"));
    problem.errors.push(FieldError { field: name.to_owned(), message: must_be.to_owned() });
    problem
}

fn bad_json(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    if inner.is_syntax() || inner.is_eof() {
        return Problem::new(400, "invalid_json", format!("The body is not JSON (line {}, column {}).", inner.line(), inner.column()));
    }
    Problem::field(field_name(&error.path().to_string()), reason(&inner.to_string()))
}

fn field_name(path: &str) -> String {
    if path == "." || path.is_empty() { "body".to_owned() } else { path.to_owned() }
}

/// serde's reason without what it quotes of the input: values may be personal.
fn reason(text: &str) -> String {
    let text = text.split(" at line ").next().unwrap_or(text);
    match text.split_once(": ") {
        // `invalid type: string "…", expected u32`: keep what was expected.
        Some((kind @ ("invalid type" | "invalid value" | "invalid length"), rest)) => match rest.rsplit_once("expected ") {
            Some((_, expected)) => format!("{kind}: expected {expected}"),
            None => kind.to_owned(),
        },
        _ => text.to_owned(),
    }
}

/// What a call is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Content type; empty for no body.
    pub content_type: String,
    /// Body.
    pub body: Vec<u8>,
    /// More headers.
    pub headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// A JSON text.
    #[must_use]
    pub fn json(status: u16, body: String) -> Self {
        Self { status, content_type: "application/json".to_owned(), body: body.into_bytes(), headers: Vec::new() }
    }

    /// A file of rows, to be kept under this name.
    #[must_use]
    pub fn csv(body: Vec<u8>, name: &str) -> Self {
        let reply = Self { status: 200, content_type: "text/csv; charset=utf-8".to_owned(), body, headers: Vec::new() };
        reply.with("content-disposition", format!("attachment; filename=\"{name}\""))
    }

    /// An image that must not be kept by anybody on the way.
    #[must_use]
    pub fn png(body: Vec<u8>) -> Self {
        Self { status: 200, content_type: "image/png".to_owned(), body, headers: Vec::new() }
    }

    /// Nothing but a status.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, content_type: String::new(), body: Vec::new(), headers: Vec::new() }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A page for people. It is kept by nobody, names nobody it came from, and loads nothing from elsewhere.
    #[must_use]
    pub fn page(page: Page, call: &Call) -> Self {
        let html = page.html.into_bytes();
        let compressed = call.reads_gzip();
        let reply = Self {
            status: page.status,
            content_type: "text/html; charset=utf-8".to_owned(),
            body: if compressed { assets::gzip(&html) } else { html },
            headers: Vec::new(),
        };
        reply
            .compressed(compressed)
            .with("content-security-policy", page.policy)
            .with("referrer-policy", "no-referrer")
            .with("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()")
    }

    /// A file that never changes under its name.
    #[must_use]
    pub fn asset(asset: &Asset, call: &Call) -> Self {
        let compressed = call.reads_gzip();
        let body = if compressed { asset.gzip.clone() } else { asset.plain.to_vec() };
        let reply = Self { status: 200, content_type: asset.content_type.to_owned(), body, headers: Vec::new() };
        reply
            .compressed(compressed)
            .with("cache-control", "public, max-age=31536000, immutable")
            .with("cross-origin-resource-policy", "same-origin")
    }

    fn compressed(self, compressed: bool) -> Self {
        let reply = self.with("vary", "accept-encoding");
        if compressed { reply.with("content-encoding", "gzip") } else { reply }
    }

    /// A calendar entry to be kept.
    #[must_use]
    pub fn calendar(entry: String) -> Self {
        let reply =
            Self { status: 200, content_type: "text/calendar; charset=utf-8".to_owned(), body: entry.into_bytes(), headers: Vec::new() };
        reply.with("content-disposition", "attachment; filename=\"esim.ics\"").with("referrer-policy", "no-referrer")
    }

    /// Leads to another page beside this one; a form that was sent is then not sent again by a reload.
    #[must_use]
    pub fn see_other(place: &str) -> Self {
        Self::empty(303).with("location", place).with("referrer-policy", "no-referrer")
    }

    /// An answer about an order.
    #[must_use]
    pub fn order(answer: OrderAnswer, base: &str) -> Self {
        let mut reply = Self {
            status: answer.answer.status,
            content_type: answer.answer.content_type,
            body: answer.answer.body.into_bytes(),
            headers: vec![("location", format!("{base}/orders/{}", answer.order_id))],
        };
        if answer.replayed {
            reply = reply.with("idempotent-replayed", "true");
        }
        match answer.retry_after {
            Some(wait) => reply.with("retry-after", wait.as_secs().max(1).to_string()),
            None => reply,
        }
    }

    /// A refusal.
    #[must_use]
    pub fn problem(problem: &Problem, trace_id: &TraceId, base: &str) -> Self {
        let document = problem.document(trace_id);
        let mut reply =
            Self { status: document.status, content_type: document.content_type, body: document.body.into_bytes(), headers: Vec::new() };
        if let Some(wait) = problem.retry_after {
            reply = reply.with("retry-after", wait.as_secs().max(1).to_string());
        }
        if let Some(link) = &problem.link {
            reply = reply.with("link", format!("<{base}/{link}>; rel=\"related\""));
        }
        reply
    }
}
