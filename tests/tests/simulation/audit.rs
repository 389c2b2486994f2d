//! What must be true when a run is over, from the outside: the providers' ledgers, the CRM, the mail service, the table, the answers.

use http::Method;
use passerelle::testing::{TABLE, Table};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use super::{
    ground::{TRAVELLER, World},
    people::Told,
    watch::{data, text},
};

/// An order as it lies in the table.
struct Order {
    id: String,
    account: String,
    status: String,
    esim_id: Option<String>,
    topup: bool,
    problem: String,
}

/// Everything that is wrong.
pub fn audit(world: &World, told: &Told, log: &[String]) -> Vec<String> {
    let (items, text) = whole(&world.table);
    let orders: Vec<Order> = of_kind(&items, "order").map(|item| order(&data(item))).collect();
    let mut wrong = world.watch.wrong();
    wrong.extend(purchases(world, &orders));
    wrong.extend(ends(world, &orders));
    wrong.extend(mails(world, &orders));
    wrong.extend(left_over(&items));
    wrong.extend(answers(told, &orders));
    wrong.extend(sales(&items, &orders));
    wrong.extend(records(world, &items));
    wrong.extend(offers(world, &items));
    wrong.extend(in_the_clear(world, &(text + &log.concat())));
    wrong
}

/// At most one purchase an order; exactly one when it says so; none when it says so; none that no order knows.
fn purchases(world: &World, orders: &[Order]) -> Vec<String> {
    world.outside.providers.iter().flat_map(|(account, _)| purchases_at(world, account, orders)).collect()
}

fn purchases_at(world: &World, account: &str, orders: &[Order]) -> Vec<String> {
    let mut ledger: Vec<String> = world.outside.listed(account, "ledger").iter().map(|line| line.to_string().to_lowercase()).collect();
    let (named, unnamed): (Vec<&Order>, Vec<&Order>) =
        orders.iter().filter(|order| order.account == account).partition(|order| order.is_named());
    let mut wrong = Vec::new();
    for order in named {
        let lines = ledger.len();
        ledger.retain(|line| !line.contains(&order.id.to_lowercase()));
        let bought = lines - ledger.len();
        if !order.purchases().contains(&bought) {
            wrong.push(format!("order {} is {} ({}) and was bought {bought} times", order.id, order.status, order.problem));
        }
    }
    // Lines that name no order can only be counted.
    let (least, most) =
        unnamed.iter().fold((0, 0), |(least, most), order| (least + order.purchases().start(), most + order.purchases().end()));
    if !(least..=most).contains(&ledger.len()) {
        wrong.push(format!("{account} sold {least} to {most} times by our orders, and has {ledger:?}"));
    }
    wrong
}

impl Order {
    /// How often it may have been bought.
    fn purchases(&self) -> RangeInclusive<usize> {
        match self.status.as_str() {
            "placed" | "delivered" => 1..=1,
            "rejected" => 0..=0,
            "parked" if self.problem == "not_sent" => 0..=0,
            _ => 0..=1,
        }
    }

    /// Whether its provider's ledger holds its id: BICS and eSIM Go take no reference at all, 1GLOBAL none for a top-up.
    fn is_named(&self) -> bool {
        match self.account.as_str() {
            "bics" | "esim-go" => false,
            "one-global" => !self.topup,
            _ => true,
        }
    }
}

/// Every order came to an end, and where a person is needed, a person was told.
fn ends(world: &World, orders: &[Order]) -> Vec<String> {
    let tasks = world.outside.hubspot.control(Method::GET, "objects/tasks", &Value::Null);
    let keys: Vec<&str> =
        tasks.as_array().into_iter().flatten().filter_map(|task| task.pointer("/properties/passerelle_task_key")?.as_str()).collect();
    let mut wrong: Vec<String> = Vec::new();
    let distinct: BTreeSet<&str> = keys.iter().copied().collect();
    if distinct.len() != keys.len() {
        wrong.push(format!("a task was given twice: {keys:?}"));
    }
    let has = |text: &str| keys.iter().any(|key| key.contains(text));
    for order in orders {
        let fine = match order.status.as_str() {
            "delivered" => true,
            "placed" if order.topup => true,
            "placed" => order.esim_id.as_deref().is_some_and(&has) || has(&order.id),
            "rejected" | "parked" => has(&order.id),
            _ => false,
        };
        if !fine {
            wrong.push(format!("order {} ended {} ({}) without a person knowing", order.id, order.status, order.problem));
        }
    }
    wrong
}

