//! `/esim/order`, `/esim/topup` and `/esim/cancel`. An order with a transaction that was used before is the same request.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::core::clock::{iso, plus_days};
use super::super::core::json::{list, text};
use super::catalogue::{self, Package};
use super::esims::Esim;
use super::{Provider, Refusal, State};

/// The most characters of a `transactionId`.
const LONGEST: usize = 50;

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    pub number: String,
    pub transaction: String,
    pub package: &'static Package,
    pub created_at: Timestamp,
}

/// One line of `GET /_sim/ledger`.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub order_id: String,
    pub package_id: &'static str,
    pub external_reference: String,
    /// `sim` or `topup`.
    pub kind: &'static str,
    pub at: String,
}

impl Provider {
    pub(super) fn order(&self, body: &Value) -> Result<Value, Refusal> {
        let transaction = transaction(body)?;
        let mut state = self.state();
        if let Some(before) = state.orders.iter().find(|order| order.transaction == transaction) {
            return Ok(json!({"orderNo": before.number}));
        }
        let [item] = list(body, "packageInfoList") else {
            return Err(Refusal("000105", "the simulator takes packageInfoList of one"));
        };
        let package = text(item, "packageCode").and_then(catalogue::base);
        let package = package.ok_or(Refusal("310241", "The packageCode does not exist"))?;
        let count = item.get("count").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
        let count = count.filter(|count| (1..=30).contains(count)).ok_or(Refusal("000105", "count must be 1 to 30"))?;
        checked_price(item.get("price"), package.price, "200005")?;
        let total = package.price.saturating_mul(i64::try_from(count).unwrap_or(1));
        checked_price(body.get("amount"), total, "200006")?;
        if package.code == "OUT_OF_STOCK" {
            return Err(Refusal("200011", "Insufficient available profiles for the package"));
        }
        state.pay(total)?;
        let order = Order {
            number: format!("B{}{:06}", self.profiles.seed(), state.orders.len() + 1),
            transaction,
            package,
            created_at: self.now(),
        };
        self.remember(&mut state, &order.number, package, &order.transaction, "sim");
        for _ in 0..count {
            self.allocate(&mut state, &order);
        }
        state.orders.push(order.clone());
        Ok(json!({"orderNo": order.number, "transactionId": order.transaction}))
    }

    /// The profile is there at once and shown when its time has come.
    fn allocate(&self, state: &mut State, order: &Order) {
        let profile = self.profiles.issue();
        let wait = SignedDuration::from_secs(state.settings.allocation_seconds);
        state.esims.push(Esim {
            number: format!("{}{:09}", self.profiles.seed(), profile.number),
            iccid: profile.iccid,
            matching_id: profile.matching_id,
            order: order.number.clone(),
            transaction: order.transaction.clone(),
            package: order.package,
            allocated_at: order.created_at.saturating_add(wait).unwrap_or(order.created_at),
            smdp_status: "RELEASED".to_owned(),
            esim_status: "GOT_RESOURCE".to_owned(),
            total_bytes: order.package.bytes(),
            days: order.package.days,
            started_at: None,
            expires_at: None,
            used: Vec::new(),
        });
    }

    fn remember(&self, state: &mut State, number: &str, package: &Package, transaction: &str, kind: &'static str) {
        state.ledger.push(Line {
            order_id: number.to_owned(),
            package_id: package.code,
            external_reference: transaction.to_owned(),
            kind,
            at: iso(self.now()),
        });
    }

    /// In every state but after the end. Nothing says that a repeated transaction is the same request: it is not.
    pub(super) fn top_up(&self, body: &Value) -> Result<Value, Refusal> {
        let transaction = transaction(body)?;
        let key = key(body)?;
        let package = text(body, "packageCode").and_then(catalogue::topup);
        let package = package.ok_or(Refusal("310241", "The packageCode does not exist"))?;
        let now = self.now();
        let mut state = self.state();
        let esim = state.esim(&key).cloned().ok_or(Refusal("310403", "ICCID not in the order"))?;
        let over = matches!(esim.status(now).as_str(), "USED_EXPIRED" | "UNUSED_EXPIRED" | "CANCEL" | "REVOKED");
        if over || !esim.package.topup || esim.package.location != package.location {
            return Err(Refusal("200002", "This operation is not allowed due to the order status"));
        }
        state.pay(package.price)?;
        self.remember(&mut state, &transaction, package, &transaction, "topup");
        let kept = state.esim_mut(&esim.number).ok_or(Refusal("310403", "ICCID not in the order"))?;
        kept.total_bytes += package.bytes();
        kept.days += package.days;
        kept.expires_at = kept.expires_at.map(|end| plus_days(end, package.days));
        if kept.esim_status == "USED_UP" {
            kept.esim_status = "IN_USE".to_owned();
        }
        Ok(json!({
            "transactionId": transaction, "iccid": kept.iccid, "expiredTime": kept.end().map(iso), "totalVolume": kept.total_bytes,
            "totalDuration": kept.days, "orderUsage": kept.used_bytes(now),
        }))
    }

    /// Refunded, if it was never installed.
    pub(super) fn cancel(&self, body: &Value) -> Result<Value, Refusal> {
        let key = key(body)?;
        let mut state = self.state();
        let esim = state.esim_mut(&key).ok_or(Refusal("310403", "ICCID not in the order"))?;
        if (esim.esim_status.as_str(), esim.smdp_status.as_str()) != ("GOT_RESOURCE", "RELEASED") {
            return Err(Refusal("200002", "This operation is not allowed due to the order status"));
        }
        esim.esim_status = "CANCEL".to_owned();
        let price = esim.package.price;
        state.balance = state.balance.map(|balance| balance + price);
        Ok(json!({}))
    }
}

fn transaction(body: &Value) -> Result<String, Refusal> {
    let transaction = text(body, "transactionId").filter(|id| !id.is_empty());
    let transaction = transaction.ok_or(Refusal("000105", "transactionId is mandatory"))?;
    if transaction.chars().count() > LONGEST {
        return Err(Refusal("000107", "transactionId is too long"));
    }
    Ok(transaction.to_owned())
}

/// `esimTranNo` or `iccid`.
fn key(body: &Value) -> Result<String, Refusal> {
    let key = text(body, "esimTranNo").or_else(|| text(body, "iccid")).filter(|key| !key.is_empty());
    key.map(str::to_owned).ok_or(Refusal("000105", "esimTranNo or iccid is mandatory"))
}

fn checked_price(said: Option<&Value>, price: i64, code: &'static str) -> Result<(), Refusal> {
    match said.filter(|said| !said.is_null()) {
        Some(said) if said.as_i64() != Some(price) => Err(Refusal(code, "Package price error. Check price.")),
        _ => Ok(()),
    }
}
