//! `POST /{type}/search` (HubSpot, "CRM objects").

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso_ms;
use super::super::core::json::{list, text, texts, whole};
use super::super::core::reply::Reply;
use super::model::{ObjectType, Record};
use super::objects::{json_body, paged};
use super::{Answer, HubSpot, errors};

const LARGEST_PAGE: usize = 200;
const LONGEST_QUERY: usize = 3_000;

impl HubSpot {
    pub(super) fn search(&self, call: &Call, kind: &ObjectType) -> Answer {
        let body = json_body(call)?;
        check(kind, &body)?;
        let number = |name: &str, default: i64| usize::try_from(whole(&body, name).unwrap_or(default)).unwrap_or(0);
        let (limit, after) = (number("limit", 10), number("after", 0));
        if limit > LARGEST_PAGE {
            return Err(errors::invalid(&format!("The limit must be at most {LARGEST_PAGE}.")));
        }
        let portal = self.portal();
        let lag = Duration::from_millis(portal.settings.search_lag_ms);
        let (own_clock, now) = (portal.settings.search_lag_by_own_clock, self.now());
        let age = |record: &Record, at: Instant| {
            if own_clock { Duration::try_from(now.duration_since(record.updated_at)).unwrap_or_default() } else { at.elapsed() }
        };
        let visible = |record: &&Record| record.written.is_none_or(|at| age(record, at) >= lag);
        let mut found: Vec<&Record> =
            portal.records.iter().filter(|record| record.type_id == kind.id).filter(visible).filter(|record| fits(record, &body)).collect();
        if let Some(sort) = list(&body, "sorts").first() {
            let name = text(sort, "propertyName").unwrap_or("hs_object_id").to_owned();
            found.sort_by(|left, right| compare(&value(left, &name), &value(right, &name)));
            if text(sort, "direction") == Some("DESCENDING") {
                found.reverse();
            }
        }
        let wanted = texts(&body, "properties");
        let results: Vec<Value> = found.iter().skip(after).take(limit).map(|record| record.show(kind, &wanted, &self.url)).collect();
        Ok(Reply::json(200, &paged(results, after, found.len(), &json!({"total": found.len()}))))
    }
}

fn check(kind: &ObjectType, body: &Value) -> Result<(), Reply> {
    if text(body, "query").is_some_and(|query| query.len() > LONGEST_QUERY) {
        return Err(errors::invalid("The query is too long."));
    }
    for filter in list(body, "filterGroups").iter().flat_map(|group| list(group, "filters")) {
        let name = text(filter, "propertyName").unwrap_or_default();
        if kind.property(name).is_none() {
            return Err(errors::invalid(&format!("There was a problem with the request: property {name} does not exist")));
        }
        let operator = text(filter, "operator").unwrap_or_default();
        let needs = match operator {
            "EQ" | "NEQ" | "LT" | "LTE" | "GT" | "GTE" | "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN" => "value",
            "BETWEEN" => "highValue",
            "IN" | "NOT_IN" => "values",
            "HAS_PROPERTY" | "NOT_HAS_PROPERTY" => "operator",
            other => return Err(errors::invalid(&format!("{other} is not a valid operator"))),
        };
        if filter.get(needs).is_none() {
            return Err(errors::invalid(&format!("The operator {operator} needs {needs}.")));
        }
    }
    Ok(())
}

/// Groups are alternatives, the filters of a group must all hold.
fn fits(record: &Record, body: &Value) -> bool {
    let groups = list(body, "filterGroups");
    let filtered = groups.is_empty() || groups.iter().any(|group| list(group, "filters").iter().all(|filter| holds(record, filter)));
    let query = text(body, "query").unwrap_or_default().to_lowercase();
    filtered && (query.is_empty() || record.properties.values().any(|value| value.to_lowercase().contains(&query)))
}

fn value(record: &Record, name: &str) -> Option<String> {
    match name {
        "hs_object_id" => Some(record.id.to_string()),
        "createdate" | "hs_createdate" => Some(iso_ms(record.created_at)),
        "lastmodifieddate" | "hs_lastmodifieddate" => Some(iso_ms(record.updated_at)),
        other => record.properties.get(other).cloned(),
    }
}

fn holds(record: &Record, filter: &Value) -> bool {
    let own = value(record, text(filter, "propertyName").unwrap_or_default());
    let given = |key: &str| text(filter, key).map(str::to_owned);
    let order = |key: &str| own.as_ref().and(Some(compare(&own, &given(key))));
    let same = |other: &str| own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(other));
    let within = || texts(filter, "values").iter().any(|value| same(value));
    let token = || {
        let wanted = given("value").unwrap_or_default().replace('*', "").to_lowercase();
        own.as_deref().is_some_and(|own| own.to_lowercase().contains(&wanted))
    };
    match text(filter, "operator").unwrap_or_default() {
        "EQ" => given("value").is_some_and(|value| same(&value)),
        "NEQ" => !given("value").is_some_and(|value| same(&value)),
        "LT" => order("value") == Some(Ordering::Less),
        "LTE" => order("value").is_some_and(Ordering::is_le),
        "GT" => order("value") == Some(Ordering::Greater),
        "GTE" => order("value").is_some_and(Ordering::is_ge),
        "BETWEEN" => order("value").is_some_and(Ordering::is_ge) && order("highValue").is_some_and(Ordering::is_le),
        "IN" => within(),
        "NOT_IN" => !within(),
        "HAS_PROPERTY" => own.is_some(),
        "NOT_HAS_PROPERTY" => own.is_none(),
        "CONTAINS_TOKEN" => token(),
        "NOT_CONTAINS_TOKEN" => !token(),
        _ => false,
    }
}

/// Numbers by size, everything else as text.
fn compare(left: &Option<String>, right: &Option<String>) -> Ordering {
    let number = |value: &Option<String>| value.as_deref().and_then(|value| value.parse::<f64>().ok());
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => left.cmp(right),
    }
}
