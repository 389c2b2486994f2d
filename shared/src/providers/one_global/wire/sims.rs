//! `GET v2/sims/{iccid}` (§2, SIM).

use serde::Deserialize;

use super::success;
use crate::domain::{ActivationCode, Iccid, esim::Profile, usage::ReportedStatus};
use crate::outbound::Answer;
use crate::providers::{ProvidedEsim, ProviderError, lenient, reason};

#[derive(Deserialize)]
struct Sim {
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    matching_id: Option<String>,
}

/// The activation code is put together: the published ones come with and without prefix, and once with stray signs (§2).
pub(super) fn provided(smdp: &str, iccid: Option<String>, matching_id: Option<String>) -> Option<ProvidedEsim> {
    let profile = Profile {
        iccid: Iccid::parse(&iccid?).ok()?,
        activation_code: ActivationCode::from_parts(smdp, &matching_id?, false).ok()?,
        confirmation_code: None,
    };
    Some(ProvidedEsim { provider_esim_id: None, profile: Some(profile) })
}

pub(in super::super) fn read_esim(smdp: &str, answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
    let sim: Sim = success(answer)?;
    provided(smdp, sim.iccid, sim.matching_id).ok_or(ProviderError::Unknown("the eSIM's codes cannot be read"))
}

/// `Unavailable` is terminal: deleted from the device, no top-up, a new one must be bought.
pub(in super::super) fn read_state(answer: &Answer) -> Result<ReportedStatus, ProviderError> {
    let sim: Sim = success(answer)?;
    let word = sim.status.ok_or(ProviderError::Unknown("the SIM has no status"))?;
    Ok(match word.as_str() {
        "Released" => ReportedStatus::NotActive,
        "Downloaded" => ReportedStatus::Downloaded,
        "Installed" => ReportedStatus::Installed,
        "Unavailable" => ReportedStatus::Cancelled,
        other => ReportedStatus::Unknown(reason::reason(other)),
    })
}
