//! What a provider of the reference contract is asked: the mission's endpoints, with its headers.

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Reference;
use crate::domain::{Locale, OrderId};
use crate::outbound::HttpRequest;
use crate::providers::{EsimKey, FindOrder, PlaceOrder, TopUp, Unsupported, address};

/// Packages a page of the catalogue.
const PAGE: &str = "200";

/// The events of the contract.
const EVENTS: [&str; 4] = ["esim.installed", "esim.activated", "usage.threshold_reached", "esim.expired"];

/// OAuth 2.0 client credentials (RFC 6749 §4.4), the client in the body (§2.3.1).
pub(super) fn login(reference: &Reference) -> HttpRequest {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", reference.client_id.as_str()),
        ("client_secret", reference.client_secret.expose_secret()),
    ];
    HttpRequest::new("login", Method::POST, reference.token_url.clone()).form(&form).header("accept", "application/json")
}

pub(super) fn authorise(request: HttpRequest, token: &SecretString) -> HttpRequest {
    request.bearer(token.expose_secret())
}

pub(super) fn catalogue(reference: &Reference, cursor: Option<&str>, locale: Locale) -> HttpRequest {
    let mut request = get(reference, "catalogue", &["catalog", "packages"]).header("accept-language", locale.tag());
    {
        let mut query = request.url.query_pairs_mut();
        query.append_pair("limit", PAGE);
        if let Some(cursor) = cursor {
            query.append_pair("cursor", cursor);
        }
    }
    request
}

#[derive(Serialize)]
struct Order<'a> {
    package_id: &'a str,
    external_reference: &'a str,
    quantity: u32,
}

pub(super) fn place(reference: &Reference, order: &PlaceOrder<'_>) -> HttpRequest {
    order_of("place_order", reference, order.provider_package_id, order.reference, order.locale)
}

fn order_of(operation: &'static str, reference: &Reference, package_id: &str, order: &OrderId, locale: Locale) -> HttpRequest {
    let body = Order { package_id, external_reference: order.as_str(), quantity: 1 };
    purchase(reference, operation, &["orders"], order, locale).json(&body)
}

/// The very purchase again, byte for byte and with the same key: the provider answers with the order that it has.
pub(super) fn find_order(reference: &Reference, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
    match order.top_up_of {
        Some(esim) => top_up_of("find_order", reference, esim, order.provider_package_id, order.reference, order.locale),
        None => Ok(order_of("find_order", reference, order.provider_package_id, order.reference, order.locale)),
    }
}

pub(super) fn esim(reference: &Reference, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(get(reference, "esim", &["esims", esim_id(esim)?]))
}

pub(super) fn usage(reference: &Reference, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    Ok(get(reference, "usage", &["esims", esim_id(esim)?, "usage"]))
}

pub(super) fn topups(reference: &Reference, esim: EsimKey<'_>, locale: Locale) -> Result<HttpRequest, Unsupported> {
    Ok(get(reference, "topups", &["esims", esim_id(esim)?, "topups"]).header("accept-language", locale.tag()))
}

#[derive(Serialize)]
struct TopUpOrder<'a> {
    package_id: &'a str,
    external_reference: &'a str,
}

pub(super) fn top_up(reference: &Reference, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
    top_up_of("top_up", reference, top_up.esim, top_up.provider_package_id, top_up.reference, top_up.locale)
}

fn top_up_of(
    operation: &'static str,
    reference: &Reference,
    esim: EsimKey<'_>,
    package_id: &str,
    order: &OrderId,
    locale: Locale,
) -> Result<HttpRequest, Unsupported> {
    let body = TopUpOrder { package_id, external_reference: order.as_str() };
    Ok(purchase(reference, operation, &["esims", esim_id(esim)?, "topup"], order, locale).json(&body))
}

#[derive(Serialize)]
struct Registration<'a> {
    url: &'a str,
    events: &'a [&'a str],
}

pub(super) fn register_webhook(reference: &Reference, url: &str) -> Vec<HttpRequest> {
    let body = Registration { url, events: &EVENTS };
    vec![request(reference, "register_webhook", Method::POST, &["webhooks", "register"]).json(&body)]
}

/// The contract names an eSIM by the provider's `esim_id` only: an ICCID in its place would name nothing there.
fn esim_id(esim: EsimKey<'_>) -> Result<&str, Unsupported> {
    esim.provider_esim_id.ok_or(Unsupported("the provider's id of the eSIM is not known yet"))
}

fn get(reference: &Reference, operation: &'static str, path: &[&str]) -> HttpRequest {
    request(reference, operation, Method::GET, path)
}

fn purchase(reference: &Reference, operation: &'static str, path: &[&str], order: &OrderId, locale: Locale) -> HttpRequest {
    request(reference, operation, Method::POST, path)
        .header("accept-language", locale.tag())
        .header("x-idempotency-key", &idempotency_key(order))
}

fn request(reference: &Reference, operation: &'static str, method: Method, path: &[&str]) -> HttpRequest {
    HttpRequest::new(operation, method, address::below(&reference.base_url, path))
        .header("accept", "application/json")
        .header("x-api-version", &reference.api_version)
}

/// The contract's key is a UUID. Ours is drawn from the order alone, so that every attempt, on whatever machine, sends the same:
/// version 8 (RFC 9562 §5.8), the first 122 free bits of a SHA-256.
fn idempotency_key(order: &OrderId) -> String {
    let digest = Sha256::digest(format!("passerelle order {order}"));
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, hashed)| *byte = hashed);
    let bits = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0b11 << 62) | (8 << 76) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    let mut rest = hex.as_str();
    let groups = [8, 4, 4, 4, 12].map(|length| {
        let (group, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = after;
        group
    });
    groups.join("-")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::idempotency_key;
    use crate::domain::OrderId;

    #[test]
    fn the_key_is_a_uuid_drawn_from_the_order_alone() {
        let key = |order: &str| idempotency_key(&OrderId::parse(order).unwrap());
        // Checked with another implementation of SHA-256 and RFC 9562.
        assert_eq!(key("ord_1"), "bc12e493-379a-8801-ad4a-2c0d99dee6be");
        assert_ne!(key("ord_1"), key("ord_2"));
        let many: Vec<String> = (0..64).map(|n| key(&format!("ord_{n}"))).collect();
        assert!(many.iter().all(|key| key.len() == 36 && key.get(14..15) == Some("8") && "89ab".contains(key.get(19..20).unwrap())));
    }
}
