//! What eSIM Access is asked (eSIM Access API, end points).

use http::Method;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

use super::EsimAccess;
use crate::domain::OrderId;
use crate::outbound::HttpRequest;
use crate::providers::{EsimKey, FindOrder, TopUp, Unsupported, address};

/// The most characters of a `transactionId`.
const LONGEST_TRANSACTION_ID: usize = 50;

/// There is no log-in: this call proves the credentials.
pub(super) fn proof(access: &EsimAccess) -> HttpRequest {
    post(access, "login", &["balance", "query"], &json!({})).header("rt-accesscode", &access.access_code)
}

/// Everything at once: page numbers are ignored there.
pub(super) fn catalogue(access: &EsimAccess) -> HttpRequest {
    post(access, "catalogue", &["package", "list"], &json!({"type": "BASE"}))
}

pub(super) fn topups(access: &EsimAccess, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    let iccid = esim.iccid.ok_or(Unsupported("the ICCID is not known yet"))?;
    Ok(post(access, "topups", &["package", "list"], &json!({"type": "TOPUP", "iccid": iccid.expose()})))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order<'a> {
    transaction_id: &'a str,
    package_info_list: [Item<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    package_code: &'a str,
    count: u32,
}

/// Without price and amount, which are only there to be checked.
pub(super) fn place(access: &EsimAccess, operation: &'static str, package: &str, order: &OrderId) -> HttpRequest {
    let item = Item { package_code: package, count: 1 };
    let body = Order { transaction_id: &transaction_id(order), package_info_list: [item] };
    post(access, operation, &["esim", "order"], &body)
}

/// By the order's number where we have it; else the very order again, which is identified as the same request.
pub(super) fn find_order(access: &EsimAccess, order: &FindOrder<'_>) -> Result<HttpRequest, Unsupported> {
    if order.top_up_of.is_some() {
        return Err(Unsupported("eSIM Access does not say what a repeated top-up does, and lists no top-ups"));
    }
    Ok(match order.provider_order_id {
        Some(number) => post(access, "find_order", &["esim", "query"], &json!({"orderNo": number, "pager": pager()})),
        None => place(access, "find_order", order.provider_package_id, order.reference),
    })
}

/// An eSIM by its transaction number; by its ICCID, which may have been another's, only where we have nothing else.
pub(super) fn query(access: &EsimAccess, operation: &'static str, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    let body = match (esim.provider_esim_id, esim.iccid) {
        (Some(number), _) => json!({"esimTranNo": number, "pager": pager()}),
        (None, Some(iccid)) => json!({"iccid": iccid.expose(), "pager": pager()}),
        (None, None) => return Err(Unsupported("neither the provider's number of the eSIM nor its ICCID is known yet")),
    };
    Ok(post(access, operation, &["esim", "query"], &body))
}

/// What was measured, and when.
pub(super) fn measured(access: &EsimAccess, transaction_number: &str) -> HttpRequest {
    post(access, "usage", &["esim", "usage", "query"], &json!({"esimTranNoList": [transaction_number]}))
}

pub(super) fn top_up(access: &EsimAccess, top_up: &TopUp<'_>) -> Result<HttpRequest, Unsupported> {
    let number = top_up.esim.provider_esim_id.ok_or(Unsupported("the provider's number of the eSIM is not known yet"))?;
    let body = json!({
        "esimTranNo": number, "packageCode": top_up.provider_package_id, "transactionId": transaction_id(top_up.reference),
    });
    Ok(post(access, "top_up", &["esim", "topup"], &body))
}

/// One address an account. Saving it sends a test to it, which must be answered.
pub(super) fn register_webhook(access: &EsimAccess, url: &str) -> HttpRequest {
    post(access, "register_webhook", &["webhook", "save"], &json!({ "webhook": url }))
}

fn pager() -> serde_json::Value {
    json!({"pageNum": 1, "pageSize": 50})
}

/// Our order's id, or a name of its own for one that is too long: always the same for the same order.
fn transaction_id(order: &OrderId) -> Cow<'_, str> {
    if order.as_str().len() <= LONGEST_TRANSACTION_ID {
        return Cow::Borrowed(order.as_str());
    }
    let mut name = hex::encode(Sha256::digest(order.as_str()));
    name.truncate(LONGEST_TRANSACTION_ID);
    Cow::Owned(name)
}

fn post<T: Serialize>(access: &EsimAccess, operation: &'static str, path: &[&str], body: &T) -> HttpRequest {
    HttpRequest::new(operation, Method::POST, address::below(&access.base_url, path)).header("accept", "application/json").json(body)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::transaction_id;
    use crate::domain::OrderId;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_transaction_id_is_short_and_the_same_for_the_same_order(one in "[a-z0-9_]{1,64}", other in "[a-z0-9_]{1,64}") {
            let id = |text: &str| transaction_id(&OrderId::parse(text).unwrap()).into_owned();
            prop_assert!(id(&one).len() <= 50);
            prop_assert_eq!(id(&one) == id(&other), one == other);
        }
    }
}
