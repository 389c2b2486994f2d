//! The controls of this simulator beyond the common ones.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::json::{text, whole};
use super::super::core::reply::Reply;
use super::super::core::settings;
use super::Airalo;
use super::card::{Card, STATUSES};
use super::hooks::credit_limit;

pub(super) async fn control(airalo: &Arc<Airalo>, call: &Call, rest: &[&str]) -> Option<Reply> {
    airalo.carry_out_due();
    let body = call.json_or_empty();
    let reply = match (call.method.as_str(), rest) {
        ("GET", ["ledger"]) => Reply::json(200, &json!(airalo.state().ledger)),
        ("GET", ["esims"]) => Reply::json(200, &airalo.every_card()),
        ("GET", ["settings"]) => Reply::json(200, &json!(airalo.state().settings)),
        ("POST", ["settings"]) => settings::change(&mut airalo.state().settings, &body),
        ("GET", ["future"]) => Reply::json(200, &airalo.every_scheduled()),
        ("GET", ["refunds"]) => Reply::json(200, &json!(airalo.state().refunds)),
        ("POST", ["limits", "reset"]) => {
            airalo.state().rates.clear();
            Reply::empty(204)
        }
        ("POST", ["balance"]) => {
            airalo.state().balance = whole(&body, "hundredths").unwrap_or(0);
            Reply::empty(204)
        }
        ("POST", ["tokens", "expire"]) => {
            airalo.state().tokens.clear();
            Reply::empty(204)
        }
        ("POST", ["async", "release"]) => airalo.release(),
        ("POST", ["opt-in"]) => airalo.opt_in_by_hand(&body)?,
        ("POST", ["esims", key, "set"]) => airalo.set_card(key, &body)?,
        ("POST", ["esims", key, "notify"]) => airalo.notify(key, &body).await?,
        ("POST", ["credit"]) => airalo.warn_of_credit(&body).await,
        ("GET", ["deliveries"]) => Reply::json(200, &airalo.courier.deliveries()),
        ("POST", ["deliveries", number, "again"]) => {
            let outgoing = airalo.courier.again(number.parse().ok()?)?;
            Reply::json(200, &json!({"status": airalo.courier.send(&outgoing).await}))
        }
        _ => return None,
    };
    Some(reply)
}

impl Airalo {
    fn every_card(&self) -> Value {
        let now = self.now();
        self.state().cards.iter().map(|card| shown(card, now)).collect()
    }

    fn release(&self) -> Reply {
        let held = std::mem::take(&mut self.state().held);
        let bought = held.iter().filter(|wanted| self.carry_out(wanted)).count();
        Reply::json(200, &json!({"released": held.len(), "bought": bought}))
    }

    /// As if the client had opted in: `type`, `webhook_url`.
    fn opt_in_by_hand(&self, body: &Value) -> Option<Reply> {
        let (kind, url) = (text(body, "type")?, text(body, "webhook_url")?);
        let shown = json!({"type": kind, "contact_point": url});
        self.state().opted_in.insert(kind.to_owned(), (url.to_owned(), shown));
        Some(Reply::empty(204))
    }

    /// `None` when there is no such eSIM.
    fn set_card(&self, key: &str, change: &Value) -> Option<Reply> {
        let now = self.now();
        let mut state = self.state();
        let card = state.card_mut(key)?;
        if let Err(problem) = altered(card, change, now) {
            return Some(Reply::json(400, &json!({ "error": problem })));
        }
        Some(Reply::json(200, &shown(card, now)))
    }

    /// Sends a low-data or expiry warning: `level`, `url`, and for mischief `secret`, `tamper`, `times`.
    async fn notify(&self, key: &str, body: &Value) -> Option<Reply> {
        let level = text(body, "level").unwrap_or("75%");
        let warning = self.low_data(key, level)?;
        Some(self.send_by_hand(&warning, "webhook_low_data", body).await)
    }

    async fn warn_of_credit(&self, body: &Value) -> Reply {
        let percent = whole(body, "percent").unwrap_or(80);
        let remaining = body.get("remaining").and_then(Value::as_f64).unwrap_or(20.0);
        self.send_by_hand(&credit_limit(percent, remaining), "webhook_credit_limit", body).await
    }

    async fn send_by_hand(&self, warning: &str, subscription: &str, body: &Value) -> Reply {
        let subscribed = self.state().opted_in.get(subscription).map(|(url, _)| url.clone());
        let Some(url) = text(body, "url").map(str::to_owned).or(subscribed) else {
            return Reply::json(409, &json!({"error": "nobody has opted in and no url was given"}));
        };
        let mut outgoing = self.packed(&url, warning, text(body, "secret").unwrap_or(&self.client_secret));
        if super::super::core::json::truth(body, "tamper") {
            outgoing.body = outgoing.body.replacen('}', ",\"tampered\":true}", 1);
        }
        let mut statuses = Vec::new();
        for _ in 0..whole(body, "times").unwrap_or(1) {
            statuses.push(self.courier.send(&outgoing).await);
        }
        Reply::json(200, &json!({ "statuses": statuses }))
    }
}

/// Applies `status`, `used_mb`, `installed`, `activated_at`, `expires_at`.
fn altered(card: &mut Card, change: &Value, now: Timestamp) -> Result<(), String> {
    for (key, value) in change.as_object().into_iter().flatten() {
        match key.as_str() {
            "used_mb" => card.used_mb = whole(change, key).ok_or("used_mb is no whole number")?,
            "installed" => card.installed = value.as_bool().ok_or("installed is no truth value")?,
            "activated_at" => card.activated_at = instant(value)?,
            "expires_at" => card.expires_at = instant(value)?,
            "status" => set_status(card, value.as_str().unwrap_or_default(), now)?,
            "notify" => {}
            other => return Err(format!("{other} cannot be set")),
        }
    }
    if card.used_mb > 0 && card.activated_at.is_none() {
        card.activated_at = Some(now);
    }
    Ok(())
}

/// A status follows from facts; those are changed, and only what no fact gives is forced.
fn set_status(card: &mut Card, status: &str, now: Timestamp) -> Result<(), String> {
    card.forced = None;
    match status {
        "NOT_ACTIVE" => (card.activated_at, card.used_mb) = (None, 0),
        "ACTIVE" => {
            card.activated_at = card.activated_at.or(Some(now));
            card.installed = true;
        }
        "FINISHED" => {
            card.activated_at = card.activated_at.or(Some(now));
            card.used_mb = card.total_mb();
        }
        "EXPIRED" => {
            card.activated_at = card.activated_at.or(Some(now));
            card.expires_at = card.expiry().map(|end| end.min(now));
        }
        other if STATUSES.contains(&other) => card.forced = Some(other.to_owned()),
        other => return Err(format!("{other} is none of {STATUSES:?}")),
    }
    Ok(())
}

fn instant(value: &Value) -> Result<Option<Timestamp>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(|error: jiff::Error| error.to_string()),
        other => Err(format!("{other} is no date")),
    }
}

fn shown(card: &Card, now: Timestamp) -> Value {
    json!({
        "id": card.id, "iccid": card.iccid, "lpa": card.lpa(), "matching_id": card.matching_id, "order_id": card.order_id,
        "status": card.status(now), "installed": card.installed, "activated_at": card.activated_at.map(iso),
        "expires_at": card.expiry().map(iso), "used_mb": card.used_mb, "total_mb": card.total_mb(),
        "packages": card.plans.iter().map(|plan| plan.package.id.clone()).collect::<Vec<_>>(),
    })
}
