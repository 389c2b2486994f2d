//! Looking a purchase up: by the work order's id where we have it, else in the list, by `customer_ref` (mapping D).

use serde_json::Value;

use super::orders::WorkOrder;
use super::success;
use crate::config::TelnaSettings;
use crate::outbound::Answer;
use crate::providers::telna::requests::PAGE;
use crate::providers::{FindOrder, FoundOrder, ProviderError, lenient};

/// What the look-up's answer says. A look-up that is refused says nothing about the purchase.
pub(in super::super) fn read(settings: &TelnaSettings, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    let found = match order.provider_order_id {
        Some(_) => success::<WorkOrder>(answer).and_then(|found| found.outcome(settings, order.top_up_of.is_some())),
        None => in_the_list(settings, order, answer),
    };
    match found {
        Err(ProviderError::Rejected { .. }) => Err(ProviderError::Unknown("the provider refused the look-up")),
        other => other,
    }
}

/// Of the orders with our exact reference one that was bought decides, then one that is open; only a list that was read to its end
/// says that all failed or that there is none.
fn in_the_list(settings: &TelnaSettings, order: &FindOrder<'_>, answer: &Answer) -> Result<FoundOrder, ProviderError> {
    let page: Value = success(answer)?;
    let rows = rows(&page).ok_or(ProviderError::Unknown("the list of work orders holds no list"))?;
    let next = next(&page, order.cursor, rows.len());
    let (mut open, mut failed) = (None, None);
    for found in matching(rows, order.reference.as_str())? {
        match found.outcome(settings, order.top_up_of.is_some())? {
            FoundOrder::Failed { reason } => failed = Some(FoundOrder::Failed { reason }),
            FoundOrder::Placed(placed) => return Ok(FoundOrder::Placed(placed)),
            pending => open = Some(pending),
        }
    }
    Ok(open.or(next.map(FoundOrder::Next)).or(failed).unwrap_or(FoundOrder::Absent))
}

/// The name of the list is not documented: it is the answer itself, or its only member that is a list.
fn rows(page: &Value) -> Option<&Vec<Value>> {
    if let Some(rows) = page.as_array() {
        return Some(rows);
    }
    let mut lists = page.as_object()?.values().filter_map(Value::as_array);
    lists.next().filter(|_| lists.next().is_none())
}

/// By `total`, as the products count; where the list does not say it, a full page may have another behind it.
fn next(page: &Value, cursor: Option<&str>, rows: usize) -> Option<String> {
    let reached = cursor.and_then(|offset| offset.parse::<usize>().ok()).unwrap_or(0).checked_add(rows)?;
    let total = page.get("total").and_then(lenient::text_of).and_then(|total| total.parse::<usize>().ok());
    let more = total.map_or(rows >= PAGE, |total| reached < total);
    (more && rows > 0).then(|| reached.to_string())
}

/// An order that cannot be read might be ours, so that the list then proves nothing.
fn matching(rows: &[Value], reference: &str) -> Result<Vec<WorkOrder>, ProviderError> {
    let orders: Result<Vec<WorkOrder>, _> = rows.iter().cloned().map(serde_json::from_value).collect();
    let orders = orders.map_err(|_| ProviderError::Unknown("a work order of the list cannot be read"))?;
    Ok(orders.into_iter().filter(|order| order.customer_ref.as_deref() == Some(reference)).collect())
}
