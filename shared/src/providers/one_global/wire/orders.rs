//! `POST v2/orders` and `GET v2/orders/{id}` (§2, Create order).

use serde::Deserialize;

use super::{sims, success};
use crate::outbound::Answer;
use crate::providers::{FoundOrder, Placed, Placement, ProviderError, lenient};

#[derive(Deserialize)]
struct Order {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(default)]
    output: Option<Output>,
}

#[derive(Deserialize)]
struct Output {
    #[serde(default, deserialize_with = "lenient::text")]
    matching_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
}

const FAILED: &str = "1GLOBAL reports the order as failed";

/// What an order has come to: every word but `COMPLETED` and `FAILED` is pending.
fn outcome(smdp: Option<&str>, order: Order) -> Result<FoundOrder, ProviderError> {
    let id = order.id.ok_or(ProviderError::Unknown("the provider took the order and gave it no id"))?;
    Ok(match (order.status.as_deref(), smdp, order.output) {
        (Some("FAILED"), _, _) => FoundOrder::Failed { reason: FAILED.to_owned() },
        // A top-up has no codes.
        (Some("COMPLETED"), None, _) => FoundOrder::Placed(Placed { provider_order_id: id, esim: None }),
        (Some("COMPLETED"), Some(smdp), Some(output)) => match sims::provided(smdp, output.iccid, output.matching_id) {
            Some(esim) => FoundOrder::Placed(Placed { provider_order_id: id, esim: Some(esim) }),
            None => FoundOrder::Pending { provider_order_id: Some(id) },
        },
        _ => FoundOrder::Pending { provider_order_id: Some(id) },
    })
}

pub(in super::super) fn read_place(smdp: &str, answer: &Answer) -> Result<Placement, ProviderError> {
    placement(outcome(Some(smdp), success(answer)?)?)
}

pub(in super::super) fn read_top_up(answer: &Answer) -> Result<Placement, ProviderError> {
    placement(outcome(None, success(answer)?)?)
}

fn placement(found: FoundOrder) -> Result<Placement, ProviderError> {
    match found {
        FoundOrder::Placed(placed) => Ok(Placement::Placed(placed)),
        FoundOrder::Pending { provider_order_id } => Ok(Placement::Accepted { provider_order_id }),
        FoundOrder::Failed { reason } => Err(ProviderError::Rejected { code: "refused", reason }),
        FoundOrder::Next(_) | FoundOrder::Absent | FoundOrder::Unclaimed { .. } => {
            Err(ProviderError::Unknown("the provider's answer cannot be read"))
        }
    }
}

/// The order of a known id. `smdp` is absent for top-ups.
pub(super) fn read_by_id(smdp: Option<&str>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    outcome(smdp, success(answer)?)
}
