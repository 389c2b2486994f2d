//! HubSpot's error bodies (HubSpot, "Limits and errors").

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::super::core::iccid::digest;
use super::super::core::reply::Reply;

static CORRELATIONS: AtomicU64 = AtomicU64::new(1);

/// A fresh correlation id, shaped like a UUID.
fn correlation() -> String {
    let digits = digest(&format!("correlation {}", CORRELATIONS.fetch_add(1, Ordering::Relaxed)), 32);
    let mut rest = digits.as_str();
    let groups = [8, 4, 4, 4, 12].map(|length| {
        let (group, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = after;
        group
    });
    groups.join("-")
}

/// An error of a category.
#[must_use]
pub fn error(status: u16, category: &str, message: &str) -> Reply {
    Reply::json(status, &body(category, message))
}

/// The body of an error.
#[must_use]
pub fn body(category: &str, message: &str) -> Value {
    json!({"status": "error", "message": message, "correlationId": correlation(), "category": category})
}

/// 400 for a body that breaks a rule.
#[must_use]
pub fn invalid(message: &str) -> Reply {
    error(400, "VALIDATION_ERROR", message)
}

/// 400 for property values, each with its own code.
#[must_use]
pub fn invalid_values(problems: &[(String, &str, String)]) -> Reply {
    let details: Vec<Value> = problems
        .iter()
        .map(|(name, code, message)| {
            json!({
                "isValid": false, "message": message, "error": code, "name": name,
            })
        })
        .collect();
    let errors: Vec<Value> = problems
        .iter()
        .map(|(name, code, message)| {
            json!({
                "message": message, "code": code, "context": {"propertyName": [name]},
            })
        })
        .collect();
    let mut body = body("VALIDATION_ERROR", &format!("Property values were not valid: {}", Value::Array(details)));
    if let Some(members) = body.as_object_mut() {
        members.insert("errors".to_owned(), Value::Array(errors));
    }
    Reply::json(400, &body)
}

/// 404 for a record or type.
#[must_use]
pub fn not_found(message: &str) -> Reply {
    error(404, "OBJECT_NOT_FOUND", message)
}

/// 404 for a path; HubSpot answers these outside its envelope.
#[must_use]
pub fn no_such_path() -> Reply {
    Reply::json(404, &json!({"status": "error", "message": "resource not found", "correlationId": correlation()}))
}

/// 405.
#[must_use]
pub fn method() -> Reply {
    error(405, "METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed")
}

/// 415.
#[must_use]
pub fn media_type() -> Reply {
    error(415, "UNSUPPORTED_MEDIA_TYPE", "HTTP 415 Unsupported Media Type")
}

/// 401 without a token.
#[must_use]
pub fn no_credentials() -> Reply {
    error(
        401,
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    )
}

/// 401 with a wrong token.
#[must_use]
pub fn wrong_credentials() -> Reply {
    error(401, "INVALID_AUTHENTICATION", "Authentication credentials not valid.")
}

/// 403 where the portal's plan or the token's scopes do not reach.
#[must_use]
pub fn missing_scopes(scope: &str) -> Reply {
    let mut body = body(
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    );
    if let Some(members) = body.as_object_mut() {
        members.insert(
            "errors".to_owned(),
            json!([{
                "message": "One or more of the following scopes are required.", "context": {"requiredGranularScopes": [scope]},
            }]),
        );
    }
    Reply::json(403, &body)
}

/// 429.
#[must_use]
pub fn too_many(limit: &str, policy: &str) -> Reply {
    let mut body = body("RATE_LIMITS", &format!("You have reached your {limit} limit."));
    if let Some(members) = body.as_object_mut() {
        members.insert("errorType".to_owned(), json!("RATE_LIMIT"));
        members.insert("policyName".to_owned(), json!(policy));
        members.insert("groupName".to_owned(), json!("publicapi:private-apps:api-calls"));
        members.insert("requestId".to_owned(), json!(correlation()));
    }
    Reply::json(429, &body)
}
