//! `POST /orders`, `GET /orders` and `GET /orders/{orderReference}`. Nothing is idempotent: two posts are two purchases.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::iccid::digest;
use super::super::core::json::{list, money, put, text, texts, truth};
use super::super::core::reply::Reply;
use super::catalogue::{self, Bundle};
use super::esims::Esim;
use super::{Provider, State, message};

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    pub reference: String,
    pub bundle: &'static Bundle,
    pub quantity: i64,
    pub iccids: Vec<String>,
    /// `bundle`, or `bundleAssignment` for what was applied.
    pub kind: &'static str,
    pub created_at: Timestamp,
}

/// One line of `GET /_sim/ledger`.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub order_id: String,
    pub package_id: &'static str,
    /// `sim`, `topup` or `stock`.
    pub kind: &'static str,
    pub iccids: Vec<String>,
    pub at: String,
}

/// What is asked for, checked.
struct Wanted {
    bundle: &'static Bundle,
    quantity: i64,
    iccids: Vec<String>,
}

impl Provider {
    pub(super) fn order(&self, call: &Call) -> Reply {
        let Some(body) = call.json().ok().filter(Value::is_object) else {
            return message(400, "The body is no JSON object");
        };
        let wanted = match wanted(&body) {
            Ok(wanted) => wanted,
            Err(refusal) => return refusal,
        };
        let total = wanted.bundle.price * wanted.quantity;
        match text(&body, "type") {
            Some("validate") => Reply::json(200, &priced(&wanted, total, self.now())),
            Some("transaction") => self.buy(&wanted, truth(&body, "assign"), total),
            _ => message(400, "type must be validate or transaction"),
        }
    }

    fn buy(&self, wanted: &Wanted, assign: bool, total: i64) -> Reply {
        let mut state = self.state();
        if wanted.bundle.name == "esim_OUT_OF_STOCK" {
            return message(403, "No bundles left");
        }
        if let Some(foreign) = wanted.iccids.iter().find(|iccid| state.esim(iccid).is_none()) {
            return message(403, &format!("ICCID {foreign} is not yours"));
        }
        if let Err(refusal) = state.pay(total) {
            return refusal;
        }
        let reference = digest(&format!("order {} {}", self.profiles.seed(), state.orders.len()), 32);
        let kind = if !assign {
            "stock"
        } else if wanted.iccids.is_empty() {
            "sim"
        } else {
            "topup"
        };
        let iccids = if assign { self.assign(&mut state, wanted, &reference) } else { Vec::new() };
        if !assign {
            *state.inventory.entry(wanted.bundle.name).or_default() += wanted.quantity;
        }
        let order = Order { reference, bundle: wanted.bundle, quantity: wanted.quantity, iccids, kind: "bundle", created_at: self.now() };
        self.remember(&mut state, &order, kind);
        let mut shown = self.shown(&state, &order, "createdDate", true);
        put(&mut shown, "runningBalance", state.balance.map(money));
        Reply::json(200, &shown)
    }

    /// On the eSIMs named, or on a new one each.
    fn assign(&self, state: &mut State, wanted: &Wanted, reference: &str) -> Vec<String> {
        let mut iccids = wanted.iccids.clone();
        while iccids.is_empty() || i64::try_from(iccids.len()).is_ok_and(|count| count < wanted.quantity) {
            let profile = self.profiles.issue();
            iccids.push(profile.iccid.clone());
            state.esims.push(Esim::new(profile.iccid, profile.matching_id));
        }
        for (nth, iccid) in iccids.iter().enumerate() {
            self.put_on(state, iccid, wanted.bundle, &format!("{reference}-{nth}"));
        }
        iccids
    }

    /// Writes an order down, and its line of the ledger.
    pub(super) fn remember(&self, state: &mut State, order: &Order, kind: &'static str) {
        state.ledger.push(Line {
            order_id: order.reference.clone(),
            package_id: order.bundle.name,
            kind,
            iccids: order.iccids.clone(),
            at: iso(order.created_at),
        });
        state.orders.push(order.clone());
    }

