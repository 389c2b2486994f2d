//! What Airalo tells by itself (Airalo Partner API v2, webhooks). There is no event id, no event type and no time: events are
//! told apart by their shape, and repeated ones by the hash of their body, which the receiver takes.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::signature;
use crate::domain::Iccid;
use crate::providers::{ProviderError, ProviderEvent, ProviderEventKind, WebhookHeaders, lenient, reason};

/// The raw bytes first, then the same JSON in every form that an official source signs.
pub(super) fn verify<'a>(secrets: impl Iterator<Item = &'a SecretString>, headers: &WebhookHeaders, body: &[u8]) -> bool {
    let Some(signature) = headers.get(signature::HEADER).and_then(|value| hex::decode(value.as_bytes().trim_ascii()).ok()) else {
        return false;
    };
    let secrets: Vec<&str> = secrets.map(ExposeSecret::expose_secret).collect();
    let signed = |text: &[u8]| secrets.iter().any(|secret| signature::holds(secret, text, &signature));
    signed(body) || written_again(body).any(|text| signed(text.as_bytes()))
}

fn written_again(body: &[u8]) -> impl Iterator<Item = String> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    signature::FORMS.into_iter().filter_map(move |form| signature::rewrite(text, form))
}

#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    level: Value,
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    #[serde(default)]
    message: Value,
    #[serde(default)]
    remaining: Value,
    #[serde(default, deserialize_with = "lenient::text")]
    request_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    reason: Option<String>,
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    sims: Vec<Value>,
}

/// The one event of a body.
pub(super) fn read(body: &[u8]) -> Result<Vec<ProviderEvent>, ProviderError> {
    // A struct would also be read from a list.
    let object: serde_json::Map<String, Value> = serde_json::from_slice(body).map_err(|_| UNREADABLE)?;
    let payload: Payload = serde_json::from_value(Value::Object(object)).map_err(|_| UNREADABLE)?;
    let iccid = payload.iccid.as_deref().and_then(|text| Iccid::parse(text).ok());
    let kind = kind(&payload, iccid.is_some());
    Ok(vec![ProviderEvent { event_id: None, provider_esim_id: None, iccid, occurred_at: None, kind }])
}

const UNREADABLE: ProviderError = ProviderError::Unknown("the webhook cannot be read");

/// By shape. Low data and near expiry come at 75 %, 90 %, 3 days and 1 day, none of which is ours to tell: usage is read back.
/// Asynchronous orders have a `request_id`, failed ones also a `reason` and no eSIM; the list has the last word about both.
fn kind(payload: &Payload, names_esim: bool) -> ProviderEventKind {
    if payload.request_id.is_some() || payload.reason.is_some() {
        // An order with an eSIM was carried out, whatever else stands beside it.
        let failed = payload.reason.as_deref().filter(|_| payload.sims.is_empty()).map(reason::reason);
        return ProviderEventKind::OrderSettled {
            reference: payload.description.clone(),
            provider_order_id: payload.request_id.clone(),
            failed,
        };
    }
    if !payload.level.is_null() && names_esim {
        return ProviderEventKind::Hint;
    }
    if payload.message.is_string() && !payload.remaining.is_null() {
        return ProviderEventKind::CreditLow;
    }
    ProviderEventKind::Unknown
}
