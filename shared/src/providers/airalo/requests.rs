//! What Airalo is asked (Airalo Partner API v2, endpoints).
//!
//! Every POST carries `airalo-signature`, as all official SDKs do, over the very text that is sent: values in ASCII and `/`
//! escaped, so that whichever way Airalo writes it again, the signature holds.

use http::Method;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::{Airalo, future::Place, signature};
use crate::config::AiraloOrders;
use crate::domain::{Iccid, Locale, OrderId};
use crate::outbound::HttpRequest;
use crate::providers::{EsimKey, FindOrder, PlaceOrder, TopUp, Unsupported, address};

/// Orders a page of the look-up: far more than one reference can match.
const LISTED_AT_ONCE: &str = "100";

#[derive(Serialize)]
struct Login<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    grant_type: &'a str,
}

/// The form is sent urlencoded; the signature is over its JSON text.
pub(super) fn login(airalo: &Airalo) -> HttpRequest {
    let fields =
        Login { client_id: &airalo.client_id, client_secret: airalo.client_secret.expose_secret(), grant_type: "client_credentials" };
    let form = [("client_id", fields.client_id), ("client_secret", fields.client_secret), ("grant_type", fields.grant_type)];
    let signature = signature::sign(airalo.client_secret.expose_secret(), signature::wire_text(&fields).as_bytes());
    HttpRequest::new("login", Method::POST, address::below(&airalo.base_url, &["token"]))
        .form(&form)
        .header("accept", "application/json")
        .header(signature::HEADER, &signature)
}

pub(super) fn authorise(request: HttpRequest, token: &SecretString) -> HttpRequest {
    request.bearer(token.expose_secret())
}

/// A page of the catalogue, by its number. Without `limit`, as the provider advises for the hourly pull.
pub(super) fn catalogue(airalo: &Airalo, cursor: Option<&str>, locale: Locale) -> HttpRequest {
    let mut request = get(airalo, "catalogue", &["packages"]).header("accept-language", locale.tag());
    if let Some(page) = cursor {
        request.url.query_pairs_mut().append_pair("page", page);
    }
    request
}

#[derive(Serialize)]
struct Order<'a> {
    quantity: u32,
    package_id: &'a str,
    r#type: &'a str,
    description: &'a str,
}

/// One eSIM, now or asynchronously; the webhook for the latter is the one that was opted in. `description` is the only place for our reference, and what the order is found again by.
pub(super) fn place(airalo: &Airalo, order: &PlaceOrder<'_>) -> HttpRequest {
    let body = Order { quantity: 1, package_id: order.provider_package_id, r#type: "sim", description: order.reference.as_str() };
    let path = match airalo.orders {
        AiraloOrders::Sync => "orders",
        AiraloOrders::Async => "orders-async",
    };
    post(airalo, "place_order", &[path], &body)
}

#[derive(Serialize)]
struct FutureOrder<'a> {
    quantity: u32,
    package_id: &'a str,
    due_date: &'a str,
    description: &'a str,
}

/// One eSIM at `due`; what comes of it is told to the webhook that was opted in for asynchronous orders.
pub(super) fn place_later(airalo: &Airalo, order: &PlaceOrder<'_>, due: Timestamp) -> HttpRequest {
    let due_date = minute(due);
    let body =
        FutureOrder { quantity: 1, package_id: order.provider_package_id, due_date: &due_date, description: order.reference.as_str() };
    post(airalo, "place_order", &["future-orders"], &body)
}

/// A page of one of the lists of future orders, of those that are due then. No page says whether the ends of the span belong to it.
pub(super) fn find_later(airalo: &Airalo, due: Timestamp, place: &Place) -> HttpRequest {
    let around = SignedDuration::from_mins(1);
    let (from, to) = (due.saturating_sub(around).unwrap_or(due), due.saturating_add(around).unwrap_or(due));
    let mut request = get(airalo, "find_order", &["future-orders"]);
    request
        .url
        .query_pairs_mut()
        .append_pair("status", place.status())
        .append_pair("from_due_date", &minute(from))
        .append_pair("to_due_date", &minute(to))
        .append_pair("limit", LISTED_AT_ONCE)
        .append_pair("page", place.page());
    request
}

#[derive(Serialize)]
struct Cancellation<'a> {
    request_ids: [&'a str; 1],
}

/// Cancels a future order.
pub(super) fn cancel_later(airalo: &Airalo, request_id: &str) -> HttpRequest {
    post(airalo, "cancel_order", &["cancel-future-orders"], &Cancellation { request_ids: [request_id] })
}

/// `YYYY-MM-DD HH:MM`, UTC.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// What credit is left.
pub(super) fn balance(airalo: &Airalo) -> HttpRequest {
    get(airalo, "credit", &["balance"])
}

