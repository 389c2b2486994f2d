//! Work orders, and what they give: usage and profiles.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::iccid::digest;
use super::super::core::json::{put, text};
use super::super::core::reply::Reply;
use super::catalogue;
use super::state::{Card, Purchase, State, WorkOrder};
use super::{Telna, error};

/// Host of the simulated SM-DP+.
const SMDP_HOST: &str = "smdp.telna.example";

impl Telna {
    /// Nothing is idempotent: two posts are two orders, whatever their `customer_ref`.
    pub(super) fn order(&self, call: &Call) -> Reply {
        let Some(body) = call.json().ok().filter(|body| body.is_object() && call.media_type() == "application/json") else {
            return error(400, "the body must be a JSON object");
        };
        let Some(product) = text(&body, "product").and_then(catalogue::find) else {
            return error(400, "product is unknown or not available");
        };
        let reference = text(&body, "customer_ref").map(str::to_owned);
        if reference.as_deref().is_none_or(str::is_empty) {
            return error(400, "customer_ref is required");
        }
        let mut state = self.state();
        let member = state.settings.top_up_member.clone();
        let named = member.and_then(|member| text(&body, &member).map(str::to_owned));
        if named.as_deref().is_some_and(|iccid| state.card(iccid).is_none()) {
            return error(400, "sim is unknown");
        }
        let nth = state.orders.len() + 1;
        let mut order = WorkOrder {
            id: digest(&format!("work order {} {nth}", self.profiles.seed()), 24),
            customer_ref: reference,
            product,
            status: "PENDING",
            topup: named.is_some(),
            iccid: named,
            created_at: self.now(),
            used_bytes: 0,
        };
        if !state.settings.hold_orders {
            self.ship(&mut state, &mut order);
        }
        state.ledger.push(Purchase {
            order_id: order.id.clone(),
            product_id: product.id,
            customer_ref: order.customer_ref.clone(),
            kind: if order.topup { "topup" } else { "sim" },
            iccid: order.iccid.clone(),
            at: iso(self.now()),
        });
        let reply = shown(&state, &order);
        state.orders.push(order);
        Reply::json(201, &reply)
    }

    /// Delivers.
    pub(super) fn ship(&self, state: &mut State, order: &mut WorkOrder) {
        order.status = "SHIPPED";
        if order.topup {
            return;
        }
        let profile = self.profiles.issue();
        order.iccid = Some(profile.iccid.clone());
        state.cards.push(Card {
            iccid: profile.iccid,
            activation_code: format!("LPA:1${SMDP_HOST}${}", profile.matching_id),
            state: "RELEASED".to_owned(),
            released_at: self.now(),
        });
    }

    pub(super) fn show_order(&self, id: &str) -> Reply {
        let state = self.state();
        match state.orders.iter().find(|order| order.id == id) {
            Some(order) => Reply::json(200, &shown(&state, order)),
            None => error(404, "work order not found"),
        }
    }

    /// The newest first.
    pub(super) fn list_orders(&self, call: &Call) -> Reply {
        let state = self.state();
        let lag = SignedDuration::from_secs(state.settings.list_lag_seconds);
        let wanted = call.query("customer_ref").filter(|_| state.settings.filters_by_reference);
        let listed = |order: &&WorkOrder| {
            self.now().duration_since(order.created_at) >= lag
                && wanted.as_deref().is_none_or(|wanted| order.customer_ref.as_deref() == Some(wanted))
        };
        let rows = state.orders.iter().rev().filter(listed).map(|order| shown(&state, order)).collect();
        catalogue::paged(call, "work_orders", rows)
    }

    /// By `order` or by `iccid`.
    pub(super) fn usages(&self, call: &Call) -> Reply {
        let (order, iccid) = (call.query("order"), call.query("iccid"));
        if order.is_none() && iccid.is_none() {
            return error(400, "order or iccid is required");
        }
        let state = self.state();
        if iccid.as_deref().is_some_and(|iccid| state.card(iccid).is_none()) {
            return error(404, "sim not found");
        }
        let wanted = |found: &&WorkOrder| {
            found.status == "SHIPPED"
                && order.as_deref().is_none_or(|id| found.id == id)
                && iccid.as_deref().is_none_or(|iccid| found.iccid.as_deref() == Some(iccid))
        };
        let rows: Vec<Value> = state.orders.iter().filter(wanted).map(usage).collect();
        Reply::json(200, &json!({ "orders": rows }))
    }

    pub(super) fn show_profile(&self, iccid: &str) -> Reply {
        match self.state().card(iccid) {
            Some(card) => Reply::json(200, &card.profile()),
            None => error(404, "profile not found"),
        }
    }
}

fn usage(order: &WorkOrder) -> Value {
    json!({
        "work_order": order.id, "data_total_bytes": order.product.bytes(), "data_used_bytes": order.used_bytes.min(order.product.bytes()),
        "sms_total_number": 0, "sms_used_number": 0, "voice_total_seconds": 0, "voice_used_seconds": 0,
    })
}

fn shown(state: &State, order: &WorkOrder) -> Value {
    let mut shown = json!({
        "id": order.id, "customer_ref": order.customer_ref, "product": order.product.id, "status": order.status,
        "created_date": order.created_at.as_millisecond(),
    });
    if let Some(card) = order.iccid.as_deref().and_then(|iccid| state.card(iccid)) {
        put(&mut shown, "package", json!({"id": 77, "sim": card.iccid}));
        put(&mut shown, "sim_registry", json!({"iccid": card.iccid}));
        put(&mut shown, "euicc_profile", card.profile());
    }
    shown
}
