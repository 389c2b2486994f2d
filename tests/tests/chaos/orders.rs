//! A shop full of clients, each with a key that it repeats until it has an answer.

use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};
use passerelle_tests::local::{
    Demo,
    api::{Api, list},
};
use passerelle_tests::sim::Fault;
use serde_json::{Value, json};

use crate::{answers::Answers, chance::Chance};

/// Calls at once.
const AT_ONCE: usize = 24;
/// How long a client insists.
const INSISTS: Duration = Duration::from_secs(100);
/// Orders at Airalo, all before the first kill: only after two minutes does its list prove that nothing was bought.
const AT_AIRALO: usize = 6;
/// Orders at the other provider that webhooks can be about from the start.
const IN_CALM: usize = 10;

/// An order that was asked for, and what the client was told.
#[derive(Debug, Clone)]
pub struct Asked {
    pub key: String,
    pub body: Value,
    /// The ids in every answer to this key.
    pub order_ids: Vec<String>,
}

pub struct Shop<'a> {
    api: Api<'a>,
    demo: &'a Demo,
    answers: &'a Answers,
    chance: &'a Chance,
    reference: String,
    airalo: String,
}

impl<'a> Shop<'a> {
    pub async fn open(demo: &'a Demo, answers: &'a Answers, chance: &'a Chance) -> Self {
        let api = Api::new(&demo.stack).await.expect("a token");
        let found = api.get("/catalog/packages?iso_country=JP&limit=100").await.expect("the catalogue").expect(&[200]).expect("packages");
        let of = |account: &str| {
            let ids = list(&found, "packages").expect("packages").iter().filter_map(|package| package["package_id"].as_str());
            ids.into_iter().find(|id| id.starts_with(account)).expect("a package").to_owned()
        };
        let (reference, airalo) = (of("reference:"), of("airalo:"));
        Self { api, demo, answers, chance, reference, airalo }
    }

    /// Before the storm, so that webhooks have something to tell of; some of Airalo's replies are lost.
    pub async fn buy_first(&self) -> Vec<Asked> {
        let lost = Fault::on("POST", "/v2/orders").times(2).dropping_the_reply();
        self.demo.sims.airalo.client().fault(&lost).await.expect("a fault");
        let airalo = (0..AT_AIRALO).map(|n| (format!("airalo-{n}"), self.airalo.clone()));
        let reference = (0..IN_CALM).map(|n| (format!("calm-{n}"), self.reference.clone()));
        stream::iter(airalo.chain(reference)).map(|(name, package)| self.ask(name, package, 1)).buffer_unordered(4).collect().await
    }

    /// `count` orders, every fourth of them sent three times at once.
    pub async fn buy(&self, count: usize) -> Vec<Asked> {
        let names = (0..count).map(|n| (format!("storm-{n}"), if n % 4 == 0 { 3 } else { 1 }));
        let asks = names.map(|(name, times)| self.ask(name, self.reference.clone(), times));
        stream::iter(asks).buffer_unordered(AT_ONCE).collect().await
    }

    async fn ask(&self, name: String, package: String, times: usize) -> Asked {
        let body = json!({
            "external_reference": name, "package_id": package,
            "traveller": {"name": "Ines Faure", "email": format!("{name}@example.com"), "locale": "fr"},
        });
        let key = format!("chaos-{name}");
        let calls = (0..times).map(|_| self.insist(&key, &body));
        let order_ids = futures::future::join_all(calls).await;
        Asked { key, body, order_ids }
    }

    /// Repeats the key until the order is known: bought, under way, or refused.
    async fn insist(&self, key: &str, body: &Value) -> String {
        let started = Instant::now();
        loop {
            match self.api.post("/orders", body, Some(key)).await {
                Ok(answer) => {
                    self.answers.count("order", answer.status, &answer.headers, &answer.body);
                    if let (201 | 202, Some(id)) = (answer.status, answer.body["order_id"].as_str()) {
                        return id.to_owned();
                    }
                    if answer.status == 422 {
                        return String::new();
                    }
                }
                Err(_) => self.answers.none("order"),
            }
            assert!(started.elapsed() < INSISTS, "{key} had no answer in {INSISTS:?}");
            tokio::time::sleep(self.chance.between(300, 1_500)).await;
        }
    }

    /// The same key once more, when all is quiet.
    pub async fn again(&self, asked: &Asked) -> passerelle_tests::local::api::Answer {
        self.api.post("/orders", &asked.body, Some(&asked.key)).await.expect("an answer")
    }
}
