//! Links that open the installation of an eSIM on the phone that reads them (GSMA eSIM facts, "Install links and QR").
//! A link holds the activation code: it is as secret as the code, and belongs into the traveller's mail only.

use std::fmt::Write as _;

use crate::domain::ActivationCode;

/// iOS 17.4 and later.
#[must_use]
pub fn apple_link(code: &ActivationCode) -> String {
    format!("https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={}", escaped(&code.lpa()))
}

/// Android 10 and later, on devices that can hold an eSIM.
#[must_use]
pub fn android_link(code: &ActivationCode) -> String {
    format!("https://esimsetup.android.com/esim_qrcode_provisioning?carddata={}", escaped(&code.lpa()))
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use super::{android_link, apple_link};
    use crate::domain::ActivationCode;

    #[test]
    fn the_whole_code_is_in_the_link_percent_encoded() {
        let code = ActivationCode::parse("1$smdp.example.com$K2-48XR-77TB$$1").unwrap();
        let value = "LPA%3A1%24smdp.example.com%24K2-48XR-77TB%24%241";
        assert_eq!(apple_link(&code), format!("https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={value}"));
        assert_eq!(android_link(&code), format!("https://esimsetup.android.com/esim_qrcode_provisioning?carddata={value}"));
        let read = url::Url::parse(&apple_link(&code)).unwrap();
        assert_eq!(read.query_pairs().next().unwrap().1, code.lpa());
    }
}
