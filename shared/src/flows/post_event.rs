//! Our events, posted to a subscriber with Standard Webhooks signatures: the id is the event's own and never changes between tries.

use http::Method;
use secrecy::SecretString;
use serde::Serialize;
use std::time::Duration;

use super::{
    Run,
    purchase::{Next, esim_of},
    sync_crm::{event_name, threshold},
};
use crate::{
    domain::EsimStatus,
    outbound::{Http, HttpRequest},
    problem::Problem,
    security::standard_webhooks,
    store::outbox::Told,
};

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    esim_id: &'a str,
    order_id: &'a str,
    external_reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_reference: Option<&'a str>,
    status: EsimStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<u32>,
    data_used_mb: u64,
    data_total_mb: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_date: Option<String>,
}

/// Posts an event once. 2xx is success; 410 ends the subscription; everything else is tried again.
///
/// # Errors
/// [`Problem`] when it was not taken.
pub async fn post(run: &Run<'_>, subscription_id: &str, told: &Told) -> Result<Next, Problem> {
    let found = run.house.store.subscription(&run.agency_id, subscription_id, &run.house.seals).await?;
    let Some(mut subscription) = found.filter(|subscription| subscription.active) else { return Ok(Next::Done) };
    let esim = esim_of(run, &told.esim_id).await?;
    let body = Body {
        r#type: event_name(told.event),
        timestamp: told.at.to_string(),
        data: Data {
            esim_id: told.esim_id.as_str(),
            order_id: told.plan.as_str(),
            external_reference: &esim.esim.external_reference,
            booking_reference: esim.esim.booking_reference.as_deref(),
            status: esim.esim.status,
            threshold: threshold(told.event),
            data_used_mb: told.used_mb,
            data_total_mb: told.total_mb,
            expiry_date: told.expires_at.map(|at| at.to_string()),
        },
    };
    let request =
        signed(run, &subscription.secret, &told.id(), HttpRequest::new("post_event", Method::POST, subscription.url.clone()).json(&body))?;
    let answer = run.http("subscriber").send(request).await.map_err(|error| Problem::unavailable(error.to_string()))?;
    match answer.status.as_u16() {
        200..=299 => Ok(Next::Done),
        410 => {
            subscription.active = false;
            run.house.store.transaction().write_subscription(&subscription, &run.house.seals)?.commit().await?;
            tracing::warn!(subscription_id, "a subscriber is gone (410): its subscription has been ended");
            Ok(Next::Done)
        }
        _ => match answer.retry_after() {
            Some(wait) => Ok(Next::Later(wait.min(Duration::from_secs(900)))),
            None => Err(Problem::unavailable("the subscriber did not take the event")),
        },
    }
}

fn signed(run: &Run<'_>, secret: &SecretString, id: &str, request: HttpRequest) -> Result<HttpRequest, Problem> {
    let headers = standard_webhooks::signed_headers(secret, id, run.now(), &request.body)
        .map_err(|_| Problem::new(500, "internal", "the subscription's secret cannot be used"))?;
    Ok(headers.into_iter().fold(request, |request, (name, value)| request.header(name, &value)))
}
