#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use super::{Format, JsonLines};
use crate::{
    domain::{EmailAddress, Iccid, TraceId},
    telemetry::{CapturedLines, targets, trace_span},
    world::World,
};
use serde_json::{Value, json};
use std::sync::Arc;
use tracing_subscriber::layer::SubscriberExt;

/// The ecs-logging specification, as Elastic publishes it.
const SPECIFICATION: &str = include_str!("../../specs/ecs/ecs-logging-spec.json");

fn raw(format: Format, write: impl FnOnce()) -> Vec<String> {
    let sink = Arc::new(CapturedLines::default());
    let layer = JsonLines::new("orders", format, sink.clone(), World::real().clock);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), write);
    sink.lines()
}

fn one(format: Format, write: impl FnOnce()) -> Value {
    let lines = raw(format, write);
    assert_eq!(lines.len(), 1);
    assert!(!lines[0].contains('\n'));
    serde_json::from_str(&lines[0]).unwrap()
}

fn busy() {
    let trace = TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736").unwrap();
    let _invocation = tracing::info_span!("Lambda runtime invoke", requestId = "req-1", xrayTraceId = "Root=1").entered();
    let _cause = trace_span(&trace, "orders").entered();
    tracing::error!(
        error = &std::io::Error::other("refused") as &dyn std::error::Error,
        error.r#type = "provider",
        operation = "place_order",
        outcome = "failure",
        duration_ms = 12_u64,
        status = 422,
        agency = "demo",
        retry.after = 2.5,
        last = true,
        "the order\nwas refused"
    );
}

/// Checks one line against the specification: what is required, where it stands, of which type it is, and how it is written.
fn check_ecs(text: &str) {
    let specification: Value = serde_json::from_str(SPECIFICATION).unwrap();
    let line: Value = serde_json::from_str(text).unwrap();
    for (name, rule) in specification["fields"].as_object().unwrap() {
        let Some(value) = line.get(name) else {
            assert_ne!(rule["required"], json!(true), "{name} is missing: {text}");
            continue;
        };
        match rule["type"].as_str().unwrap() {
            "datetime" => assert!(value.as_str().unwrap().parse::<jiff::Timestamp>().is_ok()),
            "string" => assert!(value.is_string(), "{name}"),
            "integer" => assert!(value.is_u64(), "{name}"),
            "object" => assert!(value.is_object(), "{name}"),
            other => unreachable!("the specification has a new type, {other}"),
        }
        if let Some(index) = rule["index"].as_u64() {
            let place = text.find(&format!("\"{name}\":")).unwrap();
            let before = text[..place].matches("\":").count() as u64;
            assert_eq!(before, index, "{name} stands at the wrong place: {text}");
        }
        for forbidden in rule["sanitization"]["key"]["replacements"].as_array().into_iter().flatten() {
            let keys = value.as_object().unwrap();
            assert!(keys.iter().all(|(key, value)| !key.contains(forbidden.as_str().unwrap()) && !value.is_object()));
        }
    }
    // Dotted and nested names of one object must not be mixed.
    let names: Vec<_> = line.as_object().unwrap().keys().collect();
    assert!(names.iter().all(|name| !names.iter().any(|other| other.starts_with(&format!("{name}.")))), "{text}");
}

#[test]
fn every_kind_of_line_follows_ecs() {
    let lines = raw(Format::Ecs, || {
        busy();
        tracing::info!("plain");
        tracing::warn!(count = 3);
        tracing::debug!(status = "placed", path = "/orders", method = "POST", "request");
        trace_span(&TraceId::parse("crm-42").unwrap(), "orders").in_scope(|| tracing::info!("inside"));
    });
    assert_eq!(lines.len(), 5);
    lines.iter().for_each(|line| check_ecs(line));
}

