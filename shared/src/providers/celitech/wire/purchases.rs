//! `POST /purchases/v2` and `POST /purchases/topup`, the first time and again.

use serde::Deserialize;
use serde_json::Value;

use super::{esims::Codes, success};
use crate::outbound::Answer;
use crate::providers::{FindOrder, FoundOrder, Placed, Placement, ProvidedEsim, ProviderError, lenient};

#[derive(Deserialize)]
struct Bought {
    purchase: Purchase,
    #[serde(default)]
    profile: Value,
}

#[derive(Deserialize)]
struct Purchase {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
}

pub(in super::super) fn read_place(answer: &Answer) -> Result<Placement, ProviderError> {
    placement(answer, false)
}

pub(in super::super) fn read_top_up(answer: &Answer) -> Result<Placement, ProviderError> {
    placement(answer, true)
}

/// A new eSIM comes in a list of one, a top-up by itself.
fn placement(answer: &Answer, top_up: bool) -> Result<Placement, ProviderError> {
    let body = match success::<Value>(answer)? {
        Value::Array(list) => list.into_iter().next().unwrap_or_default(),
        one => one,
    };
    let bought: Option<Bought> = serde_json::from_value(body).ok();
    let bought = bought.ok_or(ProviderError::Unknown("the provider's answer cannot be read"))?;
    let provider_order_id = bought.purchase.id.ok_or(ProviderError::Unknown("the provider took the order and gave it no id"))?;
    if top_up {
        return Ok(Placement::Placed(Placed { provider_order_id, esim: None }));
    }
    match serde_json::from_value::<Codes>(bought.profile).ok().and_then(|codes| codes.profile()) {
        Some(profile) => {
            let esim = ProvidedEsim { provider_esim_id: None, profile: Some(profile) };
            Ok(Placement::Placed(Placed { provider_order_id, esim: Some(esim) }))
        }
        None => Ok(Placement::Accepted { provider_order_id: Some(provider_order_id) }),
    }
}

/// The answer to the same request with the same key. Only successes are remembered, and nothing says that the key is looked at before
/// anything else: a refusal proves nothing.
pub(in super::super) fn read_find(order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    match placement(answer, order.top_up_of.is_some()) {
        Ok(Placement::Placed(placed)) => Ok(FoundOrder::Placed(placed)),
        Ok(Placement::Accepted { provider_order_id }) => Ok(FoundOrder::Pending { provider_order_id }),
        Err(ProviderError::Rejected { .. }) => Err(ProviderError::Unknown("the provider refused the look-up")),
        Err(error) => Err(error),
    }
}
