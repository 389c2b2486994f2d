//! Waiting until nothing is open.

use std::time::Duration;

use passerelle_tests::local::{
    Demo,
    wait::{Seen, until_within},
};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(110);

/// Work that stands in the outbox, but for what is dead and told: its entry stays, to be played again.
pub async fn open_work(demo: &Demo, items: &[Value]) -> usize {
    let dead = dead_entries(demo).await;
    items.iter().filter(|item| item["kind"] == "outbox" && !dead.iter().any(|id| item["outbox_id"] == id.as_str())).count()
}

/// The outbox entries that dead letters point to.
pub async fn dead_entries(demo: &Demo) -> Vec<String> {
    let mut ids = Vec::new();
    for queue in ["fulfilment-dlq", "notifier-dlq"] {
        for message in demo.stack.messages(queue).await.expect("the dead letters") {
            let body: Value = serde_json::from_str(message["Body"].as_str().expect("a body")).expect("a pointer");
            ids.push(body["outbox_id"].as_str().expect("an outbox id").to_owned());
        }
    }
    ids
}

pub fn open_orders(items: &[Value]) -> Vec<&Value> {
    const OPEN: [&str; 4] = ["placing", "queued", "unknown", "accepted"];
    items.iter().filter(|item| item["kind"] == "order" && OPEN.iter().any(|status| item["status"] == *status)).collect()
}

/// No open order, no work, no message.
pub async fn wait(demo: &Demo) {
    let look = async || {
        let items = demo.stack.items().await?;
        let (orders, work) = (open_orders(&items).len(), open_work(demo, &items).await);
        let mut messages = 0;
        for queue in ["fulfilment", "notifier"] {
            let state = demo.stack.queue(queue).await?;
            messages += state.visible + state.in_flight + state.delayed;
        }
        let done = orders == 0 && work == 0 && messages == 0;
        Ok(Seen::of(done.then_some(()), || format!("{orders} open orders, {work} pieces of work, {messages} messages")))
    };
    until_within(LIMIT, "nothing open", look).await.unwrap_or_else(|error| panic!("{error}"));
}