/// At most one mail an eSIM and kind; exactly one when the order says that it was delivered.
fn mails(world: &World, orders: &[Order]) -> Vec<String> {
    let messages = world.outside.sendgrid.control(Method::GET, "messages", &Value::Null);
    let mut count: BTreeMap<&str, u32> = BTreeMap::new();
    for message in messages.as_array().into_iter().flatten() {
        *count.entry(message.pointer("/custom_args/passerelle_reference").and_then(Value::as_str).unwrap_or("none")).or_default() += 1;
    }
    let twice = count.iter().filter(|(_, times)| **times > 1).map(|(reference, times)| format!("mail {reference} went out {times} times"));
    let mut wrong: Vec<String> = twice.collect();
    for order in orders.iter().filter(|order| order.status == "delivered") {
        let esim = order.esim_id.as_deref().unwrap_or("no eSIM");
        if !count.keys().any(|reference| reference.starts_with("delivery") && reference.contains(esim)) {
            wrong.push(format!("order {} says delivered, and no mail went out", order.id));
        }
    }
    wrong
}

/// No work, no claim and no lease is left.
fn left_over(items: &[Value]) -> Vec<String> {
    let entries = of_kind(items, "outbox").map(|item| format!("an outbox entry is left: {}", text(item, "data")));
    let mails = of_kind(items, "mail").filter(|item| text(item, "state") == "sending").map(|_| "a mail is still being sent".to_owned());
    entries.chain(mails).collect()
}

/// One key, one order, one final answer; and what was accepted is there.
fn answers(told: &Told, orders: &[Order]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (key, heard) in told.all().iter() {
        wrong.extend(heard.wrong.iter().map(|what| format!("{key}: {what}")));
        let different: BTreeSet<_> = heard.settled.iter().collect();
        if different.len() > 1 {
            wrong.push(format!("{key} was given different final answers: {different:?}"));
        }
        if heard.accepted && heard.settled.is_empty() {
            wrong.push(format!("{key} was accepted, and never got a final answer"));
        }
        for (_, body) in &heard.settled {
            let body: Value = serde_json::from_str(body).unwrap_or_default();
            let id = body.get("order_id").and_then(Value::as_str).unwrap_or_default();
            if !id.is_empty() && !orders.iter().any(|order| order.id == id) {
                wrong.push(format!("{key} was told of the order {id}, which is not there"));
            }
        }
    }
    wrong
}

/// Every purchase that an order knows of is one line of what was sold, and nothing else is.
fn sales(items: &[Value], orders: &[Order]) -> Vec<String> {
    let mut lines: BTreeMap<String, u32> = BTreeMap::new();
    for item in of_kind(items, "sale") {
        let line = data(item);
        let part = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        *lines.entry(format!("{} {}", part("event"), part("order_id"))).or_default() += 1;
    }
    let mut wrong = Vec::new();
    for order in orders.iter().filter(|order| matches!(order.status.as_str(), "placed" | "delivered")) {
        let line = format!("{} {}", if order.topup { "top_up" } else { "sale" }, order.id);
        let times = lines.remove(&line).unwrap_or_default();
        if times != 1 {
            wrong.push(format!("order {} is {} and is {times} lines of what was sold", order.id, order.status));
        }
    }
    wrong
        .extend(lines.into_keys().filter(|line| !line.starts_with("cancelled")).map(|line| format!("nobody bought what was sold: {line}")));
    wrong
}

