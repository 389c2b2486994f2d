//! What of a request becomes messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::super::core::json::{list, text};
use super::super::core::mail::{Attachment, Message};

/// The messages of a request that passed the checks.
#[must_use]
pub fn from_request(body: &Value, id: &str, sent_at: &str, received_at: &str) -> Vec<Message> {
    let part = |kind: &str| {
        let found = list(body, "content").iter().find(|part| text(part, "type") == Some(kind));
        found.and_then(|part| text(part, "value")).map(str::to_owned)
    };
    let one = |personalization: &Value| Message {
        id: id.to_owned(),
        sent_at: sent_at.to_owned(),
        received_at: received_at.to_owned(),
        from: body.get("from").cloned().unwrap_or_default(),
        to: personalization.get("to").cloned().unwrap_or_default(),
        subject: text(personalization, "subject").or(text(body, "subject")).unwrap_or_default().to_owned(),
        text: part("text/plain"),
        html: part("text/html"),
        attachments: list(body, "attachments").iter().map(attachment).collect(),
        rest: rest(body, personalization),
    };
    list(body, "personalizations").iter().map(one).collect()
}

fn rest(body: &Value, personalization: &Value) -> Map<String, Value> {
    let of_message = ["template_id", "categories", "reply_to", "mail_settings", "tracking_settings", "asm", "headers"];
    let of_person = ["cc", "bcc", "dynamic_template_data", "custom_args"];
    let pick = |from: &Value, names: &[&str]| -> Vec<(String, Value)> {
        names.iter().filter_map(|name| Some(((*name).to_owned(), from.get(*name)?.clone()))).collect()
    };
    pick(body, &of_message).into_iter().chain(pick(personalization, &of_person)).collect()
}

fn attachment(value: &Value) -> Attachment {
    Attachment {
        filename: text(value, "filename").unwrap_or_default().to_owned(),
        media_type: text(value, "type").unwrap_or("application/octet-stream").to_owned(),
        disposition: text(value, "disposition").unwrap_or("attachment").to_owned(),
        content_id: text(value, "content_id").map(str::to_owned),
        bytes: STANDARD.decode(text(value, "content").unwrap_or_default()).unwrap_or_default(),
    }
}
