//! `POST /v2/orders` and `GET /v2/orders/{id}`: asynchronous, without idempotency, without a reference of the caller's.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::iccid::digest;
use super::super::core::json::text;
use super::super::core::reply::Reply;
use super::catalogue::{self, Product};
use super::state::{Card, Order, Plan, Purchase, State};
use super::{OneGlobal, error};

/// Active subscriptions that a SIM takes (§2).
const MOST_PLANS: usize = 15;

/// An order that was read and found in order.
struct Wanted {
    product: &'static Product,
    email: String,
    iccid: Option<String>,
}

impl OneGlobal {
    pub(super) fn order(&self, call: &Call) -> Reply {
        let Some(body) = call.json().ok().filter(|body| body.is_object() && call.media_type() == "application/json") else {
            return error(400, "INVALID_HTTP_MESSAGE", "the body is no JSON object");
        };
        let mut state = self.state();
        let wanted = match self.read(&state, &body) {
            Ok(wanted) => wanted,
            Err(message) => return error(400, "INVALID_REQUEST_PARAMS", message),
        };
        if let Some(quota) = state.settings.quota.as_mut().filter(|_| wanted.iccid.is_none()) {
            if *quota <= 0 {
                return error(406, "UNACCEPTABLE", "The daily quota of eSIMs is reached");
            }
            *quota -= 1;
        }
        let order = self.accept(&mut state, wanted);
        let links = json!({"_self": format!("{}/connect-api/v2/orders/{}", self.url, order.id)});
        let created = iso(order.created_at);
        // The answer to the creation spells its links as no other (§1).
        Reply::json(202, &json!({"id": order.id, "status": order.status, "created_date": created, "_metadata": {"_links": links}}))
    }

