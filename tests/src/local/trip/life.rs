//! What the traveller does, and what the polls see of it.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::super::api::text;
use super::super::seller::Seller;
use super::super::wait::{Seen, until};
use super::order::Bought;
use super::{Scene, facts, simulator};
use crate::stack::{Result, StackError};

/// A new eSIM is polled within half a day.
const FIRST_POLL_HOURS: i64 = 13;
/// The plan starts in the night of the departure, so that "two days before its end" is a whole day away from the end.
const LANDING_HOUR: i8 = 4;
const LANDED_USED_MB: u64 = 180;

/// The first poll: nothing has happened yet.
pub(super) async fn before_departure(scene: &Scene<'_>, bought: &Bought) -> Result<()> {
    let at = after(Timestamp::now(), FIRST_POLL_HOURS)?;
    scene.step_at(at, "the usage is polled: nothing yet").await?;
    scene.demo.play("usage-poller", at).await?;
    let measured = |usage: &Value| usage.get("measured_at").is_some_and(Value::is_string);
    let usage = usage_where(scene, bought, "a reading of no use", |usage| used(usage) == Some(0) && measured(usage)).await?;
    scene.fact(&format!("0 of {} MB", member(&usage, "data_total_mb")));
    Ok(())
}

/// The traveller lands: the plan runs.
pub(super) async fn landed(scene: &Scene<'_>, bought: &Bought) -> Result<()> {
    let landing = landing(scene)?;
    scene.step_at(landing, "the traveller lands, the plan starts").await?;
    change(scene, bought, &scene.seller().used(LANDED_USED_MB, landing)).await?;
    // A plan that has not started is polled twice a day at least.
    let at = after(landing, FIRST_POLL_HOURS)?;
    scene.step_at(at, "the usage is polled: activated").await?;
    scene.demo.play("usage-poller", at).await?;
    let expected = format!("status activated and {LANDED_USED_MB} MB used");
    let usage =
        usage_where(scene, bought, &expected, |usage| status(usage) == Some("activated") && used(usage) == Some(LANDED_USED_MB)).await?;
    same_end(scene, bought, &usage).await?;
    scene.fact(&format!("{LANDED_USED_MB} of {} MB, until {}", member(&usage, "data_total_mb"), member(&usage, "expiry_date")));
    facts::crm_shows(scene, &bought.esim_id, Some("activated")).await
}

/// Four fifths are used: the provider warns, the next poll reads it.
pub(super) async fn eighty_percent(scene: &Scene<'_>, bought: &Bought) -> Result<()> {
    let at = after(landing(scene)?, 3 * 24)?;
    scene.step_at(at, "80 % of the data is used").await?;
    let total = scene.api.get(&format!("/esims/{}/usage", bought.esim_id)).await?.expect(&[200])?;
    let total = total.get("data_total_mb").and_then(Value::as_u64);
    let used_mb = total.map(|total| total * 83 / 100).ok_or_else(|| StackError::new("expected a limited plan"))?;
    change(scene, bought, &scene.seller().used(used_mb, landing(scene)?)).await?;
    if scene.seller() == Seller::Airalo {
        warned(scene, bought).await?;
    }
    scene.demo.play("usage-poller", at).await?;
    usage_where(scene, bought, &format!("{used_mb} MB used"), |usage| used(usage) == Some(used_mb)).await?;
    threshold_told(scene, bought, "80").await?;
    scene.fact(&format!("{used_mb} MB used; the CRM was told of the threshold"));
    Ok(())
}

/// Airalo warns at 75 %, by a signed webhook.
async fn warned(scene: &Scene<'_>, bought: &Bought) -> Result<()> {
    let warned = facts::provider(scene).post(&format!("esims/{}/notify", bought.iccid), &json!({"level": "75%"})).await;
    let statuses = warned.map_err(simulator)?.get("statuses").cloned().unwrap_or_default();
    if statuses != json!([200]) {
        return Err(StackError::new(format!("expected our webhook to answer the provider's warning with 200, got {statuses}")));
    }
    Ok(())
}

/// The end of the last plan.
pub(super) async fn expired(scene: &Scene<'_>, bought: &Bought) -> Result<()> {
    let end = end(scene, bought).await?;
    let at = after(end, FIRST_POLL_HOURS)?;
    scene.step_at(at, "the plan has ended").await?;
    if scene.seller() == Seller::Airalo {
        change(scene, bought, &json!({"status": "EXPIRED"})).await?;
    }
    scene.demo.play("usage-poller", at).await?;
    usage_where(scene, bought, "status expired", |usage| status(usage) == Some("expired")).await?;
    facts::crm_shows(scene, &bought.esim_id, Some("expired")).await
}

