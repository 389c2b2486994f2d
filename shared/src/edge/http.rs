//! The HTTP edge: API Gateway's REST events in, answers out, with the trace id on every one.

use base64::{Engine, prelude::BASE64_STANDARD};
use lambda_http::{
    Request, RequestExt,
    request::{LambdaRequest, RequestContext},
};
use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

use super::{
    call::{Call, Reply},
    setup,
};
use crate::{flows::House, problem::Problem, telemetry};

/// What API Gateway is answered with (Lambda proxy integration, output format).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GatewayReply {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    is_base64_encoded: bool,
}

/// Serves a function's routes until the sandbox ends.
///
/// # Errors
/// When the function cannot be set up, or the runtime cannot be reached.
pub async fn serve<F>(service: &'static str, routes: F) -> Result<(), Error>
where
    F: AsyncFn(&House, &Call) -> Result<Reply, Problem>,
{
    let house = setup::house(service).await?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<LambdaRequest>| Ok::<_, Error>(answer(service, &house, &routes, event).await)))
        .await
}

async fn answer<F>(service: &'static str, house: &House, routes: &F, event: LambdaEvent<LambdaRequest>) -> GatewayReply
where
    F: AsyncFn(&House, &Call) -> Result<Reply, Problem>,
{
    house.renew_keys().await;
    let call = call(house, event.payload.into(), &event.context);
    let span = telemetry::trace_span(&call.trace_id, service);
    let handled = async {
        // Boxed: the futures of a whole flow are deep, and the compiler's depth has a limit.
        let reply =
            Box::pin(routes(house, &call)).await.unwrap_or_else(|problem| Reply::problem(&problem, &call.trace_id, &call.host_base));
        tracing::info!(method = %call.method, status = reply.status, "answered");
        reply
    };
    gateway_reply(tracing::Instrument::instrument(handled, span).await, &call)
}

fn call(house: &House, request: Request, context: &Context) -> Call {
    let (client_id, scopes) = claims(&request);
    let host_base = host_base(&request);
    let query = request.query_string_parameters().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (parts, body) = request.into_parts();
    let trace_id = telemetry::incoming_trace_id(parts.headers.get("x-request-id").and_then(|value| value.to_str().ok()), &house.world);
    Call {
        method: parts.method,
        path: segments(parts.uri.path()),
        query,
        headers: parts.headers,
        body: body.to_vec(),
        client_id,
        scopes,
        host_base,
        trace_id,
        deadline: setup::deadline(context, house),
    }
}

/// Parts between slashes, decoded one by one: an encoded slash stays within its part.
fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect()
}

/// What the Cognito authorizer found in the token.
fn claims(request: &Request) -> (Option<String>, Vec<String>) {
    let Some(RequestContext::ApiGatewayV1(context)) = request.request_context_ref() else { return (None, Vec::new()) };
    let claims = context.authorizer.fields.get("claims");
    let text = |name: &str| claims.and_then(|claims| claims.get(name)).and_then(Value::as_str).map(str::to_owned);
    let scopes = text("scope").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    (text("client_id"), scopes)
}

/// `https://<host>/<stage>`, as the caller reached us.
fn host_base(request: &Request) -> String {
    let stage = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.stage.clone().unwrap_or_default(),
        _ => String::new(),
    };
    let host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("https://{host}/{stage}").trim_end_matches('/').to_owned()
}

fn gateway_reply(reply: Reply, call: &Call) -> GatewayReply {
    let mut headers: BTreeMap<&'static str, String> = reply.headers.into_iter().collect();
    headers.insert("x-request-id", call.trace_id.to_string());
    headers.entry("cache-control").or_insert_with(|| "no-store".to_owned());
    headers.insert("x-content-type-options", "nosniff".to_owned());
    let is_binary = reply.content_type.starts_with("image/") || headers.contains_key("content-encoding");
    if !reply.content_type.is_empty() {
        headers.insert("content-type", reply.content_type);
    }
    let body = if is_binary { BASE64_STANDARD.encode(&reply.body) } else { String::from_utf8(reply.body).unwrap_or_default() };
    GatewayReply { status_code: reply.status, headers, body, is_base64_encoded: is_binary }
}

#[cfg(test)]
mod tests {
    use super::segments;

    #[test]
    fn an_encoded_slash_stays_within_its_part() {
        assert_eq!(segments("/bookings/VH%2F1/offers"), ["bookings", "VH/1", "offers"]);
        assert_eq!(segments("//orders/"), ["orders"]);
    }
}
