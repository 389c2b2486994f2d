//! What BICS is asked (§1 to §3).

use http::{HeaderName, HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Bics;
use crate::outbound::HttpRequest;
use crate::providers::{EsimKey, Unsupported, address};

/// SIMs a page of the stock.
pub(super) const PAGE: usize = 50;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Login<'a> {
    username: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_account_id: Option<&'a str>,
}

pub(super) fn login(bics: &Bics) -> HttpRequest {
    let body = Login {
        username: &bics.username,
        password: bics.password.expose_secret(),
        target_account_id: bics.settings.target_account_id.as_deref(),
    };
    request(bics, "login", Method::POST, &["login"]).json(&body)
}

/// `X-Authorization`, not `Authorization` (§1), marked sensitive.
pub(super) fn authorise(mut request: HttpRequest, token: &SecretString) -> HttpRequest {
    if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())) {
        value.set_sensitive(true);
        request.headers.insert(HeaderName::from_static("x-authorization"), value);
    }
    request
}

/// SIMs that are pre-active and attached to an endpoint (§3.1).
pub(super) fn stock(bics: &Bics, cursor: Option<&str>) -> HttpRequest {
    let mut request = request(bics, "stock", Method::GET, &["fetchSIM"]);
    let page = cursor.unwrap_or("1");
    let query = [("simStatusId", "12"), ("simAttachStatusId", "1"), ("page", page), ("perPage", &PAGE.to_string())];
    request.url.query_pairs_mut().extend_pairs(query);
    request
}

pub(super) fn sim(bics: &Bics, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    let iccid = esim.iccid.ok_or(Unsupported("the SIM's ICCID is not known yet"))?;
    let mut request = request(bics, "esim", Method::GET, &["fetchSIM"]);
    request.url.query_pairs_mut().append_pair("iccid", iccid.expose());
    Ok(request)
}

/// Life cycle A is active (§2).
pub(super) fn activate(bics: &Bics, endpoint: &str) -> HttpRequest {
    let param = json!({"lifeCycle": "A", "reason": "1"});
    request(bics, "make_ready", Method::POST, &["EndPointLifeCycleChange"]).json(&enveloped(endpoint, &param))
}

/// Adds an add-on: the call that spends money. Its body is not public (§2): the settings name what is in it.
pub(super) fn subscribe(bics: &Bics, operation: &'static str, endpoint: &str, plan: &str) -> HttpRequest {
    let names = &bics.settings.names;
    let param = Value::Object(Map::from_iter([(names.subscribe_plan.clone(), Value::from(plan))]));
    request(bics, operation, Method::POST, &[names.subscribe_path.as_str()]).json(&enveloped(endpoint, &param))
}

/// An endpoint's add-ons, with their counters.
pub(super) fn addons(bics: &Bics, operation: &'static str, esim: EsimKey<'_>) -> Result<HttpRequest, Unsupported> {
    let endpoint = endpoint(esim)?;
    let mut request = request(bics, operation, Method::GET, &[bics.settings.names.details_path.as_str()]);
    request.url.query_pairs_mut().append_pair("endPointId", endpoint);
    Ok(request)
}

/// The tenant's own add-on plans.
pub(super) fn plans(bics: &Bics, operation: &'static str) -> HttpRequest {
    let mut request = request(bics, operation, Method::GET, &["QueryRatePlan"]);
    request.url.query_pairs_mut().extend_pairs([("planCategory", "ADDON"), ("planType", "0")]);
    request
}

pub(super) fn endpoint(esim: EsimKey<'_>) -> Result<&str, Unsupported> {
    esim.provider_esim_id.ok_or(Unsupported("the endpoint of the SIM is not known yet"))
}

fn enveloped(endpoint: &str, param: &Value) -> Value {
    json!({"Request": {"endPointId": endpoint, "requestParam": param}})
}

fn request(bics: &Bics, operation: &'static str, method: Method, path: &[&str]) -> HttpRequest {
    HttpRequest::new(operation, method, address::below(&bics.base_url, path))
        .header("accept", "application/json")
        .header("x-requested-with", "XMLHttpRequest")
}
