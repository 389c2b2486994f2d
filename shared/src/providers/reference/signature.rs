//! `X-Passerelle-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. The mission asks for HMAC-SHA256 with a shared secret;
//! the time is signed with the body, so that an old webhook cannot be played again. Several `v1` may stand side by side while
//! a secret is being changed. A signature without time is not accepted.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// The header.
pub(super) const HEADER: &str = "x-passerelle-signature";

/// How far the signed time may be from ours, in seconds, either way.
const WINDOW: u64 = 300;

/// A header, taken apart.
pub(super) struct Signed<'a> {
    time: &'a str,
    seconds: i64,
    signatures: Vec<Vec<u8>>,
}

impl<'a> Signed<'a> {
    /// Reads a header: exactly one time, and at least one `v1` in hex. Other schemes (`v0`) do not count.
    pub(super) fn parse(header: &'a str) -> Option<Self> {
        let mut times = Vec::new();
        let mut signatures = Vec::new();
        for part in header.split(',') {
            match part.trim().split_once('=') {
                Some(("t", time)) => times.push(time),
                Some(("v1", signature)) => signatures.extend(hex::decode(signature).ok()),
                _ => {}
            }
        }
        let [time] = times.as_slice() else { return None };
        let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = time.parse().ok().filter(|_| digits)?;
        (!signatures.is_empty()).then_some(Self { time, seconds, signatures })
    }

    /// Whether it was signed within five minutes of `now`.
    pub(super) fn is_recent(&self, now: Timestamp) -> bool {
        self.seconds.abs_diff(now.as_second()) <= WINDOW
    }

    /// Whether one of its signatures is that of the body with this secret, in constant time. No secret signs nothing.
    pub(super) fn holds(&self, secret: &str, body: &[u8]) -> bool {
        !secret.is_empty() && self.signatures.iter().any(|signature| verify(secret, self.time, body, signature))
    }
}

fn verify(secret: &str, time: &str, body: &[u8], signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.verify_slice(signature).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::Signed;

    /// HMAC-SHA256 of `1700000000.{}` with `s3cret`, by another implementation.
    const SIGNATURE: &str = "97926816e98fbb41ccb1673225ff29a2f35369099990e1b1561651e7bd097ebf";

    #[test]
    fn one_good_signature_among_several_is_enough() {
        let header = format!("t=1700000000, v1=00ff,v1={SIGNATURE},v0=nonsense,v1=nothex");
        let signed = Signed::parse(&header).unwrap();
        assert!(signed.holds("s3cret", b"{}"));
        assert!(!signed.holds("s3cret", b"{} "));
        assert!(!signed.holds("", b"{}"));
    }

    #[test]
    fn the_time_is_signed_counted_once_and_within_five_minutes() {
        let parsed = |header: String| Signed::parse(&header).is_some();
        assert!(!parsed(format!("v1={SIGNATURE}")));
        assert!(!parsed(format!("t=1700000000,t=1700000001,v1={SIGNATURE}")));
        assert!(!parsed(format!("t=+1700000000,v1={SIGNATURE}")));
        assert!(!parsed(format!("t=99999999999999999999,v1={SIGNATURE}")));
        assert!(!parsed("t=1700000000".to_owned()));
        let header = format!("t=1700000000,v1={SIGNATURE}");
        let signed = Signed::parse(&header).unwrap();
        for (seconds, recent) in
            [(1_700_000_000, true), (1_700_000_300, true), (1_700_000_301, false), (1_699_999_700, true), (1_699_999_699, false)]
        {
            assert_eq!(signed.is_recent(jiff::Timestamp::from_second(seconds).unwrap()), recent, "{seconds}");
        }
        let other = format!("t=1700000001,v1={SIGNATURE}");
        assert!(!Signed::parse(&other).unwrap().holds("s3cret", b"{}"));
    }
}
