//! What installs an eSIM: `esims[]` of an order, `GET /esims/assignments?reference=` and `GET /esims/{iccid}`.

use serde::Deserialize;
use serde_json::Value;

use super::success;
use crate::domain::{ActivationCode, Iccid, esim::Profile};
use crate::outbound::Answer;
use crate::providers::{ProvidedEsim, ProviderError, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InstallData {
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    matching_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    smdp_address: Option<String>,
    /// The whole code, with newer versions.
    #[serde(default, deserialize_with = "lenient::text")]
    rsp_url: Option<String>,
}

/// What installs it; `None` when that cannot be read.
pub(super) fn profile(value: &Value) -> Option<Profile> {
    let data: InstallData = serde_json::from_value(value.clone()).ok()?;
    let activation_code = match &data.rsp_url {
        Some(code) => ActivationCode::parse(code),
        None => ActivationCode::from_parts(&data.smdp_address?, &data.matching_id?, false),
    };
    Some(Profile { iccid: Iccid::parse(&data.iccid?).ok()?, activation_code: activation_code.ok()?, confirmation_code: None })
}

/// A list of one, a list called by some name, or the eSIM itself.
pub(in super::super) fn read_esim(answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
    let body: Value = success(answer)?;
    let lists = body.as_object().into_iter().flat_map(|object| object.values()).filter_map(Value::as_array).flatten();
    let candidates = body.as_array().into_iter().flatten().chain(lists).chain(std::iter::once(&body));
    let profile = candidates.into_iter().find_map(profile).ok_or(ProviderError::Unknown("the eSIM's codes cannot be read"))?;
    Ok(ProvidedEsim { provider_esim_id: None, profile: Some(profile) })
}
