//! What Telna is asked (Connect Flex, §1 and §2).

use http::{HeaderName, HeaderValue, Method};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::Telna;
use crate::domain::{Iccid, OrderId};
use crate::outbound::HttpRequest;
use crate::providers::{EsimKey, FindOrder, PlaceOrder, TopUp, Unsupported, address};

/// Rows a page.
pub(super) const PAGE: usize = 100;

/// There is no log-in: a list of one product proves the key.
pub(super) fn proof(telna: &Telna) -> HttpRequest {
    let mut request = get(telna, "login", &["ordering", "products"]);
    request.url.query_pairs_mut().append_pair("offset", "0").append_pair("count", "1");
    authorise(telna, request)
}

/// The key, with what the settings put before it, marked sensitive.
pub(super) fn authorise(telna: &Telna, mut request: HttpRequest) -> HttpRequest {
    let key = telna.key.expose_secret();
    let written = match telna.settings.auth_scheme.as_deref().filter(|scheme| !scheme.is_empty()) {
        Some(scheme) => format!("{scheme} {key}"),
        None => key.to_owned(),
    };
    let second = telna.settings.api_key_header.then_some((HeaderName::from_static("apikey"), key.to_owned()));
    for (name, value) in std::iter::once((http::header::AUTHORIZATION, written)).chain(second) {
        if let Ok(mut value) = HeaderValue::from_str(&value) {
            value.set_sensitive(true);
            request.headers.insert(name, value);
        }
    }
    request
}

/// A page of the products, from an offset.
pub(super) fn products(telna: &Telna, operation: &'static str, offset: Option<&str>) -> HttpRequest {
    let mut request = get(telna, operation, &["ordering", "products"]);
    {
        let mut query = request.url.query_pairs_mut();
        query.append_pair("offset", offset.unwrap_or("0")).append_pair("count", &PAGE.to_string());
        if let Some(account) = &telna.settings.account_id {
            query.append_pair("account", account);
        }
    }
    request
}

pub(super) fn place(telna: &Telna, order: &PlaceOrder<'_>) -> HttpRequest {
    work_order(telna, "place_order", order.provider_package_id, order.reference, None)
}

/// Another work order for the same ICCID (§2, Top-up: L), in the member that Telna confirmed.
pub(super) fn top_up(telna: &Telna, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
    let of = (top_up_member(telna)?, iccid(top_up.esim)?.expose());
    Ok(work_order(telna, "top_up", top_up.provider_package_id, top_up.reference, Some(of)))
}

/// `customer_ref` is the only place for our reference, and what the order is found again by.
fn work_order(telna: &Telna, operation: &'static str, product: &str, reference: &OrderId, of: Option<(&str, &str)>) -> HttpRequest {
    let mut body = Map::new();
    body.insert("product".to_owned(), Value::from(product));
    body.insert("customer_ref".to_owned(), Value::from(reference.as_str()));
    if let Some(account) = &telna.settings.account_id {
        body.insert("account".to_owned(), Value::from(account.as_str()));
    }
    if let Some((member, iccid)) = of {
        body.insert(member.to_owned(), Value::from(iccid));
    }
    request(telna, operation, Method::POST, &["ordering", "work-orders"]).json(&body)
}

pub(super) fn top_up_member(telna: &Telna) -> Result<&str, Unsupported> {
    let member = telna.settings.top_up_member.as_deref().filter(|member| !member.is_empty());
    member.ok_or(Unsupported("Telna's top-up is not documented: it is sold once telna.top_up_member is confirmed and set"))
}

/// By its id where we have it; else the list, from an offset.
pub(super) fn find_order(telna: &Telna, order: &FindOrder<'_>) -> HttpRequest {
    if let Some(id) = order.provider_order_id {
        return get(telna, "find_order", &["ordering", "work-orders", id]);
    }
    let mut request = get(telna, "find_order", &["ordering", "work-orders"]);
    {
        let mut query = request.url.query_pairs_mut();
        query.append_pair("offset", order.cursor.unwrap_or("0")).append_pair("count", &PAGE.to_string());
        if let Some(filter) = telna.settings.reference_filter.as_deref().filter(|name| !name.is_empty()) {
            query.append_pair(filter, order.reference.as_str());
        }
    }
    request
}

pub(super) fn profile(telna: &Telna, operation: &'static str, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(get(telna, operation, &["diagnostic", "euicc-profiles", iccid(esim)?.expose()]))
}

pub(super) fn usage(telna: &Telna, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    let mut request = get(telna, "usage", &["diagnostic", "usages"]);
    request.url.query_pairs_mut().append_pair("iccid", iccid(esim)?.expose());
    Ok(request)
}

pub(super) fn iccid(esim: EsimKey<'_>) -> Result<&Iccid, Unsupported> {
    esim.iccid.ok_or(Unsupported("Telna knows an eSIM by its ICCID only, which is not known yet"))
}

fn get(telna: &Telna, operation: &'static str, path: &[&str]) -> HttpRequest {
    request(telna, operation, Method::GET, path)
}

fn request(telna: &Telna, operation: &'static str, method: Method, path: &[&str]) -> HttpRequest {
    HttpRequest::new(operation, method, address::below(&telna.base_url, path)).header("accept", "application/json")
}
