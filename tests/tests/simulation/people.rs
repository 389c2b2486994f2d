//! Those who call: advisers' CRMs that order and repeat, providers that tell of eSIMs, and the schedules.

use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, Method};
use passerelle::{
    domain::EsimId,
    flows::{
        House,
        order_view::OrderAnswer,
        place_order::{self, IdempotencyKey, NewOrder},
        poll_usage, receive_webhook, remind_topup,
        topup::{self, NewTopUp},
    },
    outbound::Deadline,
    problem::Problem,
};
use passerelle_tests::sim::{core::deliver::Outgoing, reference};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    ground::{World, agency, trace},
    wires::SLOW,
};

/// API Gateway gives an answer so much time, and so does the function's own limit.
const API_LIMIT: Duration = Duration::from_secs(29);
/// A caller repeats a call so often.
const MOST_TRIES: u32 = 6;

/// What is asked for under one key.
#[derive(Debug, Clone)]
pub enum Want {
    Order { package: String, reference: String },
    TopUp { esim_id: String, package: String },
}

/// What callers were told.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<BTreeMap<String, Heard>>>);

#[derive(Clone)]
pub struct Heard {
    pub want: Want,
    /// Status and body of every answer that settles the order.
    pub settled: Vec<(u16, String)>,
    /// Whether we ever said 2xx.
    pub accepted: bool,
    pub wrong: Vec<String>,
}

impl Told {
    pub fn all(&self) -> MutexGuard<'_, BTreeMap<String, Heard>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, key: &str, want: &Want, change: impl FnOnce(&mut Heard)) {
        let mut all = self.all();
        let blank = || Heard { want: want.clone(), settled: Vec::new(), accepted: false, wrong: Vec::new() };
        change(all.entry(key.to_owned()).or_insert_with(blank));
    }
}

/// The callers of one run.
#[derive(Clone)]
pub struct People {
    pub world: World,
    pub told: Told,
}

impl People {
    /// Orders until the answer is final, or patience ends. The answer's body when it was bought.
    pub async fn buy(self, key: String, want: Want) -> Option<Value> {
        let stage = self.world.stage.clone();
        for _ in 0..MOST_TRIES {
            let answer = self.ask(&key, &want).await;
            stage.note(|| format!("{key} was told {}", brief(answer.as_ref())));
            let wait = match answer {
                Some(Ok(answer)) => {
                    let (status, body) = (answer.answer.status, answer.answer.body);
                    self.told.hear(&key, &want, |heard| heard.accepted |= status < 300);
                    if status != 202 {
                        let read = serde_json::from_str(&body).ok();
                        self.told.hear(&key, &want, |heard| heard.settled.push((status, body)));
                        return read.filter(|_| status == 201);
                    }
                    stage.draw(|chance| chance.millis(5_000, 60_000))
                }
                Some(Err(problem)) if problem.status == 409 || problem.status >= 500 => {
                    problem.retry_after.unwrap_or_default() + stage.draw(|chance| chance.millis(500, 20_000))
                }
                Some(Err(problem)) => {
                    self.told.hear(&key, &want, |heard| heard.wrong.extend(unexpected(&problem)));
                    return None;
                }
                None => stage.draw(|chance| chance.millis(500, 40_000)),
            };
            stage.pause(wait).await;
        }
        None
    }

    /// One call.
    pub async fn ask(&self, key: &str, want: &Want) -> Option<Result<OrderAnswer, Problem>> {
        let (key, want) = (IdempotencyKey::parse(Some(key)).expect("a key"), want.clone());
        self.world.sandboxes.invoke("orders", API_LIMIT, move |house| async move { order(&house, &key, want).await }).await
    }

