//! Orders and top-ups under an idempotency key.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::iccid::digest;
use super::super::core::json::{money, text, whole};
use super::super::core::reply::Reply;
use super::catalogue::{self, Package};
use super::esim::Esim;
use super::{Provider, State, problem};

/// Host of the simulated SM-DP+.
const SMDP_HOST: &str = "smdp.reference.example";

/// An order for an eSIM or for a top-up.
#[derive(Debug, Clone)]
pub struct Order {
    pub id: String,
    /// `accepted`, `placed` or `rejected`.
    pub status: &'static str,
    pub package: &'static Package,
    pub esim_id: Option<String>,
    pub external_reference: Option<String>,
    pub reason: Option<String>,
    pub topup: bool,
    pub created_at: Timestamp,
}

/// One line of `GET /_sim/ledger`.
#[derive(Debug, Clone, Serialize)]
pub struct Purchase {
    pub order_id: String,
    pub package_id: &'static str,
    pub external_reference: Option<String>,
    pub idempotency_key: String,
    /// `sim` or `topup`.
    pub kind: &'static str,
    pub esim_id: Option<String>,
    pub iccid: Option<String>,
    /// Date of the simulator's clock, ISO 8601 UTC.
    pub at: String,
}

impl Order {
    fn show(&self) -> Value {
        json!({
            "order_id": self.id, "status": self.status, "esim_id": self.esim_id, "package_id": self.package.id,
            "external_reference": self.external_reference, "price": money(self.package.price), "currency": "EUR",
            "created_at": iso(self.created_at), "reason": self.reason,
        })
    }
}

impl Provider {
    /// `POST /orders`.
    pub(super) fn place_order(&self, call: &Call) -> Reply {
        self.keyed(call, |body| {
            let external_reference = text(body, "external_reference").filter(|reference| !reference.is_empty());
            if external_reference.is_none() {
                return Err(problem::field("external_reference", "external_reference is required."));
            }
            if body.get("quantity").is_some() && whole(body, "quantity") != Some(1) {
                return Err(problem::field("quantity", "quantity is 1."));
            }
            Ok((package(body)?, None))
        })
    }

    /// `POST /esims/{id}/topup`.
    pub(super) fn top_up(&self, call: &Call, id: &str) -> Reply {
        let Some(esim) = self.state().esims.iter().find(|esim| esim.id == id).cloned() else {
            return problem::problem(404, "not_found", "There is no such eSIM.");
        };
        self.keyed(call, |body| {
            let package = package(body)?;
            if !esim.package.topup {
                return Err(problem::problem(422, "not_rechargeable", "This eSIM takes no top-up."));
            }
            if !catalogue::fits(esim.package, package) {
                return Err(problem::problem(422, "invalid_package", "This package does not fit this eSIM."));
            }
            Ok((package, Some(esim.id.clone())))
        })
    }

    /// Carries out a purchase once a key. Same key and body: the order again. Same key, other body: refused.
    fn keyed<C>(&self, call: &Call, check: C) -> Reply
    where
        C: FnOnce(&Value) -> Result<(&'static Package, Option<String>), Reply>,
    {
        let Some(key) = call.header("x-idempotency-key").filter(|key| is_uuid(key)) else {
            return problem::problem(400, "idempotency_key_required", "Send a UUID as X-Idempotency-Key.");
        };
        let Some(body) = call.json().ok().filter(Value::is_object) else {
            return problem::problem(400, "invalid_json", "The body is no JSON object.");
        };
        let asked = format!("{} {}", call.path, digest(&body.to_string(), 64));
        let mut state = self.state();
        if let Some((before, order_id)) = state.keys.get(key) {
            return replayed(&state, &asked, before, order_id);
        }
        let (package, topup_of) = match check(&body) {
            Ok(wanted) => wanted,
            Err(refusal) => return refusal,
        };
        if let Some(refusal) = refused(package) {
            return refusal;
        }
        let order = self.buy(&mut state, key, package, topup_of, text(&body, "external_reference").map(str::to_owned));
        state.keys.insert(key.to_owned(), (asked, order.id.clone()));
        Reply::json(201, &order.show())
    }

    fn buy(&self, state: &mut State, key: &str, package: &'static Package, topup_of: Option<String>, reference: Option<String>) -> Order {
        let now = self.now();
        let nth = state.orders.len() + 1;
        let mut order = Order {
            id: format!("ord_{}{nth:05}", self.profiles.seed()),
            status: "accepted",
            package,
            esim_id: topup_of.clone(),
            external_reference: reference,
            reason: None,
            topup: topup_of.is_some(),
            created_at: now,
        };
        if !state.settings.hold_orders {
            self.complete(state, &mut order);
        }
        let iccid = order.esim_id.as_deref().and_then(|id| state.esim(id)).map(|esim| esim.iccid.clone());
        state.ledger.push(Purchase {
            order_id: order.id.clone(),
            package_id: package.id,
            external_reference: order.external_reference.clone(),
            idempotency_key: key.to_owned(),
            kind: if order.topup { "topup" } else { "sim" },
            esim_id: order.esim_id.clone(),
            iccid,
            at: iso(now),
        });
        state.orders.push(order.clone());
        order
    }

    /// Delivers what was ordered.
    pub(super) fn complete(&self, state: &mut State, order: &mut Order) {
        let now = self.now();
        order.status = "placed";
        if let Some(esim) = order.esim_id.as_deref().filter(|_| order.topup).and_then(|id| state.esim_mut(id)) {
            esim.top_up(order.package, now);
            return;
        }
        let profile = self.profiles.issue();
        let id = format!("es_{}", digest(&format!("esim {} {}", self.profiles.seed(), profile.number), 20));
        order.esim_id = Some(id.clone());
        state.esims.push(Esim {
            id,
            iccid: profile.iccid,
            matching_id: profile.matching_id,
            host: SMDP_HOST.to_owned(),
            order_id: order.id.clone(),
            package: order.package,
            downloaded: false,
            installed: false,
            activated_at: None,
            used_mb: 0,
            total_mb: (order.package.megabytes > 0).then_some(order.package.megabytes),
            days: order.package.days,
            expires_at: None,
            cancelled: false,
            end_told: false,
        });
    }

    /// `GET /orders/{id}`.
    pub(super) fn show_order(&self, id: &str) -> Reply {
        match self.state().orders.iter().find(|order| order.id == id) {
            Some(order) => Reply::json(200, &order.show()),
            None => problem::problem(404, "not_found", "There is no such order."),
        }
    }
}

fn replayed(state: &State, asked: &str, before: &str, order_id: &str) -> Reply {
    if asked != before {
        return problem::problem(422, "idempotency_key_reused", "This key was used for another request.");
    }
    match state.orders.iter().find(|order| order.id == order_id) {
        Some(order) => Reply::json(201, &order.show()).with("idempotent-replayed", "true"),
        None => problem::problem(500, "internal", "The order of this key is gone."),
    }
}

fn package(body: &Value) -> Result<&'static Package, Reply> {
    let id = text(body, "package_id").ok_or_else(|| problem::field("package_id", "package_id is required."))?;
    catalogue::find(id).ok_or_else(|| problem::problem(422, "unknown_package", "There is no such package."))
}

/// The packages that stand for a refusal.
fn refused(package: &Package) -> Option<Reply> {
    match package.id {
        "ref-out-of-stock" => Some(problem::problem(422, "out_of_stock", "This package is sold out.")),
        "ref-insufficient-funds" => Some(problem::problem(402, "insufficient_funds", "The account has no credit left.")),
        _ => None,
    }
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12] && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
