//! `GET esims/{esim_id}` and `GET esims/{esim_id}/usage`.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

use super::success;
use crate::domain::{ActivationCode, Iccid, UsageReading, esim::Profile, usage::ReportedStatus};
use crate::outbound::Answer;
use crate::providers::{ProvidedEsim, ProviderError, lenient, reason};

/// The contract's `esim_id` is the provider's opaque key, kept in the clear. One that reads as an ICCID (`89` and 18 to 20 digits in all) is
/// not taken: it would put an ICCID where none may be. The order then stays pending until a person looks.
pub(in super::super) fn esim_id(text: Option<String>) -> Option<String> {
    text.filter(|id| !(id.starts_with("89") && Iccid::parse(id).is_ok()))
}

/// Furthest that a stated time may lie ahead of ours.
const FURTHEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// When something was measured or happened: by the provider's own clock, because its times are compared with each other. One that is more
/// than a year ahead is no time, and `now` stands in: believing it would make us deaf to all that follows.
pub(in super::super) fn moment_of(said: Option<&str>, now: Timestamp) -> Timestamp {
    let latest = now.saturating_add(FURTHEST).unwrap_or(Timestamp::MAX);
    said.and_then(lenient::moment).filter(|said| *said <= latest).unwrap_or(now)
}

#[derive(Deserialize)]
struct Esim {
    #[serde(default, deserialize_with = "lenient::text")]
    esim_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    lpa_code: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    confirmation_code: Option<String>,
}

/// `manual_activation_code` and `qr_code_url` say what `lpa_code` says; the QR is drawn from the code.
pub(in super::super) fn read_esim(answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
    let esim: Esim = success(answer)?;
    let provider_esim_id = esim_id(esim.esim_id.clone());
    let profile = profile(esim).ok_or(ProviderError::Unknown("the eSIM's codes cannot be read"))?;
    Ok(ProvidedEsim { provider_esim_id, profile: Some(profile) })
}

fn profile(esim: Esim) -> Option<Profile> {
    Some(Profile {
        iccid: Iccid::parse(&esim.iccid?).ok()?,
        activation_code: ActivationCode::parse(&esim.lpa_code?).ok()?,
        confirmation_code: esim.confirmation_code,
    })
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default, deserialize_with = "lenient::megabytes_used")]
    data_used_mb: Option<u64>,
    #[serde(default, deserialize_with = "lenient::megabytes_left")]
    data_remaining_mb: Option<u64>,
    /// `null` is unlimited; absent is not said.
    #[serde(default, deserialize_with = "lenient::present")]
    data_total_mb: Option<Value>,
    #[serde(default, deserialize_with = "lenient::text")]
    expiry_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    activated_at: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    measured_at: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
}

impl Usage {
    fn unlimited(&self) -> bool {
        self.data_total_mb == Some(Value::Null)
    }

    /// As said, or else what is used and what is left together.
    fn total(&self) -> Option<u64> {
        match &self.data_total_mb {
            Some(value) => lenient::whole(value).ok().flatten(),
            None => self.data_used_mb?.checked_add(self.data_remaining_mb?),
        }
    }

    fn says_nothing(&self) -> bool {
        self.data_used_mb.is_none() && self.data_remaining_mb.is_none() && self.status.is_none()
    }
}

pub(in super::super) fn read_usage(answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
    let usage: Usage = success(answer)?;
    if usage.says_nothing() {
        return Err(ProviderError::Unknown("the usage answer says nothing"));
    }
    let expires_at = usage.expiry_date.as_deref().and_then(lenient::end);
    let total_mb = usage.total();
    Ok(UsageReading {
        status: usage.status.as_deref().map_or_else(|| derived(&usage, total_mb, expires_at, now), status),
        used_mb: usage.data_used_mb.or_else(|| Some(total_mb?.saturating_sub(usage.data_remaining_mb?))),
        remaining_mb: usage.data_remaining_mb.filter(|_| !usage.unlimited()),
        total_mb,
        unlimited: usage.unlimited(),
        expires_at,
        activated_at: usage.activated_at.as_deref().and_then(lenient::moment),
        measured_at: moment_of(usage.measured_at.as_deref(), now),
    })
}

/// The contract's words for an eSIM's state.
fn status(word: &str) -> ReportedStatus {
    match word {
        "ordered" | "released" => ReportedStatus::NotActive,
        "downloaded" => ReportedStatus::Downloaded,
        "installed" => ReportedStatus::Installed,
        "activated" => ReportedStatus::Active,
        "exhausted" => ReportedStatus::Exhausted,
        "expired" => ReportedStatus::Expired,
        "cancelled" => ReportedStatus::Cancelled,
        other => ReportedStatus::Unknown(reason::reason(other)),
    }
}

/// The mission's usage answer has no status: what its numbers prove, and no more. An end that has passed is an end; a plan with
/// nothing left is used up; a plan that was used runs.
fn derived(usage: &Usage, total_mb: Option<u64>, expires_at: Option<Timestamp>, now: Timestamp) -> ReportedStatus {
    if expires_at.is_some_and(|end| end <= now) {
        ReportedStatus::Expired
    } else if total_mb.is_some_and(|total| total > 0) && usage.data_remaining_mb == Some(0) {
        ReportedStatus::Exhausted
    } else if usage.data_used_mb.is_some_and(|used| used > 0) {
        ReportedStatus::Active
    } else {
        ReportedStatus::NotActive
    }
}
