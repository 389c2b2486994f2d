//! What is peculiar to one provider: orders that name nobody, callbacks and notices, usage that is hours old, keys that are forgotten.

use crate::{
    fixture::{World, agency_id},
    providers::{courses, delivered, esim_access, esim_go, first_top_up, live},
};
use hmac::{Hmac, KeyInit, Mac};
use passerelle::{
    domain::EsimStatus,
    flows::{
        onboard::{self, Onboarding},
        topup,
    },
};
use passerelle_tests::sim::Fault;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Two travellers, the same bundle, both replies lost: each gets an eSIM, and none is bought for nobody.
#[tokio::test]
async fn orders_that_name_nobody_are_each_claimed_once() {
    let mut world = World::with_accounts(&["esim-go"]).await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.book("VH-2", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "esim-go");
    world.sim("esim-go").client().fault(&Fault::on("POST", "/orders").times(2).dropping_the_reply()).await.unwrap();
    let mut orders = Vec::new();
    for (key, reference) in [("key-1", "VH-1"), ("key-2", "VH-2")] {
        orders.push(world.order(key, &package, reference).await.unwrap().order_id);
    }
    world.settle().await;
    let mut iccids = Vec::new();
    for order in &orders {
        assert_eq!(world.order_status(order).await, "delivered");
        let record = world.house.store.order(&agency_id(), order, &world.house.seals).await.unwrap().unwrap();
        let esim = world.esim(&record.order.esim_id.unwrap()).await;
        iccids.push(esim.profile.unwrap().iccid.expose().to_owned());
    }
    iccids.dedup();
    assert_eq!((iccids.len(), world.purchases("esim-go").await.len(), world.mails().await.len()), (2, 2, 2));
}

/// The first order was made by us and is known: the second, which never arrived, must not take it.
#[tokio::test]
async fn an_order_that_is_known_is_not_taken_for_one_that_is_missed() {
    let mut world = World::with_accounts(&["esim-go"]).await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.book("VH-2", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, "esim-go");
    assert_eq!(world.order("key-1", &package, "VH-1").await.unwrap().answer.status, 201);
    world.sim("esim-go").client().fault(&Fault::on("POST", "/orders").dropping_the_request()).await.unwrap();
    let began = world.now();
    let missed = world.order("key-2", &package, "VH-2").await.unwrap();
    assert_eq!(missed.answer.status, 202);
    world.settle().await;
    assert_eq!(world.order_status(&missed.order_id).await, "delivered");
    assert_eq!(world.purchases("esim-go").await.len(), 2, "sent again after proof");
    assert!(world.now().duration_since(began) >= jiff::SignedDuration::from_mins(10));
}

#[tokio::test]
async fn codes_that_an_order_does_not_hold_are_fetched_by_its_reference() {
    let mut world = World::with_accounts(&["esim-go"]).await;
    world.sim("esim-go").client().post("settings", &json!({"orders_without_esims": true, "iccid_numbers": true})).await.unwrap();
    world.sim("esim-go").client().fault(&Fault::on("POST", "/orders").dropping_the_reply()).await.unwrap();
    delivered(&mut world, &esim_go()).await;
    assert_eq!((world.purchases("esim-go").await.len(), world.mails().await.len()), (1, 1));
}

#[tokio::test]
async fn a_signed_callback_is_believed_and_an_unsigned_one_refused() {
    let mut world = World::with_accounts(&["esim-go"]).await;
    let esim = delivered(&mut world, &esim_go()).await;
    let iccid = world.provider_esim("esim-go").await;
    let body = format!(r#"{{"iccid":{iccid},"profileStatus":"Installed"}}"#);
    let mut mac = Hmac::<Sha256>::new_from_slice(b"esim-go-api-key").unwrap();
    mac.update(body.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    let address = "wh_esim_go_unguessable";
    assert_eq!(world.webhook_at(address, &[], &body).await.unwrap_err().status, 401);
    assert_eq!(world.webhook_at(address, &[("x-signature-sha256", &signature)], &format!("{body} ")).await.unwrap_err().status, 401);
    world.webhook_at(address, &[("x-signature-sha256", &signature)], &body).await.unwrap();
    world.settle().await;
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Installed);
}

#[tokio::test]
async fn an_unsigned_notice_only_makes_us_look() {
    let mut world = World::with_accounts(&["esim-access"]).await;
    let esim = delivered(&mut world, &esim_access()).await;
    let number = world.sim("esim-access").client().esims().await.unwrap()[0]["esim_tran_no"].as_str().unwrap().to_owned();
    let notice = json!({"notifyType": "ESIM_STATUS", "notifyId": "n1", "content": {"esimTranNo": number, "esimStatus": "USED_UP"}});
    for _ in 0..2 {
        world.webhook_at("wh_esim_access_unguessable", &[], &notice.to_string()).await.unwrap();
        world.settle().await;
    }
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Released, "nobody's word is taken for it");
    world.sim("esim-access").client().set_esim(&number, &json!({"smdp_status": "INSTALLATION"})).await.unwrap();
    let notice = json!({"notifyType": "SMDP_EVENT", "notifyId": "n2", "content": {"esimTranNo": number}});
    world.webhook_at("wh_esim_access_unguessable", &[], &notice.to_string()).await.unwrap();
    world.settle().await;
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Installed);
}