/// The CRM has one record an eSIM, as it is in the table; the table has the provider's usage.
fn records(world: &World, items: &[Value]) -> Vec<String> {
    let records = world.outside.hubspot.control(Method::GET, "objects/esim_subscription", &Value::Null);
    let records: Vec<&Value> = records.as_array().into_iter().flatten().filter_map(|record| record.get("properties")).collect();
    let mut wrong = Vec::new();
    for item in of_kind(items, "esim") {
        let esim = data(item).get("esim").cloned().unwrap_or_default();
        let id = esim.get("esim_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let of_it: Vec<&&Value> = records.iter().filter(|record| record["esim_id"] == id).collect();
        let [record] = of_it.as_slice() else {
            wrong.push(format!("the CRM has {} records of {id}", of_it.len()));
            continue;
        };
        let used = esim.pointer("/plan/used_mb").and_then(Value::as_u64).unwrap_or_default();
        let told = record["data_used_mb"].as_str().and_then(|mb| mb.parse::<u64>().ok()).unwrap_or_default();
        if record["status"] != esim["status"] || used != told {
            wrong.push(format!("the CRM says {} and {told} MB of {id}, which is {} with {used} MB", record["status"], esim["status"]));
        }
    }
    wrong
}

/// A dossier that files made has its offers on its deal.
fn offers(world: &World, items: &[Value]) -> Vec<String> {
    if of_kind(items, "told_booking").next().is_none() {
        return Vec::new();
    }
    let deals = world.outside.hubspot.control(Method::GET, "objects/deals", &Value::Null);
    let shown = deals.as_array().into_iter().flatten().filter_map(|deal| deal.get("properties")).any(|deal| {
        deal["passerelle_booking_reference"] == super::files::REFERENCE
            && deal["passerelle_offers"].as_str().is_some_and(|lines| !lines.is_empty())
    });
    if shown { Vec::new() } else { vec![format!("no deal shows the offers of {}", super::files::REFERENCE)] }
}

/// Nothing that is sealed lies in the table or stands in the log.
fn in_the_clear(world: &World, whole: &str) -> Vec<String> {
    let sold = world.outside.providers.iter().flat_map(|(account, _)| world.outside.listed(account, "esims"));
    let mut secrets = vec![TRAVELLER.to_owned()];
    for esim in sold {
        secrets.extend(["iccid", "matching_id", "lpa"].iter().filter_map(|name| Some(esim.get(*name)?.as_str()?.to_owned())));
    }
    secrets.iter().filter(|secret| whole.contains(secret.as_str())).map(|secret| format!("in the clear: {secret}")).collect()
}

fn order(data: &Value) -> Order {
    let order = data.get("order").cloned().unwrap_or_default();
    let part = |name: &str| order.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Order {
        id: part("order_id"),
        account: order.pointer("/package/provider").and_then(Value::as_str).unwrap_or_default().to_owned(),
        status: part("status"),
        esim_id: order.get("esim_id").and_then(Value::as_str).map(str::to_owned),
        topup: order.pointer("/purpose/purpose").and_then(Value::as_str) == Some("top_up"),
        problem: order.pointer("/problem/code").and_then(Value::as_str).unwrap_or_default().to_owned(),
    }
}

/// The items of the whole table, in their wire form.
pub fn items(table: &Table) -> Vec<Value> {
    whole(table).0
}

/// The whole table: its items, and the text that they came in.
fn whole(table: &Table) -> (Vec<Value>, String) {
    let (mut items, mut text, mut after) = (Vec::new(), String::new(), None);
    loop {
        let page = json!({"TableName": TABLE, "ConsistentRead": true, "ExclusiveStartKey": after});
        let (status, answer) = table.raw("Scan", &page.to_string());
        assert_eq!(status, 200, "{answer}");
        let mut page: Value = serde_json::from_str(&answer).expect("JSON");
        text += &answer;
        if let Some(Value::Array(more)) = page.get_mut("Items").map(Value::take) {
            items.extend(more);
        }
        after = page.get_mut("LastEvaluatedKey").map(Value::take).filter(Value::is_object);
        if after.is_none() {
            return (items, text);
        }
    }
}

fn of_kind<'a>(items: &'a [Value], kind: &'static str) -> impl Iterator<Item = &'a Value> {
    items.iter().filter(move |item| text(item, "kind") == kind)
}
