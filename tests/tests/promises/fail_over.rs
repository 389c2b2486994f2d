//! §2.1 with two accounts: an order goes to the other one only while surely nothing was sent, and is bought exactly once.

use crate::fixture::{World, agency_id};
use passerelle::{
    domain::{AccountName, Country, Money, OrderId, Package},
    flows::order_view::OrderAnswer,
};
use passerelle_tests::sim::{Fault, airalo};
use serde_json::{Value, json};
use std::time::Duration;

const ORDERS: &str = "/v2/orders";

/// Airalo first; reference sells a plan that can stand in, at a price that is `percent` above or below the ordered one.
struct Shop {
    world: World,
    ordered: Package,
}

async fn shop(rule: &str, percent: i64) -> Shop {
    shop_with(rule, percent, "USD", json!(null)).await
}

/// Reference's prices in another currency, and the agency's rates to compare them by.
async fn shop_with(rule: &str, percent: i64, currency: &str, exchange: Value) -> Shop {
    let settings = json!({"fail_over": {"rule": rule, "price_band_percent": 10}, "exchange": exchange});
    let world = World::with_settings(&["airalo", "reference"], settings).await;
    world.book("VH-1", "JP", "2027-05-03", "2027-05-09").await;
    let japan = Country::parse("JP").unwrap();
    let sold = world.house.store.packages_for(&agency_id(), &account("airalo"), japan).await.unwrap();
    let small = |package: &&Package| package.iso_countries == [japan] && package.data_volume_mb.is_some_and(|mb| mb <= 3_072);
    let ordered = sold.iter().filter(small).find(|package| package.validity_days <= 15).expect("a small plan for Japan").clone();
    price_reference(&world, &ordered, percent, currency).await;
    Shop { world, ordered }
}

/// The simulator's prices as so much above or below the ordered plan's; in euros, at 1.25 USD each.
async fn price_reference(world: &World, ordered: &Package, percent: i64, currency: &str) {
    let store = &world.house.store;
    let (mut sold, _) = store.packages_after(&agency_id(), &account("reference"), None, 1_000).await.unwrap();
    for package in &mut sold {
        let dollars = ordered.price.amount * rust_decimal::Decimal::new(100 + percent, 2);
        let amount = if currency == "EUR" { dollars / rust_decimal::Decimal::new(125, 2) } else { dollars };
        package.price = Money::new(amount, currency).unwrap();
    }
    store.replace_catalogue(&agency_id(), &account("reference"), &sold).await.unwrap();
}

fn account(name: &str) -> AccountName {
    AccountName::parse(name).unwrap()
}

impl Shop {
    async fn order(&self) -> OrderAnswer {
        self.world.order("key-1", self.ordered.package_id.as_str(), "VH-1").await.unwrap()
    }

    async fn fault(&self, fault: Fault) {
        self.world.sims.airalo.client().fault(&fault).await.unwrap();
    }

