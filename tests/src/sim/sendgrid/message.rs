//! A message as it was accepted, and how a browser shows it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::core::json::{list, text};

/// One attachment.
#[derive(Debug, Clone)]
pub struct Attachment {
    pub filename: String,
    pub media_type: String,
    pub disposition: String,
    pub content_id: Option<String>,
    pub bytes: Vec<u8>,
}

/// One message to one set of recipients.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: String,
    /// Date of the simulator's clock.
    pub sent_at: String,
    /// Machine time.
    pub received_at: String,
    pub from: Value,
    pub to: Value,
    pub subject: String,
    pub text: Option<String>,
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    /// Everything else that matters to a reader: template, its data, custom arguments, categories, settings.
    pub rest: Map<String, Value>,
}

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

impl Message {
    /// For `GET /_sim/messages`; attachments with their size, their bytes have an address of their own.
    #[must_use]
    pub fn show(&self, number: usize) -> Value {
        let attachments: Vec<Value> = self
            .attachments
            .iter()
            .enumerate()
            .map(|(index, attachment)| {
                json!({
                    "filename": attachment.filename, "type": attachment.media_type, "disposition": attachment.disposition,
                    "content_id": attachment.content_id, "size": attachment.bytes.len(),
                    "path": format!("/_sim/messages/{number}/attachments/{index}"),
                })
            })
            .collect();
        let mut shown = json!({
            "number": number, "id": self.id, "sent_at": self.sent_at, "received_at": self.received_at, "from": self.from,
            "to": self.to, "subject": self.subject, "text": self.text, "html": self.html, "attachments": attachments,
            "page": format!("/_sim/messages/{number}.html"),
        });
        if let Some(members) = shown.as_object_mut() {
            members.extend(self.rest.clone());
        }
        shown
    }

    /// A page that needs nothing else: `cid:` pictures become data URIs, and the head of the mail stands above it.
    #[must_use]
    pub fn page(&self) -> String {
        let mut html = self.html.clone().unwrap_or_else(|| format!("<pre>{}</pre>", escaped(self.text.as_deref().unwrap_or_default())));
        for attachment in &self.attachments {
            if let Some(id) = &attachment.content_id {
                let data = format!("data:{};base64,{}", attachment.media_type, STANDARD.encode(&attachment.bytes));
                html = html.replace(&format!("cid:{id}"), &data);
            }
        }
        let head = format!(
            "<div style=\"font:14px sans-serif;padding:12px;background:#eee;color:#222\"><b>{}</b><br>{} → {}</div>",
            escaped(&self.subject),
            escaped(&addresses(&self.from)),
            escaped(&addresses(&self.to)),
        );
        placed(&html, &head)
    }
}

/// Puts the head after the opening of the body, or before everything when the mail has none.
fn placed(html: &str, head: &str) -> String {
    let body = html.find("<body").and_then(|start| Some(start + html.get(start..)?.find('>')? + 1));
    match body.and_then(|at| html.split_at_checked(at)) {
        Some((before, after)) => format!("{before}{head}{after}"),
        None => format!("<!doctype html><meta charset=\"utf-8\">{head}{html}"),
    }
}

fn addresses(value: &Value) -> String {
    match value {
        Value::Array(all) => all.iter().map(addresses).collect::<Vec<_>>().join(", "),
        one => text(one, "email").unwrap_or_default().to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
