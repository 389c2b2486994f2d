//! Looks at everything that is written to the table, as it is written: entries of the outbox go to the queues, states may not go
//! back, and what is told is told once.

use passerelle::{
    domain::OrderStatus,
    store::outbox::{Queue, Work},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

/// Life of a plan, in order.
const LIFE: [&str; 8] = ["ordered", "released", "downloaded", "installed", "activated", "exhausted", "expired", "cancelled"];

type Feed = Box<dyn Fn(&str, Queue, Duration) + Send + Sync>;

#[derive(Clone, Default)]
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
    feed: Arc<OnceLock<Feed>>,
}

#[derive(Default)]
struct Seen {
    /// Entries that are there.
    there: BTreeSet<String>,
    /// Entries that were ever there.
    ever: BTreeSet<String>,
    /// Of each eSIM: its plan, MB used, place in its life.
    esims: BTreeMap<String, (String, u64, usize)>,
    orders: BTreeMap<String, OrderStatus>,
    /// What was told, and by how many entries.
    told: BTreeMap<String, u32>,
    wrong: Vec<String>,
    tokens: BTreeSet<String>,
}

impl Watch {
    /// Where new entries of the outbox go.
    pub fn feeds(&self, feed: impl Fn(&str, Queue, Duration) + Send + Sync + 'static) {
        assert!(self.feed.set(Box::new(feed)).is_ok(), "there is one feed");
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What went wrong so far.
    pub fn wrong(&self) -> Vec<String> {
        let seen = self.seen();
        let twice = seen.told.iter().filter(|(_, times)| **times > 1).map(|(what, times)| format!("{what} was put down {times} times"));
        seen.wrong.iter().cloned().chain(twice).collect()
    }

    /// Something else that went wrong.
    pub fn notice(&self, wrong: String) {
        self.seen().wrong.push(wrong);
    }

    /// A call that the table took.
    pub fn written(&self, call: &Value) {
        // The SDK repeats a transaction whose reply was lost under its own token: the table answers, and writes nothing again.
        let token = call.get("ClientRequestToken").and_then(Value::as_str);
        if token.is_some_and(|token| !self.seen().tokens.insert(token.to_owned())) {
            return;
        }
        let deleted = call.get("Key").into_iter().filter(|_| call.get("UpdateExpression").is_none());
        let many = call.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
        for key in deleted.chain(many.filter_map(|write| write.pointer("/Delete/Key"))) {
            self.seen().there.remove(text(key, "pk").trim_start_matches("OUTBOX#"));
        }
        let single = call.get("Item").into_iter();
        let many = call.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
        for item in single.chain(many.filter_map(|write| write.pointer("/Put/Item"))) {
            match text(item, "kind") {
                "outbox" => self.entry(item),
                "esim" => self.seen().esim(item),
                "order" => self.seen().order(item),
                _ => {}
            }
        }
    }

    fn entry(&self, item: &Value) {
        let id = text(item, "outbox_id");
        {
            let mut seen = self.seen();
            if seen.ever.insert(id.to_owned()) {
                seen.told(&data(item));
            }
            // Written over what is there: the stream shows a change, and the relay looks at what is new only.
            if !seen.there.insert(id.to_owned()) {
                return;
            }
        }
        let delay = item.pointer("/delay_s/N").and_then(Value::as_str).and_then(|n| n.parse().ok()).unwrap_or(0);
        if let Some(feed) = self.feed.get() {
            let work: Work = serde_json::from_value(data(item)).expect("an entry's work");
            feed(id, work.queue(), Duration::from_secs(delay));
        }
    }
}

impl Seen {
    /// Deliveries, reminders, events and tasks: each once.
    fn told(&mut self, work: &Value) {
        let part = |name: &str| work.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = match part("work") {
            "deliver" => format!("the delivery of {}", part("esim_id")),
            "remind" => format!("the reminder of {} {}", part("esim_id"), part("plan")),
            "tell" => format!("the event {} of {} {}", work.get("event").unwrap_or(&Value::Null), part("esim_id"), part("plan")),
            "task" if !part("key").starts_with("work-failed") => format!("the task {}", part("key")),
            _ => return,
        };
        *self.told.entry(name).or_default() += 1;
    }

    fn esim(&mut self, item: &Value) {
        let esim = data(item).get("esim").cloned().unwrap_or_default();
        let id = esim.get("esim_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let plan = esim.pointer("/plan/order_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let used = esim.pointer("/plan/used_mb").and_then(Value::as_u64).unwrap_or_default();
        let status = esim.get("status").and_then(Value::as_str).unwrap_or_default();
        let Some(rank) = LIFE.iter().position(|name| *name == status) else {
            return self.wrong.push(format!("{id} has the unknown status {status}"));
        };
        if let Some((before, mb, place)) = self.esims.get(&id).filter(|(before, _, _)| *before == plan)
            && (used < *mb || rank < *place)
        {
            self.wrong.push(format!("{id} went back in plan {before}: {mb} MB to {used} MB, {} to {status}", LIFE[*place]));
        }
        self.esims.insert(id, (plan, used, rank));
    }

    fn order(&mut self, item: &Value) {
        let order = data(item).get("order").cloned().unwrap_or_default();
        let id = order.get("order_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let status: OrderStatus = serde_json::from_value(order.get("status").cloned().unwrap_or_default()).expect("an order's status");
        let end = |status| matches!(status, OrderStatus::Placed | OrderStatus::Delivered | OrderStatus::Rejected);
        if let Some(before) = self.orders.get(&id).copied().filter(|before| end(*before) && *before != status)
            && !(before == OrderStatus::Placed && status == OrderStatus::Delivered)
        {
            self.wrong.push(format!("order {id} was {} and became {}", before.as_str(), status.as_str()));
        }
        self.orders.insert(id, status);
    }
}

pub fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(|attribute| attribute.get("S")?.as_str()).unwrap_or_default()
}

/// An item's own JSON.
pub fn data(item: &Value) -> Value {
    serde_json::from_str(text(item, "data")).unwrap_or_default()
}
