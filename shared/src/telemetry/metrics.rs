//! Metrics: one CloudWatch Embedded Metric Format line each.
//!
//! Every set of dimension values is a metric that is paid for. So dimensions are words of ours (a system, an operation, a status, a currency),
//! and never an id, an agency or a text from outside.

use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

use super::{LineSink, Stdout, current_trace_id, line::Line};
use crate::{
    domain::{Money, OrderStatus},
    world::Clock,
};

/// The namespace of all our metrics.
pub const NAMESPACE: &str = "Passerelle";

/// Longest word taken for a dimension.
const WORD_LENGTH: usize = 40;

/// Writes metrics of one function.
#[derive(Clone)]
pub struct Metrics {
    function: &'static str,
    sink: Arc<dyn LineSink>,
    clock: Arc<dyn Clock>,
}

/// A measured value: name, unit, number.
type Measure = (&'static str, &'static str, f64);
/// A dimension: name and value.
type Dimension<'a> = (&'static str, &'a str);

impl Metrics {
    /// Metrics of this function, to standard output.
    #[must_use]
    pub fn new(function: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self::to(function, clock, Arc::new(Stdout))
    }

    /// Metrics of this function, to another sink.
    #[must_use]
    pub fn to(function: &'static str, clock: Arc<dyn Clock>, sink: Arc<dyn LineSink>) -> Self {
        Self { function, sink, clock }
    }

    /// One call to an outside system (`airalo`, `hubspot` …): `CallLatency` in milliseconds by system and operation, and `Calls` by outcome
    /// (`success`, `rejected`, `throttled`, `not_sent`, `unknown`) as well.
    pub fn call(&self, system: &str, operation: &str, outcome: &str, elapsed: Duration) {
        let where_to = [("System", system), ("Operation", operation)];
        self.write(&where_to, &[("CallLatency", "Milliseconds", elapsed.as_secs_f64() * 1000.0)], &[("Outcome", outcome)]);
    }

    /// An order reached a status: `Orders`.
    pub fn orders(&self, status: OrderStatus) {
        self.count("Orders", &[("Status", status.as_str())]);
    }

    /// A traveller's plan began to run: `Activations`, by provider kind.
    pub fn activation(&self, provider: &str) {
        self.count("Activations", &[("System", provider)]);
    }

    /// Something was sold: `Revenue` in decimal units of the currency, by currency.
    pub fn revenue(&self, price: &Money) {
        if let Ok(amount) = price.amount.normalize().to_string().parse() {
            self.write(&[("Currency", price.currency.code())], &[("Revenue", "None", amount)], &[]);
        }
    }

    /// What a catalogue sync found changed: `CatalogueChanges`, by provider kind and change (`new`, `gone`, `repriced`).
    pub fn catalogue(&self, provider: &str, change: &str, packages: usize) {
        if packages > 0 {
            self.write(&[("System", provider), ("Change", change)], &[("CatalogueChanges", "Count", packages as f64)], &[]);
        }
    }

    /// A failure: `Errors`, by our word for its kind.
    pub fn error(&self, kind: &str) {
        self.count("Errors", &[("Kind", kind)]);
    }

    /// A breaker changed: `BreakerChanges`, by system, class of operations (`money`, `read`) and new state (`open`, `half_open`,
    /// `closed`).
    pub fn breaker(&self, system: &str, class: &str, state: &str) {
        self.count("BreakerChanges", &[("System", system), ("Class", class), ("State", state)]);
    }

    /// A task from a queue was dealt with: `QueueTasks`, by queue, kind of task and outcome (`done`, `retried`, `given_up`).
    pub fn queue_task(&self, queue: &str, task: &str, outcome: &str) {
        self.count("QueueTasks", &[("Queue", queue), ("Task", task), ("Outcome", outcome)]);
    }

    fn count(&self, name: &'static str, dimensions: &[Dimension<'_>]) {
        self.write(dimensions, &[(name, "Count", 1.0)], &[]);
    }

    /// One line. With `finer` dimensions it also counts `Calls` by all dimensions together.
    fn write(&self, dimensions: &[Dimension<'_>], measures: &[Measure], finer: &[Dimension<'_>]) {
        let mut directives = vec![directive(&names(dimensions), measures)];
        let calls = [("Calls", "Count", 1.0)];
        if !finer.is_empty() {
            directives.push(directive(&[names(dimensions), names(finer)].concat(), &calls));
        }
        let mut line = Line::default();
        line.put("_aws", json!({"Timestamp": self.clock.now().as_millisecond(), "CloudWatchMetrics": directives}));
        for (name, value) in dimensions.iter().chain(finer) {
            line.put(*name, word(value));
        }
        for (name, _, value) in measures.iter().chain(if finer.is_empty() { &[] } else { calls.as_slice() }) {
            line.put(*name, *value);
        }
        // Properties: searchable, no dimensions.
        line.put("function", self.function);
        if let Some(trace_id) = current_trace_id() {
            line.put("trace_id", trace_id);
        }
        self.sink.line(&line.into_text());
    }
}

