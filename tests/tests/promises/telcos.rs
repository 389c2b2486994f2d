//! A trip with each operator: bought once, delivered, followed, topped up, and never bought twice when a reply is lost.

use crate::{
    fixture::{World, trace},
    telco_accounts::webhook_address,
};
use passerelle::{
    domain::{EsimId, EsimStatus, OrderId},
    flows::{order_view::OrderAnswer, receive_webhook, topup},
    outbound::Deadline,
};
use passerelle_tests::sim::Fault;
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// An order to Japan, as it was answered.
async fn ordered(world: &World, account: &str) -> OrderAnswer {
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.order("key-1", &World::best(&offers, account), "VH-1").await.expect("the order is taken")
}

/// The eSIM of an order that was answered before it was there.
async fn esim_of(world: &World, order_id: &OrderId) -> EsimId {
    let record = world.house.store.order(&crate::fixture::agency_id(), order_id, &world.house.seals).await.unwrap().unwrap();
    record.order.esim_id.expect("the order has its eSIM")
}

/// Ordered and delivered: ours and the provider's name of the eSIM.
async fn delivered(world: &mut World, account: &str) -> (EsimId, String) {
    let answer = ordered(world, account).await;
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert_eq!((world.purchases(account).await.len(), world.mails().await.len()), (1, 1));
    (esim_of(world, &answer.order_id).await, world.provider_esim(account).await)
}

async fn told(world: &World, name: &str) -> usize {
    let sent = world.sims.hubspot.client().requests_to("POST", "/send").await.unwrap();
    sent.iter().filter(|request| request["body"]["eventName"].as_str().is_some_and(|full| full.contains(name))).count()
}

async fn set(world: &World, account: &str, esim: &str, change: Value) {
    world.sim(account).client().set_esim(esim, &change).await.expect("the simulator changes its eSIM");
}

async fn next_reading(world: &mut World) {
    world.pass(DAY / 2).await;
    world.poll().await;
}

async fn first_top_up(world: &World, esim: &EsimId) -> String {
    let listed: Value = serde_json::from_str(&topup::list(&world.run().await, esim).await.unwrap()).unwrap();
    listed["packages"][0]["package_id"].as_str().expect("something can be added").to_owned()
}

/// An unsigned webhook at an account's address.
async fn hint(world: &mut World, account: &str, body: &str) {
    let deadline = Deadline::within(world.now(), Duration::from_secs(29));
    let address = webhook_address(account);
    receive_webhook::receive(&world.house, Some(&address), &http::HeaderMap::new(), body.as_bytes(), &trace(), deadline).await.unwrap();
    world.settle_without_waiting().await;
}

#[tokio::test]
async fn one_global_a_whole_trip() {
    let mut world = World::with_accounts(&["one-global"]).await;
    let answer = ordered(&world, "one-global").await;
    assert_eq!(answer.answer.status, 202);
    assert_eq!(world.order_status(&answer.order_id).await, "accepted");
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    let (esim, iccid) = (esim_of(&world, &answer.order_id).await, world.provider_esim("one-global").await);
    set(&world, "one-global", &iccid, json!({"profile": "Installed"})).await;
    next_reading(&mut world).await;
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Installed);
    let total = world.esim(&esim).await.esim.plan.total_mb.unwrap();
    set(&world, "one-global", &iccid, json!({"used_mb": total * 85 / 100})).await;
    next_reading(&mut world).await;
    next_reading(&mut world).await;
    let plan = world.esim(&esim).await.esim;
    assert_eq!((plan.status, plan.plan.used_mb), (EsimStatus::Activated, total * 85 / 100));
    assert_eq!((told(&world, "installed").await, told(&world, "activated").await, told(&world, "threshold").await), (1, 1, 1));
    let package = first_top_up(&world, &esim).await;
    let added = world.top_up("key-2", &esim, &package).await.unwrap();
    world.settle().await;
    assert_eq!(world.order_status(&added.order_id).await, "placed");
    assert_eq!(world.esim(&esim).await.esim.plan.order_id, added.order_id, "the new plan runs");
    assert_eq!(world.purchases("one-global").await.len(), 2);
}

