//! Add-ons. The bodies of `SubscribeAddon` and of the details are not public (§2): their members here are this simulator's choice, formed
//! after the calls whose members are.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::{iso, plus_days};
use super::super::core::json::text;
use super::super::core::reply::Reply;
use super::state::{Addon, Card, Purchase};
use super::{Bics, refusal, request, success};

/// An add-on plan of the tenant.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub id: &'static str,
    pub name: &'static str,
    pub countries: &'static [&'static str],
    pub megabytes: i64,
    pub days: i64,
    pub price: &'static str,
}

const PLANS: &[Plan] = &[
    Plan { id: "90001", name: "Japan 3 GB", countries: &["JP"], megabytes: 3072, days: 15, price: "5.9" },
    Plan { id: "90002", name: "Japan 10 GB", countries: &["JP"], megabytes: 10_240, days: 30, price: "13.5" },
    Plan { id: "90003", name: "Europe 5 GB", countries: &["FR", "ES", "IT", "DE", "PT"], megabytes: 5120, days: 30, price: "10.9" },
];

/// What the tenant's own table says of its plans: BICS knows neither price nor country.
pub fn price_table() -> Value {
    let row = |plan: &Plan| {
        json!({"plan_id": plan.id, "title": plan.name, "iso_countries": plan.countries, "data_volume_mb": plan.megabytes,
               "validity_days": plan.days, "price": plan.price, "currency": "EUR"})
    };
    PLANS.iter().map(row).collect()
}

/// `QueryRatePlan?planCategory=ADDON&planType=0`.
pub fn query(call: &Call) -> Reply {
    if call.query("planCategory").as_deref() != Some("ADDON") || call.query("planType").is_none() {
        return refusal("1004", "planCategory and planType are required");
    }
    let rows: Vec<Value> = PLANS.iter().map(|plan| json!({"planId": plan.id, "planName": plan.name, "planCategory": "ADDON"})).collect();
    success("0", &json!({ "rows": rows }))
}

impl Addon {
    /// On usage: the plan's days run from its first use.
    pub fn expiry(&self) -> Option<Timestamp> {
        self.expires_at.or_else(|| self.activated_at.map(|start| plus_days(start, self.plan.days)))
    }

    fn show(&self, card: &Card) -> Value {
        let date = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), iso);
        json!({
            "uniqueId": self.unique_id, "addonId": self.plan.id, "addonName": self.plan.name, "endPointId": card.endpoint,
            "totalVolume": format!("{}.000", self.plan.megabytes), "usedVolume": decimals(self.used_kilobytes.min(self.plan.megabytes * 1000)),
            "subscriptionDate": iso(self.subscribed_at), "activationDate": date(self.activated_at), "expiryDate": date(self.expiry()),
        })
    }
}

/// MB with three decimals, as text.
fn decimals(thousandths: i64) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

impl Bics {
    /// Nothing is idempotent: two calls are two add-ons.
    pub(super) fn subscribe(&self, call: &Call) -> Reply {
        let Some((endpoint, param)) = request(call) else {
            return refusal("1001", "Request.endPointId is required");
        };
        let Some(plan) = text(&param, "addonPlanId").and_then(|id| PLANS.iter().find(|plan| plan.id == id)) else {
            return refusal("7100", "No such add-on plan");
        };
        let now = self.now();
        let mut state = self.state();
        if let Some(code) = state.settings.refuse_subscriptions.clone() {
            return refusal(&code, "The subscription was refused");
        }
        let nth = state.ledger.len() + 1;
        let Some(card) = state.endpoint_mut(&endpoint) else {
            return refusal("6420", "SIM is not attached");
        };
        if card.status != "Active" {
            return refusal("2510", "End point is not active");
        }
        let unique_id = format!("{}{nth:06}", self.seed);
        card.addons.push(Addon {
            unique_id: unique_id.clone(),
            plan,
            subscribed_at: now,
            activated_at: None,
            expires_at: None,
            used_kilobytes: 0,
        });
        let iccid = card.iccid.clone();
        state.ledger.push(Purchase { unique_id: unique_id.clone(), plan_id: plan.id, end_point_id: endpoint, iccid, at: iso(now) });
        success("0", &json!({"rows": [{"uniqueId": unique_id, "benefit": format!("{} MB", plan.megabytes)}]}))
    }

    /// By `endPointId` or `uniqueId`.
    pub(super) fn details(&self, call: &Call) -> Reply {
        let state = self.state();
        let (endpoint, unique) = (call.query("endPointId"), call.query("uniqueId"));
        let Some(card) = state.cards.iter().find(|card| match (&endpoint, &unique) {
            (Some(endpoint), _) => card.endpoint.as_ref() == Some(endpoint),
            (None, Some(unique)) => card.addons.iter().any(|addon| addon.unique_id == *unique),
            (None, None) => false,
        }) else {
            return refusal("404", "No such end point");
        };
        let rows: Vec<Value> = card.addons.iter().map(|addon| addon.show(card)).collect();
        success("0", &json!({ "rows": rows }))
    }

    /// `from_date` and `to_date` are `YYYYMMDD`; this simulator keeps no days and answers the whole.
    pub(super) fn statistics(&self, call: &Call) -> Reply {
        let is_day = |name: &str| call.query(name).is_some_and(|day| day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_day("from_date") || !is_day("to_date") {
            return refusal("1005", "from_date and to_date are YYYYMMDD");
        }
        let state = self.state();
        let Some(card) = call.query("endPointId").and_then(|id| state.endpoint(&id).cloned()) else {
            return refusal("404", "No such end point");
        };
        let used: i64 = card.addons.iter().map(|addon| addon.used_kilobytes).sum();
        let total = json!({"uplink": "0.000", "downlink": decimals(used), "totalVolume": decimals(used), "totalCost": "0"});
        success("0", &json!({"dataUsage": [], "dataTotalUsage": total}))
    }
}
