//! What the platform remembers.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::core::iccid::Profiles;
use super::addons::Plan;

/// Host of the simulated SM-DP+.
const SMDP_HOST: &str = "smdp.bics.example";

/// Switches of the simulator, set with `POST /_sim/settings`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Inner code that the next subscriptions are refused with; null refuses none.
    pub refuse_subscriptions: Option<String>,
}

/// A SIM and its endpoint.
#[derive(Debug, Clone)]
pub struct Card {
    pub iccid: String,
    pub matching_id: String,
    /// `Pre-Active`, `Active`, `Suspended`.
    pub status: &'static str,
    /// Absent: not attached.
    pub endpoint: Option<String>,
    pub addons: Vec<Addon>,
}

impl Card {
    pub fn activation_code(&self) -> String {
        format!("LPA:1${SMDP_HOST}${}", self.matching_id)
    }

    pub fn show(&self) -> Value {
        json!({
            "iccid": self.iccid, "simStatus": self.status, "simAttachStatus": if self.endpoint.is_some() { "Attached" } else { "Not attached" },
            "endPointId": self.endpoint.as_deref().unwrap_or("-"), "simProduct": "PRP3", "eid": "-", "iMSIList": "206010000000001|206010000000002",
            "activationCode": {"textQrCode": self.activation_code(), "smDpPlusAdress": SMDP_HOST, "matchingId": self.matching_id},
        })
    }
}

/// A subscribed add-on.
#[derive(Debug, Clone)]
pub struct Addon {
    pub unique_id: String,
    pub plan: &'static Plan,
    pub subscribed_at: Timestamp,
    pub activated_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    /// Thousandths of a MB.
    pub used_kilobytes: i64,
}

/// One line of `GET /_sim/ledger`.
#[derive(Debug, Clone, Serialize)]
pub struct Purchase {
    pub unique_id: String,
    pub plan_id: &'static str,
    pub end_point_id: String,
    pub iccid: String,
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
    pub cards: Vec<Card>,
    pub ledger: Vec<Purchase>,
}

impl State {
    /// A stock of SIMs with endpoints, and one without.
    pub fn stocked(profiles: &Profiles, number: usize) -> Self {
        let card = |nth: usize| {
            let profile = profiles.issue();
            let endpoint = (nth > 0).then(|| format!("EP-{}-{nth}", profiles.seed()));
            Card { iccid: profile.iccid, matching_id: profile.matching_id, status: "Pre-Active", endpoint, addons: Vec::new() }
        };
        Self { cards: (0..=number).map(card).collect(), ..Self::default() }
    }

    pub fn endpoint_mut(&mut self, id: &str) -> Option<&mut Card> {
        self.cards.iter_mut().find(|card| card.endpoint.as_deref() == Some(id))
    }

    pub fn endpoint(&self, id: &str) -> Option<&Card> {
        self.cards.iter().find(|card| card.endpoint.as_deref() == Some(id))
    }
}
