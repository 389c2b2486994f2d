//! Pages as Laravel writes them (Airalo Partner API v2, "Catalogue").

use serde_json::{Map, Value, json};

use super::super::core::call::Call;

/// A page of a list with its `links` and `meta`.
pub struct Page {
    /// The entries of the page: a list, or an object keyed by index.
    pub data: Value,
    /// Links to other pages.
    pub links: Value,
    /// Where we are.
    pub meta: Value,
}

/// Cuts the page that a request asks for. Without `limit` all entries are on the first page.
#[must_use]
pub fn cut(call: &Call, url: &str, entries: Vec<Value>, object_from_page_2: bool) -> Page {
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<usize>().ok()).filter(|n| *n > 0);
    let total = entries.len();
    let per_page = number("limit").unwrap_or_else(|| total.max(1));
    let page = number("page").unwrap_or(1);
    let last = total.div_ceil(per_page).max(1);
    let first_index = (page - 1).saturating_mul(per_page);
    let shown: Vec<Value> = entries.into_iter().skip(first_index).take(per_page).collect();
    let path = format!("{url}{}", call.path);
    let link = |to: usize| format!("{path}?page={to}");
    let range = (!shown.is_empty()).then(|| (first_index + 1, first_index + shown.len()));
    Page {
        links: json!({
            "first": link(1), "last": link(last), "prev": (page > 1).then(|| link(page - 1)),
            "next": (page < last).then(|| link(page + 1)),
        }),
        meta: json!({
            "message": "success", "current_page": page, "from": range.map(|(from, _)| from), "last_page": last,
            "path": path, "per_page": per_page.to_string(), "to": range.map(|(_, to)| to), "total": total,
        }),
        data: if page > 1 && object_from_page_2 && !shown.is_empty() { keyed(shown) } else { Value::Array(shown) },
    }
}

fn keyed(entries: Vec<Value>) -> Value {
    entries.into_iter().enumerate().map(|(index, entry)| (index.to_string(), entry)).collect::<Map<_, _>>().into()
}
