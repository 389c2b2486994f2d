//! The HTTP edge: API Gateway's REST events in, answers out, with the trace id on every one.

use ::http::{HeaderName, HeaderValue};
use lambda_http::{Body, Error, Request, RequestExt, Response, request::RequestContext};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{
    call::{Call, Reply},
    setup,
};
use crate::{
    flows::House,
    problem::Problem,
    telemetry,
};

/// Serves a function's routes until the sandbox ends.
///
/// # Errors
/// When the function cannot be set up, or the runtime cannot be reached.
pub async fn serve<F>(service: &'static str, routes: F) -> Result<(), Error>
where
    F: AsyncFn(&House, &Call) -> Result<Reply, Problem>,
{
    let house = setup::house(service).await?;
    lambda_http::run(lambda_http::service_fn(async |request: Request| Ok::<_, Error>(answer(&house, &routes, request).await))).await
}

async fn answer<F>(house: &House, routes: &F, request: Request) -> Response<Body>
where
    F: AsyncFn(&House, &Call) -> Result<Reply, Problem>,
{
    let call = call(house, request);
    let span = telemetry::trace_span(&call.trace_id);
    let reply = tracing::Instrument::instrument(
        async {
            let reply = routes(house, &call).await.unwrap_or_else(|problem| Reply::problem(&problem, &call.trace_id, &call.host_base));
            tracing::info!(method = %call.method, status = reply.status, "answered");
            reply
        },
        span,
    )
    .await;
    response(reply, &call)
}

fn call(house: &House, request: Request) -> Call {
    let (client_id, scopes) = claims(&request);
    let host_base = host_base(&request);
    let context = request.lambda_context();
    let query = request.query_string_parameters().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (parts, body) = request.into_parts();
    let trace_id = telemetry::trace_id(parts.headers.get("x-request-id").and_then(|value| value.to_str().ok()), &house.world);
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
        deadline: setup::deadline(&context, house),
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

fn response(reply: Reply, call: &Call) -> Response<Body> {
    let body = if reply.body.is_empty() {
        Body::Empty
    } else if reply.content_type.starts_with("image/") {
        Body::Binary(reply.body)
    } else {
        Body::Text(String::from_utf8(reply.body).unwrap_or_default())
    };
    let mut response = Response::new(body);
    *response.status_mut() = ::http::StatusCode::from_u16(reply.status).unwrap_or(::http::StatusCode::INTERNAL_SERVER_ERROR);
    let fixed = [("x-request-id", call.trace_id.as_str()), ("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("content-type", reply.content_type.as_str())];
    let all = fixed.into_iter().filter(|(_, value)| !value.is_empty()).chain(reply.headers.iter().map(|(name, value)| (*name, value.as_str())));
    for (name, value) in all {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
