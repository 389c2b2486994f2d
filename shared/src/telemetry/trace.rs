//! Trace ids: one ties every answer, log line, message and outside call of one cause together.

use serde_json::Value;
use tracing::Span;
use tracing_subscriber::{Registry, registry::LookupSpan};

use super::{fields::Fields, mask::mask};
use crate::{domain::TraceId, world::World};

/// The trace id of a request: its `X-Request-Id`, when that is an identifier (1 to 128 visible ASCII characters without `#` and `/`) and
/// holds nothing that would have to be masked in a log; else a new one.
#[must_use]
pub fn incoming_trace_id(header: Option<&str>, world: &World) -> TraceId {
    header
        .map(str::trim)
        .filter(|text| mask(text) == *text)
        .and_then(|text| TraceId::parse(text).ok())
        .unwrap_or_else(|| new_trace_id(world))
}

/// A new trace id: 32 hexadecimal digits, as W3C Trace Context, ECS and Datadog write them.
#[must_use]
pub fn new_trace_id(world: &World) -> TraceId {
    loop {
        let mut random = [0; 16];
        world.entropy.fill(&mut random);
        // Hexadecimal digits are always an identifier: the loop ends in its first round.
        if let Ok(id) = TraceId::parse(&hex::encode(random)) {
            return id;
        }
    }
}

/// The span of one cause in one function: every line inside it carries the trace id. It is there at every log level.
#[must_use]
pub fn trace_span(trace_id: &TraceId, function: &'static str) -> Span {
    tracing::error_span!("cause", trace_id = trace_id.as_str(), function)
}

/// The trace id of the span that the caller is in.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    Span::current().with_subscriber(|(id, dispatch)| {
        let span = dispatch.downcast_ref::<Registry>()?.span(id)?;
        span.scope().find_map(|span| Some(span.extensions().get::<Fields>()?.text("trace_id")?.to_owned()))
    })?
}

/// Whether the id has the form of W3C Trace Context: 32 hexadecimal digits.
pub(super) fn is_w3c(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Milliseconds as the whole nanoseconds that ECS and Datadog count durations in.
pub(super) fn nanoseconds(milliseconds: &Value) -> Option<u64> {
    const PER_MILLISECOND: u64 = 1_000_000;
    match milliseconds.as_u64() {
        Some(whole) => whole.checked_mul(PER_MILLISECOND),
        // A duration is below the 2⁵³ up to which this is exact, and never negative: the cast saturates where it is.
        None => milliseconds.as_f64().map(|parts| (parts * PER_MILLISECOND as f64).round() as u64),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{current_trace_id, incoming_trace_id, is_w3c, nanoseconds, new_trace_id, trace_span};
    use crate::{
        domain::TraceId,
        telemetry::{CapturedLines, Format, JsonLines},
        world::World,
    };
    use serde_json::json;
    use std::sync::Arc;
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn a_request_id_is_taken_as_it_came() {
        let world = World::real();
        for id in ["4bf92f3577b34da6a3ce929d0e0e4736", "crm-42", "550e8400-e29b-41d4-a716-446655440000", &"x".repeat(128)] {
            assert_eq!(incoming_trace_id(Some(id), &world).as_str(), id);
        }
    }

    #[test]
    fn what_is_no_identifier_or_a_secret_is_replaced() {
        let world = World::real();
        let long = "x".repeat(129);
        let bad = ["", "two words", "line\nbreak", "é", "8944501123456789012", "marie@example.com", &long];
        for header in bad.into_iter().map(Some).chain([None]) {
            let id = incoming_trace_id(header, &world);
            assert!(is_w3c(id.as_str()), "{header:?}");
        }
        assert_ne!(new_trace_id(&world), new_trace_id(&world));
    }

    #[test]
    fn the_current_trace_id_is_found_from_an_inner_span() {
        let layer = JsonLines::new("orders", Format::Ecs, Arc::new(CapturedLines::default()), World::real().clock);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            assert_eq!(current_trace_id(), None);
            let _outer = trace_span(&TraceId::parse("crm-42").unwrap(), "orders").entered();
            let _inner = tracing::info_span!("call").entered();
            assert_eq!(current_trace_id().as_deref(), Some("crm-42"));
        });
    }

    #[test]
    fn durations_are_counted_in_nanoseconds() {
        assert_eq!(nanoseconds(&json!(12)), Some(12_000_000));
        assert_eq!(nanoseconds(&json!(0.5)), Some(500_000));
        assert_eq!(nanoseconds(&json!("12")), None);
    }
}