#[tokio::test]
async fn one_global_a_lost_reply_is_found_by_the_alias_and_bought_once() {
    let mut world = World::with_accounts(&["one-global"]).await;
    world.sims.one_global.client().fault(&Fault::on("POST", "/v2/orders").times(1).dropping_the_reply()).await.unwrap();
    let answer = ordered(&world, "one-global").await;
    assert_eq!(world.order_status(&answer.order_id).await, "unknown");
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert_eq!((world.purchases("one-global").await.len(), world.mails().await.len()), (1, 1));
    let esim = world.esim(&esim_of(&world, &answer.order_id).await).await;
    assert_eq!(esim.profile.unwrap().iccid.expose(), world.provider_esim("one-global").await);
}

#[tokio::test]
async fn one_global_absence_proves_nothing_and_a_person_is_asked() {
    let mut world = World::with_accounts(&["one-global"]).await;
    world.sims.one_global.client().fault(&Fault::on("POST", "/v2/orders").times(1).dropping_the_request()).await.unwrap();
    let began = world.now();
    let answer = ordered(&world, "one-global").await;
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "parked");
    assert!(world.now().duration_since(began) >= jiff::SignedDuration::from_mins(30), "it was looked for half an hour");
    assert_eq!(world.sims.one_global.client().requests_to("POST", "/v2/orders").await.unwrap().len(), 1, "never sent again");
    assert_eq!((world.purchases("one-global").await.len(), world.tasks().await.len()), (0, 1));
}

#[tokio::test]
async fn one_global_a_lost_reply_to_a_top_up_is_bought_once() {
    let mut world = World::with_accounts(&["one-global"]).await;
    let (esim, _) = delivered(&mut world, "one-global").await;
    let package = first_top_up(&world, &esim).await;
    world.pass(DAY).await;
    world.sims.one_global.client().fault(&Fault::on("POST", "/v2/orders").times(1).dropping_the_reply()).await.unwrap();
    let answer = world.top_up("key-2", &esim, &package).await.unwrap();
    assert_eq!(answer.answer.status, 202);
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "placed");
    assert_eq!(world.purchases("one-global").await.len(), 2);
}

#[tokio::test]
async fn one_global_a_failed_order_is_rejected_and_a_token_that_dies_is_got_anew() {
    let mut world = World::with_accounts(&["one-global"]).await;
    let one = world.sims.one_global.client();
    one.post("tokens/expire", &json!({})).await.unwrap();
    one.post("settings", &json!({"quota": 0})).await.unwrap();
    let refused = ordered(&world, "one-global").await;
    assert_eq!(refused.answer.status, 422);
    assert!(refused.answer.body.contains("quota"), "{}", refused.answer.body);
    one.post("settings", &json!({"quota": null})).await.unwrap();
    let answer = world.order("key-3", "one-global:one-failing", "VH-1").await.unwrap();
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "rejected");
    assert!(world.purchases("one-global").await.is_empty());
}

#[tokio::test]
async fn one_global_webhooks_are_registered_for_the_esim_and_are_hints_only() {
    let mut world = World::with_accounts(&["one-global"]).await;
    world.house.settings.public_base_url = Some(world.sims.inbox.url.clone());
    let (esim, iccid) = delivered(&mut world, "one-global").await;
    let one = world.sims.one_global.client();
    let cards = one.esims().await.unwrap();
    assert_eq!(cards[0]["hooks"].as_object().unwrap().len(), 3);
    assert_eq!(cards[0]["hooks"]["SUBSCRIPTION_END"], format!("{}/api/webhooks/esim/wh_one-global_unguessable", world.sims.inbox.url));
    // A forger says that everything is used: what 1GLOBAL says when it is asked counts.
    let forged = json!({"id": "evt-x", "type": "SUBSCRIPTION_END", "iccid": iccid, "current_balance": 0}).to_string();
    hint(&mut world, "one-global", &forged).await;
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Released);
    set(&world, "one-global", &iccid, json!({"profile": "Installed"})).await;
    let sent = one.post(&format!("esims/{iccid}/notify"), &json!({"type": "DOWNLOAD_PROGRESS"})).await.unwrap();
    hint(&mut world, "one-global", sent["body"].as_str().unwrap()).await;
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Installed);
    assert_eq!(told(&world, "installed").await, 1);
}

