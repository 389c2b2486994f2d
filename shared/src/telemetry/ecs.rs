//! Elastic Common Schema: `@timestamp`, `log.level`, `message` first, dotted names at the top level, everything of ours below `labels`.
//!
//! `trace.id` must be 32 hexadecimal digits, while an `X-Request-Id` may be any visible text. So `labels.trace_id` always holds the id as it came
//! (the one field to search by), and besides it `trace.id` when the id is of that form, else `http.request.id`.

use serde_json::Value;

use super::{
    layer::Record,
    line::Line,
    trace::{is_w3c, nanoseconds},
};

const ECS_VERSION: &str = "1.6.0";

/// The line of a record.
pub(super) fn line(record: Record) -> Line {
    let mut line = Line::default();
    line.put("@timestamp", format!("{:.3}", record.at));
    line.put("log.level", record.level.as_str().to_ascii_lowercase());
    line.put("message", record.message);
    line.put("ecs.version", ECS_VERSION);
    line.put("service.name", record.service);
    line.put("service.version", env!("CARGO_PKG_VERSION"));
    line.put("event.dataset", record.service);
    line.put("log.logger", record.logger);
    if let Some((file, number)) = record.file {
        line.put("log.origin.file.name", file);
        line.put("log.origin.file.line", number);
    }
    for (name, value) in record.fields {
        put_field(&mut line, name, value);
    }
    line
}

fn put_field(line: &mut Line, name: &'static str, value: Value) {
    match (name, value) {
        ("trace_id", Value::String(id)) => {
            if is_w3c(&id) {
                line.put("trace.id", id.to_ascii_lowercase());
            } else {
                line.put("http.request.id", id.as_str());
            }
            line.put_in("labels", "trace_id", id);
        }
        ("duration_ms", value) => match nanoseconds(&value) {
            Some(nanoseconds) => line.put("event.duration", nanoseconds),
            None => line.put_in("labels", "duration_ms", value),
        },
        (name, value) => match standard_name(name, &value) {
            Some(standard) => line.put(standard, value),
            None => line.put_in("labels", label(name), value),
        },
    }
}

/// The schema's own name of a field, when the value is of the type that the schema wants.
fn standard_name(name: &str, value: &Value) -> Option<&'static str> {
    let outcome = || matches!(value.as_str(), Some("success" | "failure" | "unknown"));
    Some(match name {
        "error" | "error.message" if value.is_string() => "error.message",
        "error.type" | "error_type" if value.is_string() => "error.type",
        "error.stack_trace" if value.is_string() => "error.stack_trace",
        "requestId" | "request_id" if value.is_string() => "faas.execution",
        "function" if value.is_string() => "faas.name",
        "cold_start" if value.is_boolean() => "faas.coldstart",
        "agency" if value.is_string() => "organization.id",
        "operation" if value.is_string() => "event.action",
        "outcome" if outcome() => "event.outcome",
        "method" if value.is_string() => "http.request.method",
        "status" if value.is_u64() || value.is_i64() => "http.response.status_code",
        "path" if value.is_string() => "url.path",
        _ => return None,
    })
}

/// A label's key as ecs-logging wants it.
fn label(name: &str) -> String {
    name.replace(['.', '*', '\\'], "_")
}
