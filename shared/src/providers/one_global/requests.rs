//! What 1GLOBAL is asked (Connect v2, §1 and §2).
//!
//! Every call carries an `X-Correlation-ID` of its own.

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use super::OneGlobal;
use crate::config::WebhookMethod;
use crate::domain::{Iccid, OrderId};
use crate::outbound::HttpRequest;
use crate::providers::{EsimKey, FindOrder, PlaceOrder, TopUp, Unsupported, address};

/// Where the agency sells, while `one_global.country_of_sale` is not set.
pub(super) const COUNTRY_OF_SALE: &str = "FR";

/// Rows a page. Documented for subscriptions (§2); products are asked for with the same.
const PAGE_SIZE: &str = "500";

/// The types of §4, spelled correctly.
const TYPES: [&str; 3] = ["USAGE_THRESHOLD", "SUBSCRIPTION_END", "DOWNLOAD_PROGRESS"];

/// Where tokens come from (§1): the realm on the host of the API.
pub(super) fn token_url(base: &Url) -> Url {
    let mut root = base.clone();
    root.set_path("/");
    address::below(&root, &["auth", "realms", "tru-staff", "protocol", "openid-connect", "token"])
}

pub(super) fn login(one: &OneGlobal) -> HttpRequest {
    let form =
        [("grant_type", "client_credentials"), ("client_id", one.client_id.as_str()), ("client_secret", one.client_secret.expose_secret())];
    HttpRequest::new("login", Method::POST, one.token_url.clone()).form(&form).header("accept", "application/json")
}

pub(super) fn authorise(request: HttpRequest, token: &SecretString) -> HttpRequest {
    request.bearer(token.expose_secret())
}

/// With an id that no other request has.
pub(super) fn correlated(request: HttpRequest, once: [u8; 16]) -> HttpRequest {
    request.header("x-correlation-id", &hex::encode(once))
}

/// A page of the products, by its number.
pub(super) fn catalogue(one: &OneGlobal, operation: &'static str, cursor: Option<&str>) -> HttpRequest {
    let mut request = get(one, operation, &["v2", "products"]);
    query(&mut request, &[("page_size", PAGE_SIZE)], cursor);
    request
}

#[derive(Serialize)]
struct Order<'a> {
    operation_type: &'a str,
    sim_type: &'a str,
    country: &'a str,
    product: Product<'a>,
    subscriber: Subscriber<'a>,
}

#[derive(Serialize)]
struct Product<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct Subscriber<'a> {
    email: String,
    device: Device<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sim: Option<Sim<'a>>,
}

#[derive(Serialize)]
struct Device<'a> {
    operating_system: &'a str,
    model: &'a str,
    id: &'a str,
}

#[derive(Serialize)]
struct Sim<'a> {
    iccid: &'a str,
}

/// One eSIM. The sale price, a pair that may be left out, is not known here.
pub(super) fn place(one: &OneGlobal, order: &PlaceOrder<'_>) -> HttpRequest {
    post_order(one, "place_order", order.provider_package_id, order.reference, None)
}

pub(super) fn top_up(one: &OneGlobal, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(post_order(one, "top_up", top_up.provider_package_id, top_up.reference, Some(iccid(top_up.esim)?)))
}

fn post_order(one: &OneGlobal, operation: &'static str, product: &str, reference: &OrderId, sim: Option<&Iccid>) -> HttpRequest {
    let settings = &one.settings;
    let body = Order {
        operation_type: if sim.is_some() { "TOPUP" } else { "ACTIVATION" },
        sim_type: "ESIM",
        country: settings.country_of_sale.as_ref().map_or(COUNTRY_OF_SALE, |country| country.as_str()),
        product: Product { id: product },
        subscriber: Subscriber {
            email: alias(&settings.subscriber_domain, reference),
            device: Device { operating_system: &settings.device_operating_system, model: &settings.device_model, id: reference.as_str() },
            sim: sim.map(|iccid| Sim { iccid: iccid.expose() }),
        },
    };
    request(one, operation, Method::POST, &["v2", "orders"]).json(&body)
}

