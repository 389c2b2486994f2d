//! `GET packages`.

use std::time::Duration;

use serde_json::json;

use super::super::core::call::Call;
use super::super::core::reply::Reply;
use super::{Airalo, catalogue, errors, paging};

impl Airalo {
    /// Airalo Partner API v2, "Catalogue".
    pub(super) fn packages(&self, call: &Call) -> Reply {
        if let Some(refusal) = self.over_limit("packages", "", Duration::from_secs(60)) {
            return refusal;
        }
        let kind = call.query("filter[type]");
        if kind.as_deref().is_some_and(|kind| kind != "local" && kind != "global") {
            return errors::invalid("filter.type", "The selected filter.type is invalid.");
        }
        let settings = self.state().settings.clone();
        let with_topups = call.query("include").is_some_and(|include| include.split(',').any(|part| part == "topup"));
        let country = call.query("filter[country]");
        let entries = catalogue::entries(kind.as_deref(), country.as_deref(), with_topups, settings.discount_pricing);
        let page = paging::cut(call, &self.url, entries, settings.data_object_from_page_2);
        let pricing = Self::pricing(settings.discount_pricing);
        Reply::json(200, &json!({"pricing": pricing, "data": page.data, "links": page.links, "meta": page.meta}))
    }
}
