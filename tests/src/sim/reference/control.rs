//! The controls of this simulator beyond the common ones.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::json::{put, text, truth, whole};
use super::super::core::reply::Reply;
use super::super::core::settings;
use super::Provider;
use super::esim::{Esim, LIFE};
use super::events::{self, Event};

impl Provider {
    pub(super) async fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        let body = call.json_or_empty();
        let reply = match (call.method.as_str(), rest) {
            ("GET", ["ledger"]) => Reply::json(200, &json!(self.state().ledger)),
            ("GET", ["esims"]) => Reply::json(200, &self.every_esim()),
            ("GET", ["subscriptions"]) => Reply::json(200, &self.every_subscription()),
            ("GET", ["settings"]) => Reply::json(200, &json!(self.state().settings)),
            ("POST", ["settings"]) => settings::change(&mut self.state().settings, &body),
            ("POST", ["webhook-secret"]) => {
                self.state().webhook_secret = text(&body, "secret")?.to_owned();
                Reply::empty(204)
            }
            ("POST", ["tokens", "expire"]) => {
                self.state().tokens.clear();
                Reply::empty(204)
            }
            ("POST", ["orders", id, "complete"]) => self.complete_by_hand(id)?,
            ("POST", ["orders", id, "reject"]) => self.reject_by_hand(id, &body)?,
            ("POST", ["esims", key, "set"]) => self.set_esim(key, &body)?,
            ("POST", ["esims", key, "advance"]) => self.advance(key)?,
            ("POST", ["esims", key, "webhook"]) => self.webhook_by_hand(key, &body).await?,
            ("GET", ["deliveries"]) => Reply::json(200, &self.courier.deliveries()),
            ("POST", ["deliveries", number, "again"]) => {
                let outgoing = self.courier.again(number.parse().ok()?)?;
                Reply::json(200, &json!({"status": self.courier.send(&outgoing).await}))
            }
            _ => return None,
        };
        Some(reply)
    }

    fn every_esim(&self) -> Value {
        let now = self.now();
        self.state().esims.iter().map(|esim| shown(esim, now)).collect()
    }

    fn every_subscription(&self) -> Value {
        let state = self.state();
        state.subscriptions.iter().map(|one| json!({"id": one.id, "url": one.url, "events": one.events})).collect()
    }

    /// Delivers a held order.
    fn complete_by_hand(&self, id: &str) -> Option<Reply> {
        let mut state = self.state();
        let mut order = state.orders.iter().find(|order| order.id == id).cloned()?;
        if order.status != "accepted" {
            return Some(Reply::json(409, &json!({"error": format!("the order is {}", order.status)})));
        }
        self.complete(&mut state, &mut order);
        let esim_id = order.esim_id.clone();
        let iccid = esim_id.as_deref().and_then(|key| state.esim(key)).map(|esim| esim.iccid.clone());
        state.orders.iter_mut().filter(|one| one.id == id).for_each(|one| *one = order.clone());
        for line in state.ledger.iter_mut().filter(|line| line.order_id == id) {
            (line.esim_id, line.iccid) = (esim_id.clone(), iccid.clone());
        }
        Some(Reply::json(200, &json!({"order_id": id, "status": "placed", "esim_id": esim_id})))
    }

    /// Refuses a held order; its line leaves the ledger.
    fn reject_by_hand(&self, id: &str, body: &Value) -> Option<Reply> {
        let mut state = self.state();
        let order = state.orders.iter_mut().find(|order| order.id == id && order.status == "accepted")?;
        order.status = "rejected";
        order.reason = Some(text(body, "reason").unwrap_or("The network refused the order.").to_owned());
        state.ledger.retain(|line| line.order_id != id);
        Some(Reply::json(200, &json!({"order_id": id, "status": "rejected"})))
    }

    /// Changes facts of an eSIM; with `notify` the subscribers are told what that means.
    fn set_esim(&self, key: &str, change: &Value) -> Option<Reply> {
        let now = self.now();
        let before = self.state().esim(key)?.clone();
        let mut after = before.clone();
        if let Err(problem) = altered(&mut after, change, now) {
            return Some(Reply::json(400, &json!({ "error": problem })));
        }
        Some(self.settle(&before, &after, truth(change, "notify")))
    }

    /// The next step of a life, always told: installed, activated, 80 %, 100 %, expired.
    fn advance(&self, key: &str) -> Option<Reply> {
        let now = self.now();
        let before = self.state().esim(key)?.clone();
        let mut after = before.clone();
        let total = after.total_mb.unwrap_or(0);
        match (before.status(now), before.percent()) {
            ("released", _) => after.downloaded = true,
            ("downloaded", _) => after.installed = true,
            ("installed", _) => after.activated_at = Some(now),
            ("activated", percent) if percent < 80 && total > 0 => after.used_mb = (total * 80).div_euclid(100) + 1,
            ("activated", _) if total > 0 => after.used_mb = total,
            ("activated" | "exhausted", _) => after.expires_at = Some(now),
            // The clock has ended it; now it is told.
            ("expired", _) if !before.end_told => {}
            _ => return Some(Reply::json(409, &json!({"error": "this life is over"}))),
        }
        Some(self.settle(&before, &after, true))
    }

    fn settle(&self, before: &Esim, after: &Esim, notify: bool) -> Reply {
        let now = self.now();
        let mut after = after.clone();
        let happened = events::between(before, &after, now);
        after.end_told = after.status(now) == "expired" && (before.end_told || notify);
        if let Some(esim) = self.state().esim_mut(&after.id) {
            *esim = after.clone();
        }
        if notify {
            happened.iter().for_each(|event| self.tell(&after, event));
        }
        let mut reply = shown(&after, now);
        put(&mut reply, "events", if notify { events::names(&happened) } else { json!([]) });
        Reply::json(200, &reply)
    }

    /// Any webhook about an eSIM, genuine or not: `type`, `threshold`, `id`, `url`, `secret`, `signed_at`, `tamper`, `times`.
    async fn webhook_by_hand(&self, key: &str, body: &Value) -> Option<Reply> {
        let esim = self.state().esim(key)?.clone();
        let event = Event { kind: text(body, "type").unwrap_or("esim.installed").to_owned(), threshold: whole(body, "threshold") };
        let (id, written) = self.written(&esim, &event, text(body, "id"));
        let urls = text(body, "url").map_or_else(|| self.subscribed(&event.kind), |url| vec![url.to_owned()]);
        let genuine = self.state().webhook_secret.clone();
        let at = whole(body, "signed_at").unwrap_or_else(|| Timestamp::now().as_second());
        let mut statuses = Vec::new();
        for url in urls {
            let mut outgoing = events::packed(&url, &id, &written, text(body, "secret").unwrap_or(&genuine), at);
            if truth(body, "tamper") {
                outgoing.body = outgoing.body.replacen("\"data\":{", "\"data\":{\"tampered\":true,", 1);
            }
            for _ in 0..whole(body, "times").unwrap_or(1) {
                statuses.push(self.courier.send(&outgoing).await);
            }
        }
        Some(Reply::json(200, &json!({"id": id, "statuses": statuses})))
    }
}

