//! What 1GLOBAL tells by itself (§4): unsigned, so that the truth is read back.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::Iccid;
use crate::providers::{ProviderError, ProviderEvent, ProviderEventKind, lenient};

#[derive(Deserialize)]
struct Payload {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
}

const UNREADABLE: ProviderError = ProviderError::Unknown("the webhook cannot be read");

/// The one event of a body. Neither its balance nor its threshold is believed (the samples put `threshold` on the wrong event).
pub(super) fn read(body: &[u8]) -> Result<Vec<ProviderEvent>, ProviderError> {
    // A struct would also be read from a list.
    let object: serde_json::Map<String, Value> = serde_json::from_slice(body).map_err(|_| UNREADABLE)?;
    let payload: Payload = serde_json::from_value(Value::Object(object)).map_err(|_| UNREADABLE)?;
    let iccid = payload.iccid.as_deref().and_then(|text| Iccid::parse(text).ok());
    let kind = match payload.r#type.as_deref() {
        // The page's own misspelling is accepted.
        Some("USAGE_THRESHOLD" | "SUBSCRIPTION_END" | "SUBSCRITPION_END" | "DOWNLOAD_PROGRESS") if iccid.is_some() => {
            ProviderEventKind::Hint
        }
        _ => ProviderEventKind::Unknown,
    };
    Ok(vec![ProviderEvent { event_id: payload.id, provider_esim_id: None, iccid, occurred_at: None, kind }])
}
