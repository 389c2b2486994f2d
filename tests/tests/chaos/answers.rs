//! Every answer of our API: which may be given, and which never.

use std::collections::BTreeMap;
use std::sync::Mutex;

use http::HeaderMap;
use serde_json::Value;

/// Answers by call and status; those that must not be, in full.
#[derive(Default)]
pub struct Answers {
    counted: Mutex<BTreeMap<(&'static str, u16), usize>>,
    wrong: Mutex<Vec<String>>,
}

impl Answers {
    pub fn count(&self, call: &'static str, status: u16, headers: &HeaderMap, body: &Value) {
        *self.counted.lock().unwrap().entry((call, status)).or_default() += 1;
        if !is_allowed(status, headers, body) {
            self.wrong.lock().unwrap().push(format!("{call}: {status} {body}"));
        }
    }

    /// The caller got no answer at all.
    pub fn none(&self, call: &'static str) {
        *self.counted.lock().unwrap().entry((call, 0)).or_default() += 1;
    }

    pub fn judge(&self) {
        let wrong = self.wrong.lock().unwrap();
        assert!(wrong.is_empty(), "answers that must not be given:\n{}", wrong.join("\n"));
    }
}

/// 503 says when to come back. The gateway's own 502 and 504 stand for a process that was killed, its 429 for more webhooks a second than
/// `template.yaml` lets in, which are sent again; they carry no `code` of ours.
fn is_allowed(status: u16, headers: &HeaderMap, body: &Value) -> bool {
    match status {
        503 => headers.contains_key("retry-after"),
        429 | 502 | 504 => body["code"].is_null(),
        400..=499 => body["code"] == "order_in_progress" || body["code"] == "order_rejected" || body["code"] == "order_parked",
        500.. => false,
        _ => true,
    }
}

impl std::fmt::Display for Answers {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for ((call, status), times) in self.counted.lock().unwrap().iter() {
            write!(out, "{call} {status} × {times}, ")?;
        }
        Ok(())
    }
}