    fn shown(&self, state: &State, order: &Order, date: &str, with_esims: bool) -> Value {
        let total = money(order.bundle.price * order.quantity);
        let mut line = json!({
            "type": order.kind, "item": order.bundle.name, "quantity": order.quantity, "subTotal": total,
            "pricePerUnit": money(order.bundle.price), "allowReassign": false,
        });
        if with_esims && !state.settings.orders_without_esims {
            let esims = order.iccids.iter().filter_map(|iccid| state.esim(iccid));
            put(&mut line, "esims", esims.map(|esim| esim.installs(&state.settings)).collect::<Vec<_>>());
            put(&mut line, "iccids", json!(order.iccids));
        }
        json!({
            "order": [line], "total": total, "currency": "USD", date: iso(order.created_at), "assigned": !order.iccids.is_empty(),
            "status": "completed", "statusMessage": "Order completed", "orderReference": order.reference, "sourceIP": "192.0.2.1",
        })
    }

    /// Newest first, by `createdAt=gte:…` and `lte:…`, page by page.
    pub(super) fn list_orders(&self, call: &Call) -> Reply {
        let mut bounds = Vec::new();
        for (_, value) in call.query_pairs().iter().filter(|(name, _)| name == "createdAt") {
            match value.split_once(':').map(|(operator, at)| (operator.to_owned(), at.parse::<Timestamp>())) {
                Some((operator, Ok(at))) if matches!(operator.as_str(), "gte" | "lte") => bounds.push((operator, at)),
                _ => return message(400, "createdAt takes gte: and lte: with a time"),
            }
        }
        let with_esims = call.query("includeIccids").as_deref() == Some("true");
        let number = |name: &str, otherwise: usize| call.query(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise).max(1);
        let (page, limit) = (number("page", 1), number("limit", 20));
        let state = self.state();
        let lag = SignedDuration::from_secs(state.settings.list_lag_seconds);
        let listed = |order: &&Order| {
            self.now().duration_since(order.created_at) >= lag
                && bounds.iter().all(|(operator, at)| if operator == "gte" { order.created_at >= *at } else { order.created_at <= *at })
        };
        let all: Vec<&Order> = state.orders.iter().rev().filter(listed).collect();
        let shown = all.iter().skip((page - 1) * limit).take(limit).map(|order| self.shown(&state, order, "createDate", with_esims));
        let orders: Vec<Value> = shown.collect();
        Reply::json(200, &json!({"orders": orders, "pageCount": all.len().div_ceil(limit), "rows": all.len()}))
    }

    pub(super) fn show_order(&self, reference: &str) -> Reply {
        let state = self.state();
        match state.orders.iter().find(|order| order.reference == reference) {
            Some(order) => Reply::json(200, &self.shown(&state, order, "createDate", true)),
            None => message(400, "Order not found"),
        }
    }
}

fn wanted(body: &Value) -> Result<Wanted, Reply> {
    let [line] = list(body, "order") else {
        return Err(message(400, "the simulator takes orders of one line"));
    };
    if text(line, "type") != Some("bundle") {
        return Err(message(400, "type of a line must be bundle"));
    }
    let bundle = text(line, "item").and_then(catalogue::find).ok_or_else(|| message(400, "Bundle not found"))?;
    let quantity = line.get("quantity").and_then(Value::as_i64).filter(|quantity| (1..=50).contains(quantity));
    let quantity = quantity.ok_or_else(|| message(400, "quantity must be a whole number"))?;
    let iccids = texts(line, "iccids");
    if !iccids.is_empty() && i64::try_from(iccids.len()).is_ok_and(|count| count != quantity) {
        return Err(message(400, "the number of iccids must equal the quantity"));
    }
    Ok(Wanted { bundle, quantity, iccids })
}

/// The answer to `validate`: no reference, nothing bought.
fn priced(wanted: &Wanted, total: i64, now: Timestamp) -> Value {
    let line = json!({
        "type": "bundle", "item": wanted.bundle.name, "quantity": wanted.quantity, "subTotal": money(total),
        "pricePerUnit": money(wanted.bundle.price), "allowReassign": false,
    });
    json!({"order": [line], "total": money(total), "valid": true, "currency": "USD", "createdDate": iso(now), "assigned": false})
}