/// Usage that is hours old is told with its own time, and a top-up is not mistaken for used up by it.
#[tokio::test]
async fn usage_that_is_hours_old_does_not_end_a_new_plan() {
    let mut world = World::with_accounts(&["esim-access"]).await;
    world.sim("esim-access").client().post("settings", &json!({"usage_lag_seconds": 3 * 3600})).await.unwrap();
    let esim = delivered(&mut world, &esim_access()).await;
    let theirs = world.provider_esim("esim-access").await;
    let total = world.esim(&esim).await.esim.plan.total_mb.unwrap();
    live(&mut world, &esim_access(), &theirs, &json!({"used_mb": total})).await;
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Exhausted);
    let top_up = world.top_up("key-2", &esim, &first_top_up(&world, &esim).await).await.unwrap();
    world.settle().await;
    for _ in 0..8 {
        world.pass(Duration::from_secs(1800)).await;
        world.poll().await;
        assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Activated, "the new plan runs");
    }
    let plan = world.esim(&esim).await.esim.plan;
    assert_eq!((plan.order_id, plan.total_mb), (top_up.order_id, Some(total + 1_024)), "the eSIM's whole volume is told");
}

#[tokio::test]
async fn onboarding_says_what_is_taken_for_granted_and_a_key_needs_no_log_in() {
    for course in courses() {
        let world = World::with_accounts(&[course.account]).await;
        let request = Onboarding { agency: agency_id(), client_id: None, public_base_url: Some(world.sims.inbox.url.clone()) };
        let report = onboard::onboard(&world.run().await, &request).await.expect("a report");
        assert!(report.ready, "{report:?}");
        let steps = |word: &str| report.steps.iter().filter(|step| step.step.contains(word)).collect::<Vec<_>>();
        assert!(!steps("to be confirmed").is_empty(), "{}", course.account);
        let webhooks = steps("webhooks of").first().map(|step| step.result);
        // The portal of eSIM Go has no API; Celitech sends none.
        let expected = if course.account == "esim-go" { "warning" } else { "ok" };
        assert_eq!(webhooks, Some(expected), "{}: {report:?}", course.account);
        let asked = world.sim(course.account).client().requests().await.expect("the record");
        let proves =
            |one: &Value| one["path"].as_str().is_some_and(|path| path.ends_with("/organisation") || path.ends_with("/balance/query"));
        assert!(!asked.iter().any(proves), "{}: the key goes with each call and is not proved before it", course.account);
    }
}

/// Celitech's list of plans is the same for every eSIM; whether this one may be topped up, the eSIM says.
#[tokio::test]
async fn an_esim_that_says_no_is_neither_offered_nor_sold_a_top_up() {
    let mut world = World::with_accounts(&["celitech"]).await;
    let course = courses().into_iter().find(|course| course.account == "celitech").unwrap();
    let esim = delivered(&mut world, &course).await;
    let package = first_top_up(&world, &esim).await;
    let theirs = world.provider_esim("celitech").await;
    world.sim("celitech").client().set_esim(&theirs, &json!({"topup_allowed": false})).await.unwrap();
    let listed: Value = serde_json::from_str(&topup::list(&world.run().await, &esim).await.unwrap()).unwrap();
    assert_eq!(listed["packages"], json!([]));
    assert_eq!(world.top_up("key-2", &esim, &package).await.unwrap_err().status, 422);
    assert!(world.sim("celitech").client().requests_to("POST", "/purchases/topup").await.unwrap().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_key_that_is_no_longer_remembered_is_not_sent_again() {
    let mut world = World::with_accounts(&["celitech"]).await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    world.sim("celitech").client().fault(&Fault::on("POST", "/purchases/v2").dropping_the_reply()).await.unwrap();
    let answer = world.order("key-1", &World::best(&offers, "celitech"), "VH-1").await.unwrap();
    assert_eq!(world.order_status(&answer.order_id).await, "unknown");
    // The worker stands still for three days.
    world.pass(DAY * 3).await;
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "parked", "a person looks");
    assert_eq!(world.purchases("celitech").await.len(), 1);
    assert_eq!(world.tasks().await.len(), 1);
}