/// Tells the provider's simulator what the traveller does.
pub(super) async fn change(scene: &Scene<'_>, bought: &Bought, change: &Value) -> Result<()> {
    let profile = facts::profile(scene, bought).await?;
    let key = text(&profile, scene.seller().key())?;
    facts::provider(scene).set_esim(&key, change).await.map_err(simulator).map(drop)
}

/// When the plan ends, as our API says.
pub(super) async fn end(scene: &Scene<'_>, bought: &Bought) -> Result<Timestamp> {
    let usage = scene.api.get(&format!("/esims/{}/usage", bought.esim_id)).await?.expect(&[200])?;
    end_in(&usage).ok_or_else(|| StackError::new(format!("expected to know when the plan ends, got {usage}")))
}

/// When the provider's simulator says that the plan ends, where it shows that by itself.
async fn provider_end(scene: &Scene<'_>, bought: &Bought) -> Result<Option<Timestamp>> {
    let profile = facts::profile(scene, bought).await?;
    Ok(profile.get("expires_at").and_then(Value::as_str).and_then(|text| text.parse().ok()))
}

fn end_in(usage: &Value) -> Option<Timestamp> {
    usage.get("expiry_date").and_then(Value::as_str)?.parse().ok()
}

/// Waits until `GET /esims/{id}/usage` shows something.
pub(super) async fn usage_where(scene: &Scene<'_>, bought: &Bought, expected: &str, fits: impl Fn(&Value) -> bool) -> Result<Value> {
    until(&format!("{expected} at GET /esims/{}/usage", bought.esim_id), async || {
        let usage = scene.api.get(&format!("/esims/{}/usage", bought.esim_id)).await?.expect(&[200])?;
        Ok(Seen::of(fits(&usage).then(|| usage.clone()), || usage.to_string()))
    })
    .await
}

/// Our expiry is the provider's, to the second.
pub(super) async fn same_end(scene: &Scene<'_>, bought: &Bought, usage: &Value) -> Result<()> {
    let Some(theirs) = provider_end(scene, bought).await? else { return Ok(()) };
    if end_in(usage).map(Timestamp::as_second) == Some(theirs.as_second()) {
        return Ok(());
    }
    Err(StackError::new(format!("expected the provider's expiry {theirs}, got {usage}")))
}

/// A marketing event of the threshold reached the CRM.
async fn threshold_told(scene: &Scene<'_>, bought: &Bought, percent: &str) -> Result<()> {
    until(&format!("an event of {percent} % at the CRM"), async || {
        let (_, _, events) = scene.demo.partners.crm.names();
        let sent = scene.demo.crm().client().requests_to("POST", events).await.map_err(simulator)?;
        let told = |request: &&Value| {
            let body = request.get("body").map(Value::to_string).unwrap_or_default();
            body.contains("threshold") && has_number(&body, percent) && body.contains(&bought.esim_id)
        };
        Ok(Seen::of(sent.iter().find(told).map(drop), || format!("{} calls of the events API", sent.len())))
    })
    .await
}

pub(super) fn after(at: Timestamp, hours: i64) -> Result<Timestamp> {
    at.checked_add(hours.hours()).map_err(|error| StackError::new(format!("the calendar: {error}")))
}

pub(super) fn landing(scene: &Scene<'_>) -> Result<Timestamp> {
    let landing = scene.from.at(LANDING_HOUR, 0, 0, 0).to_zoned_datetime(scene.demo.zone.clone());
    landing.map(|zoned| zoned.timestamp()).map_err(|error| StackError::new(format!("the calendar: {error}")))
}

fn used(usage: &Value) -> Option<u64> {
    usage.get("data_used_mb").and_then(Value::as_u64)
}

fn status(usage: &Value) -> Option<&str> {
    usage.get("status").and_then(Value::as_str)
}

/// Whether a body holds a number, as a text or not.
fn has_number(body: &str, number: &str) -> bool {
    body.contains(&format!("\"{number}\"")) || body.contains(&format!(":{number},")) || body.contains(&format!(":{number}}}"))
}

fn member(usage: &Value, name: &str) -> String {
    usage.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap_or_default()
}