#[tokio::test]
async fn telna_a_whole_trip() {
    let mut world = World::with_accounts(&["telna"]).await;
    let (esim, iccid) = delivered(&mut world, "telna").await;
    set(&world, "telna", &iccid, json!({"state": "INSTALLED"})).await;
    next_reading(&mut world).await;
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Installed);
    let total = world.esim(&esim).await.esim.plan.total_mb.unwrap();
    set(&world, "telna", &iccid, json!({"used_mb": total * 85 / 100})).await;
    next_reading(&mut world).await;
    next_reading(&mut world).await;
    let plan = world.esim(&esim).await.esim;
    assert_eq!((plan.status, plan.plan.used_mb), (EsimStatus::Activated, total * 85 / 100));
    assert_eq!((told(&world, "installed").await, told(&world, "activated").await, told(&world, "threshold").await), (1, 1, 1));
    let package = first_top_up(&world, &esim).await;
    let added = world.top_up("key-2", &esim, &package).await.unwrap();
    assert_eq!(added.answer.status, 201);
    world.settle().await;
    assert_eq!(world.esim(&esim).await.esim.plan.order_id, added.order_id, "the new plan runs");
    assert_eq!(world.purchases("telna").await.len(), 2);
}

#[tokio::test]
async fn telna_a_lost_reply_is_found_by_our_reference_and_bought_once() {
    let mut world = World::with_accounts(&["telna"]).await;
    let telna = world.sims.telna.client();
    telna.post("settings", &json!({"list_lag_seconds": 60, "hold_orders": true})).await.unwrap();
    telna.fault(&Fault::on("POST", "/work-orders").times(1).dropping_the_reply()).await.unwrap();
    let answer = ordered(&world, "telna").await;
    assert_eq!(world.order_status(&answer.order_id).await, "unknown");
    world.pass(Duration::from_secs(70)).await;
    world.settle_without_waiting().await;
    assert_eq!(world.order_status(&answer.order_id).await, "accepted", "a word that we do not know is pending");
    telna.post("orders/ship", &json!({})).await.unwrap();
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    let esim = esim_of(&world, &answer.order_id).await;
    let package = first_top_up(&world, &esim).await;
    telna.post("settings", &json!({"hold_orders": false})).await.unwrap();
    telna.fault(&Fault::on("POST", "/work-orders").times(1).dropping_the_reply()).await.unwrap();
    let added = world.top_up("key-2", &esim, &package).await.unwrap();
    assert_eq!(added.answer.status, 202);
    world.settle().await;
    assert_eq!(world.order_status(&added.order_id).await, "placed");
    assert_eq!(world.purchases("telna").await.len(), 2, "one eSIM, one top-up");
}

#[tokio::test]
async fn telna_a_lost_request_is_sent_again_after_two_minutes_of_absence() {
    let mut world = World::with_accounts(&["telna"]).await;
    world.sims.telna.client().fault(&Fault::on("POST", "/work-orders").times(1).dropping_the_request()).await.unwrap();
    let began = world.now();
    let (_, _) = delivered(&mut world, "telna").await;
    assert!(world.now().duration_since(began) >= jiff::SignedDuration::from_secs(120));
}

#[tokio::test]
async fn telna_events_are_hints_only() {
    let mut world = World::with_accounts(&["telna"]).await;
    let (esim, iccid) = delivered(&mut world, "telna").await;
    let telna = world.sims.telna.client();
    let notify = async |event: &str| {
        let wish = json!({"event": event, "url": format!("{}/hook", world.sims.inbox.url)});
        telna.post(&format!("esims/{iccid}/notify"), &wish).await.unwrap()["body"].as_str().unwrap().to_owned()
    };
    let terminated = notify("PACKAGE_STATUS_CHANGE").await;
    telna.set_esim(&iccid, &json!({"state": "INSTALLED"})).await.unwrap();
    let progress = notify("HandleDownloadProgressInfo").await;
    for body in [terminated, progress.clone(), progress] {
        hint(&mut world, "telna", &body).await;
    }
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Installed, "what Telna says when it is asked counts");
    assert_eq!(told(&world, "installed").await, 1);
}

