//! The refusals of the Partner API in their three shapes (Airalo Partner API v2, "Errors and limits").

use serde_json::{Value, json};

use super::super::core::rate::Verdict;
use super::super::core::reply::Reply;

/// A business refusal, HTTP 422 `{"code","reason"}`.
#[must_use]
pub fn business(code: i64, reason: &str) -> Reply {
    Reply::json(422, &json!({"code": code, "reason": reason}))
}

/// A validation refusal, HTTP 422 `{"data":{field:message},"meta":{…}}`.
#[must_use]
pub fn invalid(field: &str, message: &str) -> Reply {
    invalid_fields(&json!({ field: message }))
}

/// [`invalid`] for several fields.
#[must_use]
pub fn invalid_fields(fields: &Value) -> Reply {
    Reply::json(422, &json!({"data": fields, "meta": {"message": "the parameter is invalid"}}))
}

/// 401: no token, a dead one, or somebody else's order.
#[must_use]
pub fn unauthorized() -> Reply {
    Reply::json(401, &json!({"data": [], "meta": {"message": "This action is unauthorized."}}))
}

/// 401 of the token call.
#[must_use]
pub fn login_refused() -> Reply {
    Reply::json(401, &json!({"data": [], "meta": {"message": "Client authentication failed"}}))
}

/// 404.
#[must_use]
pub fn not_found() -> Reply {
    Reply::json(404, &json!({"data": [], "meta": {"message": "messages.resource_not_found"}}))
}

/// 429 with its headers.
#[must_use]
pub fn too_many(limit: usize, verdict: Verdict, epoch_seconds: i64) -> Reply {
    let wait = i64::try_from(verdict.reset_seconds).unwrap_or(60);
    Reply::json(429, &json!({"message": "Too Many Attempts."}))
        .with("x-ratelimit-limit", limit.to_string())
        .with("x-ratelimit-remaining", "0")
        .with("x-ratelimit-reset", (epoch_seconds + wait).to_string())
        .with("retry-after", wait.to_string())
}

/// A success envelope.
#[must_use]
pub fn success(status: u16, data: &Value) -> Reply {
    Reply::json(status, &json!({"data": data, "meta": {"message": "success"}}))
}
