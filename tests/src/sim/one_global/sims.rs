//! `/v2/sims/{iccid}` and `/v2/subscriptions`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::reply::Reply;
use super::catalogue;
use super::state::{Card, Plan};
use super::{OneGlobal, SMDP_HOST, error};

impl OneGlobal {
    pub(super) fn show_sim(&self, iccid: &str) -> Reply {
        match self.state().card(iccid) {
            Some(card) => Reply::json(200, &card_shown(&self.url, card)),
            None => error(404, "INVALID_REQUEST_PARAMS", "no such SIM"),
        }
    }

    /// Only what is neither installed nor used.
    pub(super) fn cancel(&self, iccid: &str) -> Reply {
        let mut state = self.state();
        let Some(card) = state.card_mut(iccid) else {
            return error(404, "INVALID_REQUEST_PARAMS", "no such SIM");
        };
        if card.status != "Released" || card.plans.iter().any(|plan| plan.used_bytes > 0) {
            return error(400, "INVALID_REQUEST_PARAMS", "the SIM is installed or has usage");
        }
        card.status = "Unavailable".to_owned();
        card.plans.clear();
        Reply::empty(204)
    }

    /// Filters: `iccid`, `email`, `product-id`, `before`, `after`, `page`, `page_size`.
    pub(super) fn subscriptions(&self, call: &Call) -> Reply {
        let date = |name: &str| call.query(name).map(|text| text.parse::<Timestamp>()).transpose();
        let (Ok(before), Ok(after)) = (date("before"), date("after")) else {
            return error(400, "INVALID_REQUEST_PARAMS", "before and after are ISO 8601 dates");
        };
        let is = |name: &str, value: &str| call.query(name).is_none_or(|wanted| wanted == value);
        let wanted = |card: &Card, plan: &Plan| {
            is("iccid", &card.iccid)
                && is("product-id", plan.product.id)
                && call.query("email").is_none_or(|email| email.eq_ignore_ascii_case(&plan.email))
                && before.is_none_or(|before| plan.created_at < before)
                && after.is_none_or(|after| plan.created_at > after)
        };
        let now = self.now();
        let state = self.state();
        let all = state.cards.iter().flat_map(|card| card.plans.iter().map(move |plan| (card, plan)));
        let rows = all.filter(|(card, plan)| wanted(card, plan)).map(|(card, plan)| plan_shown(card, plan, now)).collect();
        catalogue::paged(&self.url, call, "subscriptions", 20, rows)
    }

    pub(super) fn activate(&self, id: &str) -> Reply {
        let now = self.now();
        let mut state = self.state();
        let plan = state.cards.iter_mut().flat_map(|card| card.plans.iter_mut()).find(|plan| plan.id == id);
        match plan {
            Some(plan) if plan.activated_at.is_none() => {
                plan.activated_at = Some(now);
                Reply::json(200, &json!({"id": id, "status": plan.status(now)}))
            }
            Some(_) => error(400, "INVALID_REQUEST_PARAMS", "the subscription is not pending"),
            None => error(404, "INVALID_REQUEST_PARAMS", "no such subscription"),
        }
    }
}

/// The LPA link comes without the prefix, as in some of the examples (§2).
fn card_shown(url: &str, card: &Card) -> Value {
    json!({
        "iccid": card.iccid, "status": card.status, "matching_id": card.matching_id, "last_modified": iso(card.changed_at),
        "sim_type": "ESIM",
        "_metadata": {"links": {
            "_lpa": format!("1${SMDP_HOST}${}", card.matching_id), "_subscriptions": format!("{url}/connect-api/v2/subscriptions?iccid={}", card.iccid),
        }},
    })
}

/// `spend_balance` is a text, the others are numbers: both occur (§2).
fn plan_shown(card: &Card, plan: &Plan, now: Timestamp) -> Value {
    json!({
        "id": plan.id, "name": plan.product.name, "sim_id": card.iccid, "product_id": plan.product.id,
        "created_date": iso(plan.created_at), "activation_date": plan.activated_at.map(iso), "expiry_date": plan.expiry().map(iso),
        "status": plan.status(now), "initial_balance": plan.product.bytes(), "current_balance": plan.left(),
        "spend_balance": plan.used_bytes.to_string(), "balance_units": "Bytes",
    })
}
