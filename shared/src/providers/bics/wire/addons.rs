//! `SubscribeAddon`, and an endpoint's add-ons as what became of it (§2, §3). The names of the members are settings.

use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::super::refusals::success;
use super::text;
use crate::config::BicsNames;
use crate::outbound::Answer;
use crate::providers::{FindOrder, FoundOrder, Placed, Placement, ProviderError, lenient};

/// How far BICS's clock may be behind ours.
const CLOCKS_APART_MINUTES: i64 = 10;

/// Bought with a `uniqueId`; a yes without one is asked about.
pub(in super::super) fn read_subscribe(names: &BicsNames, answer: &Answer) -> Result<Placement, ProviderError> {
    let rows = success(answer)?.rows().unwrap_or_default();
    let id = rows.iter().find_map(|row| text(row, &names.unique_id));
    let provider_order_id = id.ok_or(ProviderError::Unknown("the provider took the order and gave it no id"))?;
    Ok(Placement::Placed(Placed { provider_order_id, esim: None }))
}

/// The add-ons of the order's plan on the order's SIM, none of which was subscribed long before it was sent. Those that other orders
/// have claimed are taken out by the caller.
pub(in super::super) fn read_find(names: &BicsNames, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    let response = match success(answer) {
        // A look-up that is refused says nothing about the purchase.
        Err(ProviderError::Rejected { .. }) => return Err(ProviderError::Unknown("the provider refused the look-up")),
        other => other?,
    };
    let rows = response.rows().ok_or(ProviderError::Unknown("the list of add-ons holds no list"))?;
    let mut orders = Vec::new();
    for row in rows {
        match (text(&row, &names.unique_id), text(&row, &names.plan)) {
            (Some(provider_order_id), Some(plan)) if plan == order.provider_package_id && is_new(names, &row, order.sent_at) => {
                orders.push(Placed { provider_order_id, esim: None });
            }
            (Some(_), Some(_)) => {}
            // An add-on that cannot be read might be ours, so that the list then proves nothing.
            _ => return Err(ProviderError::Unknown("an add-on of the list cannot be read")),
        }
    }
    Ok(if orders.is_empty() { FoundOrder::Absent } else { FoundOrder::Unclaimed { orders, next: None } })
}

/// Where BICS says when it was subscribed: not long before we asked for it.
fn is_new(names: &BicsNames, row: &Value, sent_at: Timestamp) -> bool {
    let since = sent_at.saturating_sub(CLOCKS_APART_MINUTES.minutes()).unwrap_or(sent_at);
    let subscribed = text(row, &names.subscribed_at).as_deref().and_then(lenient::moment);
    subscribed.is_none_or(|at| at >= since)
}
