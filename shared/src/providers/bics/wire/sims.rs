//! `fetchSIM` and `EndPointLifeCycleChange` (§2).

use serde_json::Value;

use super::super::refusals::{refused, success, whole};
use super::super::requests::PAGE;
use super::text;
use crate::domain::{ActivationCode, Iccid, esim::Profile};
use crate::outbound::Answer;
use crate::providers::{ProvidedEsim, ProviderError, StockPage, StockSim};

/// Inner codes that say that an endpoint is active, or will be: activated, already active, change accepted (§1).
const ACTIVE: [&str; 4] = ["5014", "2507", "5017", "9003"];

/// SIMs without an endpoint, or without a code that can be read, cannot be sold. Behind a full page there may be another.
pub(in super::super) fn read_stock(cursor: Option<&str>, answer: &Answer) -> Result<StockPage, ProviderError> {
    let rows = success(answer)?.rows().unwrap_or_default();
    let page = cursor.and_then(|page| page.parse::<u64>().ok()).unwrap_or(1);
    let next = (rows.len() >= PAGE).then(|| (page + 1).to_string());
    Ok(StockPage { sims: rows.iter().filter_map(stock_sim).collect(), next })
}

fn stock_sim(row: &Value) -> Option<StockSim> {
    Some(StockSim { provider_esim_id: text(row, "endPointId")?, profile: profile(row)? })
}

/// `textQrCode` is the whole code; else its parts (`smDpPlusAdress` is BICS's spelling).
fn profile(row: &Value) -> Option<Profile> {
    let code = row.get("activationCode")?;
    let activation_code = match text(code, "textQrCode") {
        Some(whole) => ActivationCode::parse(&whole),
        None => ActivationCode::from_parts(&text(code, "smDpPlusAdress")?, &text(code, "matchingId")?, false),
    };
    Some(Profile { iccid: Iccid::parse(&text(row, "iccid")?).ok()?, activation_code: activation_code.ok()?, confirmation_code: None })
}

pub(in super::super) fn read_esim(answer: &Answer) -> Result<ProvidedEsim, ProviderError> {
    let rows = success(answer)?.rows().unwrap_or_default();
    let row = rows.first().ok_or(ProviderError::Rejected { code: "not_found", reason: "no such SIM".to_owned() })?;
    let profile = profile(row).ok_or(ProviderError::Unknown("the eSIM's codes cannot be read"))?;
    Ok(ProvidedEsim { provider_esim_id: text(row, "endPointId"), profile: Some(profile) })
}

/// "Already active" is as good as "activated", however it is reported.
pub(in super::super) fn read_activate(answer: &Answer) -> Result<(), ProviderError> {
    match success(answer) {
        Ok(_) => Ok(()),
        Err(error @ ProviderError::Rejected { .. }) => {
            let response = whole(answer).map_err(|_| error)?;
            let active = response.code().is_some_and(|code| ACTIVE.contains(&code.as_str()));
            if active { Ok(()) } else { Err(refused(&response)) }
        }
        Err(error) => Err(error),
    }
}
