//! The same trip with every provider: bought, delivered, used, topped up, over; and a lost reply that is asked about, never bought twice.

use crate::fixture::{World, agency_id, esim_id};
use hmac::{Hmac, KeyInit, Mac};
use passerelle::{
    domain::{EsimId, EsimStatus},
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

/// What differs between the providers, as the world outside shows it.
struct Course {
    account: &'static str,
    /// Paths of a purchase and of a top-up.
    order: &'static str,
    top_up: &'static str,
    /// Whether the provider can tell what became of a top-up; else a person must look.
    top_up_can_be_asked_about: bool,
    /// What the simulator is told when the traveller installs the eSIM; `None` where the provider cannot see it.
    installed: Option<Value>,
    /// What it is told when so many MB were used.
    used: fn(u64) -> Value,
}

fn courses() -> [Course; 3] {
    [celitech(), esim_access(), esim_go()]
}

fn celitech() -> Course {
    Course {
        account: "celitech",
        order: "/purchases/v2",
        top_up: "/purchases/topup",
        top_up_can_be_asked_about: true,
        installed: Some(json!({"status": "INSTALLED"})),
        used: |mb| json!({"status": "ENABLED", "connected": true, "used_mb": mb}),
    }
}

fn esim_access() -> Course {
    Course {
        account: "esim-access",
        order: "/esim/order",
        top_up: "/esim/topup",
        top_up_can_be_asked_about: false,
        installed: Some(json!({"smdp_status": "ENABLED"})),
        used: |mb| json!({"used_mb": mb}),
    }
}

fn esim_go() -> Course {
    Course {
        account: "esim-go",
        order: "/orders",
        top_up: "/esims/apply",
        top_up_can_be_asked_about: true,
        installed: Some(json!({"profile_status": "Installed"})),
        used: |mb| json!({"used_mb": mb}),
    }
}

/// An order that ends delivered, at once or by the watch.
async fn delivered(world: &mut World, course: &Course) -> EsimId {
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let package = World::best(&offers, course.account);
    let answer = world.order("key-1", &package, "VH-1").await.expect("the order is taken");
    assert!(matches!(answer.answer.status, 201 | 202), "{}: {}", course.account, answer.answer.body);
    world.settle().await;
    assert_eq!(world.order_status(&answer.order_id).await, "delivered", "{}", course.account);
    let again = world.order("key-1", &package, "VH-1").await.expect("the answer again");
    assert!(again.replayed && again.answer.status == 201, "{}: {}", course.account, again.answer.body);
    esim_id(&again)
}

async fn live(world: &mut World, course: &Course, theirs: &str, change: &Value) {
    world.sim(course.account).client().set_esim(theirs, change).await.expect("the simulator takes the change");
    world.pass(DAY / 2).await;
    world.poll().await;
}

async fn first_top_up(world: &World, esim: &EsimId) -> String {
    let listed: Value = serde_json::from_str(&topup::list(&world.run().await, esim).await.expect("top-ups are listed")).expect("JSON");
    listed["packages"][0]["package_id"].as_str().expect("a top-up").to_owned()
}

#[tokio::test]
async fn a_trip_is_complete_with_every_provider() {
    for course in courses() {
        let mut world = World::with_accounts(&[course.account]).await;
        let esim = delivered(&mut world, &course).await;
        assert_eq!((world.mails().await.len(), world.purchases(course.account).await.len()), (1, 1), "{}", course.account);
        assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Released, "{}", course.account);
        let theirs = world.provider_esim(course.account).await;
        if let Some(installed) = &course.installed {
            live(&mut world, &course, &theirs, installed).await;
            assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Installed, "{}", course.account);
        }
        let total = world.esim(&esim).await.esim.plan.total_mb.expect("a plan with a limit");
        live(&mut world, &course, &theirs, &(course.used)(total * 85 / 100)).await;
        let running = world.esim(&esim).await.esim;
        assert_eq!((running.status, running.plan.used_mb), (EsimStatus::Activated, total * 85 / 100), "{}", course.account);
        assert!(running.plan.expires_at.is_some(), "{}: the end is known once the plan runs", course.account);

        let top_up = world.top_up("key-2", &esim, &first_top_up(&world, &esim).await).await.expect("the top-up is taken");
        assert_eq!(top_up.answer.status, 201, "{}: {}", course.account, top_up.answer.body);
        world.settle().await;
        world.pass(DAY / 4).await;
        world.poll().await;
        let topped_up = world.esim(&esim).await.esim;
        assert_eq!((topped_up.plan.order_id, topped_up.status), (top_up.order_id, EsimStatus::Activated), "{}", course.account);
        assert_eq!(world.purchases(course.account).await.len(), 2, "{}", course.account);
    }
}

#[tokio::test]
async fn a_lost_reply_is_asked_about_with_every_provider() {
    for course in courses() {
        let mut world = World::with_accounts(&[course.account]).await;
        world.sim(course.account).client().fault(&Fault::on("POST", course.order).dropping_the_reply()).await.expect("a fault");
        let esim = delivered(&mut world, &course).await;
        assert_eq!((world.mails().await.len(), world.purchases(course.account).await.len()), (1, 1), "{}", course.account);

        let package = first_top_up(&world, &esim).await;
        world.sim(course.account).client().fault(&Fault::on("POST", course.top_up).dropping_the_reply()).await.expect("a fault");
        let top_up = world.top_up("key-2", &esim, &package).await.expect("the top-up is taken");
        assert_eq!(top_up.answer.status, 202, "{}", course.account);
        world.settle().await;
        let (status, tasks) = if course.top_up_can_be_asked_about { ("placed", 0) } else { ("parked", 1) };
        assert_eq!((world.order_status(&top_up.order_id).await.as_str(), world.tasks().await.len()), (status, tasks), "{}", course.account);
        assert_eq!(world.purchases(course.account).await.len(), 2, "{}: one top-up", course.account);
    }
}

#[tokio::test]
async fn a_lost_request_is_bought_once_with_every_provider() {
    for course in courses() {
        let mut world = World::with_accounts(&[course.account]).await;
        world.sim(course.account).client().fault(&Fault::on("POST", course.order).dropping_the_request()).await.expect("a fault");
        delivered(&mut world, &course).await;
        assert_eq!(world.purchases(course.account).await.len(), 1, "{}", course.account);
    }
}

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