/// The calls that change something at BICS since the records were cleared.
async fn bics_writes(world: &World) -> Vec<String> {
    let requests = world.sims.bics.client().requests().await.unwrap();
    let writes = requests.iter().filter(|r| r["method"] == "POST" && r["path"] != "/api/login");
    writes.map(|r| r["path"].as_str().unwrap().trim_start_matches("/api/").to_owned()).collect()
}

#[tokio::test]
async fn bics_a_whole_trip() {
    let mut world = World::with_accounts(&["bics"]).await;
    let answer = ordered(&world, "bics").await;
    assert_eq!(answer.answer.status, 202);
    assert_eq!(world.order_status(&answer.order_id).await, "queued");
    assert!(bics_writes(&world).await.is_empty(), "nothing slow in the time of the API");
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert_eq!(bics_writes(&world).await, ["EndPointLifeCycleChange", "SubscribeAddon"]);
    let again = world.order("key-1", &format!("bics:{}", world.purchases("bics").await[0]["plan_id"].as_str().unwrap()), "VH-1").await;
    assert!(again.is_ok_and(|again| again.replayed));
    let (esim, iccid) = (esim_of(&world, &answer.order_id).await, world.provider_esim("bics").await);
    let record = world.esim(&esim).await;
    assert_eq!(record.profile.as_ref().unwrap().iccid.expose(), iccid);
    let total = record.esim.plan.total_mb.unwrap();
    set(&world, "bics", &iccid, json!({"used_mb": total * 85 / 100})).await;
    next_reading(&mut world).await;
    let plan = world.esim(&esim).await.esim;
    assert_eq!((plan.status, plan.plan.used_mb), (EsimStatus::Activated, total * 85 / 100));
    assert!(plan.plan.expires_at.is_some());
    assert_eq!((told(&world, "installed").await, told(&world, "activated").await, told(&world, "threshold").await), (0, 1, 1));
    let package = first_top_up(&world, &esim).await;
    let added = world.top_up("key-2", &esim, &package).await.unwrap();
    assert_eq!(added.answer.status, 202);
    world.settle().await;
    assert_eq!(world.order_status(&added.order_id).await, "placed");
    assert_eq!(world.esim(&esim).await.esim.plan.order_id, added.order_id, "the new plan runs");
    assert_eq!(world.purchases("bics").await.len(), 2);
}

/// One add-on on one SIM, and the order delivered.
async fn bought_once(world: &World, answer: &OrderAnswer) {
    assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    assert_eq!((world.purchases("bics").await.len(), world.mails().await.len()), (1, 1));
    assert_eq!(world.sims.bics.client().esims().await.unwrap().len(), 1, "one SIM left the stock");
}

#[tokio::test]
async fn bics_a_lost_reply_of_any_step_is_repeated_or_asked_about() {
    for path in ["fetchSIM", "EndPointLifeCycleChange", "SubscribeAddon"] {
        let mut world = World::with_accounts(&["bics"]).await;
        world
            .sims
            .bics
            .client()
            .fault(&Fault { path: Some(path.to_owned()), ..Fault::default() }.times(1).dropping_the_reply())
            .await
            .unwrap();
        let answer = ordered(&world, "bics").await;
        world.settle().await;
        bought_once(&world, &answer).await;
    }
}

#[tokio::test]
async fn bics_a_lost_request_of_any_step_is_sent_again() {
    for path in ["fetchSIM", "EndPointLifeCycleChange", "SubscribeAddon"] {
        let mut world = World::with_accounts(&["bics"]).await;
        world
            .sims
            .bics
            .client()
            .fault(&Fault { path: Some(path.to_owned()), ..Fault::default() }.times(2).dropping_the_request())
            .await
            .unwrap();
        let answer = ordered(&world, "bics").await;
        world.settle().await;
        bought_once(&world, &answer).await;
    }
}

