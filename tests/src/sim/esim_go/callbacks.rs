//! Callbacks, V3: the raw body signed with the API key, hex or base64. They have no id, no time, and are sent once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::super::core::deliver::Outgoing;
use super::super::core::json::{put, text};
use super::Provider;
use super::bundles::Assignment;
use super::esims::{self, Esim};

/// Where callbacks go: set in the portal, which has no API.
#[derive(Debug, Clone)]
pub struct Receiver {
    pub url: String,
    /// Base64 instead of hex.
    pub base64: bool,
    /// V2: without a signature.
    pub unsigned: bool,
}

/// `X-Signature-SHA256` of a body.
#[must_use]
pub fn signature(api_key: &str, body: &str, base64: bool) -> String {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(api_key.as_bytes()).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(body.as_bytes());
    let signature = mac.finalize().into_bytes();
    if base64 { STANDARD.encode(signature) } else { hex::encode(signature) }
}

impl Provider {
    /// The body of a callback about an eSIM.
    pub(super) fn callback(&self, esim: &Esim, kind: &str) -> Value {
        let mut body = json!({"iccid": esims::iccid(&esim.iccid, &self.state().settings)});
        match (kind, esim.assignments.last()) {
            ("Profile", _) => {
                put(&mut body, "profileStatus", esim.profile_status.as_str());
                put(&mut body, "device", json!({"eid": "89049032000000000000000000000001"}));
            }
            ("Utilisation" | "FirstUse", Some(assignment)) => {
                put(&mut body, "alertType", kind);
                put(&mut body, "bundle", bundle(assignment));
            }
            _ => put(&mut body, "alertType", kind),
        }
        body
    }

    /// Sends a callback now; `change` may name another `secret`, or `tamper` with the body. The receiver's status.
    pub(super) async fn send_callback(&self, body: &Value, change: &Value) -> Option<u16> {
        let receiver = self.state().receiver.clone()?;
        let body = body.to_string();
        let signature = signature(text(change, "secret").unwrap_or(&self.api_key), &body, receiver.base64);
        let sent = if change.get("tamper").is_some() { body.replacen('{', "{ ", 1) } else { body };
        let headers = if receiver.unsigned { Vec::new() } else { vec![("x-signature-sha256".to_owned(), signature)] };
        self.courier.send(&Outgoing { url: receiver.url, headers, body: sent }).await
    }
}

fn bundle(assignment: &Assignment) -> Value {
    let mut bundle = assignment.quantities();
    put(&mut bundle, "id", assignment.id.as_str());
    put(&mut bundle, "reference", assignment.reference.as_str());
    put(&mut bundle, "name", assignment.bundle.name);
    put(&mut bundle, "description", assignment.bundle.name);
    bundle
}
