//! An order as the API shows it.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use std::time::Duration;

use super::Run;
use crate::{
    domain::{EsimId, Order, OrderId, OrderStatus, order::Move},
    problem::Problem,
    store::idempotency::StoredAnswer,
};

/// What `POST /orders` and `POST …/topup` answer.
#[derive(Serialize)]
pub struct OrderView<'a> {
    order_id: &'a OrderId,
    status: OrderStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    esim_id: Option<&'a EsimId>,
    external_reference: &'a str,
    trace_id: &'a str,
}

/// What `GET /orders/{order_id}` answers.
#[derive(Serialize)]
pub struct OrderDetails<'a> {
    #[serde(flatten)]
    order: OrderView<'a>,
    package_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    moved_from: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deliver_on: Option<Date>,
    history: &'a [Move],
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a crate::domain::order::Problem>,
}

impl<'a> OrderView<'a> {
    /// The short form.
    #[must_use]
    pub fn of(order: &'a Order) -> Self {
        Self {
            order_id: &order.order_id,
            status: order.status,
            esim_id: order.esim_id.as_ref(),
            external_reference: &order.external_reference,
            trace_id: order.trace_id.as_str(),
        }
    }
}

/// An answer about an order: what is sent, and whether it was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderAnswer {
    /// Status, content type and body.
    pub answer: StoredAnswer,
    /// True when a key was used again.
    pub replayed: bool,
    /// When to look again, while the order is open.
    pub retry_after: Option<Duration>,
    /// The order.
    pub order_id: OrderId,
}

/// The answer for an order as it stands: 201 once it is bought, 422 when it was refused or given up, 202 while it is open.
#[must_use]
pub fn answer(order: &Order) -> StoredAnswer {
    match (order.status, &order.problem) {
        (OrderStatus::Rejected | OrderStatus::Parked, Some(problem)) => {
            let code = if order.status == OrderStatus::Rejected { "order_rejected" } else { "order_parked" };
            let mut document = Problem::new(422, code, problem.detail.clone());
            document.errors.push(crate::problem::FieldError { field: "order".to_owned(), message: problem.code.clone() });
            document.document(&order.trace_id)
        }
        (OrderStatus::Placed | OrderStatus::Delivered, _) => json(201, &OrderView::of(order)),
        _ => json(202, &OrderView::of(order)),
    }
}

/// When to look at an order again: soon while it is open, and hours later while it waits for its day.
#[must_use]
pub fn look_again(order: &Order, now: Timestamp) -> Option<Duration> {
    (!order.status.is_settled()).then(|| order.sleeps(now).unwrap_or(Duration::from_secs(5)))
}

fn json<T: Serialize>(status: u16, view: &T) -> StoredAnswer {
    StoredAnswer { status, content_type: "application/json".to_owned(), body: serde_json::to_string(view).unwrap_or_default() }
}

/// `GET /orders/{order_id}`.
///
/// # Errors
/// [`Problem`] when there is no such order, or the table cannot be read.
pub async fn read(run: &Run<'_>, order_id: &OrderId) -> Result<String, Problem> {
    let record = run.house.store.order(&run.agency_id, order_id, &run.house.seals).await?.ok_or_else(|| Problem::not_found("order"))?;
    let order = &record.order;
    let details = OrderDetails {
        order: OrderView::of(order),
        package_id: order.package.package_id.as_str(),
        moved_from: order.moved_from.iter().map(|package| package.package_id.as_str()).collect(),
        booking_reference: order.booking_reference.as_deref(),
        deliver_on: order.later.as_ref().map(|later| later.deliver_on),
        history: &order.history,
        problem: order.problem.as_ref(),
    };
    Ok(serde_json::to_string(&details).unwrap_or_default())
}
