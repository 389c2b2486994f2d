//! What eSIM Access tells by itself (eSIM Access API, webhooks). Nothing is signed: it only makes us look.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::wire::esims::number_of_esim;
use crate::domain::Iccid;
use crate::providers::{ProviderError, ProviderEvent, ProviderEventKind, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    #[serde(default, deserialize_with = "lenient::text")]
    notify_type: Option<String>,
    /// Older types lack it.
    #[serde(default, deserialize_with = "lenient::text")]
    notify_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    event_generate_time: Option<String>,
    #[serde(default)]
    content: Value,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Content {
    #[serde(deserialize_with = "lenient::text")]
    esim_tran_no: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    iccid: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    transaction_id: Option<String>,
}

const UNREADABLE: ProviderError = ProviderError::Unknown("the webhook cannot be read");

/// The one event of a body. The ICCID counts only where the number is missing: it may have been another's.
pub(super) fn read(body: &[u8]) -> Result<Vec<ProviderEvent>, ProviderError> {
    // A struct would also be read from a list.
    let object: Map<String, Value> = serde_json::from_slice(body).map_err(|_| UNREADABLE)?;
    let notice: Notice = serde_json::from_value(Value::Object(object)).map_err(|_| UNREADABLE)?;
    let content: Content = serde_json::from_value(notice.content).unwrap_or_default();
    let provider_esim_id = content.esim_tran_no.and_then(number_of_esim);
    let iccid = content.iccid.filter(|_| provider_esim_id.is_none()).and_then(|text| Iccid::parse(&text).ok());
    let named = provider_esim_id.is_some() || iccid.is_some();
    let kind = match notice.notify_type.as_deref() {
        Some("ORDER_STATUS") => {
            ProviderEventKind::OrderSettled { reference: content.transaction_id, provider_order_id: None, failed: None }
        }
        Some("SMDP_EVENT" | "ESIM_STATUS" | "DATA_USAGE" | "VALIDITY_USAGE") if named => ProviderEventKind::Hint,
        Some(word) if word.contains("BALANCE") => ProviderEventKind::CreditLow,
        // CHECK_HEALTH too: it wants an answer, and nothing else.
        _ => ProviderEventKind::Unknown,
    };
    let occurred_at = notice.event_generate_time.as_deref().and_then(lenient::moment);
    Ok(vec![ProviderEvent { event_id: notice.notify_id, provider_esim_id, iccid, occurred_at, kind }])
}
