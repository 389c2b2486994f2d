//! The calls to the provider, as the functions logged them: one line of metrics a call (embedded metric format), with system, operation,
//! outcome and milliseconds. Nothing of a call's content stands there.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the functions call it when nothing was sent.
const NOT_SENT: &str = "not_sent";
/// What the functions call the log-in.
pub const LOGIN: &str = "login";

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The contract's word: `catalogue`, `login` …
    pub operation: String,
    /// `ok`, `throttled`, `unauthorised` …
    pub outcome: String,
    /// From our wish to its reading.
    pub milliseconds: f64,
}

/// The calls to a system (a provider kind) in log lines; what a line has before its JSON is passed over.
pub fn to<'a>(system: &str, lines: impl Iterator<Item = &'a str>) -> Vec<Call> {
    lines.filter_map(|line| read(system, line)).collect()
}

fn read(system: &str, line: &str) -> Option<Call> {
    let metrics: Value = serde_json::from_str(line.get(line.find('{')?..)?).ok()?;
    let text = |name: &str| metrics.get(name).and_then(Value::as_str);
    if text("System")? != system {
        return None;
    }
    let milliseconds = metrics.get("CallLatency")?.as_f64()?;
    Some(Call { operation: text("Operation")?.to_owned(), outcome: text("Outcome")?.to_owned(), milliseconds })
}

/// How the calls of one operation went.
#[derive(Debug, Clone, PartialEq)]
pub struct Latency {
    /// The contract's word.
    pub operation: String,
    /// Calls that were sent.
    pub count: usize,
    /// Half of them were at most as long, milliseconds.
    pub p50: f64,
    /// 95 of 100 were at most as long, milliseconds.
    pub p95: f64,
    /// The longest, milliseconds.
    pub longest: f64,
    /// How often each outcome, those that were not sent too.
    pub outcomes: BTreeMap<String, usize>,
}

/// By operation, in order of their names.
#[must_use]
pub fn latencies(calls: &[Call]) -> Vec<Latency> {
    let mut operations: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in calls {
        operations.entry(&call.operation).or_default().push(call);
    }
    operations.into_iter().map(|(operation, calls)| latency(operation, &calls)).collect()
}

fn latency(operation: &str, calls: &[&Call]) -> Latency {
    let mut outcomes = BTreeMap::new();
    for call in calls {
        *outcomes.entry(call.outcome.clone()).or_default() += 1;
    }
    let mut took: Vec<f64> = calls.iter().filter(|call| call.outcome != NOT_SENT).map(|call| call.milliseconds).collect();
    took.sort_by(f64::total_cmp);
    let (p50, p95, longest) = (percentile(&took, 50), percentile(&took, 95), percentile(&took, 100));
    Latency { operation: operation.to_owned(), count: took.len(), p50, p95, longest, outcomes }
}

/// The nearest rank: the smallest value that so many percent of all are not above. 0 of none.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a failing step fails the test")]

    use super::{Call, latencies, percentile, to};

    const LINE: &str = r#"{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"System":"telna","Operation":"catalogue","Outcome":"ok","CallLatency":12.5,"Calls":1.0,"function":"onboard"}"#;

    fn call(operation: &str, outcome: &str, milliseconds: f64) -> Call {
        Call { operation: operation.to_owned(), outcome: outcome.to_owned(), milliseconds }
    }

    #[test]
    fn only_the_calls_of_the_system_are_read() {
        let prefixed = format!("2026-01-01T00:00:00Z {LINE}");
        let others =
            ["START RequestId: 1", "{", r#"{"System":"telna","Class":"read","BreakerChanges":1.0}"#, &LINE.replace("telna", "bics")];
        let lines = [LINE, &prefixed].into_iter().chain(others);
        assert_eq!(to("telna", lines), [call("catalogue", "ok", 12.5), call("catalogue", "ok", 12.5)]);
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!([50, 95, 100].map(|percent| percentile(&hundred, percent)), [50.0, 95.0, 100.0]);
        assert_eq!([50, 95, 100].map(|percent| percentile(&[1.0, 2.0, 9.0], percent)), [2.0, 9.0, 9.0]);
        assert_eq!(percentile(&[4.0], 50), 4.0);
        assert_eq!(percentile(&[], 95), 0.0);
    }

    #[test]
    fn what_was_not_sent_has_an_outcome_and_no_latency() {
        let calls =
            [call("usage", "ok", 30.0), call("login", "ok", 5.0), call("usage", "not_sent", 900.0), call("usage", "throttled", 10.0)];
        let found = latencies(&calls);
        assert_eq!(found.iter().map(|line| line.operation.as_str()).collect::<Vec<_>>(), ["login", "usage"]);
        assert_eq!((found[1].count, found[1].p50, found[1].longest), (2, 10.0, 30.0));
        assert_eq!(
            found[1].outcomes.iter().map(|(word, times)| (word.as_str(), *times)).collect::<Vec<_>>(),
            [("not_sent", 1), ("ok", 1), ("throttled", 1)]
        );
    }
}
