//! The same trip with every provider: bought, delivered, used, topped up, over; and a lost reply that is asked about, never bought twice.

use crate::fixture::{World, esim_id};
use passerelle::{
    domain::{EsimId, EsimStatus},
    flows::topup,
};
use passerelle_tests::sim::Fault;
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What differs between the providers, as the world outside shows it.
pub struct Course {
    pub account: &'static str,
    /// Paths of a purchase and of a top-up.
    pub order: &'static str,
    pub top_up: &'static str,
    /// Whether the provider can tell what became of a top-up; else a person must look.
    pub top_up_can_be_asked_about: bool,
    /// What the simulator is told when the traveller installs the eSIM; `None` where the provider cannot see it.
    pub installed: Option<Value>,
    /// What it is told when so many MB were used.
    pub used: fn(u64) -> Value,
}

pub fn courses() -> [Course; 3] {
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

pub fn esim_access() -> Course {
    Course {
        account: "esim-access",
        order: "/esim/order",
        top_up: "/esim/topup",
        top_up_can_be_asked_about: false,
        installed: Some(json!({"smdp_status": "ENABLED"})),
        used: |mb| json!({"used_mb": mb}),
    }
}

pub fn esim_go() -> Course {
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
pub async fn delivered(world: &mut World, course: &Course) -> EsimId {
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

pub async fn live(world: &mut World, course: &Course, theirs: &str, change: &Value) {
    world.sim(course.account).client().set_esim(theirs, change).await.expect("the simulator takes the change");
    world.pass(DAY / 2).await;
    world.poll().await;
}

pub async fn first_top_up(world: &World, esim: &EsimId) -> String {
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
