//! Failures on demand: what the network and the partner's operations do on a bad day.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use super::hold;

fn once() -> u32 {
    1
}

/// One order to fail, for the next `times` requests that match.
///
/// Without `status` the request is handled normally, and the reply is then delayed, cut or dropped as asked; with
/// `status` the request has **no** effect and the status is the answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only requests of this method; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only requests whose path contains this text; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How many matching requests fail; 1 when absent.
    #[serde(default = "once")]
    pub times: u32,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// Answer this status instead of handling the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers to add to the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Body to answer instead: JSON, or a text that is sent as it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Milliseconds between the effect and the answer.
    #[serde(default)]
    pub delay_ms: u64,
    /// Milliseconds before the effect. The effect comes even if the caller has hung up by then.
    #[serde(default)]
    pub delay_before_effect_ms: u64,
    /// The effect happens, then the connection closes without an answer.
    #[serde(default)]
    pub drop_reply_after_effect: bool,
    /// Nothing happens and the connection closes without an answer.
    #[serde(default)]
    pub drop_before_effect: bool,
    /// The answer's body is cut in the middle, its length header fits.
    #[serde(default)]
    pub malformed: bool,
}

impl Fault {
    /// For requests of a method whose path contains a text.
    #[must_use]
    pub fn on(method: &str, path: &str) -> Self {
        Self { method: Some(method.to_owned()), path: Some(path.to_owned()), times: 1, ..Self::default() }
    }

    /// How many requests fail.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// How many requests pass first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Answers a status without any effect.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Replaces the answer's body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Answers late: the effect is immediate.
    #[must_use]
    pub fn delayed(mut self, milliseconds: u64) -> Self {
        self.delay_ms = milliseconds;
        self
    }

    /// The effect itself comes late.
    #[must_use]
    pub fn with_late_effect(mut self, milliseconds: u64) -> Self {
        self.delay_before_effect_ms = milliseconds;
        self
    }

    /// The effect happens, the answer is lost.
    #[must_use]
    pub fn dropping_the_reply(mut self) -> Self {
        self.drop_reply_after_effect = true;
        self
    }

    /// The request is lost.
    #[must_use]
    pub fn dropping_the_request(mut self) -> Self {
        self.drop_before_effect = true;
        self
    }

    /// The answer is cut.
    #[must_use]
    pub fn malformed(mut self) -> Self {
        self.malformed = true;
        self
    }

    /// The name under which the record of requests shows it.
    #[must_use]
    pub fn name(&self) -> String {
        let mut names = Vec::new();
        if self.drop_before_effect {
            names.push("drop_before_effect".to_owned());
        }
        if self.drop_reply_after_effect {
            names.push("drop_reply_after_effect".to_owned());
        }
        if let Some(status) = self.status {
            names.push(format!("status {status}"));
        }
        if self.malformed {
            names.push("malformed".to_owned());
        }
        if self.delay_ms > 0 || self.delay_before_effect_ms > 0 {
            names.push("delay".to_owned());
        }
        if names.is_empty() { "altered".to_owned() } else { names.join(", ") }
    }

    fn matches(&self, call: &Call) -> bool {
        let method = self.method.as_deref().is_none_or(|wanted| call.method.as_str().eq_ignore_ascii_case(wanted));
        method && self.path.as_deref().is_none_or(|part| call.path.contains(part))
    }
}

/// The faults that wait for a request, oldest first.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Adds one.
    pub fn add(&self, fault: Fault) {
        hold(&self.0).push(fault);
    }

    /// Removes all.
    pub fn clear(&self) {
        hold(&self.0).clear();
    }

    /// Those that still wait.
    #[must_use]
    pub fn waiting(&self) -> Vec<Fault> {
        hold(&self.0).clone()
    }

    /// The first fault for this request, used up by one.
    #[must_use]
    pub fn take(&self, call: &Call) -> Option<Fault> {
        let mut waiting = hold(&self.0);
        let fault = waiting.iter_mut().find(|fault| fault.times > 0 && fault.matches(call))?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.times -= 1;
        let taken = fault.clone();
        waiting.retain(|fault| fault.times > 0);
        Some(taken)
    }
}