#[tokio::test]
async fn bics_a_worker_that_dies_around_any_step_leaves_an_order_that_is_bought_once() {
    for path in ["fetchSIM", "EndPointLifeCycleChange", "SubscribeAddon"] {
        let mut world = World::with_accounts(&["bics"]).await;
        let answer = ordered(&world, "bics").await;
        let watch = world.outbox().await.into_iter().find(|entry| entry.work == "watch_order").unwrap();
        // The effect comes; the process is gone before the answer does.
        world
            .sims
            .bics
            .client()
            .fault(&Fault { path: Some(path.to_owned()), ..Fault::default() }.times(1).with_late_effect(400))
            .await
            .unwrap();
        let died = tokio::time::timeout(Duration::from_millis(200), world.consume(&watch.id)).await;
        assert!(died.is_err(), "the worker dies while it waits for {path}");
        tokio::time::sleep(Duration::from_millis(400)).await;
        world.settle().await;
        bought_once(&world, &answer).await;
    }
}

#[tokio::test]
async fn bics_a_token_that_dies_inside_an_answer_is_got_anew() {
    let mut world = World::with_accounts(&["bics"]).await;
    let answer = ordered(&world, "bics").await;
    world.sims.bics.client().post("tokens/expire", &json!({})).await.unwrap();
    world.settle().await;
    bought_once(&world, &answer).await;
}

#[tokio::test]
async fn bics_two_orders_never_share_a_sim() {
    let mut world = World::with_accounts(&["bics"]).await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "bics");
    let one = world.order("key-1", &package, "VH-1").await.unwrap();
    let other = world.order("key-2", &package, "VH-1").await.unwrap();
    world.settle().await;
    for answer in [&one, &other] {
        assert_eq!(world.order_status(&answer.order_id).await, "delivered");
    }
    let ledger = world.purchases("bics").await;
    assert_eq!(ledger.len(), 2);
    assert_ne!(ledger[0]["iccid"], ledger[1]["iccid"]);
}

#[tokio::test]
async fn bics_refusals_inside_an_answer_are_refusals() {
    let mut world = World::with_accounts(&["bics"]).await;
    let bics = world.sims.bics.client();
    bics.post("settings", &json!({"refuse_subscriptions": "7777"})).await.unwrap();
    let refused = ordered(&world, "bics").await;
    world.settle().await;
    assert_eq!(world.order_status(&refused.order_id).await, "rejected");
    bics.post("settings", &json!({"refuse_subscriptions": null})).await.unwrap();
    bics.post("stock/empty", &json!({})).await.unwrap();
    let package = world.house.store.order(&crate::fixture::agency_id(), &refused.order_id, &world.house.seals).await.unwrap().unwrap();
    let sold_out = world.order("key-2", package.order.package.package_id.as_str(), "VH-1").await.unwrap();
    world.settle().await;
    assert_eq!(world.order_status(&sold_out.order_id).await, "rejected");
    assert_eq!((world.purchases("bics").await.len(), world.tasks().await.len()), (0, 2));
}

#[tokio::test]
async fn bics_a_lost_reply_to_a_top_up_is_bought_once() {
    let mut world = World::with_accounts(&["bics"]).await;
    let (esim, iccid) = delivered(&mut world, "bics").await;
    let package = first_top_up(&world, &esim).await;
    world.sims.bics.client().fault(&Fault::on("POST", "SubscribeAddon").times(1).dropping_the_reply()).await.unwrap();
    let answer = world.top_up("key-2", &esim, &package).await.unwrap();
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "placed");
    assert_eq!(world.purchases("bics").await.len(), 2);
    // A callback only makes us look.
    set(&world, "bics", &iccid, json!({"used_mb": 10})).await;
    world.pass(Duration::from_secs(3600)).await;
    let wish = json!({"event": "First Activation", "url": format!("{}/hook", world.sims.inbox.url)});
    let sent = world.sims.bics.client().post(&format!("esims/{iccid}/notify"), &wish).await.unwrap();
    hint(&mut world, "bics", sent["body"].as_str().unwrap()).await;
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Activated);
}
