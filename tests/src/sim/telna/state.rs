//! What the provider remembers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalogue::Product;

/// Switches of the simulator, set with `POST /_sim/settings`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `raw`, `bearer` or `either`.
    pub auth: String,
    /// New work orders stay `PENDING` (a word of this simulator's: the real ones are not all known), without an eSIM.
    pub hold_orders: bool,
    /// Seconds of the simulator's clock until a work order shows in the list.
    pub list_lag_seconds: i64,
    /// Member of a work order that names the SIM to be topped up; null knows no top-up and passes the member over.
    pub top_up_member: Option<String>,
    /// Whether the list can be filtered by `customer_ref`; else the query is passed over (not confirmed, M).
    pub filters_by_reference: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            auth: "either".to_owned(),
            hold_orders: false,
            list_lag_seconds: 0,
            top_up_member: Some("iccid".to_owned()),
            filters_by_reference: false,
        }
    }
}

/// A work order.
#[derive(Debug, Clone)]
pub struct WorkOrder {
    pub id: String,
    pub customer_ref: Option<String>,
    pub product: &'static Product,
    pub status: &'static str,
    pub iccid: Option<String>,
    pub topup: bool,
    pub created_at: Timestamp,
    pub used_bytes: i64,
}

/// A SIM.
#[derive(Debug, Clone)]
pub struct Card {
    pub iccid: String,
    pub activation_code: String,
    /// `RELEASED`, `DOWNLOADED`, `INSTALLED`, `ENABLED`, `DISABLED`, `DELETED`.
    pub state: String,
    pub released_at: Timestamp,
}

impl Card {
    pub fn profile(&self) -> Value {
        json!({
            "iccid": self.iccid, "imsi": "001010123456789", "eid": null, "state": self.state, "activation_code": self.activation_code,
            "cc_required": false, "cc_retries": 0, "release_date": self.released_at.as_millisecond(), "reuse_enabled": false,
            "reuse_remaining_count": 0, "profile_reuse_policy": {"reuse_type": "NONE", "max_count": 0},
        })
    }
}

/// One line of `GET /_sim/ledger`.
#[derive(Debug, Clone, Serialize)]
pub struct Purchase {
    pub order_id: String,
    pub product_id: &'static str,
    pub customer_ref: Option<String>,
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
    pub orders: Vec<WorkOrder>,
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

    /// The newest order that gave a SIM data.
    pub fn newest_order_mut(&mut self, iccid: &str) -> Option<&mut WorkOrder> {
        self.orders.iter_mut().rev().find(|order| order.iccid.as_deref() == Some(iccid))
    }
}
