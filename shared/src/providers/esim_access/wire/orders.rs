//! `/esim/order`, the first time and again, `/esim/query` by order number, and `/esim/topup`.

use serde::Deserialize;
use serde_json::Value;

use super::{Envelope, esims, success};
use crate::outbound::Answer;
use crate::providers::{FindOrder, FoundOrder, Placed, Placement, ProviderError, lenient, reason};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    #[serde(default, deserialize_with = "lenient::text")]
    order_no: Option<String>,
}

/// Profiles come later, always.
pub(in super::super) fn read_place(answer: &Answer) -> Result<Placement, ProviderError> {
    let order: Order = success(answer)?;
    let number = order.order_no.ok_or(ProviderError::Unknown("the provider took the order and gave it no number"))?;
    Ok(Placement::Accepted { provider_order_id: Some(number) })
}

/// What an order has come to; its number, where the same order was sent again.
pub(in super::super) fn read_find(order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    let known = || order.provider_order_id.map(str::to_owned);
    let envelope = answer.json::<Envelope>().filter(|_| answer.status.is_success());
    if envelope.as_ref().and_then(Envelope::error_code) == Some("200010") {
        return Ok(FoundOrder::Pending { provider_order_id: known() });
    }
    if envelope.is_some_and(|envelope| envelope.obj.get("esimList").is_some_and(|list| !list.is_null())) {
        return allocated(answer, known());
    }
    match read_place(answer) {
        Ok(Placement::Accepted { provider_order_id }) => Ok(FoundOrder::Pending { provider_order_id }),
        Ok(Placement::Placed(placed)) => Ok(FoundOrder::Placed(placed)),
        // Refused for a reason of the trade, it had not been bought under this transaction: else it were the same request.
        Err(ProviderError::Rejected { code: "sold_out" | "insufficient_credit" | "invalid_package", reason })
            if order.provider_order_id.is_none() =>
        {
            Ok(FoundOrder::Failed { reason })
        }
        Err(ProviderError::Rejected { .. }) => Err(ProviderError::Unknown("the provider refused the look-up")),
        Err(error) => Err(error),
    }
}

fn allocated(answer: &Answer, known: Option<String>) -> Result<FoundOrder, ProviderError> {
    let esim = esims::first(answer)?;
    let number = known.or_else(|| esim.order_no.clone());
    if esim.esim_status.as_deref() == Some("CANCEL") {
        return Ok(FoundOrder::Failed { reason: reason::reason("eSIM Access lists the order as cancelled and refunded") });
    }
    Ok(match (esim.provided(), number) {
        (Some(provided), Some(provider_order_id)) => FoundOrder::Placed(Placed { provider_order_id, esim: Some(provided) }),
        (_, provider_order_id) => FoundOrder::Pending { provider_order_id },
    })
}

/// There is no number of a top-up: our own transaction is all that names it.
pub(in super::super) fn read_top_up(answer: &Answer) -> Result<Placement, ProviderError> {
    let topped_up: Value = success(answer)?;
    let transaction = topped_up.get("transactionId").and_then(lenient::text_of);
    let transaction = transaction.ok_or(ProviderError::Unknown("the provider's answer to the top-up names no transaction"))?;
    Ok(Placement::Placed(Placed { provider_order_id: transaction, esim: None }))
}