/// Applies `status`, `used_mb`, `installed`, `activated_at`, `expires_at`.
fn altered(esim: &mut Esim, change: &Value, now: Timestamp) -> Result<(), String> {
    for (key, value) in change.as_object().into_iter().flatten() {
        match key.as_str() {
            "used_mb" => esim.used_mb = whole(change, key).ok_or("used_mb is no whole number")?,
            "installed" => esim.installed = value.as_bool().ok_or("installed is no truth value")?,
            "activated_at" => esim.activated_at = instant(value)?,
            "expires_at" => esim.expires_at = instant(value)?,
            "status" => set_status(esim, value.as_str().unwrap_or_default(), now)?,
            "notify" => {}
            other => return Err(format!("{other} cannot be set")),
        }
    }
    if esim.used_mb > 0 && esim.activated_at.is_none() {
        esim.activated_at = Some(now);
    }
    Ok(())
}

/// Brings the facts to where a status follows from them.
fn set_status(esim: &mut Esim, status: &str, now: Timestamp) -> Result<(), String> {
    let Some(rank) = LIFE.iter().position(|name| *name == status) else {
        if status != "cancelled" {
            return Err(format!("{status} is none of {LIFE:?} or cancelled"));
        }
        esim.cancelled = true;
        return Ok(());
    };
    esim.downloaded = rank >= 1;
    esim.installed = rank >= 2;
    esim.activated_at = if rank >= 3 { esim.activated_at.or(Some(now)) } else { None };
    if status == "exhausted" {
        esim.used_mb = esim.total_mb.ok_or("an unlimited plan is never exhausted")?;
    }
    if status == "expired" {
        esim.expires_at = esim.expiry().map(|end| end.min(now));
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

fn shown(esim: &Esim, now: Timestamp) -> Value {
    json!({
        "esim_id": esim.id, "iccid": esim.iccid, "lpa": esim.lpa(), "matching_id": esim.matching_id, "order_id": esim.order_id,
        "package_id": esim.package.id, "status": esim.status(now), "installed": esim.installed,
        "activated_at": esim.activated_at.map(iso), "expires_at": esim.expiry().map(iso), "used_mb": esim.used_mb,
        "total_mb": esim.total_mb,
    })
}
