//! `Idempotency-Key` on every POST: 1 to 255 printable ASCII characters without spaces, remembered for three days, successes only.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::core::call::Call;
use super::super::core::iccid::digest;
use super::super::core::reply::Reply;
use super::{Provider, message};

/// What a key stands for.
#[derive(Debug, Clone)]
pub struct Remembered {
    asked: String,
    answer: Value,
    at: Timestamp,
}

/// How long a key is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(72);

impl Provider {
    /// Carries out a purchase once a key, when there is one: without a key nothing is idempotent.
    pub(super) fn keyed(&self, call: &Call, carry_out: impl FnOnce(&Value) -> Result<Value, Reply>) -> Reply {
        if call.media_type() != "application/json" {
            return message(400, "Content-Type must be application/json");
        }
        let Some(body) = call.json().ok().filter(Value::is_object) else {
            return message(400, "The body is no JSON object");
        };
        let Some(key) = call.header("idempotency-key") else {
            return carry_out(&body).map_or_else(|refusal| refusal, |answer| Reply::json(200, &answer));
        };
        if key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return message(400, "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces");
        }
        let asked = digest(&format!("{} {body}", call.path), 64);
        if let Some(reply) = self.earlier(key, &asked) {
            return reply;
        }
        let carried_out = carry_out(&body);
        self.state().in_hand.remove(key);
        match carried_out {
            Ok(answer) => {
                let remembered = Remembered { asked, answer: answer.clone(), at: self.now() };
                self.state().keys.insert(key.to_owned(), remembered);
                Reply::json(200, &answer)
            }
            Err(refusal) => refusal,
        }
    }

    /// What the key was answered before; else it is in hand from now on.
    fn earlier(&self, key: &str, asked: &str) -> Option<Reply> {
        let mut state = self.state();
        if state.in_hand.contains(key) {
            return Some(message(409, "A request with this Idempotency-Key is still being processed"));
        }
        let now = self.now();
        let Some(before) = state.keys.get(key).filter(|before| now.duration_since(before.at) < REMEMBERED) else {
            state.in_hand.insert(key.to_owned());
            return None;
        };
        if before.asked != asked {
            return Some(message(422, "This Idempotency-Key was used with another request"));
        }
        Some(Reply::json(200, &before.answer).with("idempotent-replayed", "true"))
    }
}