    fn read(&self, state: &State, body: &Value) -> Result<Wanted, &'static str> {
        let member = |path: &str| body.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
        let operation = text(body, "operation_type").filter(|kind| ["ACTIVATION", "TOPUP"].contains(kind));
        let operation = operation.ok_or("operation_type must be ACTIVATION or TOPUP")?;
        let sim_type = text(body, "sim_type").filter(|kind| ["ESIM", "PSIM"].contains(kind)).ok_or("sim_type must be ESIM or PSIM")?;
        let is_country = |code: &&str| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        text(body, "country").filter(is_country).ok_or("country must be an ISO 3166-1 alpha-2 code")?;
        let product = member("/product/id").and_then(catalogue::find).ok_or("product.id is unknown")?;
        if !product.sim_types.contains(&sim_type) {
            return Err("product.id is not sold for this sim_type");
        }
        if body.pointer("/product/sold_price").is_some() != body.pointer("/product/sold_currency").is_some() {
            return Err("product.sold_price and product.sold_currency come together");
        }
        let email = member("/subscriber/email").ok_or("subscriber.email is required")?.to_owned();
        for path in ["/subscriber/device/operating_system", "/subscriber/device/model", "/subscriber/device/id"] {
            member(path).ok_or("subscriber.device needs operating_system, model and id")?;
        }
        let iccid = match operation {
            "TOPUP" => Some(self.rechargeable(state, member("/subscriber/sim/iccid").ok_or("subscriber.sim.iccid is required")?)?),
            _ => None,
        };
        Ok(Wanted { product, email, iccid })
    }

    fn rechargeable(&self, state: &State, iccid: &str) -> Result<String, &'static str> {
        let card = state.card(iccid).filter(|card| card.status != "Unavailable").ok_or("subscriber.sim.iccid cannot be topped up")?;
        let now = self.now();
        let active = card.plans.iter().filter(|plan| matches!(plan.status(now), "ACTIVE" | "PENDING_USAGE")).count();
        if active >= MOST_PLANS { Err("the SIM has 15 active subscriptions") } else { Ok(card.iccid.clone()) }
    }

    fn accept(&self, state: &mut State, wanted: Wanted) -> Order {
        let nth = state.orders.len() + 1;
        let id = digest(&format!("order {} {} {nth}", self.url, self.profiles.seed()), 32);
        let order = Order {
            id: id.clone(),
            status: "ACCEPTED",
            product: wanted.product,
            email: wanted.email.clone(),
            topup: wanted.iccid.is_some(),
            iccid: wanted.iccid.clone(),
            subscription_id: None,
            created_at: self.now(),
        };
        state.ledger.push(Purchase {
            order_id: id,
            product_id: wanted.product.id,
            email: wanted.email,
            kind: if order.topup { "topup" } else { "sim" },
            iccid: wanted.iccid,
            at: iso(self.now()),
        });
        state.orders.push(order.clone());
        order
    }

    /// Carries out what is due: first `FULFILLING`, after the time that the setting says `COMPLETED` or `FAILED`.
    pub(super) fn fulfil_due(&self) {
        let now = self.now();
        let mut state = self.state();
        let time = SignedDuration::from_secs(state.settings.fulfil_seconds);
        let held = state.settings.hold_orders;
        for place in 0..state.orders.len() {
            let Some(mut order) = state.orders.get(place).cloned().filter(|order| matches!(order.status, "ACCEPTED" | "FULFILLING")) else {
                continue;
            };
            if held || now.duration_since(order.created_at) < time {
                continue;
            }
            self.fulfil(&mut state, &mut order);
            if let Some(kept) = state.orders.get_mut(place) {
                *kept = order;
            }
        }
    }

    fn fulfil(&self, state: &mut State, order: &mut Order) {
        if order.product.id == "one-failing" {
            order.status = "FAILED";
            state.ledger.retain(|line| line.order_id != order.id);
            return;
        }
        let now = self.now();
        let id = digest(&format!("subscription {}", order.id), 32);
        let (product, email) = (order.product, order.email.clone());
        let plan = Plan { id: id.clone(), product, email, created_at: now, activated_at: None, expires_at: None, used_bytes: 0 };
        match order.iccid.clone().filter(|_| order.topup) {
            Some(iccid) => {
                if let Some(card) = state.card_mut(&iccid) {
                    card.plans.push(plan);
                }
            }
            None => {
                let profile = self.profiles.issue();
                order.iccid = Some(profile.iccid.clone());
                state.ledger.iter_mut().filter(|line| line.order_id == order.id).for_each(|line| line.iccid = Some(profile.iccid.clone()));
                state.cards.push(Card {
                    iccid: profile.iccid,
                    matching_id: profile.matching_id,
                    status: "Released".to_owned(),
                    changed_at: now,
                    plans: vec![plan],
                    hooks: std::collections::BTreeMap::new(),
                });
            }
        }
        order.subscription_id = Some(id);
        order.status = "COMPLETED";
    }

    pub(super) fn show_order(&self, id: &str) -> Reply {
        let mut state = self.state();
        let Some(place) = state.orders.iter().position(|order| order.id == id) else {
            return error(404, "INVALID_REQUEST_PARAMS", "no such order");
        };
        let Some(order) = state.orders.get_mut(place) else {
            return error(404, "INVALID_REQUEST_PARAMS", "no such order");
        };
        if order.status == "ACCEPTED" {
            order.status = "FULFILLING";
        }
        let order = order.clone();
        let mut shown = json!({"id": order.id, "status": order.status, "created_date": iso(order.created_at), "_metadata": {"links": {}}});
        if order.status == "COMPLETED" {
            let matching = order.iccid.as_deref().and_then(|iccid| state.card(iccid)).map(|card| card.matching_id.clone());
            let mut output = json!({"iccid": order.iccid, "subscription_id": order.subscription_id});
            if !order.topup {
                super::super::core::json::put(&mut output, "matching_id", matching);
            }
            super::super::core::json::put(&mut shown, "output", output);
        }
        Reply::json(200, &shown)
    }
}
