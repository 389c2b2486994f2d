//! The controls of this simulator beyond the common ones.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::json::whole;
use super::super::core::reply::Reply;
use super::super::core::settings;
use super::state::Card;
use super::{OneGlobal, SMDP_HOST};

const A_MEGABYTE: i64 = 1_048_576;

impl OneGlobal {
    pub(super) async fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        self.fulfil_due();
        let body = call.json_or_empty();
        let reply = match (call.method.as_str(), rest) {
            ("GET", ["ledger"]) => Reply::json(200, &json!(self.state().ledger)),
            ("GET", ["esims"]) => Reply::json(200, &self.every_card()),
            ("GET", ["settings"]) => Reply::json(200, &json!(self.state().settings)),
            ("POST", ["settings"]) => settings::change(&mut self.state().settings, &body),
            ("POST", ["tokens", "expire"]) => {
                self.state().tokens.clear();
                Reply::empty(204)
            }
            ("POST", ["esims", iccid, "set"]) => self.set_card(iccid, &body)?,
            ("POST", ["esims", iccid, "notify"]) => self.notify(iccid, &body).await?,
            ("GET", ["deliveries"]) => Reply::json(200, &self.courier.deliveries()),
            ("POST", ["deliveries", number, "again"]) => {
                let outgoing = self.courier.again(number.parse().ok()?)?;
                Reply::json(200, &json!({"status": self.courier.send(&outgoing).await}))
            }
            _ => return None,
        };
        Some(reply)
    }

    fn every_card(&self) -> Value {
        let now = self.now();
        self.state().cards.iter().map(|card| shown(card, now)).collect()
    }

    /// `profile` (Released, Downloaded, Installed, Unavailable); of the newest plan `used_mb`, `activated_at`, `expires_at`.
    fn set_card(&self, iccid: &str, change: &Value) -> Option<Reply> {
        let now = self.now();
        let mut state = self.state();
        let card = state.card_mut(iccid)?;
        card.changed_at = now;
        for (key, value) in change.as_object().into_iter().flatten() {
            if let Err(error) = set(card, key, value, change, now) {
                return Some(Reply::json(400, &json!({ "error": error })));
            }
        }
        Some(Reply::json(200, &shown(card, now)))
    }
}

fn set(card: &mut Card, key: &str, value: &Value, change: &Value, now: Timestamp) -> Result<(), String> {
    if key == "profile" {
        card.status = value.as_str().unwrap_or_default().to_owned();
        return Ok(());
    }
    let plan = card.plans.last_mut().ok_or("the SIM has no plan")?;
    let instant = || value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    match key {
        "used_mb" => {
            plan.used_bytes = whole(change, key).ok_or("used_mb is no whole number")? * A_MEGABYTE;
            plan.activated_at = plan.activated_at.or(Some(now));
        }
        "activated_at" => plan.activated_at = instant(),
        "expires_at" => plan.expires_at = instant(),
        other => return Err(format!("{other} cannot be set")),
    }
    Ok(())
}

fn shown(card: &Card, now: Timestamp) -> Value {
    let plans: Vec<Value> = card
        .plans
        .iter()
        .map(|plan| json!({"id": plan.id, "product_id": plan.product.id, "status": plan.status(now), "expires_at": plan.expiry().map(iso)}))
        .collect();
    json!({
        "iccid": card.iccid, "matching_id": card.matching_id, "lpa": format!("LPA:1${SMDP_HOST}${}", card.matching_id),
        "profile": card.status, "plans": plans, "hooks": card.hooks,
    })
}