    /// The same key with another request must be refused.
    pub async fn lie(self, key: String, want: Want, other: Want) {
        match self.ask(&key, &other).await {
            Some(Err(problem)) if problem.code == "idempotency_key_reused" || problem.status >= 500 => {}
            None => {}
            other => {
                let said = format!("another request under {key} was told {}", brief(other.as_ref()));
                self.told.hear(&key, &want, |heard| heard.wrong.push(said));
            }
        }
    }

    /// Tops an eSIM up with the first package that its provider offers.
    pub async fn top_up(self, key: String, esim_id: String) {
        for _ in 0..MOST_TRIES {
            let id = esim_id.clone();
            let listed = self.world.sandboxes.invoke("esims", API_LIMIT, move |house| async move { options(&house, &id).await }).await;
            match listed {
                Some(Ok(Some(package))) => {
                    self.buy(key, Want::TopUp { esim_id, package }).await;
                    return;
                }
                Some(Ok(None)) => return,
                _ => self.world.stage.pause(Duration::from_secs(30)).await,
            }
        }
    }

    /// A life of an eSIM at the reference provider, step by step, each told by webhook.
    pub async fn live(self, esim_id: String) {
        let world = &self.world;
        let steps = [
            json!({"installed": true}),
            json!({"status": "activated"}),
            json!({"used_percent": 30}),
            json!({"used_percent": 85}),
            json!({"used_percent": 100}),
        ];
        let last = usize::try_from(world.stage.draw(|chance| chance.below(6))).expect("a place");
        for step in steps.iter().take(last) {
            world.stage.pause(world.stage.draw(|chance| chance.millis(60_000, 24 * 3_600_000))).await;
            let sim = world.outside.provider("reference");
            sim.set_now(world.stage.now());
            let mut change = step.clone();
            if let Some(percent) = step.get("used_percent").and_then(Value::as_u64) {
                let esims = sim.control(Method::GET, "esims", &Value::Null);
                let total = esims.as_array().and_then(|all| all.iter().find(|esim| esim["esim_id"] == esim_id)?.get("total_mb")?.as_u64());
                let Some(total) = total else { continue };
                change = json!({ "used_mb": total * percent / 100 });
            }
            change["notify"] = json!(true);
            drop(sim.control(Method::POST, &format!("esims/{esim_id}/set"), &change));
            world.stage.note(|| format!("{esim_id} {change}"));
            for outgoing in sim.outgoing() {
                self.post(outgoing);
            }
        }
    }

    /// The slow provider carries out what it took, now and then: seconds later as often as hours later.
    pub async fn carry_out(self) {
        for _ in 0..4 {
            let wait = self.world.stage.draw(|chance| chance.millis(500, 1_500) * (1 << chance.below(13)));
            self.world.stage.pause(wait).await;
            self.release();
        }
    }

    /// The slow provider carries out what it took so far, and tells of it.
    pub fn release(&self) {
        let sim = self.world.outside.provider(SLOW);
        sim.set_now(self.world.stage.now());
        let released = sim.control(Method::POST, "async/release", &Value::Null);
        self.world.stage.note(|| format!("{SLOW} carried out {released}"));
        for outgoing in sim.outgoing() {
            self.post(outgoing);
        }
    }

    /// Delivers a webhook as a provider does: again until it is taken, and now and then again after that.
    pub fn post(&self, outgoing: Outgoing) {
        let stage = &self.world.stage;
        stage.spawn(self.clone().deliver(outgoing.clone(), Duration::ZERO));
        if self.world.weather.strikes(|rates| rates.repeats) {
            let later = stage.draw(|chance| chance.millis(0, 40 * 3_600_000));
            stage.spawn(self.clone().deliver(outgoing, later));
        }
    }

