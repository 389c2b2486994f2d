//! Webhooks: the reference provider's, which can be believed and bear an id, and Airalo's, which are hints without id or time; each
//! several times, in any order.

use futures::stream::{self, StreamExt};
use hmac::{Hmac, KeyInit, Mac};
use passerelle_tests::local::Demo;
use passerelle_tests::sim::Sim;
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

use crate::{answers::Answers, chance::Chance};

/// Each is sent so often.
const COPIES: usize = 8;
const AT_ONCE: usize = 12;
/// Every tenth is Airalo's.
const AIRALO: usize = 10;

struct Webhook {
    path: String,
    body: String,
    signature: (&'static str, String),
}

/// Sends `count` webhooks and repeats those that were not accepted, as providers do. Answers with how many were sent.
pub async fn send(demo: &Demo, answers: &Answers, chance: &Chance, count: usize) -> usize {
    let esims = (esims(&demo.sims.reference).await, esims(&demo.sims.airalo).await);
    let different = count.div_ceil(COPIES);
    let made: Vec<Webhook> =
        (0..different).map(|n| if n % AIRALO == 0 { hint(demo, &esims.1, n) } else { event(demo, &esims.0, n) }).collect();
    let mut order: Vec<usize> = (0..count).map(|n| n % different).collect();
    for place in (1..order.len()).rev() {
        order.swap(place, chance.below(place + 1));
    }
    let sent = order.into_iter().map(|place| deliver(demo, answers, chance, &made[place]));
    stream::iter(sent).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await.len()
}

async fn esims(sim: &Sim) -> Vec<Value> {
    let esims = sim.client().esims().await.expect("the simulator lists its eSIMs");
    assert!(!esims.is_empty(), "{} has sold something", sim.name);
    esims
}

fn webhook_path(demo: &Demo, account: &str) -> String {
    let accounts = demo.agency["providers"].as_array().expect("accounts");
    let account = accounts.iter().find(|one| one["account"] == account).expect("the account");
    format!("/api/webhooks/esim/{}", account["webhook_account"].as_str().expect("an address"))
}

fn event(demo: &Demo, esims: &[Value], n: usize) -> Webhook {
    let esim = &esims[n % esims.len()];
    let (kind, status, percent) = [
        ("esim.installed", "installed", 0),
        ("esim.activated", "activated", 1),
        ("usage.threshold_reached", "activated", 80),
        ("usage.threshold_reached", "exhausted", 100),
    ][n / esims.len() % 4];
    let total = esim["total_mb"].as_i64().unwrap_or(1_000);
    let mut data = json!({
        "esim_id": esim["esim_id"], "iccid": esim["iccid"], "order_id": esim["order_id"], "status": status,
        "data_used_mb": total * percent / 100, "data_total_mb": total, "expiry_date": null,
    });
    if percent >= 80 {
        data["threshold"] = json!(percent);
    }
    let body = json!({"id": format!("evt_chaos_{n:06}"), "type": kind, "occurred_at": jiff::Timestamp::now().to_string(), "data": data})
        .to_string();
    let secret = demo.sims.reference.credential("webhook_secret");
    Webhook { path: webhook_path(demo, "reference"), signature: ("x-passerelle-signature", signed(&secret, &body)), body }
}

/// Nothing tells two of Airalo's webhooks apart but their bytes.
fn hint(demo: &Demo, esims: &[Value], n: usize) -> Webhook {
    let iccid = &esims[n % esims.len()]["iccid"];
    let body = json!({"level": "75%", "package_name": format!("Moshi Moshi {n}"), "remaining_percentage": 25, "iccid": iccid}).to_string();
    let mut mac = Hmac::<Sha512>::new_from_slice(demo.sims.airalo.credential("client_secret").as_bytes()).expect("any key will do");
    mac.update(body.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    Webhook { path: webhook_path(demo, "airalo"), body, signature: ("airalo-signature", signature) }
}

fn signed(secret: &str, body: &str) -> String {
    let at = jiff::Timestamp::now().as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

async fn deliver(demo: &Demo, answers: &Answers, chance: &Chance, webhook: &Webhook) {
    for _ in 0..40 {
        let call = demo.stack.call("POST", &webhook.path).unwrap().header("content-type", "application/json");
        let (header, signature) = &webhook.signature;
        match call.header(*header, signature).body(webhook.body.clone()).send().await {
            Ok(answer) => {
                let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
                let body = answer.json().await.unwrap_or(Value::Null);
                answers.count("webhook", status, &headers, &body);
                if status < 300 {
                    return;
                }
            }
            Err(_) => answers.none("webhook"),
        }
        tokio::time::sleep(chance.between(200, 1_200)).await;
    }
    panic!("a webhook was not accepted in 40 tries: {}", webhook.body);
}
