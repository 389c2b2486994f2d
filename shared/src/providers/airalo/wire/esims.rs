//! `sims[]` of an order, `GET sims/{iccid}` and `GET sims/{iccid}/usage` (Airalo Partner API v2, order and usage).

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{One, success};
use crate::domain::{ActivationCode, Iccid, UsageReading, esim::Profile, usage::ReportedStatus};
use crate::outbound::Answer;
use crate::providers::{ProvidedEsim, ProviderError, lenient, reason};

#[derive(Deserialize)]
struct Sim {
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    /// The SM-DP+ host only.
    #[serde(default, deserialize_with = "lenient::text")]
    lpa: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    matching_id: Option<String>,
    /// The whole activation code.
    #[serde(default, deserialize_with = "lenient::text")]
    qrcode: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    confirmation_code: Option<String>,
}

/// An eSIM with what installs it; `None` when that cannot be read. The ICCID is the only key that Airalo's calls take, so there is
/// no key of its own. `qrcode_url` is signed and expires: the QR is drawn from `qrcode`.
pub(super) fn provided(sim: Value) -> Option<ProvidedEsim> {
    let sim: Sim = serde_json::from_value(sim).ok()?;
    let activation_code = match sim.qrcode {
        Some(code) => ActivationCode::parse(&code),
        None => ActivationCode::from_parts(&sim.lpa?, &sim.matching_id?, sim.confirmation_code.is_some()),
    };
    let profile = Profile {
        iccid: Iccid::parse(&sim.iccid?).ok()?,
        activation_code: activation_code.ok()?,
        confirmation_code: sim.confirmation_code,
    };
    Some(ProvidedEsim { provider_esim_id: None, profile: Some(profile) })
}

pub(in super::super) fn read_esim(answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
    let body: One<Value> = success(answer)?;
    provided(body.data).ok_or(ProviderError::Unknown("the eSIM's codes cannot be read"))
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default, deserialize_with = "lenient::megabytes_left")]
    remaining: Option<u64>,
    #[serde(default, deserialize_with = "lenient::whole")]
    total: Option<u64>,
    /// UTC, without zone.
    #[serde(default, deserialize_with = "lenient::text")]
    expired_at: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    is_unlimited: bool,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
}

/// There is no "used": it is what is missing from the total. Unlimited plans report 0 of 0, which says nothing. Airalo does not say
/// when it measured (its cache is 20 minutes old at most), nor when the plan started.
pub(in super::super) fn read_usage(answer: &Answer, now: Timestamp) -> Result<UsageReading, ProviderError> {
    let usage = success::<One<Usage>>(answer)?.data;
    let word = usage.status.ok_or(ProviderError::Unknown("the usage answer has no status"))?;
    let total = usage.total.filter(|total| *total > 0 && !usage.is_unlimited);
    let remaining = usage.remaining.filter(|_| total.is_some());
    Ok(UsageReading {
        status: status(&word),
        used_mb: total.zip(remaining).map(|(total, remaining)| total.saturating_sub(remaining)),
        remaining_mb: remaining,
        total_mb: total,
        unlimited: usage.is_unlimited,
        expires_at: usage.expired_at.as_deref().and_then(lenient::end),
        activated_at: None,
        measured_at: now,
    })
}

/// `UNKNOWN` is Airalo's own word for not knowing, and treated as any word that we do not know.
fn status(word: &str) -> ReportedStatus {
    match word {
        "NOT_ACTIVE" => ReportedStatus::NotActive,
        "ACTIVE" => ReportedStatus::Active,
        "FINISHED" => ReportedStatus::Exhausted,
        "EXPIRED" => ReportedStatus::Expired,
        "RECYCLED" => ReportedStatus::Cancelled,
        other => ReportedStatus::Unknown(reason::reason(other)),
    }
}
