//! `RT-AccessCode` alone, or with a time, a UUID and a signature over them and the body: all three, or none.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use super::super::core::call::Call;
use super::{Provider, Refusal};

/// How far the time of a request may be off, in milliseconds.
const WINDOW: i64 = 5 * 60 * 1_000;

/// Hex HMAC-SHA256 of time, request id, access code and body.
#[must_use]
pub fn signature(secret_key: &str, time: &str, id: &str, access_code: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret_key.as_bytes()) else { return String::new() };
    for part in [time.as_bytes(), id.as_bytes(), access_code.as_bytes(), body] {
        mac.update(part);
    }
    hex::encode(mac.finalize().into_bytes())
}

impl Provider {
    pub(super) fn authenticated(&self, call: &Call) -> Result<(), Refusal> {
        let code = call.header("rt-accesscode").ok_or(Refusal("000101", "Request header RT-AccessCode is null"))?;
        if code != self.access_code {
            return Err(Refusal("101003", "Request signature mismatch"));
        }
        let signed = ["rt-timestamp", "rt-requestid", "rt-signature"].map(|name| call.header(name));
        match signed {
            [None, None, None] => Ok(()),
            [Some(time), Some(id), Some(given)] => self.signed(call, time, id, given),
            _ => Err(Refusal("000101", "RT-Timestamp, RT-RequestID and RT-Signature belong together")),
        }
    }

    fn signed(&self, call: &Call, time: &str, id: &str, given: &str) -> Result<(), Refusal> {
        let at: i64 = time.parse().map_err(|_| Refusal("000102", "RT-Timestamp must be milliseconds"))?;
        if !is_uuid_v4(id) {
            return Err(Refusal("000102", "RT-RequestID must be a UUID of version 4"));
        }
        // The caller may live by the machine's clock, or by the played one.
        let near = |now: Timestamp| (now.as_millisecond() - at).abs() <= WINDOW;
        if !near(Timestamp::now()) && !near(self.now()) {
            return Err(Refusal("101001", "The timestamp of the request has expired"));
        }
        let expected = signature(&self.secret_key, time, id, &self.access_code, &call.body);
        if given.eq_ignore_ascii_case(&expected) { Ok(()) } else { Err(Refusal("101003", "Request signature mismatch")) }
    }
}

fn is_uuid_v4(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let hex = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    lengths == [8, 4, 4, 4, 12] && hex && groups.get(2).is_some_and(|group| group.starts_with('4'))
}
