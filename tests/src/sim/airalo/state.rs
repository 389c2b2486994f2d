//! What the provider remembers.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::core::rate::Rates;
use super::card::Card;
use super::catalogue::Package;

/// Switches of the simulator, set with `POST /_sim/settings`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Seconds for which an answer to `usage` is repeated: 1200 in Airalo's production, 3600 in its sandbox, 0 here.
    pub usage_cache_seconds: i64,
    /// Pages from the second on carry `data` as an object keyed by index.
    pub data_object_from_page_2: bool,
    /// `discount_pricing` instead of `net_pricing`: no net prices anywhere.
    pub discount_pricing: bool,
    /// Asynchronous orders wait for `POST /_sim/async/release`.
    pub hold_async: bool,
    /// Milliseconds between accepting an asynchronous order and carrying it out.
    pub async_delay_ms: u64,
    /// Future orders are carried out when they are made, as in Airalo's sandbox.
    pub future_at_once: bool,
    /// How often an undelivered webhook is tried: 20 at Airalo.
    pub webhook_attempts: u32,
    /// Milliseconds between two tries: 900,000 at Airalo.
    pub webhook_retry_ms: u64,
    /// `php`: body and signature are PHP's text. `reformatted`: the body has spaces and plain UTF-8, signed as PHP's text.
    pub webhook_spelling: String,
    /// Requests a minute by name (`token`, `packages`, `usage`, `history`, `simulator`); an absent name has no limit.
    pub limits: BTreeMap<String, usize>,
    /// Requests for `usage` a second, all ICCIDs together; null has no limit.
    pub usage_per_second: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        let limits = [("token", 3), ("simulator", 5), ("refund", 5)].map(|(name, limit)| (name.to_owned(), limit)).into();
        Self {
            usage_cache_seconds: 0,
            data_object_from_page_2: true,
            discount_pricing: false,
            hold_async: false,
            async_delay_ms: 0,
            future_at_once: false,
            webhook_attempts: 1,
            webhook_retry_ms: 900_000,
            webhook_spelling: "php".to_owned(),
            limits,
            usage_per_second: None,
        }
    }
}

/// An order for eSIMs or for a top-up.
#[derive(Debug, Clone)]
pub struct Order {
    /// Number used in paths.
    pub id: i64,
    /// `YYYYMMDD-NNNNNN`.
    pub code: String,
    /// When it was carried out.
    pub created_at: Timestamp,
    /// What was bought.
    pub package: Package,
    /// How many.
    pub quantity: i64,
    /// How many, as number or text, just as it was asked.
    pub quantity_written: Value,
    /// The caller's own text.
    pub description: Option<String>,
    /// Brand of the white label.
    pub brand_settings_name: Option<String>,
    /// eSIMs delivered, or the one topped up.
    pub iccids: Vec<String>,
    /// Of an asynchronous order.
    pub request_id: Option<String>,
}

/// An accepted request for an order, checked and not yet carried out.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What to buy.
    pub package: Package,
    /// How many.
    pub quantity: i64,
    /// How many, as it was written.
    pub quantity_written: Value,
    /// The caller's own text.
    pub description: Option<String>,
    /// Brand of the white label.
    pub brand_settings_name: Option<String>,
    /// Of an asynchronous order: its id and where its result goes.
    pub asynchronous: Option<(String, String)>,
}

/// A future order.
#[derive(Debug, Clone)]
pub struct Scheduled {
    /// Id of 25 characters.
    pub request_id: String,
    /// What to buy, and where its result goes.
    pub wanted: Wanted,
    /// When.
    pub due: Timestamp,
    /// `pending`, `retry`, `failed`, `processed` or `cancelled`.
    pub status: &'static str,
}

/// One line of `GET /_sim/ledger`.
#[derive(Debug, Clone, Serialize)]
pub struct Purchase {
    /// Number of the order.
    pub order_id: i64,
    /// What was bought.
    pub package_id: String,
    /// The caller's own text.
    pub description: Option<String>,
    /// How many.
    pub quantity: i64,
    /// `sim` or `topup`.
    pub kind: &'static str,
    /// eSIMs delivered or topped up.
    pub iccids: Vec<String>,
    /// Date of the simulator's clock, ISO 8601 UTC.
    pub at: String,
    /// Hundredths of a US dollar taken from the balance.
    pub paid_hundredths: i64,
}

/// Everything.
#[derive(Debug)]
pub struct State {
    pub settings: Settings,
    pub tokens: HashSet<String>,
    pub tokens_issued: u64,
    pub rates: Rates,
    pub orders: Vec<Order>,
    pub cards: Vec<Card>,
    pub ledger: Vec<Purchase>,
    pub held: Vec<Wanted>,
    pub scheduled: Vec<Scheduled>,
    pub requests_accepted: u64,
    /// Webhook subscriptions by type: address and credit levels.
    pub opted_in: BTreeMap<String, (String, Value)>,
    /// Requests for refunds, oldest first.
    pub refunds: Vec<Value>,
    /// Hundredths of a US dollar.
    pub balance: i64,
    pub usage_cache: HashMap<String, (Timestamp, Value)>,
    /// Pictures that can be fetched: token → activation code and the end of its life.
    pub pictures: HashMap<String, (String, Timestamp)>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            tokens: HashSet::new(),
            tokens_issued: 0,
            rates: Rates::default(),
            orders: Vec::new(),
            cards: Vec::new(),
            ledger: Vec::new(),
            held: Vec::new(),
            scheduled: Vec::new(),
            requests_accepted: 0,
            opted_in: BTreeMap::new(),
            refunds: Vec::new(),
            balance: 10_000_000,
            usage_cache: HashMap::new(),
            pictures: HashMap::new(),
        }
    }
}

impl State {
    /// The eSIM of an ICCID or of an id.
    pub fn card(&self, key: &str) -> Option<&Card> {
        self.cards.iter().find(|card| card.iccid == key || card.id.to_string() == key)
    }

    /// The same, for changing it.
    pub fn card_mut(&mut self, key: &str) -> Option<&mut Card> {
        self.cards.iter_mut().find(|card| card.iccid == key || card.id.to_string() == key)
    }
}
