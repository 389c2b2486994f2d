//! What BICS tells by itself (§4): callbacks whose fields are not public, unsigned and never repeated. Whichever names an endpoint or an
//! ICCID makes us look.

use serde_json::Value;

use crate::domain::Iccid;
use crate::providers::{ProviderError, ProviderEvent, ProviderEventKind, lenient};

/// How deep a callback is looked through.
const DEEPEST: usize = 6;

const UNREADABLE: ProviderError = ProviderError::Unknown("the webhook cannot be read");

/// The one event of a body.
pub(super) fn read(body: &[u8]) -> Result<Vec<ProviderEvent>, ProviderError> {
    let object: serde_json::Map<String, Value> = serde_json::from_slice(body).map_err(|_| UNREADABLE)?;
    let body = Value::Object(object);
    let iccid = find(&body, &["iccid"], DEEPEST).and_then(|text| Iccid::parse(&text).ok());
    let provider_esim_id = find(&body, &["endpointid"], DEEPEST).filter(|id| id != "-");
    let kind = if iccid.is_some() || provider_esim_id.is_some() { ProviderEventKind::Hint } else { ProviderEventKind::Unknown };
    Ok(vec![ProviderEvent { event_id: None, provider_esim_id, iccid, occurred_at: None, kind }])
}

/// The first text under one of these names, whatever their case.
fn find(value: &Value, names: &[&str], depth: usize) -> Option<String> {
    if depth == 0 {
        return None;
    }
    match value {
        Value::Object(members) => {
            let named = members.iter().filter(|(name, _)| names.contains(&name.to_ascii_lowercase().as_str()));
            let mut texts = named.filter_map(|(_, value)| lenient::text_of(value));
            texts.next().or_else(|| members.values().find_map(|value| find(value, names, depth - 1)))
        }
        Value::Array(values) => values.iter().find_map(|value| find(value, names, depth - 1)),
        _ => None,
    }
}
