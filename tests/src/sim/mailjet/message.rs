//! What of a request becomes a message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::core::json::{list, text};
use super::super::core::mail::{Attachment, Message};

/// In the names that every mail simulator shows.
pub fn from_mail(mail: &Value, id: &str, sent_at: &str, received_at: &str) -> Message {
    let inline = list(mail, "InlinedAttachments").iter().map(|file| attachment(file, "inline"));
    let others = list(mail, "Attachments").iter().map(|file| attachment(file, "attachment"));
    Message {
        id: id.to_owned(),
        sent_at: sent_at.to_owned(),
        received_at: received_at.to_owned(),
        from: address(mail.get("From").unwrap_or(&Value::Null)),
        to: list(mail, "To").iter().map(address).collect(),
        subject: text(mail, "Subject").unwrap_or_default().to_owned(),
        text: text(mail, "TextPart").map(str::to_owned),
        html: text(mail, "HTMLPart").map(str::to_owned),
        attachments: inline.chain(others).collect(),
        rest: rest(mail),
    }
}

fn rest(mail: &Value) -> Map<String, Value> {
    let names = ["TemplateID", "TemplateLanguage", "Variables", "CustomID", "EventPayload", "TrackOpens", "TrackClicks"];
    names.iter().filter_map(|name| Some(((*name).to_owned(), mail.get(*name)?.clone()))).collect()
}

fn address(value: &Value) -> Value {
    json!({"email": text(value, "Email"), "name": text(value, "Name")})
}

fn attachment(value: &Value, disposition: &str) -> Attachment {
    Attachment {
        filename: text(value, "Filename").unwrap_or_default().to_owned(),
        media_type: text(value, "ContentType").unwrap_or_default().to_owned(),
        disposition: disposition.to_owned(),
        content_id: text(value, "ContentID").map(str::to_owned),
        bytes: STANDARD.decode(text(value, "Base64Content").unwrap_or_default()).unwrap_or_default(),
    }
}
