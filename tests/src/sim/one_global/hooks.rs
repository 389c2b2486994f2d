//! Webhooks: registered for each SIM and type at v1's path, unsigned, Basic where it was arranged (§3, §4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::deliver::Outgoing;
use super::super::core::json::{put, text};
use super::super::core::reply::Reply;
use super::{OneGlobal, error};

/// The types that can be registered.
const TYPES: [&str; 3] = ["USAGE_THRESHOLD", "SUBSCRIPTION_END", "DOWNLOAD_PROGRESS"];

impl OneGlobal {
    pub(super) fn register(&self, call: &Call, iccid: &str, kind: &str) -> Reply {
        let body = call.json_or_empty();
        let Some(url) = text(&body, "webhook_url").filter(|url| url::Url::parse(url).is_ok_and(|url| url.has_host())) else {
            return error(400, "INVALID_REQUEST_PARAMS", "webhook_url must be an absolute URL");
        };
        if !TYPES.contains(&kind) {
            return error(400, "INVALID_REQUEST_PARAMS", "no such notification type");
        }
        match self.state().card_mut(iccid) {
            Some(card) => {
                card.hooks.insert(kind.to_owned(), url.to_owned());
                Reply::empty(200)
            }
            None => error(404, "INVALID_REQUEST_PARAMS", "no such SIM"),
        }
    }

    pub(super) fn unregister(&self, iccid: &str, kind: &str) -> Reply {
        match self.state().card_mut(iccid).and_then(|card| card.hooks.remove(kind)) {
            Some(_) => Reply::empty(204),
            None => error(404, "INVALID_REQUEST_PARAMS", "not registered"),
        }
    }

    /// The page's misspelling of one type is kept (§4).
    pub(super) fn preferences(&self, iccid: &str) -> Reply {
        let state = self.state();
        let Some(card) = state.card(iccid) else {
            return error(404, "INVALID_REQUEST_PARAMS", "no such SIM");
        };
        let spelt = |kind: &str| if kind == "SUBSCRIPTION_END" { "SUBSCRITPION_END".to_owned() } else { kind.to_owned() };
        let hooks: Vec<Value> = card.hooks.iter().map(|(kind, url)| json!({"type": spelt(kind), "webhook_url": url})).collect();
        Reply::json(200, &json!({"notifications": hooks}))
    }

    /// The event of a type as it would be told now: to the registered address or to `url`, `times` times.
    pub(super) async fn notify(&self, iccid: &str, wish: &Value) -> Option<Reply> {
        let kind = text(wish, "type").unwrap_or("USAGE_THRESHOLD").to_owned();
        let (body, registered, basic) = self.written(iccid, &kind)?;
        let url = text(wish, "url").map(str::to_owned).or(registered)?;
        let headers = basic.map(|pair| ("authorization".to_owned(), format!("Basic {}", STANDARD.encode(pair)))).into_iter().collect();
        let outgoing = Outgoing { url, headers, body: body.clone() };
        let status = self.courier.send(&outgoing).await;
        Some(Reply::json(200, &json!({"status": status, "body": body})))
    }

    fn written(&self, iccid: &str, kind: &str) -> Option<(String, Option<String>, Option<String>)> {
        let mut state = self.state();
        state.events_sent += 1;
        let id = format!("evt-{}-{}", self.profiles.seed(), state.events_sent);
        let card = state.card(iccid)?;
        let plan = card.plans.last()?;
        let mut body = json!({"id": id, "type": kind, "iccid": card.iccid});
        if kind == "DOWNLOAD_PROGRESS" {
            put(&mut body, "download_progress_step", "BPP_INSTALLATION");
            put(&mut body, "notification_status", "SUCCESS");
        } else {
            put(&mut body, "subscription_id", plan.id.clone());
            put(&mut body, "expiration_date", plan.expiry().map(iso));
            put(&mut body, "current_balance", plan.left());
        }
        if kind == "USAGE_THRESHOLD" {
            put(&mut body, "threshold", 80);
        }
        Some((body.to_string(), card.hooks.get(kind).cloned(), state.settings.webhook_basic.clone()))
    }
}
