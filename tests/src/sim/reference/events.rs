//! Webhooks of the contract, signed with HMAC-SHA256.
//!
//! The contract fixes the algorithm and the event names only. Header and envelope are this simulator's:
//! `X-Passerelle-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA256("<t>.<raw body>")>` and `X-Webhook-Id`.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use super::super::core::call::Call;
use super::super::core::clock::iso;
use super::super::core::deliver::Outgoing;
use super::super::core::iccid::digest;
use super::super::core::json::{ordered, text, texts};
use super::super::core::reply::Reply;
use super::esim::Esim;
use super::{Provider, problem};

/// The events of the contract.
pub const EVENTS: [&str; 4] = ["esim.installed", "esim.activated", "usage.threshold_reached", "esim.expired"];

/// Somebody who wants to be told.
#[derive(Debug, Clone)]
pub struct Subscription {
    pub id: String,
    pub url: String,
    pub events: Vec<String>,
}

/// An event that is to be told.
#[derive(Debug, Clone)]
pub struct Event {
    pub kind: String,
    pub threshold: Option<i64>,
}

impl Event {
    /// An event without a threshold.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), threshold: None }
    }
}

/// The value of the signature header.
#[must_use]
pub fn signature(secret: &str, at: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

impl Provider {
    /// `POST /webhooks/register`. The secret is the account's, the same for every subscription.
    pub(super) fn subscribe(&self, call: &Call) -> Reply {
        let body = call.json_or_empty();
        let Some(url) = text(&body, "url").filter(|url| url::Url::parse(url).is_ok_and(|url| url.has_host())) else {
            return problem::field("url", "url is an absolute http or https URL.");
        };
        let events = texts(&body, "events");
        if events.is_empty() || events.iter().any(|event| !EVENTS.contains(&event.as_str())) {
            return problem::field("events", "events is a list of event names of the contract.");
        }
        let mut state = self.state();
        let id = format!("sub_{}", digest(&format!("{url} {}", self.profiles.seed()), 16));
        state.subscriptions.retain(|subscription| subscription.id != id);
        state.subscriptions.push(Subscription { id: id.clone(), url: url.to_owned(), events: events.clone() });
        Reply::json(201, &json!({"subscription_id": id, "secret": state.webhook_secret, "url": url, "events": events}))
    }

    /// Tells an event to everybody who subscribed to it.
    pub(super) fn tell(&self, esim: &Esim, event: &Event) {
        let (id, body) = self.written(esim, event, None);
        let (secret, settings) = {
            let state = self.state();
            (state.webhook_secret.clone(), state.settings.clone())
        };
        for url in self.subscribed(&event.kind) {
            let outgoing = packed(&url, &id, &body, &secret, Timestamp::now().as_second());
            let pause = Duration::from_millis(settings.webhook_retry_ms);
            self.courier.send_later(outgoing, settings.webhook_attempts, pause, |status| (200..300).contains(&status));
        }
    }

    /// Addresses of those who subscribed to an event.
    pub(super) fn subscribed(&self, kind: &str) -> Vec<String> {
        let state = self.state();
        let wanting = state.subscriptions.iter().filter(|subscription| subscription.events.iter().any(|event| event == kind));
        wanting.map(|subscription| subscription.url.clone()).collect()
    }

    /// Id and text of an event, dated by the simulator's clock.
    pub(super) fn written(&self, esim: &Esim, event: &Event, id: Option<&str>) -> (String, String) {
        let now = self.now();
        let mut state = self.state();
        state.events_sent += 1;
        let fresh = || format!("evt_{}{:06}", self.profiles.seed(), state.events_sent);
        let id = id.map_or_else(fresh, str::to_owned);
        let mut data = vec![
            ("esim_id", json!(esim.id)),
            ("iccid", json!(esim.iccid)),
            ("order_id", json!(esim.order_id)),
            ("status", json!(esim.status(now))),
            ("data_used_mb", json!(esim.used_mb)),
            ("data_total_mb", json!(esim.total_mb)),
            ("expiry_date", json!(esim.expiry().map(iso))),
        ];
        if let Some(threshold) = event.threshold {
            data.push(("threshold", json!(threshold)));
        }
        let head = ordered(&[("id", json!(id)), ("type", json!(event.kind)), ("occurred_at", json!(iso(now)))]);
        let body = format!("{},\"data\":{}}}", head.trim_end_matches('}'), ordered(&data));
        (id, body)
    }
}

/// A webhook with its headers. `at` is the machine's time unless a test wants a stale one.
#[must_use]
pub fn packed(url: &str, id: &str, body: &str, secret: &str, at: i64) -> Outgoing {
    let headers = vec![("x-passerelle-signature".to_owned(), signature(secret, at, body)), ("x-webhook-id".to_owned(), id.to_owned())];
    Outgoing { url: url.to_owned(), headers, body: body.to_owned() }
}

/// What happened between two states of an eSIM, in the order of a life. An end that came with the clock counts too.
#[must_use]
pub fn between(before: &Esim, after: &Esim, now: Timestamp) -> Vec<Event> {
    let mut events = Vec::new();
    if after.installed && !before.installed {
        events.push(Event::new("esim.installed"));
    }
    if after.activated_at.is_some() && before.activated_at.is_none() {
        events.push(Event::new("esim.activated"));
    }
    for threshold in [80, 100] {
        if after.percent() >= threshold && before.percent() < threshold {
            events.push(Event { kind: "usage.threshold_reached".to_owned(), threshold: Some(threshold) });
        }
    }
    if after.status(now) == "expired" && !before.end_told {
        events.push(Event::new("esim.expired"));
    }
    events
}

/// Names of events, for answers of controls.
#[must_use]
pub fn names(events: &[Event]) -> Value {
    events.iter().map(|event| json!({"type": event.kind, "threshold": event.threshold})).collect()
}
