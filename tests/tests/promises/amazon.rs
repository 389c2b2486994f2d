//! Amazon SNS between Telna and us: its certificate, which no simulator of this machine may hand out in its name, and webhooks that it signed.

use crate::{fixture::World, telco_accounts};
use async_trait::async_trait;
use passerelle::{
    domain::EsimStatus,
    outbound::{Answer, HttpRequest, ReqwestTransport, Route, SendError, Transport},
};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

const CERTIFICATE: &[u8] = include_bytes!("../../../shared/src/providers/telna/sns/certificate.pem");
const SIGNED: &str = include_str!("../../../shared/src/providers/telna/sns/signed.json");

/// The way out, with Amazon's host answered here.
pub struct Amazon {
    others: ReqwestTransport,
    asked: AtomicUsize,
    down: AtomicBool,
}

impl Amazon {
    pub fn beside(others: ReqwestTransport) -> Self {
        Self { others, asked: AtomicUsize::new(0), down: AtomicBool::new(false) }
    }
}

#[async_trait]
impl Transport for Amazon {
    async fn send(&self, request: HttpRequest, route: &Route, time_out: Duration) -> Result<Answer, SendError> {
        if request.url.host_str() != Some("sns.eu-west-1.amazonaws.com") {
            return self.others.send(request, route, time_out).await;
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let status = if self.down.load(Ordering::SeqCst) { http::StatusCode::SERVICE_UNAVAILABLE } else { http::StatusCode::OK };
        Ok(Answer { status, headers: http::HeaderMap::new(), body: CERTIFICATE.to_vec() })
    }
}

/// A Telna account that names its topic.
async fn with_topic() -> World {
    World::with_partners(&["telna"], |sims| {
        let mut telna = telco_accounts::accounts(sims).into_iter().find(|account| account["account"] == "telna").unwrap();
        telna["telna"]["topic_arn"] = json!("arn:aws:sns:eu-west-1:1:telna");
        json!({ "providers": [telna] })
    })
    .await
}

fn signed(name: &str) -> Value {
    let all: Value = serde_json::from_str(SIGNED).unwrap();
    all[name].clone()
}

async fn arrives(world: &World, body: &Value) -> Result<(), u16> {
    world.webhook_at(&telco_accounts::webhook_address("telna"), &[], &body.to_string()).await.map_err(|problem| problem.status)
}

#[tokio::test]
async fn what_amazon_signed_for_the_topic_is_taken_and_its_certificate_fetched_once() {
    let world = with_topic().await;
    for name in ["version 1", "version 2, with a subject"] {
        assert_eq!(arrives(&world, &signed(name)).await, Ok(()), "{name}");
    }
    assert_eq!((world.amazon.asked.load(Ordering::SeqCst), world.items("receipt").await.len()), (1, 1), "one event, by its id");
}

#[tokio::test]
async fn what_amazon_did_not_sign_for_the_topic_is_refused_and_leaves_no_trace() {
    let world = with_topic().await;
    let mut altered = signed("version 2, with a subject");
    altered["Message"] = json!("{}");
    let mut elsewhere = signed("version 1");
    elsewhere["SigningCertURL"] = json!("https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem");
    let mut unsigned = signed("version 1");
    unsigned.as_object_mut().unwrap().remove("Signature");
    for body in [altered, elsewhere, unsigned, signed("another topic"), json!({"hello": "world"})] {
        assert_eq!(arrives(&world, &body).await, Err(401), "{body}");
    }
    assert_eq!(world.items("receipt").await.len(), 0);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_fetched_makes_the_event_come_again() {
    let world = with_topic().await;
    world.amazon.down.store(true, Ordering::SeqCst);
    assert_eq!(arrives(&world, &signed("version 1")).await, Err(503));
    world.amazon.down.store(false, Ordering::SeqCst);
    assert_eq!(arrives(&world, &signed("version 1")).await, Ok(()));
}

/// The event itself is no more than a hint: what Telna says when it is asked counts.
#[tokio::test]
async fn a_signed_event_is_read_back_all_the_same() {
    let mut world = with_topic().await;
    let offers = world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let order = world.order("key-1", &World::best(&offers, "telna"), "VH-1").await.unwrap();
    world.settle().await;
    arrives(&world, &signed("version 1")).await.unwrap();
    world.settle().await;
    let esim = world.order_record(&order.order_id).await.esim_id.unwrap();
    assert_eq!(world.esim(&esim).await.esim.status, EsimStatus::Released);
}
