//! Bundles on eSIMs: `POST /esims/apply` and `GET /esims/{iccid}/bundles`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::{iso, plus_days};
use super::super::core::iccid::digest;
use super::super::core::json::{put, text};
use super::super::core::reply::Reply;
use super::catalogue::{self, Bundle};
use super::esims::{self, Esim};
use super::orders::Order;
use super::{Provider, State, message};

/// A bundle on an eSIM.
#[derive(Debug, Clone)]
pub struct Assignment {
    pub id: String,
    pub reference: String,
    pub bundle: &'static Bundle,
    pub assigned_at: Timestamp,
    pub used_bytes: i64,
    pub started_at: Option<Timestamp>,
    /// Set by hand.
    pub ends_at: Option<Timestamp>,
    /// Set by hand: `Processing`, `Revoked`, `Lapsed`, or a word that nobody knows.
    pub state: Option<String>,
}

impl Assignment {
    /// End of the bundle, once it has begun.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        self.ends_at.or_else(|| self.started_at.map(|start| plus_days(start, self.bundle.days)))
    }

    /// Bytes left.
    #[must_use]
    pub fn remaining(&self) -> i64 {
        (self.bundle.bytes() - self.used_bytes).max(0)
    }

    /// `bundleState`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> String {
        let derived = if self.end().is_some_and(|end| end <= now) {
            "Expired"
        } else if self.started_at.is_none() {
            "Queued"
        } else if self.bundle.megabytes > 0 && self.remaining() == 0 {
            "Depleted"
        } else {
            "Active"
        };
        self.state.clone().unwrap_or_else(|| derived.to_owned())
    }

    /// The `bundle` of a callback, without its name.
    pub(super) fn quantities(&self) -> Value {
        json!({
            "initialQuantity": self.bundle.bytes(), "remainingQuantity": self.remaining(), "unlimited": self.bundle.megabytes == 0,
            "startTime": self.started_at.map(iso), "endTime": self.end().map(iso),
        })
    }

    fn show(&self, now: Timestamp) -> Value {
        let mut shown = self.quantities();
        put(&mut shown, "id", self.id.as_str());
        put(&mut shown, "callTypeGroup", "data");
        put(&mut shown, "assignmentDateTime", iso(self.assigned_at));
        put(&mut shown, "assignmentReference", self.reference.as_str());
        put(&mut shown, "bundleState", self.state(now));
        shown
    }
}

impl Provider {
    /// Assigns a bundle.
    pub(super) fn put_on(&self, state: &mut State, iccid: &str, bundle: &'static Bundle, reference: &str) {
        state.assignments += 1;
        let assignment = Assignment {
            id: format!("{}", 215_000_000 + state.assignments),
            reference: reference.to_owned(),
            bundle,
            assigned_at: self.now(),
            used_bytes: 0,
            started_at: None,
            ends_at: None,
            state: None,
        };
        if let Some(esim) = state.esim_mut(iccid) {
            esim.assignments.push(assignment);
        }
    }

    /// From the inventory, or else from the credit. Without an ICCID a new eSIM is issued.
    pub(super) fn apply(&self, call: &Call) -> Reply {
        let body = call.json_or_empty();
        let Some(bundle) = text(&body, "name").and_then(catalogue::find) else {
            return message(400, "Bundle not found");
        };
        let mut state = self.state();
        let known = match text(&body, "iccid").map(|iccid| state.esim(iccid).cloned()) {
            Some(None) => return message(403, "ICCID is not yours"),
            Some(Some(esim)) if esim.deactivated => return message(400, "The eSIM is deactivated"),
            Some(esim) => esim,
            None => None,
        };
        match state.inventory.get(bundle.name).copied() {
            Some(stock) if stock > 0 => drop(state.inventory.insert(bundle.name, stock - 1)),
            _ => {
                if let Err(refusal) = state.pay(bundle.price) {
                    return refusal;
                }
            }
        }
        let kind = if known.is_some() { "topup" } else { "sim" };
        let iccid = known.map_or_else(|| self.issue(&mut state), |esim| esim.iccid);
        let reference = digest(&format!("apply {} {}", self.profiles.seed(), state.orders.len()), 32);
        self.put_on(&mut state, &iccid, bundle, &reference);
        let order = Order {
            reference: reference.clone(),
            bundle,
            quantity: 1,
            iccids: vec![iccid.clone()],
            kind: "bundleAssignment",
            created_at: self.now(),
        };
        self.remember(&mut state, &order, kind);
        let esim = json!({"iccid": esims::iccid(&iccid, &state.settings), "status": "Successfully Applied Bundle", "bundle": bundle.name});
        Reply::json(200, &json!({"esims": [esim], "applyReference": reference}))
    }

    fn issue(&self, state: &mut State) -> String {
        let profile = self.profiles.issue();
        state.esims.push(Esim::new(profile.iccid.clone(), profile.matching_id));
        profile.iccid
    }

    /// Used ones only with `includeUsed`; `limit` 1 to 200, 15 without it.
    pub(super) fn list_bundles(&self, call: &Call, iccid: &str) -> Reply {
        let limit = match call.query("limit").map(|text| text.parse::<usize>()) {
            None => 15,
            Some(Ok(limit @ 1..=200)) => limit,
            Some(_) => return message(400, "limit must be 1 to 200"),
        };
        let used_too = call.query("includeUsed").as_deref() == Some("true");
        let (now, state) = (self.now(), self.state());
        let Some(esim) = state.esim(iccid) else {
            return message(403, "ICCID is not yours");
        };
        let in_use = |one: &&Assignment| used_too || matches!(one.state(now).as_str(), "Processing" | "Queued" | "Active");
        let shown = esim
            .assignments
            .iter()
            .rev()
            .filter(in_use)
            .take(limit)
            .map(|one| json!({"name": one.bundle.name, "description": one.bundle.name, "assignments": [one.show(now)]}));
        Reply::json(200, &json!({"bundles": shown.collect::<Vec<_>>()}))
    }
}
