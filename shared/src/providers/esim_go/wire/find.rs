//! An order whose outcome is unknown, looked for by time and bundle (reference contract → provider APIs, idempotency and recovery): in
//! `GET /orders`, and for a top-up in what its eSIM carries.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    orders::{self, Order},
    success, usage,
};
use crate::outbound::Answer;
use crate::providers::{FindOrder, FoundOrder, Placed, Placement, ProviderError, lenient};

/// How long after sending an order may still be made, in seconds, their clock being ahead included.
pub(in super::super) const LATEST: i64 = 15 * 60;
/// Orders of a full page.
const PAGE: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default, deserialize_with = "lenient::rows")]
    orders: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient::whole")]
    page_count: Option<u64>,
}

pub(in super::super) fn read(order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    let read = if order.top_up_of.is_some() { among_bundles(order, answer) } else { among_orders(order, answer) };
    match read {
        // A list that is refused says nothing about the purchase.
        Err(ProviderError::Rejected { .. }) => Err(ProviderError::Unknown("the provider refused the look-up")),
        other => other,
    }
}

fn among_orders(order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    let body: Value = success(answer)?;
    if body.get("orderReference").is_some() {
        return Ok(match orders::read_place(answer)? {
            Placement::Placed(placed) => FoundOrder::Placed(placed),
            Placement::Accepted { provider_order_id } => FoundOrder::Pending { provider_order_id },
        });
    }
    let page = if body.is_array() { serde_json::json!({ "orders": body }) } else { body };
    let page: Option<Page> = serde_json::from_value(page).ok();
    let page = page.ok_or(ProviderError::Unknown("the order list cannot be read"))?;
    let rows = page.orders.ok_or(ProviderError::Unknown("the order list holds no list"))?;
    let next = next(order.cursor, page.page_count, rows.len());
    Ok(unclaimed(candidates(order, rows)?, next))
}

/// An order that cannot be read might be ours, so that the list then proves nothing.
fn candidates(order: &FindOrder<'_>, rows: Vec<Value>) -> Result<Vec<Placed>, ProviderError> {
    let mut found = Vec::new();
    for row in rows {
        let listed: Order = serde_json::from_value(row).map_err(|_| UNREADABLE)?;
        let reference = listed.order_reference.clone().ok_or(UNREADABLE)?;
        let created = listed.created_date.as_deref().and_then(lenient::moment).ok_or(UNREADABLE)?;
        if listed.is_for(order.provider_package_id) && is_around(order, created) {
            let esim =
                listed.esim().or_else(|| Some(crate::providers::ProvidedEsim { provider_esim_id: Some(reference.clone()), profile: None }));
            found.push((created, Placed { provider_order_id: reference, esim }));
        }
    }
    found.sort_by_key(|(created, _)| *created);
    Ok(found.into_iter().map(|(_, placed)| placed).collect())
}

const UNREADABLE: ProviderError = ProviderError::Unknown("an order of the list cannot be read");

/// Assignments of the bundle that were made since; one that was taken back is none.
fn among_bundles(order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    let mut found = Vec::new();
    for assignment in usage::assignments(answer)? {
        if assignment.bundle.as_deref() != Some(order.provider_package_id) || assignment.is_revoked() {
            continue;
        }
        let (made, reference) = assignment.made_at().zip(assignment.reference()).ok_or(UNREADABLE)?;
        if is_around(order, made) {
            found.push((made, Placed { provider_order_id: reference, esim: None }));
        }
    }
    found.sort_by_key(|(made, _)| *made);
    Ok(unclaimed(found.into_iter().map(|(_, placed)| placed).collect(), None))
}

fn unclaimed(orders: Vec<Placed>, next: Option<String>) -> FoundOrder {
    match (orders.is_empty(), next) {
        (true, None) => FoundOrder::Absent,
        (true, Some(next)) => FoundOrder::Next(next),
        (false, next) => FoundOrder::Unclaimed { orders, next },
    }
}

/// By the number of pages where it is told; else a full page has another behind it.
fn next(cursor: Option<&str>, page_count: Option<u64>, listed: usize) -> Option<String> {
    let asked: u64 = cursor.map_or(Some(1), |cursor| cursor.parse().ok())?;
    let more = page_count.map_or(listed >= PAGE, |count| asked < count);
    (more && listed > 0).then(|| (asked + 1).to_string())
}

/// A wide window costs nothing: what another order of ours has claimed is passed over.
fn is_around(order: &FindOrder<'_>, created: Timestamp) -> bool {
    (order.earliest().as_second()..=order.sent_at.as_second() + LATEST).contains(&created.as_second())
}
