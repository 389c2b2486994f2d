//! What Telna tells by itself, through Amazon SNS (§4). Where the signature is checked it proves the sender; the truth is read back in any case.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::sns::is_amazon_sns;
use crate::domain::Iccid;
use crate::providers::{ProviderError, ProviderEvent, ProviderEventKind, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    #[serde(default, deserialize_with = "lenient::text")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    message_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    topic_arn: Option<String>,
    /// The event, as JSON in a text.
    #[serde(default, deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(default, rename = "SubscribeURL", deserialize_with = "lenient::text")]
    subscribe_url: Option<String>,
}

const UNREADABLE: ProviderError = ProviderError::Unknown("the webhook cannot be read");

/// The one event of an envelope.
pub(super) fn read(topic_arn: Option<&str>, body: &[u8]) -> Result<Vec<ProviderEvent>, ProviderError> {
    // A struct would also be read from a list.
    let object: serde_json::Map<String, Value> = serde_json::from_slice(body).map_err(|_| UNREADABLE)?;
    let envelope: Envelope = serde_json::from_value(Value::Object(object)).map_err(|_| UNREADABLE)?;
    let message: Value = envelope.message.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let iccid = iccid(&message);
    let kind = match envelope.r#type.as_deref() {
        Some("SubscriptionConfirmation") => confirmation(topic_arn, &envelope).unwrap_or(ProviderEventKind::Unknown),
        Some("Notification") if iccid.is_some() && is_known(&message) => ProviderEventKind::Hint,
        _ => ProviderEventKind::Unknown,
    };
    Ok(vec![ProviderEvent { event_id: envelope.message_id, provider_esim_id: None, iccid, occurred_at: occurred_at(&message), kind }])
}

/// Package events name it in their details; ES2+ progress names it at the top.
fn iccid(message: &Value) -> Option<Iccid> {
    let text = message.pointer("/eventDetails/sim/iccid").or_else(|| message.get("iccid"))?;
    Iccid::parse(&lenient::text_of(text)?).ok()
}

fn is_known(message: &Value) -> bool {
    let by_name = matches!(message.get("eventName").and_then(Value::as_str), Some("PACKAGE_DATA_USAGE_ALERT" | "PACKAGE_STATUS_CHANGE"));
    by_name || message.get("notificationPointId").is_some()
}

fn occurred_at(message: &Value) -> Option<Timestamp> {
    Timestamp::from_millisecond(message.get("eventTimestamp")?.as_i64()?).ok()
}

/// Only for the topic that the settings name, and only at Amazon: whoever knows our address must not choose where we go.
fn confirmation(topic_arn: Option<&str>, envelope: &Envelope) -> Option<ProviderEventKind> {
    let url = Url::parse(envelope.subscribe_url.as_deref()?).ok()?;
    let ours = topic_arn.is_some() && topic_arn == envelope.topic_arn.as_deref();
    (is_amazon_sns(&url) && ours).then_some(ProviderEventKind::Confirm { url })
}
