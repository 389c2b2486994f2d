//! Datadog: reserved and standard attributes, everything of ours below `passerelle`.
//!
//! `trace_id` holds the id as it came; `dd.trace_id`, which joins logs and traces, only one of 32 hexadecimal digits.

use serde_json::Value;
use tracing::Level;

use super::{
    layer::Record,
    line::Line,
    trace::{is_w3c, nanoseconds},
};

/// The line of a record.
pub(super) fn line(record: Record) -> Line {
    let mut line = Line::default();
    line.put("timestamp", format!("{:.3}", record.at));
    line.put("status", status(record.level));
    line.put("message", record.message);
    line.put("service", record.service);
    line.put("ddsource", "rust");
    line.put("ddtags", concat!("version:", env!("CARGO_PKG_VERSION")));
    line.put_in("dd", "service", record.service);
    line.put_in("dd", "version", env!("CARGO_PKG_VERSION"));
    line.put_in("logger", "name", record.logger);
    if let Some((file, number)) = record.file {
        line.put_in("logger", "method_name", format!("{file}:{number}"));
    }
    for (name, value) in record.fields {
        put_field(&mut line, name, value);
    }
    line
}

/// Datadog has no level below debug.
fn status(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        _ => "debug",
    }
}

fn put_field(line: &mut Line, name: &'static str, value: Value) {
    match (name, value) {
        ("trace_id", Value::String(id)) => {
            if is_w3c(&id) {
                line.put_in("dd", "trace_id", id.to_ascii_lowercase());
            }
            line.put("trace_id", id);
        }
        ("duration_ms", value) => match nanoseconds(&value) {
            Some(nanoseconds) => line.put("duration", nanoseconds),
            None => line.put_in("passerelle", "duration_ms", value),
        },
        (name, value) => match standard_name(name, &value) {
            Some((object, member)) => line.put_in(object, member, value),
            None => line.put_in("passerelle", name.replace('.', "_"), value),
        },
    }
}

/// The standard attribute of a field, when the value is of the type that Datadog wants.
fn standard_name(name: &str, value: &Value) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "error" | "error.message" if value.is_string() => ("error", "message"),
        "error.type" | "error_type" if value.is_string() => ("error", "kind"),
        "error.stack_trace" if value.is_string() => ("error", "stack"),
        "requestId" | "request_id" if value.is_string() => ("lambda", "request_id"),
        "method" if value.is_string() => ("http", "method"),
        "status" if value.is_u64() || value.is_i64() => ("http", "status_code"),
        "path" if value.is_string() => ("http", "url"),
        _ => return None,
    })
}
