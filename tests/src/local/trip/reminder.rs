//! Two days before the end: the proposal, and the top-up that follows from it.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::super::api::{list, text};
use super::super::seller::Seller;
use super::super::wait::{Seen, until};
use super::order::Bought;
use super::{Scene, facts, life};
use crate::stack::{Result, StackError};

/// By the evening of the day, whatever the hour at which the agency writes.
const EVENING: i8 = 20;

pub(super) async fn two_days_before(scene: &Scene<'_>, bought: &Bought) -> Result<()> {
    let at = evening_of_j_2(scene, life::end(scene, bought).await?)?;
    let tasks_before = facts::tasks(scene).await?;
    scene.step_at(at, "two days before the end, a top-up is proposed").await?;
    scene.demo.play("topup-reminder", at).await?;
    let (_, mail) = until("a second e-mail to the traveller", async || {
        let mut mails = facts::mails(scene).await?;
        let seen = format!("{} e-mails", mails.len());
        Ok(Seen::of(if mails.len() == 2 { mails.pop() } else { None }, || seen))
    })
    .await?;
    scene.fact(&format!("“{}” to the traveller", text(&mail, "subject").unwrap_or_default()));
    until("a task for the adviser in the CRM", async || {
        let tasks = facts::tasks(scene).await?;
        Ok(Seen::of((tasks > tasks_before).then_some(()), || format!("{tasks} tasks, as before")))
    })
    .await?;
    scene.fact("a task for the adviser in the CRM");
    Ok(())
}

fn evening_of_j_2(scene: &Scene<'_>, end: Timestamp) -> Result<Timestamp> {
    let calendar = |error| StackError::new(format!("the calendar: {error}"));
    let day = end.to_zoned_datetime(scene.demo.zone.clone()).date().checked_sub(2.days()).map_err(calendar)?;
    let evening = day.at(EVENING, 0, 0, 0).to_zoned_datetime(scene.demo.zone.clone()).map_err(calendar)?;
    Ok(evening.timestamp())
}

/// The traveller accepts; returns the top-up's order.
pub(super) async fn top_up(scene: &Scene<'_>, bought: &Bought) -> Result<String> {
    let end_before = life::end(scene, bought).await.ok();
    let at = match end_before {
        Some(end) => life::after(evening_of_j_2(scene, end)?, 14)?,
        None => life::after(life::landing(scene)?, 5 * 24)?,
    };
    scene.step_at(at, "the traveller accepts the top-up").await?;
    let answer = scene.api.get(&format!("/esims/{}/topups", bought.esim_id)).await?.expect(&[200])?;
    let first = list(&answer, "packages")?.first().ok_or_else(|| StackError::new("expected a package to top up with"))?;
    let body = json!({"package_id": text(first, "package_id")?});
    let used_before = used(scene, bought).await?;
    let key = format!("{}-topup", scene.reference);
    let path = format!("/esims/{}/topup", bought.esim_id);
    let order = scene.api.post(&path, &body, Some(&key)).await?.expect(&[201, 202])?;
    let topup = text(&order, "order_id")?;
    topped_up_once(scene, bought, &topup).await?;
    placed(scene, &topup, at).await?;
    scene.fact(&format!("{}: bought once", text(first, "title").unwrap_or_default()));
    match (scene.seller(), end_before) {
        (Seller::Airalo, Some(end)) => longer(scene, bought, end, at).await?,
        (Seller::EsimAccess, _) => scene.fact("its usage is hours old: on this day it is still that of the plan before"),
        _ => runs(scene, bought, used_before, at).await?,
    }
    Ok(topup)
}

/// Played days pass in seconds: what the provider carries out in the background, by its own clock, must be done before the next begins.
async fn placed(scene: &Scene<'_>, topup: &str, at: Timestamp) -> Result<()> {
    let soon = at.checked_add(1.minutes()).map_err(|error| StackError::new(format!("the calendar: {error}")))?;
    scene.demo.sims.set_clock(Some(&soon.to_string())).await.map_err(super::simulator)?;
    until("the top-up's order to be placed", async || {
        let order = scene.api.get(&format!("/orders/{topup}")).await?.expect(&[200])?;
        let status = text(&order, "status")?;
        Ok(Seen::of(matches!(status.as_str(), "placed" | "delivered").then_some(()), || status))
    })
    .await
}

/// MB used of all that was bought so far.
async fn used(scene: &Scene<'_>, bought: &Bought) -> Result<u64> {
    Ok(used_in(&scene.api.get(&format!("/esims/{}/usage", bought.esim_id)).await?.expect(&[200])?))
}

fn used_in(usage: &Value) -> u64 {
    usage.get("data_used_mb").and_then(Value::as_u64).unwrap_or_default()
}

async fn topped_up_once(scene: &Scene<'_>, bought: &Bought, topup: &str) -> Result<()> {
    until("one top-up in the provider's ledger", async || {
        match facts::purchases(scene, &[&bought.iccid, &bought.order_id, topup]).await? {
            2 => Ok(Seen::Yes(())),
            1 => Ok(Seen::NotYet("none".to_owned())),
            other => Err(StackError::new(format!("expected one eSIM and one top-up in the provider's ledger, found {other} purchases"))),
        }
    })
    .await
}

/// A plan of its own follows, or is added to the first, and a poll sees it run.
async fn runs(scene: &Scene<'_>, bought: &Bought, used_before: u64, bought_at: Timestamp) -> Result<()> {
    const USED_MB: u64 = 60;
    let at = life::after(bought_at, 13)?;
    scene.step_at(at, "the usage is polled: the new plan").await?;
    life::change(scene, bought, &scene.seller().used(USED_MB, bought_at)).await?;
    scene.demo.play("usage-poller", at).await?;
    let usage = life::usage_where(scene, bought, &format!("{USED_MB} MB of the new plan used"), |usage| {
        [USED_MB, used_before + USED_MB].contains(&used_in(usage))
    })
    .await?;
    scene.fact(&format!(
        "{USED_MB} MB used, until {}",
        usage.get("expiry_date").and_then(Value::as_str).unwrap_or("an end that is not told")
    ));
    Ok(())
}

/// The plan is longer, and a poll sees it.
async fn longer(scene: &Scene<'_>, bought: &Bought, end_before: Timestamp, bought_at: Timestamp) -> Result<()> {
    let at = life::after(bought_at, 13)?;
    scene.step_at(at, "the usage is polled: a new end").await?;
    scene.demo.play("usage-poller", at).await?;
    let usage = life::usage_where(scene, bought, &format!("an end after {end_before}"), |usage| {
        let ours = usage.get("expiry_date").and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
        ours.is_some_and(|end| end > end_before)
    })
    .await?;
    life::same_end(scene, bought, &usage).await?;
    scene.fact(&format!("until {}", usage.get("expiry_date").and_then(Value::as_str).unwrap_or_default()));
    Ok(())
}
