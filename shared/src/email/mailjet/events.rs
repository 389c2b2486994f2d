//! Mailjet's event calls (Mailjet facts, "Events"): one object, or a list of them, unsigned.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{domain::MailOutcome, email::MailEvent, quoting::repeatable};

/// Characters of a reason that are kept.
const MOST_REASON: usize = 200;

#[derive(Deserialize)]
struct Event {
    event: Option<String>,
    time: Option<i64>,
    #[serde(rename = "Message_GUID")]
    message_guid: Option<String>,
    #[serde(rename = "CustomID")]
    custom_id: Option<String>,
    error_related_to: Option<String>,
    error: Option<String>,
    comment: Option<String>,
}

/// The events that say what became of a mail of ours. One that cannot be read does not hide the others.
pub(super) fn read(body: &[u8]) -> Option<Vec<MailEvent>> {
    let all = match serde_json::from_slice(body).ok()? {
        Value::Array(all) => all,
        one @ Value::Object(_) => vec![one],
        _ => return None,
    };
    Some(all.into_iter().filter_map(|event| said(serde_json::from_value(event).ok()?)).collect())
}

fn said(event: Event) -> Option<MailEvent> {
    let outcome = match event.event.as_deref()? {
        // The receiving server took it.
        "sent" => MailOutcome::Delivered,
        "bounce" | "blocked" => MailOutcome::Bounced,
        _ => return None,
    };
    let said: Vec<String> =
        [event.error_related_to, event.error, event.comment].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let why = Some(repeatable(&said.join(": "), MOST_REASON)).filter(|why| !why.is_empty() && outcome == MailOutcome::Bounced);
    Some(MailEvent {
        reference: event.custom_id.filter(|id| !id.is_empty())?,
        message_id: event.message_guid,
        outcome,
        reason: why,
        at: Timestamp::from_second(event.time?).ok()?,
    })
}
