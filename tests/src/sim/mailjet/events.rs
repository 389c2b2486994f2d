//! The event calls (Mailjet, "Events"): unsigned, one object (version 1) or a list (version 2).

use serde_json::{Value, json};

use super::super::core::deliver::Outgoing;
use super::super::core::hold;
use super::super::core::json::{put, text, whole};
use super::super::core::reply::Reply;
use super::Mailjet;

impl Mailjet {
    /// Tells of a message: `event` (`hard_bounce`, `error`, `error_related_to`, `comment`) at `url`, as `version` 1 or 2. For mischief:
    /// `guid` (another id than the mail's), `authorization`, `times`.
    pub(super) async fn tell(&self, number: &str, order: &Value) -> Option<Reply> {
        let number: usize = number.parse().ok()?;
        let message = hold(&self.state).messages.get(number)?.clone();
        let kind = text(order, "event").unwrap_or("sent");
        let mut event = json!({
            "event": kind, "time": self.clock.now().as_second(), "MessageID": 1_152_921_504_606_846_001_u64 + u64::try_from(number).ok()?,
            "Message_GUID": text(order, "guid").unwrap_or(&message.id), "email": message.to.pointer("/0/email"), "mj_campaign_id": 7,
            "mj_contact_id": 8, "customcampaign": "", "CustomID": message.rest.get("CustomID").cloned().unwrap_or(json!("")), "Payload": "",
        });
        let details: &[&str] = match kind {
            "sent" => &["smtp_reply"],
            "bounce" | "blocked" => &["blocked", "hard_bounce", "error_related_to", "error", "comment"],
            "spam" => &["source"],
            _ => &["ip", "geo", "agent", "url"],
        };
        for name in details.iter().filter(|name| order.get(**name).is_some() && **name != "url") {
            put(&mut event, name, order.get(*name).cloned().unwrap_or_default());
        }
        let body = if whole(order, "version") == Some(1) { event } else { json!([event]) };
        let headers = text(order, "authorization").map(|value| ("Authorization".to_owned(), value.to_owned())).into_iter().collect();
        let outgoing = Outgoing { url: text(order, "url")?.to_owned(), headers, body: body.to_string() };
        let mut status = None;
        for _ in 0..whole(order, "times").unwrap_or(1) {
            status = self.courier.send(&outgoing).await;
        }
        Some(Reply::json(200, &json!({ "status": status })))
    }
}
