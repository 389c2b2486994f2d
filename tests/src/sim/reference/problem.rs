//! Errors as RFC 9457 problems.

use serde_json::{Value, json};

use super::super::core::reply::Reply;

/// A problem without a field.
#[must_use]
pub fn problem(status: u16, code: &str, detail: &str) -> Reply {
    written(status, code, detail, Value::Null)
}

/// A problem of one field.
#[must_use]
pub fn field(name: &str, detail: &str) -> Reply {
    written(422, "invalid_field", detail, json!([{"field": name, "detail": detail}]))
}

fn written(status: u16, code: &str, detail: &str, errors: Value) -> Reply {
    let title = code.replace('_', " ");
    let body = json!({
        "type": format!("https://errors.reference.example/{code}"), "title": title, "status": status, "detail": detail,
        "code": code, "errors": errors,
    });
    Reply::bytes(status, "application/problem+json", body.to_string().into_bytes())
}
