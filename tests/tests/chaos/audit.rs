//! What the witnesses say.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt};
use passerelle_tests::local::Demo;
use serde_json::Value;

use crate::{
    orders::{Asked, Shop},
    quiet,
};

/// One order a key; exactly one purchase when bought, none when refused, and never two; a task where a person is needed; and the
/// key, repeated, says so.
pub async fn orders(demo: &Demo, shop: &Shop<'_>, asked: Vec<Asked>) {
    let mut ledger = demo.sims.reference.client().ledger().await.expect("the ledger");
    ledger.extend(demo.sims.airalo.client().ledger().await.expect("the ledger"));
    let bought: Vec<String> = ledger.iter().map(Value::to_string).collect();
    let tasks = task_keys(demo).await;
    let items = demo.stack.items().await.expect("the table");
    let statuses: BTreeMap<&str, &str> = items.iter().filter(|item| item["kind"] == "order").map(order_and_status).collect();
    assert_eq!(statuses.len(), asked.len(), "one order a key");
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    let mut purchases = 0;
    for (order_id, status) in &statuses {
        let lines = bought.iter().filter(|line| line.contains(order_id)).count();
        let has_task = |kind: &str| tasks.contains(&format!("{kind}-{order_id}"));
        let well = match *status {
            "delivered" => lines == 1,
            // The mail's fate is a person's to find out.
            "placed" => lines == 1 && (has_task("profile-missing") || mail_task(&tasks, order_id)),
            "rejected" => lines == 0 && has_task("order-rejected"),
            "parked" => (lines == 0 && has_task("order-not-sent")) || (lines <= 1 && has_task("order-unclear")),
            _ => false,
        };
        assert!(well, "{order_id} is {status} with {lines} purchases; tasks: {tasks:?}");
        purchases += lines;
        *ends.entry(status).or_default() += 1;
    }
    assert_eq!(purchases, bought.len(), "every purchase belongs to an order of ours");
    println!("        {} keys: {ends:?}, {purchases} purchases", asked.len());
    let repeated = asked.iter().map(|one| says_the_same(shop, one, &statuses));
    stream::iter(repeated).buffer_unordered(8).collect::<Vec<()>>().await;
}

fn order_and_status(item: &Value) -> (&str, &str) {
    let order_id = item["pk"].as_str().and_then(|key| key.find("ord_").and_then(|start| key.get(start..)));
    (order_id.unwrap_or_else(|| panic!("no order id in {item}")), item["status"].as_str().expect("a status"))
}

/// A person is asked about the mail of the order's eSIM, whose id follows from the order's.
fn mail_task(tasks: &BTreeSet<String>, order_id: &str) -> bool {
    let esim_id = order_id.replacen("ord_", "esim_", 1);
    tasks.iter().any(|key| key.starts_with("mail-") && key.contains(&esim_id))
}

async fn says_the_same(shop: &Shop<'_>, asked: &Asked, statuses: &BTreeMap<&str, &str>) {
    let answer = shop.again(asked).await;
    let ids: BTreeSet<&str> = asked.order_ids.iter().map(String::as_str).filter(|id| !id.is_empty()).collect();
    assert!(ids.len() <= 1, "{} was told of several orders: {ids:?}", asked.key);
    assert_eq!(answer.headers.get("idempotent-replayed").map(|value| value.as_bytes()), Some(&b"true"[..]), "{}", answer.body);
    match answer.status {
        201 => {
            let id = answer.body["order_id"].as_str().expect("an order id");
            assert!(matches!(statuses.get(id), Some(&("placed" | "delivered"))), "{}: {}", asked.key, answer.body);
            assert!(ids.iter().all(|told| *told == id), "{}: {ids:?} became {id}", asked.key);
        }
        422 => assert!(ids.iter().all(|id| matches!(statuses.get(id), Some(&("rejected" | "parked")))), "{}: {}", asked.key, answer.body),
        other => panic!("{}: {other} {}", asked.key, answer.body),
    }
}

async fn task_keys(demo: &Demo) -> BTreeSet<String> {
    let tasks = demo.sims.hubspot.client().objects("tasks").await.expect("the tasks");
    let keys = tasks.iter().filter_map(|task| task["properties"]["passerelle_task_key"].as_str());
    let mut seen = BTreeSet::new();
    for key in keys {
        assert!(seen.insert(key.to_owned()), "two tasks {key}");
    }
    seen
}

/// At most one mail an eSIM and kind, one record an eSIM, and each event told once.
pub async fn mails_and_records(demo: &Demo) {
    let mails = demo.sims.sendgrid.client().messages().await.expect("the mails");
    let mut sent = BTreeSet::new();
    for mail in &mails {
        let name = mail["custom_args"].to_string();
        assert!(name.contains("passerelle_reference"), "{mail}");
        assert!(sent.insert(name.clone()), "mailed twice: {name}");
    }
    let items = demo.stack.items().await.expect("the table");
    let esims: Vec<&Value> = items.iter().filter(|item| item["kind"] == "esim").collect();
    let records = demo.sims.hubspot.client().objects("esim_subscription").await.expect("the records");
    let ids: BTreeSet<&str> = records.iter().filter_map(|record| record["properties"]["esim_id"].as_str()).collect();
    assert_eq!(ids.len(), records.len(), "one record an eSIM");
    for esim in &esims {
        let found = ids.iter().filter(|id| esim["pk"].as_str().is_some_and(|key| key.contains(*id))).count();
        assert_eq!(found, 1, "a record for {}", esim["pk"]);
    }
    println!("        {} eSIMs, {} records, {} mails", esims.len(), records.len(), mails.len());
}

/// Empty, or each told of by a task.
pub async fn dead_letters(demo: &Demo) {
    let (dead, tasks) = (quiet::dead_entries(demo).await, task_keys(demo).await);
    for id in &dead {
        assert!(tasks.contains(&format!("work-failed-{id}")), "nobody was told of {id}");
    }
    println!("        {} dead letters, each with a task", dead.len());
}
