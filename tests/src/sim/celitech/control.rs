//! The controls of this simulator beyond the common ones.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::json::{text, whole};
use super::super::core::reply::Reply;
use super::esims::{Esim, STATES};
use super::purchases::Purchase;
use super::{Provider, State};

/// Bytes of a megabyte.
const MEGABYTE: i64 = 1_048_576;

impl Provider {
    pub(super) fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        let body = call.json_or_empty();
        let reply = match (call.method.as_str(), rest) {
            ("GET", ["ledger"]) => Reply::json(200, &json!(self.state().ledger)),
            ("GET", ["esims"]) => Reply::json(200, &self.every_esim()),
            ("POST", ["esims", iccid, "set"]) => self.set_esim(iccid, &body)?,
            ("POST", ["balance"]) => {
                self.state().balance = whole(&body, "hundredths");
                Reply::empty(204)
            }
            ("POST", ["keys", "hold"]) => {
                self.state().in_hand.insert(text(&body, "key")?.to_owned());
                Reply::empty(204)
            }
            ("POST", ["keys", "release"]) => {
                self.state().in_hand.clear();
                Reply::empty(204)
            }
            ("POST", ["tokens", "expire"]) => {
                self.state().tokens.clear();
                Reply::empty(204)
            }
            _ => return None,
        };
        Some(reply)
    }

    fn every_esim(&self) -> Value {
        let state = self.state();
        state.esims.iter().map(|esim| shown(esim, &state)).collect()
    }

    /// Changes facts of an eSIM and of its latest plan. The first data that is used starts the plan.
    fn set_esim(&self, iccid: &str, change: &Value) -> Option<Reply> {
        let now = self.now();
        let mut state = self.state();
        let mut esim = state.esim(iccid)?.clone();
        let mut plan = state.purchases.iter().rfind(|purchase| purchase.iccid == iccid)?.clone();
        for (member, value) in change.as_object().into_iter().flatten() {
            if !altered(&mut esim, &mut plan, (member, value), now) {
                return Some(Reply::json(400, &json!({"error": format!("{member}: {value}")})));
            }
        }
        state.purchases.iter_mut().filter(|purchase| purchase.id == plan.id).for_each(|purchase| *purchase = plan.clone());
        if let Some(kept) = state.esim_mut(iccid) {
            *kept = esim.clone();
        }
        Some(Reply::json(200, &shown(&esim, &state)))
    }
}

fn altered(esim: &mut Esim, plan: &mut Purchase, (member, value): (&str, &Value), now: Timestamp) -> bool {
    match (member, value) {
        ("status", Value::String(word)) if STATES.contains(&word.as_str()) => esim.status = word.clone(),
        ("connected", Value::Bool(connected)) => esim.connected = *connected,
        ("topup_allowed", Value::Bool(allowed)) => esim.topup_allowed = *allowed,
        ("used_mb", Value::Number(used)) => {
            let Some(used) = used.as_i64() else { return false };
            plan.used_bytes = used * MEGABYTE;
            plan.started_at = plan.started_at.or(Some(now).filter(|_| used > 0));
        }
        ("expires_at", Value::String(at)) => match at.parse() {
            Ok(at) => plan.ends_at = Some(at),
            Err(_) => return false,
        },
        _ => return false,
    }
    true
}

fn shown(esim: &Esim, state: &State) -> Value {
    let plan = state.purchases.iter().rfind(|purchase| purchase.iccid == esim.iccid);
    json!({
        "iccid": esim.iccid, "lpa": esim.lpa(), "status": esim.status, "connected": esim.connected,
        "purchase_id": plan.map(|plan| plan.id.clone()), "used_mb": plan.map(|plan| plan.used_bytes / MEGABYTE),
        "expires_at": plan.and_then(Purchase::end).map(iso),
    })
}
