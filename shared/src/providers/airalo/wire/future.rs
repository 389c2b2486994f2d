//! `POST future-orders`, `GET future-orders` and `POST cancel-future-orders` (Airalo Partner API v2, future orders).

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::super::future::Place;
use super::{One, Page, success};
use crate::{
    domain::OrderId,
    outbound::Answer,
    providers::{FoundLater, ProviderError, Scheduled, lenient, reason},
};

#[derive(Deserialize)]
struct Future {
    #[serde(default, deserialize_with = "lenient::text")]
    request_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    latest_cancellation_date: Option<String>,
}

impl Future {
    fn scheduled(self) -> Option<Scheduled> {
        let cancel_by: Option<Timestamp> = self.latest_cancellation_date.as_deref().and_then(lenient::moment);
        Some(Scheduled { request_id: self.request_id.filter(|id| !id.is_empty())?, cancel_by })
    }
}

/// With an id it is taken; a success without one says nothing for certain.
pub(in super::super) fn read_place(answer: &Answer) -> Result<Scheduled, ProviderError> {
    let taken = success::<One<Future>>(answer)?.data.scheduled();
    taken.ok_or(ProviderError::Unknown("the provider took the order and gave it no id"))
}

/// The order whose description is our reference, whole.
pub(in super::super) fn read_find(reference: &OrderId, place: &Place, answer: &Answer) -> Result<FoundLater, ProviderError> {
    let page: Page = match success(answer) {
        // A list that is refused says nothing about the purchase.
        Err(ProviderError::Rejected { .. }) => return Err(ProviderError::Unknown("the provider refused the look-up")),
        other => other?,
    };
    let next = page.next();
    let rows = page.data.ok_or(ProviderError::Unknown("the list of future orders holds no list"))?;
    let rows: Result<Vec<Future>, _> = rows.into_iter().map(serde_json::from_value::<Future>).collect();
    let rows = rows.map_err(|_| ProviderError::Unknown("a future order of the list cannot be read"))?;
    let Some(ours) = rows.into_iter().find(|row| row.description.as_deref() == Some(reference.as_str())) else {
        return Ok(place.next(next).map_or(FoundLater::Absent, FoundLater::Next));
    };
    if place.is_of_failures() {
        return Ok(FoundLater::Failed);
    }
    ours.scheduled().map(FoundLater::Waiting).ok_or(ProviderError::Unknown("a future order of the list has no id"))
}

/// A success whose `data` is empty. The page shows refusals, which name the request, under 200 as well as under 422.
pub(in super::super) fn read_cancel(answer: &Answer) -> Result<(), ProviderError> {
    match success::<One<Value>>(answer)?.data {
        Value::Array(none) if none.is_empty() => Ok(()),
        Value::Object(none) if none.is_empty() => Ok(()),
        Value::Object(fields) => match fields.get("request_ids.0").and_then(lenient::text_of) {
            Some(words) => Err(ProviderError::Rejected { code: "refused", reason: reason::reason(&words) }),
            None => Err(ProviderError::Unknown("the provider's answer is neither yes nor no")),
        },
        _ => Err(ProviderError::Unknown("the provider's answer is neither yes nor no")),
    }
}
