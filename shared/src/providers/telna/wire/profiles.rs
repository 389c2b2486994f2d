//! `euicc_profile` of a work order and `GET diagnostic/euicc-profiles/{iccid}` (§2, §3.2).

use serde::Deserialize;
use serde_json::Value;

use super::success;
use crate::domain::{ActivationCode, Iccid, esim::Profile, usage::ReportedStatus};
use crate::outbound::Answer;
use crate::providers::{ProvidedEsim, ProviderError, lenient, reason};

#[derive(Deserialize)]
struct EuiccProfile {
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    activation_code: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    state: Option<String>,
}

/// The eSIM with what installs it; `None` when that cannot be read (yet).
pub(super) fn provided(profile: Value) -> Option<ProvidedEsim> {
    let profile: EuiccProfile = serde_json::from_value(profile).ok()?;
    let profile = Profile {
        iccid: Iccid::parse(&profile.iccid?).ok()?,
        activation_code: ActivationCode::parse(&profile.activation_code?).ok()?,
        // Whether one is needed is said by the code itself; where Telna sends it is not documented.
        confirmation_code: None,
    };
    Some(ProvidedEsim { provider_esim_id: None, profile: Some(profile) })
}

pub(in super::super) fn read_esim(answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
    provided(success(answer)?).ok_or(ProviderError::Unknown("the eSIM's codes cannot be read"))
}

/// Enabled is what Telna calls activated (§5). A profile that was switched off is still installed.
pub(in super::super) fn read_state(answer: &Answer) -> Result<ReportedStatus, ProviderError> {
    let profile: EuiccProfile = success(answer)?;
    let word = profile.state.ok_or(ProviderError::Unknown("the profile has no state"))?;
    Ok(match word.as_str() {
        "AVAILABLE" | "RELEASED" => ReportedStatus::NotActive,
        "DOWNLOADED" => ReportedStatus::Downloaded,
        "INSTALLED" | "DISABLED" => ReportedStatus::Installed,
        "ENABLED" => ReportedStatus::Active,
        other => ReportedStatus::Unknown(reason::reason(other)),
    })
}