    /// Nobody listens where Airalo was.
    async fn cut_airalo_off(&mut self) {
        self.world.sims.airalo = airalo::start(None).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    /// Purchases at Airalo and at reference.
    async fn bought(&self) -> (usize, usize) {
        (self.world.purchases("airalo").await.len(), self.world.purchases("reference").await.len())
    }

    async fn notes(&self, order_id: &OrderId) -> String {
        let order = self.world.order_record(order_id).await;
        order.history.iter().map(|step| format!("{}: {}\n", step.status.as_str(), step.note)).collect()
    }

    /// Delivered by reference, once, with a word about it in the history.
    async fn assert_moved(&mut self, answer: &OrderAnswer) {
        self.world.settle().await;
        let notes = self.notes(&answer.order_id).await;
        assert_eq!(self.world.order_status(&answer.order_id).await, "delivered", "{notes}");
        assert_eq!(self.bought().await, (0, 1), "{notes}");
        assert_eq!(notes.matches("moved from airalo:").count(), 1, "{notes}");
        assert_eq!(self.world.mails().await.len(), 1);
        assert!(self.world.tasks().await.is_empty());
        let again = self.order().await;
        assert!(again.replayed && again.answer.status == 201 && again.order_id == answer.order_id, "the same key, the same order");
    }

    /// Still an order of Airalo's, and nothing was bought elsewhere.
    async fn assert_stayed(&self, order_id: &OrderId, status: &str) {
        let order = self.world.order_record(order_id).await;
        assert_eq!(order.status.as_str(), status, "{}", self.notes(order_id).await);
        assert!(order.moved_from.is_empty() && order.package == self.ordered);
        assert!(self.world.purchases("reference").await.is_empty());
        assert!(self.world.sims.reference.client().requests_to("POST", "/orders").await.unwrap().is_empty());
    }
}

fn sold_out() -> Fault {
    Fault::on("POST", ORDERS).status(422).body(json!({"code": 33, "reason": "Insufficient stock of eSIMs remaining"}))
}

#[tokio::test]
async fn an_account_that_cannot_be_reached_is_left_when_its_attempts_are_used_up() {
    let mut shop = shop("automatic", 10).await;
    shop.cut_airalo_off().await;
    let answer = shop.order().await;
    assert_eq!(answer.answer.status, 202);
    shop.assert_moved(&answer).await;
    let attempts = shop.notes(&answer.order_id).await.matches("attempt").count();
    assert!((5..=6).contains(&attempts), "five at Airalo at most, one at reference: {attempts}");
}

#[tokio::test]
async fn an_account_that_throttles_is_left_when_its_attempts_are_used_up() {
    let mut shop = shop("automatic", -20).await;
    shop.fault(Fault::on("POST", ORDERS).times(50).status(429)).await;
    let answer = shop.order().await;
    shop.assert_moved(&answer).await;
    assert_eq!(shop.world.sims.airalo.client().requests_to("POST", ORDERS).await.unwrap().len(), 5);
}

#[tokio::test]
async fn an_account_that_asks_for_a_day_of_patience_is_left_at_once() {
    let mut shop = shop("automatic", 0).await;
    shop.fault(Fault::on("POST", ORDERS).times(50).status(429).header("Retry-After", "86400")).await;
    let began = shop.world.now();
    let answer = shop.order().await;
    shop.assert_moved(&answer).await;
    assert!(shop.world.now().duration_since(began) < jiff::SignedDuration::from_mins(1));
}

#[tokio::test]
async fn what_is_sold_out_is_bought_elsewhere_at_once() {
    let mut shop = shop("automatic", 0).await;
    shop.fault(sold_out()).await;
    let answer = shop.order().await;
    assert_eq!(answer.answer.status, 202, "not refused: {}", answer.answer.body);
    shop.assert_moved(&answer).await;
    assert_eq!(shop.world.sims.airalo.client().requests_to("POST", ORDERS).await.unwrap().len(), 1);
    let read = passerelle::flows::order_view::read(&shop.world.run().await, &answer.order_id).await.unwrap();
    let read: Value = serde_json::from_str(&read).unwrap();
    assert_eq!(read["moved_from"], json!([shop.ordered.package_id]));
    assert!(read["package_id"].as_str().unwrap().starts_with("reference:"));
}

#[tokio::test]
async fn behind_an_open_breaker_orders_go_elsewhere_at_once() {
    let mut shop = shop("automatic", 0).await;
    // Five orders whose outcome is unknown open the breaker.
    shop.fault(Fault::on("POST", ORDERS).times(5).status(500)).await;
    for number in 0..5 {
        shop.world.order(&format!("other-{number}"), shop.ordered.package_id.as_str(), "VH-1").await.unwrap();
    }
    let answer = shop.order().await;
    assert_eq!(shop.world.order_status(&answer.order_id).await, "queued");
    assert!(shop.notes(&answer.order_id).await.contains("not bought: breaker open"));
    shop.world.settle().await;
    assert_eq!(shop.world.order_status(&answer.order_id).await, "delivered");
    assert_eq!(shop.bought().await, (5, 1), "the five whose outcome was unknown stayed at Airalo");
}

#[tokio::test]
async fn an_order_that_was_once_unknown_never_goes_elsewhere() {
    let mut shop = shop("automatic", 0).await;
    shop.fault(Fault::on("POST", ORDERS).times(1).dropping_the_request()).await;
    // Proven absent, and then refused again and again.
    shop.fault(Fault::on("POST", ORDERS).times(50).status(429)).await;
    let answer = shop.order().await;
    shop.world.settle().await;
    shop.assert_stayed(&answer.order_id, "parked").await;
    assert_eq!(shop.bought().await, (0, 0));
    let tasks = shop.world.tasks().await;
    assert!(tasks.len() == 1 && tasks[0].to_string().contains("non transmise"), "{tasks:?}");
}

#[tokio::test]
async fn an_order_that_was_once_unknown_and_is_then_sold_out_is_refused() {
    let mut shop = shop("automatic", 0).await;
    shop.fault(Fault::on("POST", ORDERS).times(1).dropping_the_request()).await;
    shop.fault(sold_out()).await;
    let answer = shop.order().await;
    shop.world.settle().await;
    shop.assert_stayed(&answer.order_id, "rejected").await;
}

#[tokio::test]
async fn without_the_rule_orders_stay() {
    let mut shop = shop("never", 0).await;
    shop.fault(sold_out()).await;
    let answer = shop.order().await;
    assert_eq!(answer.answer.status, 422);
    shop.world.settle().await;
    shop.assert_stayed(&answer.order_id, "rejected").await;
    assert!(shop.world.tasks().await[0].to_string().contains("commande refusée"));
}

#[tokio::test]
async fn a_person_is_asked_with_plans_and_prices_when_the_rule_says_so_or_nothing_is_within_the_band() {
    for (rule, percent) in [("ask", 0), ("automatic", 11)] {
        let mut shop = shop(rule, percent).await;
        shop.fault(sold_out()).await;
        let answer = shop.order().await;
        assert_eq!(answer.answer.status, 422, "{rule}");
        shop.world.settle().await;
        shop.assert_stayed(&answer.order_id, "rejected").await;
        let tasks = shop.world.tasks().await;
        assert_eq!(tasks.len(), 1, "{rule}");
        let text = tasks[0].to_string();
        assert!(text.contains("choisir une offre équivalente") && text.contains("USD · reference:ref-jp-"), "{text}");
    }
}

#[tokio::test]
async fn a_person_is_asked_after_ten_minutes_behind_a_pause() {
    let mut shop = shop("ask", 0).await;
    shop.fault(Fault::on("POST", ORDERS).times(50).status(429).header("Retry-After", "700")).await;
    let answer = shop.order().await;
    shop.world.settle_without_waiting().await;
    shop.assert_stayed(&answer.order_id, "queued").await;
    shop.world.settle().await;
    shop.assert_stayed(&answer.order_id, "parked").await;
    let tasks = shop.world.tasks().await;
    assert!(tasks.len() == 1 && tasks[0].to_string().contains("reference:ref-jp-"), "{tasks:?}");
}

fn dollars_for_a_euro(rate: &str, date: &str) -> Value {
    json!({"source": "fixed", "day": {"base": "EUR", "date": date, "rates": {"USD": rate}}})
}

#[tokio::test]
async fn a_plan_of_another_currency_stands_in_when_it_is_within_the_band_at_the_days_rate() {
    let mut shop = shop_with("automatic", 10, "EUR", dollars_for_a_euro("1.25", "2027-04-19")).await;
    shop.fault(sold_out()).await;
    let answer = shop.order().await;
    shop.assert_moved(&answer).await;
    let order = shop.world.order_record(&answer.order_id).await;
    assert_eq!(order.package.price.currency.code(), "EUR", "what is charged is the plan's own price");
}

#[tokio::test]
async fn a_plan_of_another_currency_is_a_persons_choice_when_it_is_dearer_at_the_days_rate_or_there_is_no_fresh_rate() {
    let dearer = dollars_for_a_euro("1.26", "2027-04-19");
    let too_old = dollars_for_a_euro("1.25", "2027-04-12");
    for (exchange, words) in [(dearer, " USD, 2027-04-19)"), (too_old, "(no rate to USD)"), (json!(null), "(no rate to USD)")] {
        let mut shop = shop_with("automatic", 10, "EUR", exchange).await;
        shop.fault(sold_out()).await;
        let answer = shop.order().await;
        assert_eq!(answer.answer.status, 422, "{words}");
        shop.world.settle().await;
        shop.assert_stayed(&answer.order_id, "rejected").await;
        let text = shop.world.tasks().await[0].to_string();
        assert!(text.contains("choisir une offre équivalente") && text.contains(" EUR") && text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn an_order_goes_to_each_account_once() {
    let mut shop = shop("automatic", 0).await;
    shop.fault(sold_out()).await;
    let refusal = Fault::on("POST", "/orders").times(50).status(422).body(json!({"code": "sold_out", "detail": "Sold out"}));
    shop.world.sims.reference.client().fault(&refusal).await.unwrap();
    let answer = shop.order().await;
    shop.world.settle().await;
    assert_eq!(shop.world.order_status(&answer.order_id).await, "rejected");
    assert_eq!(shop.bought().await, (0, 0));
    for sim in [&shop.world.sims.airalo, &shop.world.sims.reference] {
        assert_eq!(sim.client().requests_to("POST", "/orders").await.unwrap().len(), 1);
    }
    assert_eq!(shop.world.tasks().await.len(), 1);
}

#[tokio::test]
async fn a_move_that_could_not_be_written_did_not_happen() {
    let mut shop = shop("automatic", 0).await;
    shop.fault(sold_out().delayed(1_500)).await;
    let airalo = shop.world.sims.airalo.client();
    let table_goes_down = async {
        while airalo.requests_to("POST", ORDERS).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        shop.world.table.set_writable(false);
    };
    let (answer, ()) = tokio::join!(shop.order(), table_goes_down);
    assert_eq!(answer.answer.status, 202);
    shop.world.table.set_writable(true);
    // The table says `placing` at Airalo: Airalo is asked, has nothing, and is sent the order again, which it fills now.
    shop.world.settle().await;
    shop.assert_stayed(&answer.order_id, "delivered").await;
    assert_eq!(shop.bought().await, (1, 0));
}

#[tokio::test]
async fn a_process_that_dies_after_the_move_leaves_an_order_of_the_other_account() {
    let mut shop = shop("automatic", 0).await;
    shop.fault(sold_out()).await;
    let answer = shop.order().await;
    // The worker dies while reference takes its time.
    shop.world.pass(Duration::from_secs(2)).await;
    shop.world.sims.reference.client().fault(&Fault::on("POST", "/orders").times(1).with_late_effect(300)).await.unwrap();
    let watch = shop.world.outbox().await.into_iter().find(|entry| entry.work == "watch_order").expect("a watch").id;
    let died = tokio::time::timeout(Duration::from_millis(150), shop.world.consume(&watch)).await;
    assert!(died.is_err(), "the process dies while it waits");
    shop.assert_moved(&answer).await;
}
