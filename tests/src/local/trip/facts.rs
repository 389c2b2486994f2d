//! What others saw: the providers' ledgers, the CRM's records, the traveller's letter box.

use serde_json::Value;

use super::super::wait::{Seen, until};
use super::order::Bought;
use super::{Scene, simulator};
use crate::sim::SimClient;
use crate::stack::{Result, StackError};

/// The simulator of the provider that sold the eSIM.
pub(super) fn provider(scene: &Scene<'_>) -> SimClient {
    scene.demo.sims.airalo.client()
}

/// The provider's own view of the eSIM.
pub(super) async fn profile(scene: &Scene<'_>, bought: &Bought) -> Result<Value> {
    let esims = provider(scene).esims().await.map_err(simulator)?;
    let found = esims.into_iter().find(|esim| esim.get("iccid").and_then(Value::as_str) == Some(&bought.iccid));
    found.ok_or_else(|| StackError::new(format!("expected {} to know the eSIM that it sold", bought.provider)))
}

/// The provider's ledger holds one purchase of the eSIM.
pub(super) async fn bought_once(scene: &Scene<'_>, iccid: &str) -> Result<()> {
    match purchases(scene, iccid, "sim").await? {
        1 => Ok(()),
        count => Err(StackError::new(format!("expected one purchase in the provider's ledger, found {count}"))),
    }
}

/// How often something (`sim`, `topup`) was bought for an eSIM.
pub(super) async fn purchases(scene: &Scene<'_>, iccid: &str, kind: &str) -> Result<usize> {
    let ledger = provider(scene).ledger().await.map_err(simulator)?;
    let of_it = |entry: &&Value| entry.get("kind").and_then(Value::as_str) == Some(kind) && entry.to_string().contains(iccid);
    Ok(ledger.iter().filter(of_it).count())
}

/// The traveller's e-mails with the numbers that the simulator gave them.
pub(super) async fn mails(scene: &Scene<'_>) -> Result<Vec<(usize, Value)>> {
    let messages = scene.demo.letter_box().client().messages().await.map_err(simulator)?;
    let to_the_traveller = |(_, message): &(usize, Value)| message.get("to").is_some_and(|to| to.to_string().contains(&scene.email));
    Ok(messages.into_iter().enumerate().filter(to_the_traveller).collect())
}

/// Waits until the CRM's record of the eSIM exists, with a status where one is expected.
pub(super) async fn crm_shows(scene: &Scene<'_>, esim_id: &str, status: Option<&str>) -> Result<()> {
    let told = status.unwrap_or("the new eSIM");
    scene.step(&format!("the CRM's record shows: {told}"));
    let expected = format!("one record of the eSIM in HubSpot, status {}", status.unwrap_or("any"));
    until(&expected, async || {
        let records = scene.demo.sims.hubspot.client().objects("esim_subscription").await.map_err(simulator)?;
        let of_it: Vec<_> = records.iter().filter(|record| property(record, "esim_id") == Some(esim_id)).collect();
        let shown: Vec<_> = of_it.iter().filter_map(|record| property(record, "status")).collect();
        let fits = of_it.len() == 1 && status.is_none_or(|status| shown == [status]);
        Ok(Seen::of(fits.then_some(()), || format!("{} records, status {shown:?}", of_it.len())))
    })
    .await
}

/// The mail service says that the traveller's server took the mail with the codes, and the CRM shows it.
pub(super) async fn mail_delivered(scene: &Scene<'_>, esim_id: &str, number: usize) -> Result<()> {
    scene.step("the mail service tells that the codes were delivered");
    let demo = scene.demo;
    let address = demo.agency.pointer("/email/webhook_account").and_then(Value::as_str).unwrap_or_default();
    let url = format!("{}/api/webhooks/mail/{address}", demo.stack.deployed.api);
    let event = serde_json::json!({"event": demo.partners.mail.delivered(), "url": url});
    let told = demo.letter_box().client().post(&format!("messages/{number}/event"), &event).await.map_err(simulator)?;
    if told.get("status").and_then(Value::as_u64) != Some(200) {
        return Err(StackError::new(format!("expected the event to be taken, got {told}")));
    }
    until("the CRM's record to show that the mail was delivered", async || {
        let records = demo.sims.hubspot.client().objects("esim_subscription").await.map_err(simulator)?;
        let of_it = records.iter().find(|record| property(record, "esim_id") == Some(esim_id));
        let shown = of_it.and_then(|record| property(record, "mail_status"));
        Ok(Seen::of((shown == Some("delivered")).then_some(()), || format!("{shown:?}")))
    })
    .await
}

fn property<'a>(record: &'a Value, name: &str) -> Option<&'a str> {
    record.get("properties")?.get(name)?.as_str()
}

/// How many of the CRM's tasks name the dossier.
pub(super) async fn tasks(scene: &Scene<'_>) -> Result<usize> {
    let tasks = scene.demo.sims.hubspot.client().objects("tasks").await.map_err(simulator)?;
    Ok(tasks.iter().filter(|task| task.to_string().contains(&scene.reference)).count())
}

/// The books at the end: everything was done, each thing once, and nothing was given up.
pub(super) async fn each_once(scene: &Scene<'_>, bought: &Bought) -> Result<()> {
    scene.step("the books: everything once, nothing given up");
    until("the notifier's queue to be empty", async || {
        let state = scene.demo.stack.queue("notifier").await?;
        Ok(Seen::of(state.is_empty().then_some(()), || format!("{state:?}")))
    })
    .await?;
    let found = (purchases(scene, &bought.iccid, "sim").await?, purchases(scene, &bought.iccid, "topup").await?, mails(scene).await?.len());
    if found != (1, 1, 2) {
        return Err(StackError::new(format!("expected one eSIM, one top-up and two e-mails, found {found:?}")));
    }
    nothing_given_up(scene).await?;
    scene.fact("one eSIM, one top-up, two e-mails, one CRM record; no dead letter");
    Ok(())
}

/// No message was given up on.
async fn nothing_given_up(scene: &Scene<'_>) -> Result<()> {
    for queue in scene.demo.stack.deployed.queues.keys().filter(|name| name.ends_with("-dlq")) {
        let state = scene.demo.stack.queue(queue).await?;
        if !state.is_empty() {
            return Err(StackError::new(format!("expected the queue {queue} to be empty, found {state:?}")));
        }
    }
    Ok(())
}
