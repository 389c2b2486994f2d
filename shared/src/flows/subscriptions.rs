//! A subscriber looks after its subscriptions: lists and ends them, changes a secret, tries an address.

use jiff::{Timestamp, ToSpan};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::json;

use super::{
    Run,
    post_event::{self, Delivery},
};
use crate::{
    problem::Problem,
    security::standard_webhooks,
    store::{StoreError, subscriptions::Subscription},
};

/// How long the old secret signs beside the new one.
const OVERLAP_HOURS: i64 = 24;

#[derive(Serialize)]
struct Shown<'a> {
    subscription_id: &'a str,
    url: &'a str,
    events: &'a [String],
    active: bool,
    failing_since: Option<Timestamp>,
    previous_secret_until: Option<Timestamp>,
}

#[derive(Serialize)]
struct TestEvent<'a> {
    r#type: &'static str,
    timestamp: String,
    data: TestData<'a>,
}

#[derive(Serialize)]
struct TestData<'a> {
    subscription_id: &'a str,
}

/// Every subscription of the agency, as JSON, without secrets.
///
/// # Errors
/// [`Problem`] when the table cannot be read.
pub async fn list(run: &Run<'_>) -> Result<String, Problem> {
    let all = run.house.store.subscriptions(&run.agency_id, &run.house.seals).await?;
    let shown: Vec<Shown<'_>> = all.iter().map(|subscription| shown(subscription, run.now())).collect();
    Ok(json!({ "subscriptions": shown }).to_string())
}

fn shown(subscription: &Subscription, now: Timestamp) -> Shown<'_> {
    Shown {
        subscription_id: &subscription.subscription_id,
        url: subscription.url.as_str(),
        events: &subscription.events,
        active: subscription.active,
        failing_since: subscription.failing_since,
        previous_secret_until: subscription.previous.as_ref().map(|(_, until)| *until).filter(|until| now < *until),
    }
}

/// Ends a subscription.
///
/// # Errors
/// [`Problem`] 404 when there is none of this id.
pub async fn end(run: &Run<'_>, id: &str) -> Result<(), Problem> {
    let subscription = of_id(run, id).await?;
    match run.house.store.transaction().end_subscription(&run.agency_id, &subscription.subscription_id).commit().await {
        // A conflict: ended by somebody else.
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A new secret, shown this once; the old one signs beside it for a day.
///
/// # Errors
/// [`Problem`] 404 when there is no such subscription, 409 when it is changed at the same moment.
pub async fn rotate(run: &Run<'_>, id: &str) -> Result<String, Problem> {
    let mut subscription = of_id(run, id).await?;
    let until = run.now().saturating_add(OVERLAP_HOURS.hours()).map_or(run.now(), |t| t);
    let secret = standard_webhooks::new_webhook_secret(&run.house.world);
    let answer =
        json!({"subscription_id": id, "secret": secret.expose_secret(), "events": subscription.events, "previous_secret_until": until});
    subscription.previous = Some((std::mem::replace(&mut subscription.secret, secret), until));
    match run.house.store.transaction().change_subscription(subscription, &run.house.seals)?.commit().await {
        Ok(()) => Ok(answer.to_string()),
        Err(StoreError::Conflict) => Err(Problem::new(409, "changed_meanwhile", "The subscription was changed at this moment. Try again.")),
        Err(error) => Err(error.into()),
    }
}

/// Posts a test event at once and says whether it was taken. An address that was disabled is active again when it was.
///
/// # Errors
/// [`Problem`] 404 when there is no such subscription.
pub async fn test(run: &Run<'_>, id: &str) -> Result<String, Problem> {
    let subscription = of_id(run, id).await?;
    let body = TestEvent { r#type: "webhook.test", timestamp: run.now().to_string(), data: TestData { subscription_id: id } };
    let taken = matches!(post_event::deliver(run, &subscription, &run.house.world.new_id("test"), &body).await?, Delivery::Taken);
    if taken && (!subscription.active || subscription.failing_since.is_some()) {
        let mended = Subscription { active: true, failing_since: None, ..subscription };
        match run.house.store.transaction().change_subscription(mended, &run.house.seals)?.commit().await {
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(json!({"subscription_id": id, "delivered": taken}).to_string())
}

async fn of_id(run: &Run<'_>, id: &str) -> Result<Subscription, Problem> {
    let known = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic());
    let found = if known { run.house.store.subscription(&run.agency_id, id, &run.house.seals).await? } else { None };
    found.ok_or_else(|| Problem::not_found("subscription"))
}
