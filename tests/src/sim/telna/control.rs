//! The controls of this simulator beyond the common ones.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::{text, whole};
use super::super::core::reply::Reply;
use super::super::core::settings;
use super::Telna;
use super::state::State;

const A_MEGABYTE: i64 = 1_048_576;

impl Telna {
    pub(super) async fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        let body = call.json_or_empty();
        let reply = match (call.method.as_str(), rest) {
            ("GET", ["ledger"]) => Reply::json(200, &json!(self.state().ledger)),
            ("GET", ["esims"]) => Reply::json(200, &every_card(&self.state())),
            ("GET", ["settings"]) => Reply::json(200, &json!(self.state().settings)),
            ("POST", ["settings"]) => settings::change(&mut self.state().settings, &body),
            ("POST", ["orders", "ship"]) => self.ship_held(),
            ("POST", ["esims", iccid, "set"]) => self.set_card(iccid, &body)?,
            ("POST", ["esims", iccid, "notify"]) => self.notify(iccid, &body).await?,
            ("POST", ["confirmation"]) => self.confirmation(text(&body, "subscribe_url")?),
            ("GET", ["deliveries"]) => Reply::json(200, &self.courier.deliveries()),
            _ => return None,
        };
        Some(reply)
    }

    /// Delivers every order that is held.
    fn ship_held(&self) -> Reply {
        let mut state = self.state();
        for place in 0..state.orders.len() {
            if let Some(mut order) = state.orders.get(place).cloned().filter(|order| order.status == "PENDING") {
                self.ship(&mut state, &mut order);
                if let Some(kept) = state.orders.get_mut(place) {
                    *kept = order;
                }
            }
        }
        Reply::empty(204)
    }

    /// `state` of the profile, `used_mb` of the newest order.
    fn set_card(&self, iccid: &str, change: &Value) -> Option<Reply> {
        let mut state = self.state();
        if let Some(wanted) = text(change, "state") {
            state.card_mut(iccid)?.state = wanted.to_owned();
        }
        if let Some(used) = whole(change, "used_mb") {
            state.newest_order_mut(iccid)?.used_bytes = used * A_MEGABYTE;
        }
        let card = state.card(iccid)?;
        Some(Reply::json(200, &card.profile()))
    }
}

fn every_card(state: &State) -> Value {
    state.cards.iter().map(super::state::Card::profile).collect()
}
