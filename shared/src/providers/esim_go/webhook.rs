//! What eSIM Go tells by itself (eSIM Go API v2.x, callbacks). There is no event id and no time: repeated ones are known by the hash of their
//! body, which the receiver takes.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::wire::{exact, usage::Quantities};
use crate::domain::{Iccid, UsageReading, usage::ReportedStatus};
use crate::providers::{ProviderError, ProviderEvent, ProviderEventKind, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Callback {
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    alert_type: Option<String>,
    /// Of a change of the profile.
    #[serde(default, deserialize_with = "lenient::text")]
    profile_status: Option<String>,
    /// Of what becomes of idle eSIMs.
    #[serde(default, deserialize_with = "lenient::text")]
    event: Option<String>,
    #[serde(default)]
    bundle: Value,
}

const UNREADABLE: ProviderError = ProviderError::Unknown("the webhook cannot be read");

/// The one event of a body.
pub(super) fn read(body: &[u8], now: Timestamp) -> Result<Vec<ProviderEvent>, ProviderError> {
    // A struct would also be read from a list.
    let object: Map<String, Value> = serde_json::from_str(&exact(body).ok_or(UNREADABLE)?).map_err(|_| UNREADABLE)?;
    let callback: Callback = serde_json::from_value(Value::Object(object)).map_err(|_| UNREADABLE)?;
    let iccid = callback.iccid.as_deref().and_then(|text| Iccid::parse(text).ok());
    let kind = match &iccid {
        Some(_) => about_esim(&callback, now),
        None if callback.alert_type.as_deref().is_some_and(|kind| kind.to_lowercase().contains("balance")) => ProviderEventKind::CreditLow,
        None => ProviderEventKind::Unknown,
    };
    Ok(vec![ProviderEvent { event_id: None, provider_esim_id: None, iccid, occurred_at: None, kind }])
}

/// Attaching to a network is neither installing nor starting the plan: it only tells us to look.
fn about_esim(callback: &Callback, now: Timestamp) -> ProviderEventKind {
    match (callback.alert_type.as_deref(), callback.profile_status.as_deref(), callback.event.as_deref()) {
        (Some("Utilisation" | "FirstUse"), _, _) => match serde_json::from_value::<Quantities>(callback.bundle.clone()) {
            Ok(bundle) if bundle.says_something() => ProviderEventKind::Reading(bundle.running(now)),
            _ => ProviderEventKind::Hint,
        },
        (Some("FirstAttachment"), _, _) | (_, _, Some("esim.deleted")) => ProviderEventKind::Hint,
        (_, Some("Installed"), _) => profile(ReportedStatus::Installed, now),
        (_, Some("Downloaded"), _) => profile(ReportedStatus::Downloaded, now),
        // Deleted from the device, or not on one yet.
        (_, Some("Released"), _) => ProviderEventKind::Hint,
        _ => ProviderEventKind::Unknown,
    }
}

fn profile(status: ReportedStatus, now: Timestamp) -> ProviderEventKind {
    ProviderEventKind::Reading(UsageReading {
        status,
        used_mb: None,
        remaining_mb: None,
        total_mb: None,
        unlimited: false,
        expires_at: None,
        activated_at: None,
        measured_at: now,
    })
}
