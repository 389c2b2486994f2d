//! Turns each event, with the fields of the spans around it, into one line.

use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use tracing::{Event, Level, Metadata, Subscriber, span};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{LineSink, datadog, ecs, fields::Fields};
use crate::world::Clock;

/// Whose field names a line has. One line cannot serve both: `service` is a text for Datadog and an object for Elastic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Elastic Common Schema, ecs-logging.
    #[default]
    Ecs,
    /// Datadog standard attributes.
    Datadog,
}

impl Format {
    /// The format that `LOG_FORMAT` names; ECS when it names none.
    #[must_use]
    pub fn named(name: Option<&str>) -> Self {
        match name {
            Some(name) if name.eq_ignore_ascii_case("datadog") => Self::Datadog,
            _ => Self::Ecs,
        }
    }
}

/// The layer that writes lines.
pub struct JsonLines {
    service: &'static str,
    format: Format,
    sink: Arc<dyn LineSink>,
    clock: Arc<dyn Clock>,
}

/// What both formats write of an event, each under its own names.
pub(super) struct Record {
    pub(super) at: Timestamp,
    pub(super) service: &'static str,
    pub(super) level: Level,
    pub(super) logger: &'static str,
    pub(super) file: Option<(&'static str, u32)>,
    pub(super) message: Value,
    pub(super) fields: Fields,
}

impl JsonLines {
    /// Lines of this service, in this format, to this sink.
    #[must_use]
    pub fn new(service: &'static str, format: Format, sink: Arc<dyn LineSink>, clock: Arc<dyn Clock>) -> Self {
        Self { service, format, sink, clock }
    }

    fn record(&self, metadata: &'static Metadata<'static>, mut fields: Fields) -> Record {
        Record {
            at: self.clock.now(),
            service: self.service,
            level: *metadata.level(),
            logger: metadata.target(),
            file: metadata.file().zip(metadata.line()),
            message: fields.take("message").unwrap_or_else(|| Value::from(metadata.name())),
            fields,
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for JsonLines {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.absorb(outer);
            }
        }
        // Nobody's message: a span may have a field of that name, an event without one must not borrow it.
        fields.take("message");
        event.record(&mut fields);
        let record = self.record(event.metadata(), fields);
        let line = match self.format {
            Format::Ecs => ecs::line(record),
            Format::Datadog => datadog::line(record),
        };
        self.sink.line(&line.into_text());
    }
}

#[cfg(test)]
#[path = "layer_tests.rs"]
mod tests;
