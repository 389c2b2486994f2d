//! `/esim/query`: eSIMs by order, by number, by ICCID.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::success;
use crate::domain::{ActivationCode, Iccid, esim::Profile};
use crate::outbound::Answer;
use crate::providers::{ProvidedEsim, ProviderError, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(default, deserialize_with = "lenient::rows")]
    esim_list: Option<Vec<Value>>,
}

/// One eSIM.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Esim {
    /// The number that everything is keyed by.
    #[serde(default, deserialize_with = "lenient::text")]
    esim_tran_no: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub(super) order_no: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    /// The whole activation code.
    #[serde(default, deserialize_with = "lenient::text")]
    ac: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub(super) smdp_status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub(super) esim_status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub(super) expired_time: Option<String>,
    /// Bytes.
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub(super) total_volume: Option<Decimal>,
    /// Bytes.
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub(super) order_usage: Option<Decimal>,
}

/// The number is kept in the clear: one that reads as an ICCID is not taken.
pub(in super::super) fn number_of_esim(text: String) -> Option<String> {
    Some(text).filter(|number| !(number.starts_with("89") && Iccid::parse(number).is_ok()))
}

impl Esim {
    fn number(&self) -> Option<String> {
        self.esim_tran_no.clone().and_then(number_of_esim)
    }

    /// With its number and what installs it; `None` while either is missing.
    pub(super) fn provided(&self) -> Option<ProvidedEsim> {
        Some(ProvidedEsim { provider_esim_id: Some(self.number()?), profile: Some(self.profile()?) })
    }

    fn profile(&self) -> Option<Profile> {
        let activation_code = ActivationCode::parse(self.ac.as_deref()?).ok()?;
        Some(Profile { iccid: Iccid::parse(self.iccid.as_deref()?).ok()?, activation_code, confirmation_code: None })
    }
}

/// The first eSIM that was asked for: we order one at a time.
pub(super) fn first(answer: &Answer) -> Result<Esim, ProviderError> {
    let list: List = success(answer)?;
    let first = list.esim_list.ok_or(ProviderError::Unknown("the answer holds no list of eSIMs"))?.into_iter().next();
    let first = first.ok_or(ProviderError::Unknown("the list of eSIMs is empty"))?;
    serde_json::from_value(first).map_err(|_| ProviderError::Unknown("the eSIM cannot be read"))
}

pub(in super::super) fn read_esim(answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
    first(answer)?.provided().ok_or(ProviderError::Unknown("the eSIM's codes cannot be read"))
}

/// The number to ask its usage by.
pub(in super::super) fn transaction_number(answer: &Answer) -> Option<String> {
    first(answer).ok()?.number()
}
