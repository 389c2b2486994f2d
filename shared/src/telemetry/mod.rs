//! Logs and metrics: one JSON object a line on standard output, for Elastic or Datadog, with the trace id on every line.
//!
//! A line is written through [`tracing`]: a message that can be read alone, and fields with the unit in the name (`duration_ms`). What must
//! never be in one: ICCIDs, activation codes, e-mail addresses, tokens, request and answer bodies. Types that cannot print them are the rule;
//! [`mask`] is the net below it.

mod datadog;
mod ecs;
mod fields;
mod layer;
mod line;
pub mod mask;
pub mod metrics;
mod sink;
pub mod trace;

pub use layer::{Format, JsonLines};
pub use metrics::Metrics;
pub use sink::{CapturedLines, LineSink, Stdout};
pub use trace::{current_trace_id, incoming_trace_id, new_trace_id, trace_span};

use std::{panic::PanicHookInfo, sync::Arc};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{config::Environment, world::World};

/// Starts the log of a function. `service` is the function's name as in `template.yaml`, such as `orders`.
///
/// `LOG_FORMAT` is `ecs` (the default) or `datadog`; `LOG_LEVEL`, else `AWS_LAMBDA_LOG_LEVEL`, is the level of our own lines (default
/// `info`), while libraries are heard from `warn` on. A second call changes nothing.
pub fn init(service: &'static str) {
    let environment = Environment;
    let format = Format::named(environment.optional("LOG_FORMAT").as_deref());
    let level = environment.optional("LOG_LEVEL").or_else(|| environment.optional("AWS_LAMBDA_LOG_LEVEL"));
    let layer = JsonLines::new(service, format, Arc::new(Stdout), World::real().clock);
    let registry = tracing_subscriber::registry().with(targets(service, level.as_deref())).with(layer);
    if registry.try_init().is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
}

/// Who may write at which level.
fn targets(service: &str, level: Option<&str>) -> Targets {
    let level = level.map_or(LevelFilter::INFO, level_named);
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("passerelle", level)
        .with_target(service.replace('-', "_"), level)
        // Writes no line; its span knows the Lambda request id.
        .with_target("lambda_runtime::layers::trace", LevelFilter::INFO)
}

/// Lambda's level names and `tracing`'s; what is no level is the default, so that a slip of the pen does not silence the log.
fn level_named(name: &str) -> LevelFilter {
    match name.to_ascii_lowercase().as_str() {
        "trace" => LevelFilter::TRACE,
        "debug" => LevelFilter::DEBUG,
        "warn" => LevelFilter::WARN,
        "error" | "fatal" => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

/// A panic is a line like any other: the usual report on standard error would be neither JSON nor masked.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let text = panic.payload_as_str().unwrap_or("(no text)");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(error.r#type = "panic", error.message = text, place, "a panic: this is a defect");
}

#[cfg(test)]
mod tests {
    use super::targets;
    use tracing::Level;

    #[test]
    fn we_are_heard_at_our_level_and_libraries_from_warn_on() {
        let usual = targets("usage-poller", None);
        assert!(usual.would_enable("passerelle::flows", &Level::INFO) && usual.would_enable("usage_poller", &Level::INFO));
        assert!(!usual.would_enable("passerelle::flows", &Level::DEBUG));
        assert!(usual.would_enable("hyper::client", &Level::WARN) && !usual.would_enable("hyper::client", &Level::INFO));
        let loud = targets("orders", Some("DEBUG"));
        assert!(loud.would_enable("orders", &Level::DEBUG) && !loud.would_enable("aws_smithy_runtime", &Level::DEBUG));
        let quiet = targets("orders", Some("FATAL"));
        assert!(!quiet.would_enable("hyper", &Level::WARN) && quiet.would_enable("hyper", &Level::ERROR));
        // A quiet log still knows the request id and the trace id of what it does say.
        assert!(quiet.would_enable("lambda_runtime::layers::trace", &Level::INFO));
        assert!(targets("orders", Some("verbose")).would_enable("orders", &Level::INFO));
    }
}
