//! Our events, posted to a subscriber with Standard Webhooks signatures: the id is the event's own and never changes between tries.

use http::{Method, StatusCode};
use serde::Serialize;
use std::time::Duration;

use super::{
    Run,
    purchase::{Next, esim_of},
    subscription_health,
    sync_crm::{event_name, threshold},
};
use crate::{
    domain::EsimStatus,
    outbound::{Http, HttpRequest},
    problem::Problem,
    security::standard_webhooks,
    store::{outbox::Told, subscriptions::Subscription},
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

/// Posts an event once. 2xx is success; 410 ends the subscription; everything else is tried again for a day.
///
/// # Errors
/// [`Problem`] when it was not taken for a day, or the table cannot be used.
pub async fn post(run: &Run<'_>, subscription_id: &str, told: &Told) -> Result<Next, Problem> {
    let found = run.house.store.subscription(&run.agency_id, subscription_id, &run.house.seals).await?;
    let Some(subscription) = found.filter(|subscription| subscription.active) else { return Ok(Next::Done) };
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
    match deliver(run, &subscription, &told.id(), &body).await? {
        Delivery::Taken => {
            subscription_health::recovered(run, subscription).await?;
            Ok(Next::Done)
        }
        Delivery::Gone => subscription_health::gone(run, subscription).await,
        Delivery::Failed { retry_after } => subscription_health::failed(run, subscription, told.at, retry_after).await,
    }
}

/// What came of one delivery.
pub(super) enum Delivery {
    /// 2xx.
    Taken,
    /// 410: nobody is there any more.
    Gone,
    /// Anything else, no answer included.
    Failed {
        /// `Retry-After`, where given.
        retry_after: Option<Duration>,
    },
}

/// Signs and posts one body.
///
/// # Errors
/// [`Problem`] when the subscription's secret cannot be used.
pub(super) async fn deliver<T: Serialize>(run: &Run<'_>, subscription: &Subscription, id: &str, body: &T) -> Result<Delivery, Problem> {
    let request = HttpRequest::new("post_event", Method::POST, subscription.url.clone()).json(body);
    let headers = standard_webhooks::signed_headers(&subscription.signing(run.now()), id, run.now(), &request.body)
        .map_err(|_| Problem::new(500, "internal", "the subscription's secret cannot be used"))?;
    let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, &value));
    Ok(match run.http("subscriber").send(request).await {
        Ok(answer) if answer.status.is_success() => Delivery::Taken,
        Ok(answer) if answer.status == StatusCode::GONE => Delivery::Gone,
        Ok(answer) => Delivery::Failed { retry_after: answer.retry_after() },
        Err(_) => Delivery::Failed { retry_after: None },
    })
}
