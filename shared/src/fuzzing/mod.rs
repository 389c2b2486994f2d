//! What reads bytes from outside, one entry each, for the fuzz targets in `tests/fuzz` and for this crate's own property tests.
//!
//! Compiled for this crate's tests and, by the feature `fuzzing`, for those targets; never part of a function. Each entry panics when
//! a promise about what was read does not hold; that a parser itself must not panic is understood.
#![allow(clippy::panic, clippy::expect_used, reason = "a broken promise ends the run")]

mod air;
mod bodies;
mod feed;
mod inside;
mod providers;
mod rates;
#[cfg(test)]
mod tests;

use secrecy::SecretString;

use crate::{domain::ActivationCode, security::signatures, security::standard_webhooks};

/// An entry: bytes in, nothing out.
pub type Entry = fn(&[u8]);

/// Every entry by the name of its target.
pub const ENTRIES: [(&str, Entry); 20] = [
    ("activation_code", activation_code),
    ("agency_settings", inside::agency_settings),
    ("air_file", air::air_file),
    ("airalo_answer", providers::airalo_answer),
    ("airalo_webhook", providers::airalo_webhook),
    ("amadeus_booking", air::amadeus_booking),
    ("api_body", bodies::api_body),
    ("celitech_answer", providers::celitech_answer),
    ("esim_access_answer", providers::esim_access_answer),
    ("esim_access_webhook", providers::esim_access_webhook),
    ("esim_go_answer", providers::esim_go_answer),
    ("esim_go_webhook", providers::esim_go_webhook),
    ("exchange_rates", rates::exchange_rates),
    ("feed_file", feed::feed_file),
    ("idempotency_key", bodies::idempotency_key),
    ("mail_events", bodies::mail_events),
    ("queue_message", inside::queue_message),
    ("reference_answer", providers::reference_answer),
    ("reference_webhook", providers::reference_webhook),
    ("signature", signature),
];

/// Runs the entry of a target.
///
/// # Panics
/// When there is none of this name, or a promise does not hold.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, entry) = ENTRIES.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("there is no entry {name}"));
    entry(bytes);
}

/// What is read is written the same way, and read again as the same.
fn activation_code(bytes: &[u8]) {
    let Ok(code) = ActivationCode::parse(&String::from_utf8_lossy(bytes)) else { return };
    let again = ActivationCode::parse(&code.lpa()).expect("what we write, we read");
    assert_eq!(again.lpa(), code.lpa());
    assert!(code.smdp_address().len() + code.matching_id().len() <= code.lpa().len());
    let _ = (code.oddities(), code.oid(), code.confirmation_code_required(), code.without_prefix());
}

/// A header on the first line, a body after it. Nobody without the secret can sign.
fn signature(bytes: &[u8]) {
    let (header, body) = split(bytes, b'\n');
    let header = String::from_utf8_lossy(header);
    let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let (secrets, now) = ([secret.clone()], jiff::Timestamp::UNIX_EPOCH);
    let _ = signatures::parse_timed_signature(&header);
    assert!(!signatures::verify_timed(&secrets, &header, body, now, jiff::SignedDuration::from_mins(5)));
    assert!(!signatures::verify_hmac_sha256_hex(&secrets, &[body], &header));
    assert!(!signatures::verify_hmac_sha512_hex(&secrets, &[body], &header));
    let (stamp, signed) = split(header.as_bytes(), b' ');
    let (stamp, signed) = (String::from_utf8_lossy(stamp), String::from_utf8_lossy(signed));
    assert!(!standard_webhooks::verify(&secret, "msg_1", &stamp, &signed, body, now));
    providers::verify(&header, body);
}

/// What stands before and after the first `mark`; everything is after it when there is none.
fn split(bytes: &[u8], mark: u8) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == mark) {
        Some(place) => (bytes.get(..place).unwrap_or_default(), bytes.get(place + 1..).unwrap_or_default()),
        None => (&[], bytes),
    }
}