    async fn deliver(self, outgoing: Outgoing, delay: Duration) {
        let stage = self.world.stage.clone();
        let address = outgoing.url.rsplit('/').next().unwrap_or_default().to_owned();
        stage.pause(delay + stage.draw(|chance| chance.millis(10, 20_000))).await;
        for attempt in 1..=8_u64 {
            let (address, body) = (address.clone(), outgoing.body.clone());
            let headers = signed(&outgoing, stage.now().as_second());
            let taken = self
                .world
                .sandboxes
                .invoke("webhooks", API_LIMIT, move |house| async move {
                    let deadline = Deadline::within(house.world.now(), API_LIMIT);
                    receive_webhook::receive(&house, Some(&address), &headers, body.as_bytes(), &trace(), deadline).await
                })
                .await;
            if matches!(taken, Some(Ok(()))) {
                return;
            }
            stage.pause(Duration::from_secs(60 * attempt)).await;
        }
    }

    /// The schedules, as they would strike once.
    pub async fn strike(&self) {
        let now = self.world.stage.now();
        let limit = Duration::from_secs(240);
        let strike = |name: &'static str, work: fn(Arc<House>, jiff::Timestamp, Deadline) -> BoxFuture<'static, ()>| {
            self.world.sandboxes.invoke(name, limit, move |house| {
                let deadline = Deadline::within(house.world.now(), limit);
                work(house, now, deadline)
            })
        };
        strike("usage-poller", |house, now, deadline| {
            Box::pin(async move { drop(poll_usage::poll_due(&house, now, &trace(), deadline).await) })
        })
        .await;
        strike("topup-reminder", |house, now, deadline| {
            Box::pin(async move { drop(remind_topup::remind_due(&house, now, &trace(), deadline).await) })
        })
        .await;
    }
}

async fn order(house: &House, key: &IdempotencyKey, want: Want) -> Result<OrderAnswer, Problem> {
    let run = house.run(agency(), trace(), Deadline::within(house.world.now(), API_LIMIT)).await?;
    match want {
        Want::Order { package, reference } => {
            let new: NewOrder = serde_json::from_value(json!({
                "external_reference": format!("crm-{reference}"), "package_id": package, "booking_reference": reference,
            }))
            .expect("an order");
            place_order::place(&run, key, new).await
        }
        Want::TopUp { esim_id, package } => {
            let new: NewTopUp = serde_json::from_value(json!({ "package_id": package })).expect("a top-up");
            topup::top_up(&run, key, &EsimId::parse(&esim_id).expect("an eSIM id"), new).await
        }
    }
}

async fn options(house: &House, esim_id: &str) -> Result<Option<String>, Problem> {
    let run = house.run(agency(), trace(), Deadline::within(house.world.now(), API_LIMIT)).await?;
    let listed = topup::list(&run, &EsimId::parse(esim_id).expect("an eSIM id")).await;
    match listed {
        Ok(text) => {
            let read: Value = serde_json::from_str(&text).expect("JSON");
            Ok(read.pointer("/packages/0/package_id").and_then(Value::as_str).map(str::to_owned))
        }
        Err(problem) if problem.status < 500 => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// A refusal that a caller of these runs has no part in.
fn unexpected(problem: &Problem) -> Option<String> {
    let known = matches!(problem.code, "not_rechargeable" | "refused_by_provider" | "invalid_request");
    (!known).then(|| format!("refused with {} {}", problem.status, problem.code))
}

/// The headers of a webhook; signed anew for every try, as senders do that sign the time.
fn signed(outgoing: &Outgoing, at: i64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &outgoing.headers {
        let value = if name == "x-passerelle-signature" {
            reference::signature("reference-webhook-secret", at, &outgoing.body)
        } else {
            value.clone()
        };
        headers.insert(HeaderName::from_bytes(name.as_bytes()).expect("a name"), value.parse().expect("a value"));
    }
    headers
}

fn brief(answer: Option<&Result<OrderAnswer, Problem>>) -> String {
    match answer {
        Some(Ok(answer)) => format!("{} {}", answer.answer.status, answer.answer.body),
        Some(Err(problem)) => format!("{} {}", problem.status, problem.code),
        None => "nothing".to_owned(),
    }
}
