//! Standard Webhooks (specification 1.0), by which we sign the events that we send to a CRM or an iPaaS:
//! `webhook-signature: v1,<base64 HMAC-SHA256 of "id.timestamp.body">`, key = the base64 after `whsec_`, decoded.

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

use super::signatures::{Hash, UnusableSecret, is_recent, raw_signature, raw_verify, unix_seconds};
use crate::world::World;

const PREFIX: &str = "whsec_";
/// Length of the keys we draw; the specification allows 24 to 64 bytes.
const KEY_BYTES: usize = 32;
/// How far the signed time may be from now, before and after.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A new signing secret, `whsec_` and base64, to be shown to the subscriber once.
#[must_use]
pub fn new_webhook_secret(world: &World) -> SecretString {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    world.entropy.fill(key.as_mut_slice());
    SecretString::from(format!("{PREFIX}{}", BASE64_STANDARD.encode(key.as_slice())))
}

/// The three headers of one delivery, by lower-case name. The id stays the same when a delivery is repeated; the time and the signature are
/// made anew. While a secret is being changed, both sign.
///
/// # Errors
/// [`UnusableSecret`] when the secret is not `whsec_` and base64, or the id holds a full stop.
pub fn signed_headers(
    secrets: &[&SecretString],
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> Result<[(&'static str, String); 3], UnusableSecret> {
    let signatures = secrets.iter().map(|secret| sign(secret, id, at, body)).collect::<Result<Vec<_>, _>>()?;
    let signature = signatures.join(" ");
    Ok([("webhook-id", id.to_owned()), ("webhook-timestamp", at.as_second().to_string()), ("webhook-signature", signature)])
}

/// The value of `webhook-signature`: `v1,<base64>`.
///
/// # Errors
/// [`UnusableSecret`] when the secret is not `whsec_` and base64, or the id holds a full stop.
pub fn sign(secret: &SecretString, id: &str, at: Timestamp, body: &[u8]) -> Result<String, UnusableSecret> {
    if id.contains('.') {
        return Err(UnusableSecret);
    }
    let signature = raw_signature(Hash::Sha256, &key(secret)?, &[id.as_bytes(), b".", at.as_second().to_string().as_bytes(), b".", body])?;
    Ok(format!("v1,{}", BASE64_STANDARD.encode(signature)))
}

/// Whether the headers of a delivery are those of its sender: one of the space-separated signatures is good, and the time is near.
#[must_use]
pub fn verify(secret: &SecretString, id: &str, timestamp: &str, signatures: &str, body: &[u8], now: Timestamp) -> bool {
    let (Ok(key), Some(signed_at)) = (key(secret), unix_seconds(timestamp)) else { return false };
    let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    let good = signatures
        .split(' ')
        .filter_map(|entry| BASE64_STANDARD.decode(entry.strip_prefix("v1,")?).ok())
        .fold(false, |good, signature| good | raw_verify(Hash::Sha256, &key, &parts, &signature));
    good && is_recent(signed_at, now, TOLERANCE)
}

fn key(secret: &SecretString) -> Result<Zeroizing<Vec<u8>>, UnusableSecret> {
    let text = secret.expose_secret();
    let bytes = BASE64_STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text)).map_err(|_| UnusableSecret)?;
    Ok(Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{new_webhook_secret, sign, signed_headers, verify};
    use crate::world::World;
    use jiff::Timestamp;
    use secrecy::{ExposeSecret, SecretString};

    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// The fixed message of the Standard Webhooks libraries' own tests.
    #[test]
    fn the_published_vector() {
        for secret in ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            let secret = SecretString::from(secret);
            assert_eq!(sign(&secret, ID, at(1_614_265_330), BODY).unwrap(), SIGNATURE);
            assert!(verify(&secret, ID, "1614265330", SIGNATURE, BODY, at(1_614_265_330)));
            assert!(verify(&secret, ID, "1614265330", &format!("v1a,xx v1,AAAA {SIGNATURE}"), BODY, at(1_614_265_630)));
            assert!(!verify(&secret, ID, "1614265330", SIGNATURE, BODY, at(1_614_265_631)));
            assert!(!verify(&secret, ID, "1614265331", SIGNATURE, BODY, at(1_614_265_331)));
            assert!(!verify(&secret, "msg_other", "1614265330", SIGNATURE, BODY, at(1_614_265_330)));
            assert!(!verify(&secret, ID, "1614265330", "", BODY, at(1_614_265_330)));
        }
    }

    #[test]
    fn a_new_secret_signs_what_its_holder_can_verify() {
        let secret = new_webhook_secret(&World::real());
        assert!(secret.expose_secret().starts_with("whsec_"));
        assert_ne!(secret.expose_secret(), new_webhook_secret(&World::real()).expose_secret());
        let [(_, id), (_, timestamp), (_, signature)] = signed_headers(&[&secret], "evt_1", at(1_700_000_000), BODY).unwrap();
        assert!(verify(&secret, &id, &timestamp, &signature, BODY, at(1_700_000_010)));
    }

    #[test]
    fn a_secret_or_an_id_of_another_form_is_refused() {
        for secret in ["", "whsec_", "whsec_not base64"] {
            assert!(sign(&SecretString::from(secret), "evt_1", at(0), BODY).is_err());
        }
        assert!(sign(&new_webhook_secret(&World::real()), "evt.1", at(0), BODY).is_err());
    }
}