/// The orders whose description holds our reference. The provider matches parts of it; reading compares exactly.
/// New eSIMs and top-ups are in the same list.
pub(super) fn find_order(airalo: &Airalo, order: &FindOrder<'_>) -> HttpRequest {
    let mut request = get(airalo, "find_order", &["orders"]);
    {
        let mut query = request.url.query_pairs_mut();
        query.append_pair("filter[description]", order.reference.as_str());
        query.append_pair("include", "sims,status");
        query.append_pair("limit", LISTED_AT_ONCE);
        if let Some(page) = order.cursor {
            query.append_pair("page", page);
        }
    }
    request
}

pub(super) fn esim(airalo: &Airalo, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(get(airalo, "esim", &["sims", iccid(esim)?.expose()]))
}

pub(super) fn usage(airalo: &Airalo, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(get(airalo, "usage", &["sims", iccid(esim)?.expose(), "usage"]))
}

#[derive(Serialize)]
struct RefundOf<'a> {
    iccids: [&'a str; 1],
    reason: &'a str,
    notes: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

/// The money for one eSIM, because its trip does not take place.
pub(super) fn refund(airalo: &Airalo, esim: EsimKey<'_>, reference: &OrderId) -> Result<HttpRequest, Unsupported> {
    let email = airalo.refunds.as_ref().map(|settings| settings.email.expose());
    let body = RefundOf { iccids: [iccid(esim)?.expose()], reason: "TRIP_CANCELLATION", notes: reference.as_str(), email };
    Ok(post(airalo, "refund", &["refund"], &body))
}

/// Every plan of an eSIM. An operation of its own: it has its own limit, which must not pause the reading of usage.
pub(super) fn history(airalo: &Airalo, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(get(airalo, "history", &["sims", iccid(esim)?.expose(), "packages"]))
}

/// How an eSIM is installed, in a language. The page's example names a language without a country.
pub(super) fn instructions(airalo: &Airalo, esim: EsimKey<'_>, locale: Locale) -> Result<HttpRequest, Unsupported> {
    let language = locale.tag().get(..2).unwrap_or("en");
    Ok(get(airalo, "instructions", &["sims", iccid(esim)?.expose(), "instructions"]).header("accept-language", language))
}

/// Every phone that takes eSIMs. The full list, `compatible-devices`, is deprecated.
pub(super) fn compatible_devices(airalo: &Airalo) -> HttpRequest {
    get(airalo, "compatible_devices", &["compatible-devices-lite"])
}

pub(super) fn topups(airalo: &Airalo, esim: EsimKey<'_>, locale: Locale) -> Result<HttpRequest, Unsupported> {
    Ok(get(airalo, "topups", &["sims", iccid(esim)?.expose(), "topups"]).header("accept-language", locale.tag()))
}

#[derive(Serialize)]
struct TopUpOrder<'a> {
    package_id: &'a str,
    iccid: &'a str,
    description: &'a str,
}

pub(super) fn top_up(airalo: &Airalo, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
    let body =
        TopUpOrder { package_id: top_up.provider_package_id, iccid: iccid(top_up.esim)?.expose(), description: top_up.reference.as_str() };
    Ok(post(airalo, "top_up", &["orders", "topups"], &body))
}

#[derive(Serialize)]
struct OptIn<'a> {
    r#type: &'a str,
    webhook_url: &'a str,
    #[serde(skip_serializing_if = "<[u8]>::is_empty")]
    levels: &'a [u8],
}

/// One opt-in a kind of event. Levels are those of the credit limit, in percent; low data has none to choose from.
pub(super) fn register_webhook(airalo: &Airalo, url: &str) -> Vec<HttpRequest> {
    let kinds: [(&str, &[u8]); 3] = [("async_orders", &[]), ("webhook_low_data", &[]), ("webhook_credit_limit", &[50, 70, 80, 90])];
    kinds
        .into_iter()
        .map(|(kind, levels)| OptIn { r#type: kind, webhook_url: url, levels })
        .map(|body| post(airalo, "register_webhook", &["notifications", "opt-in"], &body))
        .collect()
}

fn iccid(esim: EsimKey<'_>) -> Result<&Iccid, Unsupported> {
    esim.iccid.ok_or(Unsupported("Airalo knows an eSIM by its ICCID only, which is not known yet"))
}

fn get(airalo: &Airalo, operation: &'static str, path: &[&str]) -> HttpRequest {
    HttpRequest::new(operation, Method::GET, address::below(&airalo.base_url, path)).header("accept", "application/json")
}

fn post<T: Serialize>(airalo: &Airalo, operation: &'static str, path: &[&str], body: &T) -> HttpRequest {
    let text = signature::wire_text(body);
    let signature = signature::sign(airalo.client_secret.expose_secret(), text.as_bytes());
    let mut request = HttpRequest::new(operation, Method::POST, address::below(&airalo.base_url, path))
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header(signature::HEADER, &signature);
    request.body = text.into_bytes();
    request
}
