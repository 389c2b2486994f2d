//! The event webhook (SendGrid v3, "Event webhook"): a list of events, signed with ECDSA over timestamp and raw body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::super::SimError;
use super::super::core::deliver::Outgoing;
use super::super::core::hold;
use super::super::core::iccid::digest;
use super::super::core::json::{put, text, truth, whole};
use super::super::core::reply::Reply;
use super::SendGrid;

/// The key of one account's event webhook.
#[derive(Debug)]
pub struct Signer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    pub fn new() -> Result<Self, SimError> {
        let random = SystemRandom::new();
        let broken = |_| SimError::from("no key could be made");
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).map_err(broken)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random);
        Ok(Self { pair: pair.map_err(|error| error.to_string())?, random })
    }

    /// As SendGrid's settings show it: base64 of an X.509 SubjectPublicKeyInfo for P-256.
    pub fn public_key(&self) -> String {
        let head = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap_or_default();
        STANDARD.encode([head.as_slice(), self.pair.public_key().as_ref()].concat())
    }

    fn sign(&self, message: &[u8]) -> String {
        self.pair.sign(&self.random, message).map(|signature| STANDARD.encode(signature.as_ref())).unwrap_or_default()
    }
}

impl SendGrid {
    /// Tells of a message: `event` (`type`, `reason`), at `url`. For mischief: `unsigned`, `tamper`, `signed_at` (Unix seconds), `times`.
    pub(super) async fn tell(&self, number: &str, order: &Value) -> Option<Reply> {
        let message = hold(&self.state).messages.get(number.parse::<usize>().ok()?)?.clone();
        let kind = text(order, "event").unwrap_or("delivered");
        let mut event = json!({
            "email": message.to.pointer("/0/email"), "timestamp": self.clock.now().as_second(), "event": kind,
            "sg_event_id": digest(&format!("{} {kind}", message.id), 22), "sg_message_id": format!("{}.filterdrecv-1-ABCDE-0.0", message.id),
            "smtp-id": format!("<{}@simulator>", message.id), "category": message.rest.get("categories"),
        });
        for name in ["type", "reason", "response", "status"] {
            if let Some(value) = order.get(name) {
                put(&mut event, name, value.clone());
            }
        }
        // Custom arguments are flattened into the event.
        for (name, value) in message.rest.get("custom_args").and_then(Value::as_object).into_iter().flatten() {
            put(&mut event, name, value.clone());
        }
        let outgoing = self.signed(text(order, "url")?, &format!("{}\r\n", json!([event])), order);
        let mut status = None;
        for _ in 0..whole(order, "times").unwrap_or(1) {
            status = self.courier.send(&outgoing).await;
        }
        Some(Reply::json(200, &json!({ "status": status })))
    }

    fn signed(&self, url: &str, body: &str, order: &Value) -> Outgoing {
        // Signatures follow the machine's clock, as those of all simulators, unless an hour is ordered.
        let at = whole(order, "signed_at").unwrap_or_else(|| Timestamp::now().as_second()).to_string();
        let signature = self.signer.sign(format!("{at}{body}").as_bytes());
        let body = if truth(order, "tamper") { body.replace("\"event\":", "\"event\": ") } else { body.to_owned() };
        let mut headers = Vec::new();
        if !truth(order, "unsigned") {
            headers.push(("X-Twilio-Email-Event-Webhook-Signature".to_owned(), signature));
            headers.push(("X-Twilio-Email-Event-Webhook-Timestamp".to_owned(), at));
        }
        Outgoing { url: url.to_owned(), headers, body }
    }
}
