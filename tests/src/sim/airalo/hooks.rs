//! Webhooks (Airalo Partner API v2, "Webhooks").

use std::time::Duration;

use serde_json::{Value, json};

use super::super::core::deliver::Outgoing;
use super::super::core::form::Fields;
use super::super::core::json::{list, ordered, put, text};
use super::super::core::php_json::{Spelling, respell};
use super::super::core::reply::Reply;
use super::{Airalo, checksum, errors};

/// Subscriptions to a URL.
const WEBHOOKS: [&str; 3] = ["async_orders", "webhook_low_data", "webhook_credit_limit"];
/// Subscriptions to e-mails: accepted, never sent.
const EMAILS: [&str; 2] = ["email_low_data", "email_credit_limit"];

impl Airalo {
    /// `POST notifications/opt-in`: the address must answer HEAD with 200.
    pub(super) async fn opt_in(&self, fields: &Fields) -> Reply {
        let value = &fields.value;
        let kind = text(value, "type").unwrap_or_default();
        let is_email = EMAILS.contains(&kind);
        if !is_email && !WEBHOOKS.contains(&kind) {
            return errors::invalid("type", "The selected type is invalid.");
        }
        let (field, label) = if is_email { ("email", "email") } else { ("webhook_url", "webhook url") };
        let Some(contact) = text(value, field).filter(|contact| !contact.is_empty()) else {
            return errors::invalid(field, &format!("The {label} field is required."));
        };
        let allowed = [50, 70, 80, 90];
        let levels = list(value, "levels");
        if levels.iter().any(|level| !level.as_i64().is_some_and(|level| allowed.contains(&level))) {
            return errors::invalid("levels", "The selected levels is invalid.");
        }
        if !is_email && self.courier.probe(contact).await != Some(200) {
            return errors::invalid("webhook_url", "The webhook url must answer HEAD with 200.");
        }
        let mut notification = json!({"type": kind, "contact_point": contact});
        if kind.ends_with("credit_limit") {
            put(&mut notification, "levels", levels.to_vec());
        }
        self.state().opted_in.insert(kind.to_owned(), (contact.to_owned(), notification.clone()));
        errors::success(200, &json!({ "notification": notification }))
    }

    /// `POST notifications/opt-out`.
    pub(super) fn opt_out(&self, fields: &Fields) -> Reply {
        let kind = text(&fields.value, "type").unwrap_or_default();
        if !WEBHOOKS.contains(&kind) && !EMAILS.contains(&kind) {
            return errors::invalid("type", "The selected type is invalid.");
        }
        self.state().opted_in.remove(kind);
        Reply::empty(204)
    }

    /// `GET notifications/opt-in`.
    pub(super) fn subscriptions(&self) -> Reply {
        let all: Vec<Value> = self.state().opted_in.values().map(|(_, shown)| shown.clone()).collect();
        errors::success(200, &json!({ "notifications": all }))
    }

    /// `POST simulator/webhook`: Airalo's own test button, five a minute.
    pub(super) async fn simulate_webhook(&self, fields: &Fields) -> Reply {
        if let Some(refusal) = self.over_limit("simulator", "", Duration::from_secs(60)) {
            return refusal;
        }
        let value = &fields.value;
        let (body, subscription) = match text(value, "event") {
            Some("low_data_notification") => (self.low_data_test(value), "webhook_low_data"),
            Some("credit_limit_notification") => (Ok(credit_limit(80, 20.0)), "webhook_credit_limit"),
            Some("async_order_notification") => (self.async_test(), "async_orders"),
            _ => (Err("The selected event is invalid."), ""),
        };
        let subscribed = self.state().opted_in.get(subscription).map(|(url, _)| url.clone());
        match (body, text(value, "webhook_url").map(str::to_owned).or(subscribed)) {
            (Err(reason), _) => Reply::json(400, &json!({ "error": reason })),
            (Ok(_), None) => Reply::json(400, &json!({"error": "The webhook url field is required."})),
            (Ok(body), Some(url)) => {
                self.courier.send(&self.packed(&url, &body, &self.client_secret)).await;
                Reply::json(200, &json!({"success": "Notification sent"}))
            }
        }
    }

    fn low_data_test(&self, value: &Value) -> Result<String, &'static str> {
        let level = match text(value, "type") {
            Some("data_75") => "75%",
            Some("data_90") => "90%",
            Some("expire_3") => "3days",
            Some("expire_1") => "1days",
            _ => return Err("The selected type is invalid."),
        };
        self.low_data(text(value, "iccid").unwrap_or_default(), level).ok_or("The selected iccid is invalid.")
    }

    /// The text of a low-data or expiry warning, members in the order of the page.
    pub(super) fn low_data(&self, key: &str, level: &str) -> Option<String> {
        let state = self.state();
        let card = state.card(key)?;
        let plan = card.plans.last()?;
        let remaining = match level {
            "75%" => 25,
            "90%" => 10,
            _ => card.remaining_mb() * 100 / card.total_mb().max(1),
        };
        let name = format!("{}-{}", plan.package.brand_title, plan.package.title());
        Some(ordered(&[
            ("level", json!(level)),
            ("package_name", json!(name)),
            ("remaining_percentage", json!(remaining)),
            ("iccid", json!(card.iccid)),
        ]))
    }

    /// The last order once more, as if it had been asynchronous.
    fn async_test(&self) -> Result<String, &'static str> {
        let last = self.state().orders.iter().rfind(|order| !order.package.topup).cloned();
        let order = last.ok_or("There is no order to notify about.")?;
        let mut shown = self.shown(&order, false);
        put(&mut shown, "request_id", order.request_id.unwrap_or_else(|| "simulatedrequest000000001".to_owned()));
        Ok(shown.to_string())
    }

    /// Sends a webhook signed by Airalo, as often as the settings say.
    pub(super) fn send_webhook(&self, url: &str, body: &str) {
        let settings = self.state().settings.clone();
        let pause = Duration::from_millis(settings.webhook_retry_ms);
        let outgoing = self.packed(url, body, &self.client_secret);
        self.courier.send_later(outgoing, settings.webhook_attempts, pause, |status| status == 200);
    }

    /// Body and signature in the spelling of the settings. PHP signs what its `json_encode` gives.
    pub(super) fn packed(&self, url: &str, body: &str, secret: &str) -> Outgoing {
        let php = respell(body, Spelling::PHP).unwrap_or_default();
        let signature = checksum::sign(secret, &php);
        let reformatted = self.state().settings.webhook_spelling == "reformatted";
        let sent = if reformatted { body.replacen('{', "{ ", 1) } else { php };
        Outgoing { url: url.to_owned(), headers: vec![("airalo-signature".to_owned(), signature)], body: sent }
    }
}

/// The text of a credit-limit warning.
pub(super) fn credit_limit(percent: i64, remaining: f64) -> String {
    ordered(&[("message", json!(format!("Surpassed {percent}% of the credit limit balance"))), ("remaining", json!(remaining))])
}
