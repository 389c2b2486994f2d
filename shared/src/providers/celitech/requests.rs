//! What Celitech is asked (Celitech, end points).

use http::Method;
use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::{Celitech, package_id::Plan};
use crate::domain::{Country, Iccid, OrderId, money::decimal_number};
use crate::outbound::HttpRequest;
use crate::providers::{EsimKey, FindOrder, PlaceOrder, TopUp, Unsupported, address};

/// The most packages of a page.
const PAGE: &str = "160";
/// The most purchases of a page.
const PURCHASES: &str = "100";

/// OAuth 2.0 client credentials, form-encoded; the scope is empty.
pub(super) fn login(celitech: &Celitech) -> HttpRequest {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", celitech.client_id.as_str()),
        ("client_secret", celitech.client_secret.expose_secret()),
        ("scope", ""),
    ];
    HttpRequest::new("login", Method::POST, celitech.token_url.clone()).form(&form).header("accept", "application/json")
}

pub(super) fn authorise(request: HttpRequest, token: &SecretString) -> HttpRequest {
    request.bearer(token.expose_secret())
}

/// `includeUnlimited` is left out: see the module's page.
pub(super) fn catalogue(celitech: &Celitech, cursor: Option<&str>) -> HttpRequest {
    let mut request = get(celitech, "catalogue", &["packages"]);
    {
        let mut query = request.url.query_pairs_mut();
        query.append_pair("limit", PAGE);
        if let Some(cursor) = cursor {
            query.append_pair("afterCursor", cursor);
        }
    }
    request
}

/// What can be added is what is sold for the same destination.
pub(super) fn topups(celitech: &Celitech, countries: &[Country]) -> Result<HttpRequest, Unsupported> {
    let [country] = countries else {
        return Err(Unsupported("the running plan's one destination is not known"));
    };
    let mut request = get(celitech, "topups", &["packages"]);
    request.url.query_pairs_mut().append_pair("destination", country.as_str()).append_pair("limit", PAGE);
    Ok(request)
}

/// `POST /purchases/v2`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Purchase<'a> {
    destination: &'a str,
    #[serde(rename = "dataLimitInGB", serialize_with = "decimal_number::serialize")]
    data_limit_in_gb: Decimal,
    duration: u32,
    quantity: u32,
    reference_id: &'a str,
}

/// `POST /purchases/topup`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddedPurchase<'a> {
    iccid: &'a str,
    #[serde(rename = "dataLimitInGB", serialize_with = "decimal_number::serialize")]
    data_limit_in_gb: Decimal,
    duration: u32,
    reference_id: &'a str,
}

pub(super) fn place(celitech: &Celitech, order: &PlaceOrder<'_>) -> HttpRequest {
    purchase("place_order", celitech, order.provider_package_id, order.reference)
}

fn purchase(operation: &'static str, celitech: &Celitech, package: &str, order: &OrderId) -> HttpRequest {
    let plan = plan(package);
    let body = Purchase {
        destination: &plan.destination,
        data_limit_in_gb: plan.gigabytes,
        duration: plan.days,
        quantity: 1,
        reference_id: order.as_str(),
    };
    keyed(celitech, operation, &["purchases", "v2"], order).json(&body)
}

pub(super) fn top_up(celitech: &Celitech, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
    added_purchase("top_up", celitech, top_up.esim, top_up.provider_package_id, top_up.reference)
}

fn added_purchase(
    operation: &'static str,
    celitech: &Celitech,
    esim: EsimKey<'_>,
    package: &str,
    order: &OrderId,
) -> Result<HttpRequest, Unsupported> {
    let plan = plan(package);
    let body =
        AddedPurchase { iccid: iccid(esim)?.expose(), data_limit_in_gb: plan.gigabytes, duration: plan.days, reference_id: order.as_str() };
    Ok(keyed(celitech, operation, &["purchases", "topup"], order).json(&body))
}

/// An id that is not of our making names nothing: Celitech refuses the purchase, and nothing is bought.
fn plan(package: &str) -> Plan {
    Plan::parse(package).unwrap_or(Plan { destination: package.to_owned(), gigabytes: Decimal::ZERO, days: 0 })
}

/// The very purchase again, byte for byte and with the same key: Celitech answers with the purchase that it has.
pub(super) fn find_order(celitech: &Celitech, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
    match order.top_up_of {
        Some(esim) => added_purchase("find_order", celitech, esim, order.provider_package_id, order.reference),
        None => Ok(purchase("find_order", celitech, order.provider_package_id, order.reference)),
    }
}

pub(super) fn esim(celitech: &Celitech, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(by_iccid(get(celitech, "esim", &["esim"]), iccid(esim)?))
}

/// The same call, for the state of the profile.
pub(super) fn esim_state(celitech: &Celitech, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(by_iccid(get(celitech, "usage", &["esim"]), iccid(esim)?))
}

/// The same call, for whether the eSIM may be topped up.
pub(super) fn permission(celitech: &Celitech, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(by_iccid(get(celitech, "topups", &["esim"]), iccid(esim)?))
}

/// Which plans an eSIM has, as the first of three calls about usage.
pub(super) fn purchases_of(celitech: &Celitech, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    let mut request = by_iccid(get(celitech, "usage", &["purchases"]), iccid(esim)?);
    request.url.query_pairs_mut().append_pair("limit", PURCHASES);
    Ok(request)
}

pub(super) fn consumption(celitech: &Celitech, purchase: &str) -> HttpRequest {
    get(celitech, "usage", &["purchases", purchase, "consumption"])
}

fn by_iccid(mut request: HttpRequest, iccid: &Iccid) -> HttpRequest {
    request.url.query_pairs_mut().append_pair("iccid", iccid.expose());
    request
}

fn iccid(esim: EsimKey<'_>) -> Result<&Iccid, Unsupported> {
    esim.iccid.ok_or(Unsupported("the ICCID is not known yet"))
}

fn get(celitech: &Celitech, operation: &'static str, path: &[&str]) -> HttpRequest {
    HttpRequest::new(operation, Method::GET, address::below(&celitech.base_url, path)).header("accept", "application/json")
}

/// `Idempotency-Key` is 1 to 255 printable ASCII characters without spaces: our order's id is one.
fn keyed(celitech: &Celitech, operation: &'static str, path: &[&str], order: &OrderId) -> HttpRequest {
    HttpRequest::new(operation, Method::POST, address::below(&celitech.base_url, path))
        .header("accept", "application/json")
        .header("idempotency-key", order.as_str())
}
