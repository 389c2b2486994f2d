//! What others saw: the providers' ledgers, the CRM's records, the traveller's letter box.

use serde_json::Value;

use super::super::seller::End;
use super::super::wait::{Seen, until};
use super::order::Bought;
use super::{Scene, simulator};
use crate::sim::SimClient;
use crate::stack::{Result, StackError};

/// The simulator of the provider that sold the eSIM.
pub(super) fn provider(scene: &Scene<'_>) -> SimClient {
    scene.seller().sim(&scene.demo.sims).client()
}

/// The provider's own view of the eSIM.
pub(super) async fn profile(scene: &Scene<'_>, bought: &Bought) -> Result<Value> {
    let esims = provider(scene).esims().await.map_err(simulator)?;
    let found = esims.into_iter().find(|esim| esim.get("iccid").and_then(Value::as_str) == Some(&bought.iccid));
    found.ok_or_else(|| StackError::new(format!("expected {} to know the eSIM that it sold", bought.provider)))
}

/// The provider's ledger holds one purchase of the eSIM.
pub(super) async fn bought_once(scene: &Scene<'_>, bought: &Bought) -> Result<()> {
    match purchases(scene, &[&bought.iccid, &bought.order_id]).await? {
        1 => Ok(()),
        count => Err(StackError::new(format!("expected one purchase in the provider's ledger, found {count}"))),
    }
}

/// How many purchases name one of these: each provider writes down another part of what it knows, some of them in small letters.
pub(super) async fn purchases(scene: &Scene<'_>, names: &[&str]) -> Result<usize> {
    let ledger = provider(scene).ledger().await.map_err(simulator)?;
    let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let lines = ledger.iter().map(|line| line.to_string().to_lowercase());
    Ok(lines.filter(|line| names.iter().any(|name| line.contains(name))).count())
}

/// The code that installs an eSIM, wherever the provider writes it.
pub(super) fn activation_code(profile: &Value) -> Option<String> {
    match profile {
        Value::String(text) => text.starts_with("LPA:1$").then(|| text.clone()),
        Value::Array(items) => items.iter().find_map(activation_code),
        Value::Object(members) => members.values().find_map(activation_code),
        _ => None,
    }
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
    let expected = format!("one record of the eSIM in the CRM, status {}", status.unwrap_or("any"));
    until(&expected, async || {
        let of_it = records_of(scene, esim_id).await?;
        let shown: Vec<_> = of_it.iter().filter_map(|record| property(scene, record, "status")).collect();
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
        let of_it = records_of(scene, esim_id).await?;
        let shown = of_it.first().and_then(|record| property(scene, record, "mail_status"));
        Ok(Seen::of((shown == Some("delivered")).then_some(()), || format!("{shown:?}")))
    })
    .await
}

/// The CRM's records of an eSIM.
async fn records_of(scene: &Scene<'_>, esim_id: &str) -> Result<Vec<Value>> {
    let (object, _, _) = scene.demo.partners.crm.names();
    let mut records = scene.demo.crm().client().objects(object).await.map_err(simulator)?;
    records.retain(|record| property(scene, record, "esim_id") == Some(esim_id));
    Ok(records)
}

/// A fact of a record, by our name of it.
fn property<'a>(scene: &Scene<'_>, record: &'a Value, fact: &str) -> Option<&'a str> {
    record.get("properties")?.get(scene.demo.partners.crm.field(fact))?.as_str()
}

/// How many of the CRM's tasks name the dossier.
pub(super) async fn tasks(scene: &Scene<'_>) -> Result<usize> {
    let (_, object, _) = scene.demo.partners.crm.names();
    let tasks = scene.demo.crm().client().objects(object).await.map_err(simulator)?;
    Ok(tasks.iter().filter(|task| task.to_string().contains(&scene.reference)).count())
}

/// The books at the end: everything was done, each thing once, and nothing was given up.
pub(super) async fn each_once(scene: &Scene<'_>, bought: &Bought, topup: &str) -> Result<()> {
    scene.step("the books: everything once, nothing given up");
    until("the notifier's queue to be empty", async || {
        let state = scene.demo.stack.queue("notifier").await?;
        Ok(Seen::of(state.is_empty().then_some(()), || format!("{state:?}")))
    })
    .await?;
    let expected = (2, if scene.seller().end() == End::Untold { 1 } else { 2 });
    let found = (purchases(scene, &[&bought.iccid, &bought.order_id, topup]).await?, mails(scene).await?.len());
    if found != expected {
        return Err(StackError::new(format!("expected {expected:?} purchases and e-mails, found {found:?}")));
    }
    nothing_given_up(scene).await?;
    scene.fact(&format!("one eSIM, one top-up, e-mails: {}, one CRM record; no dead letter", found.1));
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
