//! `POST orders`, `POST orders/topups` and `GET orders` (Airalo Partner API v2, order).

use serde::Deserialize;
use serde_json::Value;

use super::{One, Page, esims, success};
use crate::outbound::Answer;
use crate::providers::{FindOrder, FoundOrder, Placed, Placement, ProviderError, lenient, reason};

#[derive(Deserialize)]
struct Order {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    /// Of an order that is taken and not done.
    #[serde(default, deserialize_with = "lenient::text")]
    request_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
    #[serde(default)]
    status: Value,
    /// Not there on top-ups.
    #[serde(default, deserialize_with = "lenient::rows_or_none")]
    sims: Vec<Value>,
}

/// What an order of the list has come to.
enum Outcome {
    Bought,
    Void(&'static str),
    Open,
}

impl Order {
    /// By `status.slug`. A list without status is as good as the synchronous answer: the order is there.
    fn outcome(&self) -> Outcome {
        let slug = self.status.get("slug").unwrap_or(&self.status);
        match lenient::text_of(slug).map(|slug| slug.to_ascii_lowercase()).as_deref() {
            None | Some("completed" | "partially_refunded") => Outcome::Bought,
            Some("failed") => Outcome::Void("Airalo lists the order as failed"),
            Some("refunded") => Outcome::Void("Airalo lists the order as refunded"),
            Some(_) => Outcome::Open,
        }
    }

    /// The purchase; `Err` with the id to ask by when it was made and what installs the eSIM cannot be read (yet).
    fn placed(self, top_up: bool) -> Result<Placed, Option<String>> {
        let Some(provider_order_id) = self.id else {
            return Err(self.request_id);
        };
        if top_up {
            return Ok(Placed { provider_order_id, esim: None });
        }
        match self.sims.into_iter().find_map(esims::provided) {
            Some(esim) => Ok(Placed { provider_order_id, esim: Some(esim) }),
            None => Err(Some(provider_order_id)),
        }
    }
}

pub(in super::super) fn read_place(answer: &Answer) -> Result<Placement, ProviderError> {
    placement(answer, false)
}

pub(in super::super) fn read_top_up(answer: &Answer) -> Result<Placement, ProviderError> {
    placement(answer, true)
}

/// With an id something was bought for certain, or will be; without one nothing is certain.
fn placement(answer: &Answer, top_up: bool) -> Result<Placement, ProviderError> {
    let order = success::<One<Order>>(answer)?.data;
    match order.placed(top_up) {
        Ok(placed) => Ok(Placement::Placed(placed)),
        Err(Some(id)) => Ok(Placement::Accepted { provider_order_id: Some(id) }),
        Err(None) => Err(ProviderError::Unknown("the provider took the order and gave it no id")),
    }
}

/// The orders of our exact reference: one that was bought decides, then one that is open, and only a list that was read to its end says
/// that all failed or that there is none.
pub(in super::super) fn read_find(order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    let page: Page = match success(answer) {
        // A list that is refused says nothing about the purchase.
        Err(ProviderError::Rejected { .. }) => return Err(ProviderError::Unknown("the provider refused the look-up")),
        other => other?,
    };
    let next = page.next();
    let rows = page.data.ok_or(ProviderError::Unknown("the order list holds no list"))?;
    let mut open = None;
    let mut void = None;
    for found in matching(rows, order.reference.as_str())? {
        match found.outcome() {
            Outcome::Bought => match found.placed(order.top_up_of.is_some()) {
                Ok(placed) => return Ok(FoundOrder::Placed(placed)),
                Err(id) => open = Some(id),
            },
            Outcome::Open => open = Some(found.id.or(found.request_id)),
            Outcome::Void(why) => void = Some(why),
        }
    }
    Ok(match (open, next, void) {
        (Some(provider_order_id), _, _) => FoundOrder::Pending { provider_order_id },
        (None, Some(next), _) => FoundOrder::Next(next),
        (None, None, Some(why)) => FoundOrder::Failed { reason: reason::reason(why) },
        (None, None, None) => FoundOrder::Absent,
    })
}

/// The provider matches any part of the description; we compare all of it. An order that cannot be read might be ours, so that the
/// list then proves nothing.
fn matching(rows: Vec<Value>, reference: &str) -> Result<Vec<Order>, ProviderError> {
    let orders: Result<Vec<Order>, _> = rows.into_iter().map(serde_json::from_value::<Order>).collect();
    let orders = orders.map_err(|_| ProviderError::Unknown("an order of the list cannot be read"))?;
    Ok(orders.into_iter().filter(|order| order.description.as_deref() == Some(reference)).collect())
}
