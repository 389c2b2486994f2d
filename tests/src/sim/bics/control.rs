//! The controls of this simulator beyond the common ones.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::deliver::Outgoing;
use super::super::core::json::{text, whole};
use super::super::core::reply::Reply;
use super::super::core::settings;
use super::Bics;
use super::state::{Card, State};

impl Bics {
    pub(super) async fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        let body = call.json_or_empty();
        let reply = match (call.method.as_str(), rest) {
            ("GET", ["ledger"]) => Reply::json(200, &json!(self.state().ledger)),
            ("GET", ["esims"]) => Reply::json(200, &sold(&self.state())),
            ("GET", ["settings"]) => Reply::json(200, &json!(self.state().settings)),
            ("POST", ["settings"]) => settings::change(&mut self.state().settings, &body),
            ("POST", ["tokens", "expire"]) => {
                self.state().tokens.clear();
                Reply::empty(204)
            }
            ("POST", ["stock", "empty"]) => {
                self.state().cards.retain(|card| card.status != "Pre-Active");
                Reply::empty(204)
            }
            ("POST", ["esims", iccid, "set"]) => self.set_card(iccid, &body)?,
            ("POST", ["esims", iccid, "notify"]) => self.notify(iccid, &body).await?,
            ("GET", ["deliveries"]) => Reply::json(200, &self.courier.deliveries()),
            _ => return None,
        };
        Some(reply)
    }

    /// Of the newest add-on: `used_mb`, `expires_at`.
    fn set_card(&self, iccid: &str, change: &Value) -> Option<Reply> {
        let now = self.now();
        let mut state = self.state();
        let card = state.cards.iter_mut().find(|card| card.iccid == iccid)?;
        let addon = card.addons.last_mut()?;
        if let Some(used) = whole(change, "used_mb") {
            addon.used_kilobytes = used * 1000;
            addon.activated_at = addon.activated_at.or(Some(now));
        }
        if let Some(end) = text(change, "expires_at") {
            addon.expires_at = end.parse().ok();
        }
        Some(Reply::json(200, &card.show()))
    }

    /// A callback about an endpoint to `url`. It is sent once: BICS never repeats one (§4).
    async fn notify(&self, iccid: &str, wish: &Value) -> Option<Reply> {
        let endpoint = self.state().cards.iter().find(|card| card.iccid == iccid)?.endpoint.clone()?;
        let event = text(wish, "event").unwrap_or("First Activation");
        let body =
            json!({"apiCallback": {"accountId": "1", "callbackProcessId": "p-1", "event": event, "endPointId": endpoint}}).to_string();
        let outgoing = Outgoing { url: text(wish, "url")?.to_owned(), headers: Vec::new(), body: body.clone() };
        Some(Reply::json(200, &json!({"status": self.courier.send(&outgoing).await, "body": body})))
    }
}

/// The SIMs that are no longer in stock.
fn sold(state: &State) -> Value {
    state.cards.iter().filter(|card| card.status != "Pre-Active").map(Card::show).collect()
}
