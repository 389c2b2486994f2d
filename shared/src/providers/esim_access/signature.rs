//! `RT-Signature`: hex HMAC-SHA256, with the secret key, of time, request id, access code and body, one after the other (eSIM Access API, auth).

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::outbound::HttpRequest;

/// The request with its time in milliseconds, a UUID of its own and the signature; as it is where there is no secret key.
pub(super) fn signed(request: HttpRequest, access_code: &str, secret_key: &SecretString, at: Timestamp, once: [u8; 16]) -> HttpRequest {
    if secret_key.expose_secret().is_empty() {
        return request;
    }
    let (time, id) = (at.as_millisecond().to_string(), uuid_v4(once));
    let signature = sign(secret_key.expose_secret(), [time.as_bytes(), id.as_bytes(), access_code.as_bytes(), &request.body]);
    request.header("rt-timestamp", &time).header("rt-requestid", &id).header("rt-signature", &signature)
}

/// Lower-case hex, as the text says; the example prints upper case.
fn sign(secret_key: &str, parts: [&[u8]; 4]) -> String {
    // HMAC takes keys of any length; an empty signature would be refused.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret_key.as_bytes()) else { return String::new() };
    parts.iter().for_each(|part| mac.update(part));
    hex::encode(mac.finalize().into_bytes())
}

/// RFC 9562 §5.4.
fn uuid_v4(random: [u8; 16]) -> String {
    let bits = u128::from_be_bytes(random) & !(0xf << 76) & !(0b11 << 62) | (4 << 76) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    let mut rest = hex.as_str();
    let groups = [8, 4, 4, 4, 12].map(|length| {
        let (group, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = after;
        group
    });
    groups.join("-")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{sign, uuid_v4};
    use proptest::prelude::*;

    #[test]
    fn the_vector_of_the_documents_holds() {
        let signature = sign("1111", [b"1628670421", b"4ce9d9cdac9e4e17b3a2c66c358c1ce2", b"11111", br#"{"imsi":"326543826"}"#]);
        assert_eq!(signature, "7eb765e27df5373dea2dbc8c41a7d9557743e46c8054750f3d851b3fd01d0835");
    }

    proptest! {
        #[test]
        fn a_request_id_is_a_uuid_of_version_4(random in any::<[u8; 16]>()) {
            let id = uuid_v4(random);
            prop_assert_eq!(id.len(), 36);
            prop_assert!(id.get(14..15) == Some("4") && "89ab".contains(id.get(19..20).unwrap()));
        }
    }
}
