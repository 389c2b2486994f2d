//! What eSIM Go is asked (eSIM Go API v2.x, end points).

use http::{HeaderValue, Method};
use jiff::{Timestamp, ToSpan};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::EsimGo;
use super::wire::find::LATEST;
use crate::domain::{Country, Iccid};
use crate::outbound::HttpRequest;
use crate::providers::{EsimKey, FindOrder, PlaceOrder, TopUp, Unsupported, address};

/// Bundles, and orders, of a page.
const PAGE: &str = "100";
/// The most assignments that are listed.
const ASSIGNMENTS: &str = "200";

/// There is no log-in: this call proves the key. Its answer holds the key and is not looked into.
pub(super) fn proof(esim_go: &EsimGo) -> HttpRequest {
    authorise(get(esim_go, "login", &["organisation"]), &esim_go.api_key)
}

/// `X-API-Key`, marked sensitive. A key that HTTP does not allow is left out, and refused there.
pub(super) fn authorise(mut request: HttpRequest, api_key: &SecretString) -> HttpRequest {
    if let Ok(mut value) = HeaderValue::from_str(api_key.expose_secret()) {
        value.set_sensitive(true);
        request.headers.insert("x-api-key", value);
    }
    request
}

pub(super) fn catalogue(esim_go: &EsimGo, cursor: Option<&str>) -> HttpRequest {
    let mut request = get(esim_go, "catalogue", &["catalogue"]);
    request.url.query_pairs_mut().append_pair("page", cursor.unwrap_or("1")).append_pair("perPage", PAGE);
    request
}

/// What can be added is what is sold for the plan's countries. Whether a bundle goes with the profile is said by applying it.
pub(super) fn topups(esim_go: &EsimGo, countries: &[Country]) -> Result<HttpRequest, Unsupported> {
    let Some(country) = countries.first() else {
        return Err(Unsupported("the running plan's countries are not known"));
    };
    let mut request = get(esim_go, "topups", &["catalogue"]);
    request.url.query_pairs_mut().append_pair("countries", country.as_str()).append_pair("perPage", PAGE);
    Ok(request)
}

#[derive(Serialize)]
struct Order<'a> {
    r#type: &'static str,
    assign: bool,
    order: [Line<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    r#type: &'static str,
    item: &'a str,
    quantity: u32,
    allow_reassign: bool,
}

/// A new eSIM is issued where none is named.
pub(super) fn place(esim_go: &EsimGo, order: &PlaceOrder<'_>) -> HttpRequest {
    let line = Line { r#type: "bundle", item: order.provider_package_id, quantity: 1, allow_reassign: false };
    request(esim_go, "place_order", Method::POST, &["orders"]).json(&Order { r#type: "transaction", assign: true, order: [line] })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Application<'a> {
    name: &'a str,
    iccid: &'a str,
    allow_reassign: bool,
}

/// Without reassignment: the bundle comes on this eSIM or not at all.
pub(super) fn top_up(esim_go: &EsimGo, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
    let body = Application { name: top_up.provider_package_id, iccid: iccid(top_up.esim)?.expose(), allow_reassign: false };
    Ok(request(esim_go, "top_up", Method::POST, &["esims", "apply"]).json(&body))
}

/// By the order's reference where we have it; else all orders around the time of sending; a top-up by what its eSIM carries.
pub(super) fn find_order(esim_go: &EsimGo, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
    if let Some(esim) = order.top_up_of {
        return bundles(esim_go, "find_order", esim);
    }
    if let Some(reference) = order.provider_order_id {
        return Ok(get(esim_go, "find_order", &["orders", reference]));
    }
    let latest = order.sent_at.saturating_add(LATEST.seconds()).map_or(order.sent_at, |at| at);
    let mut request = get(esim_go, "find_order", &["orders"]);
    request
        .url
        .query_pairs_mut()
        .append_pair("includeIccids", "true")
        .append_pair("page", order.cursor.unwrap_or("1"))
        .append_pair("limit", PAGE)
        .append_pair("createdAt", &format!("gte:{}", seconds(order.earliest())))
        .append_pair("createdAt", &format!("lte:{}", seconds(latest)));
    Ok(request)
}

fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What installs it, by the reference of its order; by its ICCID where that is all we have.
pub(super) fn esim(esim_go: &EsimGo, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    let Some(reference) = esim.provider_esim_id else {
        return Ok(get(esim_go, "esim", &["esims", iccid(esim)?.expose()]));
    };
    let mut request = get(esim_go, "esim", &["esims", "assignments"]);
    request.url.query_pairs_mut().append_pair("reference", reference);
    Ok(request)
}

/// What an eSIM carries, and what is left of it.
pub(super) fn bundles(esim_go: &EsimGo, operation: &'static str, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    let mut request = get(esim_go, operation, &["esims", iccid(esim)?.expose(), "bundles"]);
    request.url.query_pairs_mut().append_pair("includeUsed", "true").append_pair("limit", ASSIGNMENTS);
    Ok(request)
}

/// Whether the profile is installed, while its bundle waits.
pub(super) fn profile(esim_go: &EsimGo, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(get(esim_go, "usage", &["esims", iccid(esim)?.expose()]))
}

fn iccid(esim: EsimKey<'_>) -> Result<&Iccid, Unsupported> {
    esim.iccid.ok_or(Unsupported("the ICCID is not known yet"))
}

fn get(esim_go: &EsimGo, operation: &'static str, path: &[&str]) -> HttpRequest {
    request(esim_go, operation, Method::GET, path)
}

fn request(esim_go: &EsimGo, operation: &'static str, method: Method, path: &[&str]) -> HttpRequest {
    HttpRequest::new(operation, method, address::below(&esim_go.base_url, path)).header("accept", "application/json")
}
