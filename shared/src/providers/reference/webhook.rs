//! What a provider tells by itself: `{id, type, occurred_at, data}`, signed with a time.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::signature::{HEADER, Signed};
use super::wire::esims::{esim_id, moment_of};
use crate::domain::{Iccid, UsageReading, usage::ReportedStatus};
use crate::providers::{ProviderError, ProviderEvent, ProviderEventKind, WebhookHeaders, lenient};

/// A recent signature with one of the secrets.
pub(super) fn verify<'a>(
    mut secrets: impl Iterator<Item = &'a SecretString>,
    headers: &WebhookHeaders,
    body: &[u8],
    now: Timestamp,
) -> bool {
    let header = headers.get(HEADER).and_then(|value| value.to_str().ok());
    match header.and_then(Signed::parse) {
        Some(signed) if signed.is_recent(now) => secrets.any(|secret| signed.holds(secret.expose_secret(), body)),
        _ => false,
    }
}

#[derive(Deserialize)]
struct Event {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    occurred_at: Option<String>,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "lenient::text")]
    esim_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    #[serde(default, deserialize_with = "lenient::megabytes_used")]
    data_used_mb: Option<u64>,
    #[serde(default, deserialize_with = "lenient::megabytes_left")]
    data_remaining_mb: Option<u64>,
    /// `null` is unlimited; absent is not said.
    #[serde(default, deserialize_with = "lenient::present")]
    data_total_mb: Option<Value>,
    #[serde(default, deserialize_with = "lenient::text")]
    threshold: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    expiry_date: Option<String>,
}

/// The one event of a body.
pub(super) fn read(body: &[u8], now: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
    // A struct would also be read from a list.
    let object: serde_json::Map<String, Value> = serde_json::from_slice(body).map_err(|_| UNREADABLE)?;
    let event: Event = serde_json::from_value(Value::Object(object)).map_err(|_| UNREADABLE)?;
    let occurred_at = event.occurred_at.as_deref().and_then(lenient::moment);
    let data = serde_json::from_value::<Data>(event.data).ok();
    let iccid = data.as_ref().and_then(|data| Iccid::parse(data.iccid.as_deref()?).ok());
    let provider_esim_id = data.as_ref().and_then(|data| esim_id(data.esim_id.clone()));
    let kind = match data.filter(|_| iccid.is_some() || provider_esim_id.is_some()) {
        Some(data) => kind(event.r#type.as_deref().unwrap_or_default(), &data, moment_of(event.occurred_at.as_deref(), now)),
        None => ProviderEventKind::Unknown,
    };
    Ok(vec![ProviderEvent { event_id: event.id, provider_esim_id, iccid, occurred_at, kind }])
}

const UNREADABLE: ProviderError = ProviderError::Unknown("the webhook cannot be read");

/// A threshold is a reading of usage: which thresholds it passes is for us to derive. One that says neither how much is used nor that
/// all is used tells us to look.
fn kind(word: &str, data: &Data, measured_at: Timestamp) -> ProviderEventKind {
    let status = match word {
        "esim.installed" => ReportedStatus::Installed,
        "esim.activated" => ReportedStatus::Active,
        "esim.expired" => ReportedStatus::Expired,
        "usage.threshold_reached" if data.everything_is_used() => ReportedStatus::Exhausted,
        "usage.threshold_reached" if data.data_used_mb.is_some() => ReportedStatus::Active,
        "usage.threshold_reached" => return ProviderEventKind::Hint,
        _ => return ProviderEventKind::Unknown,
    };
    ProviderEventKind::Reading(UsageReading {
        status,
        used_mb: data.data_used_mb,
        remaining_mb: data.data_remaining_mb,
        total_mb: data.data_total_mb.as_ref().and_then(|total| lenient::whole(total).ok().flatten()),
        unlimited: data.data_total_mb == Some(Value::Null),
        expires_at: data.expiry_date.as_deref().and_then(lenient::end),
        // Only the activation says when: the other events come later.
        activated_at: (word == "esim.activated").then_some(measured_at),
        measured_at,
    })
}

impl Data {
    /// `100`, also written `100 %`.
    fn everything_is_used(&self) -> bool {
        self.threshold.as_deref().is_some_and(|threshold| threshold.trim_end_matches(['%', ' ']) == "100")
    }
}
