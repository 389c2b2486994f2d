//! Orders for a later day (Airalo Partner API v2, future orders).

use jiff::Timestamp;

use super::{Airalo, requests, wire};
use crate::{
    domain::OrderId,
    outbound::{Answer, HttpRequest},
    providers::{FoundLater, FutureOrders, PlaceOrder, ProviderError, Scheduled},
};

/// The lists of what is not carried out, in the order in which they are read.
const STATUSES: [&str; 3] = ["pending", "retry", "failed"];

/// Where a look through the lists stands: which of them, and its page. As a cursor: `retry:2`.
pub(super) struct Place {
    list: usize,
    page: String,
}

impl Place {
    fn of(cursor: Option<&str>) -> Self {
        let (status, page) = cursor.and_then(|cursor| cursor.split_once(':')).unwrap_or(("pending", "1"));
        Self { list: STATUSES.iter().position(|one| *one == status).unwrap_or(0), page: page.to_owned() }
    }

    /// The word of the list.
    pub(super) fn status(&self) -> &'static str {
        STATUSES.get(self.list).copied().unwrap_or("pending")
    }

    /// The number of the page.
    pub(super) fn page(&self) -> &str {
        &self.page
    }

    /// Whether this list holds what will not be carried out any more.
    pub(super) fn is_of_failures(&self) -> bool {
        self.status() == "failed"
    }

    /// Where to look next: `page` of the same list, or the next list.
    pub(super) fn next(&self, page: Option<String>) -> Option<String> {
        match page {
            Some(page) => Some(format!("{}:{page}", self.status())),
            None => STATUSES.get(self.list + 1).map(|status| format!("{status}:1")),
        }
    }
}

impl FutureOrders for Airalo {
    fn place_later(&self, order: &PlaceOrder<'_>, due: Timestamp) -> HttpRequest {
        requests::place_later(self, order, due)
    }

    fn read_place_later(&self, answer: &Answer) -> Result<Scheduled, ProviderError> {
        wire::future::read_place(answer)
    }

    fn find_later(&self, due: Timestamp, cursor: Option<&str>) -> HttpRequest {
        requests::find_later(self, due, &Place::of(cursor))
    }

    fn read_find_later(&self, reference: &OrderId, cursor: Option<&str>, answer: &Answer) -> Result<FoundLater, ProviderError> {
        wire::future::read_find(reference, &Place::of(cursor), answer)
    }

    fn cancel_later(&self, request_id: &str) -> HttpRequest {
        requests::cancel_later(self, request_id)
    }

    fn read_cancel_later(&self, answer: &Answer) -> Result<(), ProviderError> {
        wire::future::read_cancel(answer)
    }
}
