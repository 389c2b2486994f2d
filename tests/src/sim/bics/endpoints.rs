//! `fetchSIM`, and the life of endpoints (§2).

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::text;
use super::super::core::reply::Reply;
use super::state::Card;
use super::{Bics, refusal, request, success};

impl Bics {
    /// By `iccid`, or a search by `simStatusId` (12 is pre-active) and `simAttachStatusId` (1 is attached), page by page.
    pub(super) fn fetch_sim(&self, call: &Call) -> Reply {
        let number = |name: &str, usual: usize| call.query(name).and_then(|text| text.parse::<usize>().ok()).unwrap_or(usual).max(1);
        let (page, per_page) = (number("page", 1), number("perPage", 10));
        let iccid = call.query("iccid");
        let (status, attached) = (call.query("simStatusId"), call.query("simAttachStatusId"));
        let wanted = |card: &&Card| {
            iccid.as_deref().is_none_or(|iccid| card.iccid == iccid)
                && status.as_deref().is_none_or(|status| (status == "12") == (card.status == "Pre-Active"))
                && attached.as_deref().is_none_or(|attached| (attached == "1") == card.endpoint.is_some())
        };
        let state = self.state();
        let rows: Vec<Value> = state.cards.iter().filter(wanted).skip((page - 1) * per_page).take(per_page).map(Card::show).collect();
        success("0", &json!({ "rows": rows }))
    }

    /// A (active), S (suspend). What is active already is told so, as an error (2507).
    pub(super) fn change_life_cycle(&self, call: &Call) -> Reply {
        let Some((endpoint, param)) = request(call) else {
            return refusal("1001", "Request.endPointId is required");
        };
        let target = match text(&param, "lifeCycle") {
            Some("A") => "Active",
            Some("S") => "Suspended",
            _ => return refusal("1002", "lifeCycle must be A, S or AI"),
        };
        if !matches!(text(&param, "reason"), Some("1" | "2" | "3")) {
            return refusal("1003", "reason must be 1, 2 or 3");
        }
        self.become_status(&endpoint, target, "5017")
    }

    pub(super) fn activate(&self, call: &Call) -> Reply {
        match request(call) {
            Some((endpoint, _)) => self.become_status(&endpoint, "Active", "5014"),
            None => refusal("1001", "Request.endPointId is required"),
        }
    }

    fn become_status(&self, endpoint: &str, target: &'static str, code: &str) -> Reply {
        match self.state().endpoint_mut(endpoint) {
            None => refusal("6420", "SIM is not attached"),
            Some(card) if card.status == target => refusal("2507", "End point is already active"),
            Some(card) => {
                card.status = target;
                success(code, &json!({}))
            }
        }
    }
}