#[test]
fn ecs_names_are_used_where_there_are_any() {
    let line = one(Format::Ecs, busy);
    for (name, value) in [
        ("log.level", json!("error")),
        ("message", json!("the order\nwas refused")),
        ("service.name", json!("orders")),
        ("trace.id", json!("4bf92f3577b34da6a3ce929d0e0e4736")),
        ("faas.execution", json!("req-1")),
        ("faas.name", json!("orders")),
        ("error.message", json!("refused")),
        ("error.type", json!("provider")),
        ("event.action", json!("place_order")),
        ("event.outcome", json!("failure")),
        ("event.duration", json!(12_000_000)),
        ("http.response.status_code", json!(422)),
        ("organization.id", json!("demo")),
    ] {
        assert_eq!(line[name], value, "{name}");
    }
    let labels = json!({"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "xrayTraceId": "Root=1", "retry_after": 2.5, "last": true});
    assert_eq!(line["labels"], labels);
    let timestamp = line["@timestamp"].as_str().unwrap();
    assert!(timestamp.len() == 24 && timestamp.ends_with('Z'), "{timestamp}");
}

#[test]
fn a_request_id_of_another_form_is_no_ecs_trace_id() {
    let line = one(Format::Ecs, || trace_span(&TraceId::parse("crm-42").unwrap(), "orders").in_scope(|| tracing::info!("inside")));
    assert_eq!((&line["http.request.id"], &line["labels"]["trace_id"]), (&json!("crm-42"), &json!("crm-42")));
    assert!(line.get("trace.id").is_none());
}

#[test]
fn datadog_names_are_used_where_there_are_any() {
    let line = one(Format::Datadog, busy);
    assert_eq!(line["status"], "error");
    assert_eq!(line["service"], "orders");
    assert_eq!(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(line["dd"]["trace_id"], line["trace_id"]);
    assert_eq!(line["error"], json!({"kind": "provider", "message": "refused"}));
    assert_eq!(line["http"], json!({"status_code": 422}));
    assert_eq!(line["duration"], 12_000_000);
    assert_eq!(line["lambda"]["request_id"], "req-1");
    assert_eq!(line["passerelle"]["agency"], "demo");
    assert!(line["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    let other = one(Format::Datadog, || trace_span(&TraceId::parse("crm-42").unwrap(), "orders").in_scope(|| tracing::trace!("inside")));
    assert_eq!((&other["trace_id"], &other["status"]), (&json!("crm-42"), &json!("debug")));
    assert!(other["dd"].get("trace_id").is_none());
}

#[test]
fn nothing_secret_reaches_a_line_by_any_way() {
    let iccid = Iccid::parse("8944501123456789012").unwrap();
    let address = EmailAddress::parse("marie@example.com").unwrap();
    for format in [Format::Ecs, Format::Datadog] {
        let lines = raw(format, || {
            let _span = tracing::info_span!("outer", code = "LPA:1$smdp.example$TOKEN123", late = tracing::field::Empty).entered();
            tracing::Span::current().record("late", "marie@example.com");
            tracing::info!("for {} {}", iccid.expose(), address.expose());
            tracing::info!(?iccid, ?address, "types that cannot print");
            tracing::info!(number = 8_944_501_123_456_789_012_u64, signed = -894_450_112_345_678_901_i64, "numbers");
            tracing::info!(error = &std::io::Error::other("no SIM 8944501123456789012") as &dyn std::error::Error, "error");
            tracing::info!(answer = ?vec!["Bearer abc", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"], "debugged");
        });
        assert_eq!(lines.len(), 5);
        for line in &lines {
            for secret in ["89445011234", "TOKEN123", "marie", "abc", "eyJ"] {
                assert!(!line.contains(secret), "{secret} in {line}");
            }
            assert!(line.contains("[masked]"));
        }
    }
}

#[test]
fn inner_fields_win_and_names_are_never_written_twice() {
    let lines = raw(Format::Ecs, || {
        let _outer = tracing::info_span!("outer", provider = "airalo", message = "span's").entered();
        let _inner = tracing::info_span!("inner", provider = "reference").entered();
        tracing::info!(error = "first", error.message = "second", "told");
    });
    let line: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(
        (&line["labels"]["provider"], &line["message"], &line["error.message"]),
        (&json!("reference"), &json!("told"), &json!("second"))
    );
    for name in ["message", "error.message", "provider"] {
        assert_eq!(lines[0].matches(&format!("\"{name}\":")).count(), 1);
    }
}

#[test]
fn the_trace_id_stays_at_the_quietest_level() {
    let sink = Arc::new(CapturedLines::default());
    let layer = JsonLines::new("orders", Format::Ecs, sink.clone(), World::real().clock);
    let subscriber = tracing_subscriber::registry().with(targets("orders", Some("ERROR"))).with(layer);
    tracing::subscriber::with_default(subscriber, || {
        trace_span(&TraceId::parse("crm-42").unwrap(), "orders").in_scope(|| {
            tracing::info!("not heard");
            tracing::error!("heard");
        });
    });
    let lines = sink.lines();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("crm-42"));
}
