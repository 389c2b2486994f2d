//! What the provider remembers.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::core::clock::plus_days;
use super::super::core::rate::Rates;
use super::catalogue::Product;

/// Switches of the simulator, set with `POST /_sim/settings`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Seconds of the simulator's clock between `ACCEPTED` and `COMPLETED`; no time is documented.
    pub fulfil_seconds: i64,
    /// Orders stay `FULFILLING` until this is taken back.
    pub hold_orders: bool,
    /// eSIMs that may still be ordered today; null has no quota. Used up: 406.
    pub quota: Option<i64>,
    /// Requests a minute for each end point; 1,000 in life (M), null has no limit.
    pub requests_per_minute: Option<usize>,
    /// `user:password` that webhooks carry, where Basic was arranged.
    pub webhook_basic: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { fulfil_seconds: 5, hold_orders: false, quota: None, requests_per_minute: None, webhook_basic: None }
    }
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    pub id: String,
    pub status: &'static str,
    pub product: &'static Product,
    pub email: String,
    /// The SIM that is topped up, or that was delivered.
    pub iccid: Option<String>,
    pub topup: bool,
    pub subscription_id: Option<String>,
    pub created_at: Timestamp,
}

/// A SIM and all the plans that it ever had.
#[derive(Debug, Clone)]
pub struct Card {
    pub iccid: String,
    pub matching_id: String,
    /// `Released`, `Downloaded`, `Installed`, `Unavailable`.
    pub status: String,
    pub changed_at: Timestamp,
    pub plans: Vec<Plan>,
    /// Webhook address by type.
    pub hooks: BTreeMap<String, String>,
}

/// One subscription.
#[derive(Debug, Clone)]
pub struct Plan {
    pub id: String,
    pub product: &'static Product,
    pub email: String,
    pub created_at: Timestamp,
    pub activated_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub used_bytes: i64,
}

impl Plan {
    /// End by hand, or the product's days after the start.
    pub fn expiry(&self) -> Option<Timestamp> {
        self.expires_at.or_else(|| self.activated_at.map(|start| plus_days(start, self.product.days())))
    }

    pub fn left(&self) -> i64 {
        (self.product.bytes() - self.used_bytes).max(0)
    }

    pub fn status(&self, now: Timestamp) -> &'static str {
        match (self.activated_at, self.expiry()) {
            (_, Some(end)) if now >= end => "EXPIRED",
            (Some(_), _) if self.left() == 0 => "DEPLETED",
            (Some(_), _) => "ACTIVE",
            (None, _) => "PENDING_USAGE",
        }
    }
}

/// One line of `GET /_sim/ledger`: an order that was accepted and did not fail.
#[derive(Debug, Clone, Serialize)]
pub struct Purchase {
    pub order_id: String,
    pub product_id: &'static str,
    pub email: String,
    /// `sim` or `topup`.
    pub kind: &'static str,
    pub iccid: Option<String>,
    /// Date of the simulator's clock, ISO 8601 UTC.
    pub at: String,
}

/// Everything.
#[derive(Debug, Default)]
pub struct State {
    pub settings: Settings,
    pub tokens: HashMap<String, Timestamp>,
    pub refresh_tokens: HashSet<String>,
    pub tokens_issued: u64,
    pub correlations: HashSet<String>,
    pub rates: Rates,
    pub orders: Vec<Order>,
    pub cards: Vec<Card>,
    pub ledger: Vec<Purchase>,
    pub events_sent: u64,
}

impl State {
    pub fn card(&self, iccid: &str) -> Option<&Card> {
        self.cards.iter().find(|card| card.iccid == iccid)
    }

    pub fn card_mut(&mut self, iccid: &str) -> Option<&mut Card> {
        self.cards.iter_mut().find(|card| card.iccid == iccid)
    }
}