/// The subscriber's address: one for each order, in lower case, as addresses are compared (§8.3).
pub(super) fn alias(domain: &str, reference: &OrderId) -> String {
    format!("{reference}@{domain}").to_ascii_lowercase()
}

/// What a look-up asks next. Orders that have an id are asked for by it; others are looked for among the subscriptions, and what was
/// found there is then asked for its codes: the cursor says which.
pub(super) fn find_order(one: &OneGlobal, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
    if let Some((_, sim)) = order.cursor.and_then(found_sim) {
        return Ok(get(one, "find_order", &["v2", "sims", sim]));
    }
    if let Some(id) = order.provider_order_id {
        return Ok(get(one, "find_order", &["v2", "orders", id]));
    }
    let mut request = get(one, "find_order", &["v2", "subscriptions"]);
    let by = match order.top_up_of {
        // Whose address a top-up's subscription carries is not documented: it is looked for on its SIM.
        Some(esim) => ("iccid", iccid(esim)?.expose().to_owned()),
        None => ("email", alias(&one.settings.subscriber_domain, order.reference)),
    };
    query(&mut request, &[(by.0, &by.1), ("page_size", PAGE_SIZE)], order.cursor);
    Ok(request)
}

/// The cursor that stands for a subscription that was found and the SIM it is on: `sim <subscription> <iccid>`.
pub(super) fn found_sim(cursor: &str) -> Option<(&str, &str)> {
    cursor.strip_prefix("sim ")?.split_once(' ')
}

pub(super) fn sim(one: &OneGlobal, operation: &'static str, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(get(one, operation, &["v2", "sims", iccid(esim)?.expose()]))
}

pub(super) fn usage(one: &OneGlobal, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    let mut request = get(one, "usage", &["v2", "subscriptions"]);
    query(&mut request, &[("iccid", iccid(esim)?.expose()), ("page_size", PAGE_SIZE)], None);
    Ok(request)
}

#[derive(Serialize)]
struct Hook<'a> {
    webhook_url: &'a str,
}

/// One call a type (§4).
pub(super) fn register_esim_webhooks(one: &OneGlobal, esim: EsimKey<'_>, url: &str) -> Result<Vec<HttpRequest>, Unsupported> {
    let iccid = iccid(esim)?;
    let method = match one.settings.webhook_method {
        WebhookMethod::Post => Method::POST,
        WebhookMethod::Put => Method::PUT,
    };
    let path = |kind: &str| {
        let filled = one.settings.webhook_path.replace("{iccid}", iccid.expose()).replace("{type}", kind);
        filled.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let call = |kind: &str| {
        let path = path(kind);
        let segments: Vec<&str> = path.iter().map(String::as_str).collect();
        request(one, "register_webhook", method.clone(), &segments).json(&Hook { webhook_url: url })
    };
    Ok(TYPES.into_iter().map(call).collect())
}

pub(super) fn iccid(esim: EsimKey<'_>) -> Result<&Iccid, Unsupported> {
    esim.iccid.ok_or(Unsupported("1GLOBAL knows an eSIM by its ICCID only, which is not known yet"))
}

fn query(request: &mut HttpRequest, pairs: &[(&str, &str)], page: Option<&str>) {
    let mut query = request.url.query_pairs_mut();
    query.extend_pairs(pairs);
    if let Some(page) = page {
        query.append_pair("page", page);
    }
}

fn get(one: &OneGlobal, operation: &'static str, path: &[&str]) -> HttpRequest {
    request(one, operation, Method::GET, path)
}

fn request(one: &OneGlobal, operation: &'static str, method: Method, path: &[&str]) -> HttpRequest {
    HttpRequest::new(operation, method, address::below(&one.base_url, path)).header("accept", "application/json")
}
