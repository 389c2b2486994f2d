//! What installs an eSIM: `profile` of a purchase, and `GET /esim`.
//!
//! `activationCode` is a picture (a QR code in base64), not an activation code. The code as a text is `manualActivationCode`, whole or its
//! token alone; the iOS link holds the whole one as `carddata`.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::success;
use crate::domain::{ActivationCode, Iccid, esim::Profile};
use crate::outbound::Answer;
use crate::providers::{ProvidedEsim, ProviderError, lenient};

/// Of a purchase, or of an eSIM.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Codes {
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    smdp_address: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    manual_activation_code: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    ios_activation_link: Option<String>,
}

impl Codes {
    /// What installs it; `None` when that cannot be read.
    pub(super) fn profile(&self) -> Option<Profile> {
        let activation_code = self.whole().or_else(|| self.in_parts()).or_else(|| self.in_link())?;
        Some(Profile { iccid: Iccid::parse(self.iccid.as_deref()?).ok()?, activation_code, confirmation_code: None })
    }

    fn whole(&self) -> Option<ActivationCode> {
        ActivationCode::parse(self.manual_activation_code.as_deref()?).ok()
    }

    fn in_parts(&self) -> Option<ActivationCode> {
        ActivationCode::from_parts(self.smdp_address.as_deref()?, self.manual_activation_code.as_deref()?, false).ok()
    }

    fn in_link(&self) -> Option<ActivationCode> {
        let link = Url::parse(self.ios_activation_link.as_deref()?).ok()?;
        let (_, code) = link.query_pairs().find(|(name, _)| name == "carddata")?;
        ActivationCode::parse(&code).ok()
    }
}

#[derive(Deserialize)]
struct Body {
    esim: Codes,
}

pub(in super::super) fn read_esim(answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
    let profile = success::<Body>(answer)?.esim.profile();
    let profile = profile.ok_or(ProviderError::Unknown("the eSIM's codes cannot be read"))?;
    Ok(ProvidedEsim { provider_esim_id: None, profile: Some(profile) })
}

#[derive(Deserialize)]
struct Permitted {
    esim: Permission,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    #[serde(default)]
    is_top_up_allowed: Value,
}

/// `isTopUpAllowed`; an eSIM of which that is not said may be tried: the purchase is refused where it may not.
pub(in super::super) fn read_permission(answer: &Answer) -> Result<bool, ProviderError> {
    let said = success::<Permitted>(answer)?.esim.is_top_up_allowed;
    Ok(said != Value::Bool(false) && lenient::text_of(&said).as_deref() != Some("false"))
}
