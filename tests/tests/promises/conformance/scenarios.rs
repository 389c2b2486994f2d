//! What is played, and what is to come of it.

use futures::future::BoxFuture;
use passerelle::domain::EsimId;
use passerelle_tests::sim::Fault;
use serde_json::json;
use std::time::Duration;

use super::news::{Sent, Signed};
use super::providers::Provider;
use crate::fixture::World;

/// One scenario: what is to be concluded, in words, and how it is played.
pub struct Scenario {
    pub name: &'static str,
    pub concludes: &'static str,
    pub play: fn(&Provider) -> BoxFuture<'_, String>,
}

const BOUGHT_ONCE: &str = "delivered: 1 bought, 1 mail, 0 tasks";
const NOTHING_BOUGHT: &str = "parked: 0 bought, 0 mails, 1 task";

pub const SCENARIOS: [Scenario; 9] = [
    Scenario { name: "the reply is lost, then found", concludes: BOUGHT_ONCE, play: |provider| Box::pin(reply_lost(provider)) },
    Scenario { name: "the request is lost, then absent", concludes: BOUGHT_ONCE, play: |provider| Box::pin(request_lost(provider)) },
    Scenario { name: "the answer is cut short", concludes: BOUGHT_ONCE, play: |provider| Box::pin(answer_cut(provider)) },
    Scenario { name: "the token dies before an order", concludes: BOUGHT_ONCE, play: |provider| Box::pin(token_dies(provider)) },
    Scenario { name: "the token is refused once", concludes: BOUGHT_ONCE, play: |provider| Box::pin(refused_once(provider)) },
    Scenario { name: "the credentials are revoked", concludes: NOTHING_BOUGHT, play: |provider| Box::pin(revoked(provider)) },
    Scenario { name: "a webhook comes three times", concludes: "kept 1, told 1", play: |provider| Box::pin(again(provider)) },
    Scenario {
        name: "webhooks come in the wrong order",
        concludes: "activated, 850 per mille used",
        play: |provider| Box::pin(reordered(provider)),
    },
    Scenario { name: "a webhook is forged", concludes: "401, kept 0, released", play: |provider| Box::pin(forged(provider)) },
];

async fn reply_lost(provider: &Provider) -> String {
    ordered_under(provider, Fault::on("POST", provider.order).dropping_the_reply()).await
}

async fn request_lost(provider: &Provider) -> String {
    ordered_under(provider, Fault::on("POST", provider.order).dropping_the_request()).await
}

async fn answer_cut(provider: &Provider) -> String {
    ordered_under(provider, Fault::on("POST", provider.order).malformed()).await
}

async fn refused_once(provider: &Provider) -> String {
    ordered_under(provider, Fault::on("POST", provider.order).status(401)).await
}

async fn revoked(provider: &Provider) -> String {
    ordered_under(provider, Fault { times: 10_000, status: Some(401), ..Fault::default() }).await
}

async fn token_dies(provider: &Provider) -> String {
    let mut world = World::with_accounts(&[provider.account]).await;
    world.sim(provider.account).client().post("tokens/expire", &json!({})).await.expect("a provider with tokens");
    order(&mut world, provider).await
}

async fn ordered_under(provider: &Provider, fault: Fault) -> String {
    let mut world = World::with_accounts(&[provider.account]).await;
    world.sim(provider.account).client().fault(&fault).await.expect("a fault");
    order(&mut world, provider).await
}

/// An order to its end.
async fn order(world: &mut World, provider: &Provider) -> String {
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let answer = world.order("key-1", &World::best(&offers, provider.account), "VH-1").await.expect("the order is taken");
    world.settle().await;
    let (bought, mails, tasks) = (world.purchases(provider.account).await.len(), world.mails().await.len(), world.tasks().await.len());
    let some = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    format!("{}: {bought} bought, {}, {}", world.order_status(&answer.order_id).await, some(mails, "mail"), some(tasks, "task"))
}

/// A world in which the provider has delivered an eSIM; half a day has passed since.
async fn delivered(provider: &Provider) -> (World, EsimId) {
    let mut world = World::with_accounts(&[provider.account]).await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let answer = world.order("key-1", &World::best(&offers, provider.account), "VH-1").await.expect("the order is taken");
    world.settle().await;
    let esim_id = world.order_record(&answer.order_id).await.esim_id.expect("an eSIM");
    world.pass(Duration::from_secs(12 * 3600)).await;
    (world, esim_id)
}

/// Lets so many thousandths of the plan be used, as the provider sees it.
async fn used(world: &World, provider: &Provider, esim: &EsimId, per_mille: u64) -> u64 {
    let total = world.esim(esim).await.esim.plan.total_mb.expect("a plan with a limit");
    let theirs = world.provider_esim(provider.account).await;
    let change = (provider.used)(total * per_mille / 1000);
    world.sim(provider.account).client().set_esim(&theirs, &change).await.expect("the simulator takes the change");
    total
}

async fn again(provider: &Provider) -> String {
    let (mut world, esim) = delivered(provider).await;
    let total = used(&world, provider, &esim, 850).await;
    let sent = Sent::about(&world, provider, total * 850 / 1000, "a").await;
    for _ in 0..3 {
        sent.arrive(&world, provider, Signed::ByThem).await.expect("a webhook that is taken");
        world.settle_without_waiting().await;
    }
    let told = world.sims.hubspot.client().requests_to("POST", "/send").await.expect("the record");
    let activations = told.iter().filter(|one| one["body"]["eventName"].as_str().is_some_and(|name| name.contains("activated")));
    format!("kept {}, told {}", world.items("receipt").await.len(), activations.count())
}

/// The newer one first: what the older one says was true once.
async fn reordered(provider: &Provider) -> String {
    let (mut world, esim) = delivered(provider).await;
    let total = used(&world, provider, &esim, 850).await;
    for (per_mille, name) in [(850, "newer"), (100, "older")] {
        let sent = Sent::about(&world, provider, total * per_mille / 1000, name).await;
        sent.arrive(&world, provider, Signed::ByThem).await.expect("a webhook that is taken");
        world.settle_without_waiting().await;
    }
    let after = world.esim(&esim).await.esim;
    let per_mille = (after.plan.used_mb * 1000).div_ceil(total);
    format!("{}, {per_mille} per mille used", format!("{:?}", after.status).to_lowercase())
}

async fn forged(provider: &Provider) -> String {
    let (mut world, esim) = delivered(provider).await;
    let total = world.esim(&esim).await.esim.plan.total_mb.expect("a plan with a limit");
    let sent = Sent::about(&world, provider, total, "a").await;
    let answer = match sent.arrive(&world, provider, Signed::ByAStranger).await {
        Ok(()) => "taken".to_owned(),
        Err(problem) => problem.status.to_string(),
    };
    world.settle_without_waiting().await;
    let status = format!("{:?}", world.esim(&esim).await.esim.status).to_lowercase();
    format!("{answer}, kept {}, {status}", world.items("receipt").await.len())
}
