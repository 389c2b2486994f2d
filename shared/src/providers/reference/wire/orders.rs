//! `POST orders` and `POST esims/{esim_id}/topup`, the first time and again.

use serde::Deserialize;

use super::super::refusals::Problem;
use super::{esims, success};
use crate::outbound::Answer;
use crate::providers::{FindOrder, FoundOrder, Placed, Placement, ProvidedEsim, ProviderError, lenient, reason};

#[derive(Deserialize)]
struct Order {
    #[serde(default, deserialize_with = "lenient::text")]
    order_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    esim_id: Option<String>,
    /// Why it was rejected; some write a text beside the status.
    #[serde(default)]
    problem: Option<Problem>,
    #[serde(default, deserialize_with = "lenient::text")]
    reason: Option<String>,
}

pub(in super::super) fn read_place(answer: &Answer) -> Result<Placement, ProviderError> {
    placement(answer, false)
}

pub(in super::super) fn read_top_up(answer: &Answer) -> Result<Placement, ProviderError> {
    placement(answer, true)
}

/// `rejected` is the contract's one word for a no; every other word than `placed` and `delivered` is pending.
fn placement(answer: &Answer, top_up: bool) -> Result<Placement, ProviderError> {
    let order: Order = success(answer)?;
    let provider_order_id = order.order_id.ok_or(ProviderError::Unknown("the provider took the order and gave it no id"))?;
    let esim = esims::esim_id(order.esim_id).map(|id| ProvidedEsim { provider_esim_id: Some(id), profile: None });
    match (order.status.as_deref(), esim) {
        (Some("rejected"), _) => {
            let words = order.problem.and_then(|problem| problem.detail).or(order.reason).unwrap_or_default();
            Err(ProviderError::Rejected { code: "refused", reason: reason::reason(&words) })
        }
        (Some("placed" | "delivered"), _) if top_up => Ok(Placement::Placed(Placed { provider_order_id, esim: None })),
        (Some("placed" | "delivered"), Some(esim)) => Ok(Placement::Placed(Placed { provider_order_id, esim: Some(esim) })),
        _ => Ok(Placement::Accepted { provider_order_id: Some(provider_order_id) }),
    }
}

/// The answer to the same request with the same key. A refusal for a reason of the trade means that nothing had been bought under that
/// key, else the order would have been answered. Any other refusal may come from before the key was looked at, or say that the key has been
/// used: it proves nothing, and the outcome stays unknown.
pub(in super::super) fn read_find(order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    match placement(answer, order.top_up_of.is_some()) {
        Ok(Placement::Placed(placed)) => Ok(FoundOrder::Placed(placed)),
        Ok(Placement::Accepted { provider_order_id }) => Ok(FoundOrder::Pending { provider_order_id }),
        Err(ProviderError::Rejected { code, reason }) if answer.status.is_success() || is_of_the_trade(code) => {
            Ok(FoundOrder::Failed { reason })
        }
        Err(ProviderError::Rejected { .. }) => Err(ProviderError::Unknown("the provider refused the look-up")),
        Err(error) => Err(error),
    }
}

/// What only the order itself, looked at by the provider, can be refused for.
fn is_of_the_trade(code: &str) -> bool {
    matches!(code, "sold_out" | "insufficient_credit" | "invalid_package" | "not_rechargeable")
}