fn directive(dimensions: &[&str], measures: &[Measure]) -> Value {
    let metrics: Vec<Value> = measures.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
    json!({"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics})
}

fn names(dimensions: &[Dimension<'_>]) -> Vec<&'static str> {
    dimensions.iter().map(|(name, _)| *name).collect()
}

/// A value as a dimension: a short word of letters with few digits, or `other`. Ids are no words.
fn word(value: &str) -> &str {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_word = !value.is_empty() && value.len() <= WORD_LENGTH && digits <= 3 && value.bytes().all(plain);
    if is_word { value } else { "other" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

    use super::Metrics;
    use crate::{
        domain::{Money, OrderStatus, TraceId},
        telemetry::{CapturedLines, Format, JsonLines, trace_span},
        world::World,
    };
    use serde_json::{Value, json};
    use std::{sync::Arc, time::Duration};
    use tracing_subscriber::layer::SubscriberExt;

    fn written(write: impl FnOnce(&Metrics)) -> Value {
        let sink = Arc::new(CapturedLines::default());
        write(&Metrics::to("orders", World::real().clock, sink.clone()));
        let lines = sink.lines();
        assert_eq!(lines.len(), 1);
        serde_json::from_str(&lines[0]).unwrap()
    }

    /// The rules of the Embedded Metric Format specification that CloudWatch enforces silently.
    fn check(line: &Value) {
        let now = jiff::Timestamp::now().as_millisecond();
        let timestamp = line["_aws"]["Timestamp"].as_i64().unwrap();
        assert!((now - timestamp).abs() < 60_000);
        assert_eq!(line["_aws"].as_object().unwrap().len(), 2);
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
            assert_eq!(directive["Namespace"], "Passerelle");
            assert_eq!(directive.as_object().unwrap().len(), 3);
            for set in directive["Dimensions"].as_array().unwrap() {
                for name in set.as_array().unwrap() {
                    let value = line[name.as_str().unwrap()].as_str().unwrap();
                    assert!(!value.is_empty() && value.is_ascii() && value.len() <= 1024);
                }
            }
            for metric in directive["Metrics"].as_array().unwrap() {
                assert!(line[metric["Name"].as_str().unwrap()].is_number());
                assert!(["Count", "Milliseconds", "None"].contains(&metric["Unit"].as_str().unwrap()));
            }
        }
    }

    #[test]
    fn a_call_has_its_latency_and_its_outcome() {
        let line = written(|m| m.call("airalo", "place_order", "throttled", Duration::from_micros(1_500)));
        check(&line);
        assert_eq!(line["CallLatency"], json!(1.5));
        let directives = &line["_aws"]["CloudWatchMetrics"];
        assert_eq!(directives[0]["Dimensions"], json!([["System", "Operation"]]));
        assert_eq!(directives[1]["Dimensions"], json!([["System", "Operation", "Outcome"]]));
        assert_eq!(directives[1]["Metrics"][0]["Name"], "Calls");
        assert_eq!((&line["System"], &line["Outcome"], &line["Calls"]), (&json!("airalo"), &json!("throttled"), &json!(1.0)));
    }

    #[test]
    fn counts_and_revenue_follow_the_format() {
        let price = Money::new("9.50".parse().unwrap(), "EUR").unwrap();
        for (line, name, value) in [
            (written(|m| m.orders(OrderStatus::Placed)), "Orders", 1.0),
            (written(|m| m.activation("airalo")), "Activations", 1.0),
            (written(|m| m.error("provider_unknown")), "Errors", 1.0),
            (written(|m| m.breaker("airalo", "money", "open")), "BreakerChanges", 1.0),
            (written(|m| m.queue_task("notifier", "email", "done")), "QueueTasks", 1.0),
            (written(|m| m.revenue(&price)), "Revenue", 9.5),
        ] {
            check(&line);
            assert_eq!(line[name], json!(value));
        }
        assert_eq!(written(|m| m.revenue(&price))["Currency"], "EUR");
        assert_eq!(written(|m| m.orders(OrderStatus::Rejected))["Status"], "rejected");
    }

    #[test]
    fn an_id_or_a_strange_text_is_no_dimension() {
        for id in ["8944501123456789012", "ord_01JDQ8ZK3N5T8Y2W4V6X8Z0A1B", "marie@example.com", "two words", "", &"x".repeat(41)] {
            assert_eq!(written(|m| m.error(id))["Kind"], "other", "{id}");
        }
    }

    #[test]
    fn the_trace_id_is_a_property() {
        let layer = JsonLines::new("orders", Format::Ecs, Arc::new(CapturedLines::default()), World::real().clock);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let _span = trace_span(&TraceId::parse("crm-42").unwrap(), "orders").entered();
            let line = written(|m| m.orders(OrderStatus::Placed));
            assert_eq!(line["trace_id"], "crm-42");
            assert!(!line["_aws"].to_string().contains("trace_id"));
        });
    }
}
