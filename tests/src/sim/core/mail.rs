//! A message as a mail service accepted it, and how a browser shows it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::json::text;
use super::reply::Reply;

/// One attachment.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// As the sender gave it.
    pub filename: String,
    /// As the sender gave it.
    pub media_type: String,
    /// As the sender gave it.
    pub disposition: String,
    /// As the sender gave it.
    pub content_id: Option<String>,
    /// As the sender gave it.
    pub bytes: Vec<u8>,
}

/// One message to one set of recipients.
#[derive(Debug, Clone)]
pub struct Message {
    /// The service's own id.
    pub id: String,
    /// Date of the simulator's clock.
    pub sent_at: String,
    /// Machine time.
    pub received_at: String,
    /// As the sender gave it.
    pub from: Value,
    /// As the sender gave it.
    pub to: Value,
    /// As the sender gave it.
    pub subject: String,
    /// As the sender gave it.
    pub text: Option<String>,
    /// As the sender gave it.
    pub html: Option<String>,
    /// As the sender gave it.
    pub attachments: Vec<Attachment>,
    /// Everything else that matters to a reader: template, its data, custom arguments, categories, settings.
    pub rest: Map<String, Value>,
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

/// The controls that every mail service has: all messages, none any more, one of them as JSON (`3`) or as a page (`3.html`), an attachment.
pub fn control(messages: &mut Vec<Message>, method: &str, rest: &[&str]) -> Option<Reply> {
    match (method, rest) {
        ("GET", ["messages"]) => {
            let shown: Vec<Value> = messages.iter().enumerate().map(|(number, message)| message.show(number)).collect();
            Some(Reply::json(200, &json!(shown)))
        }
        ("DELETE", ["messages"]) => {
            messages.clear();
            Some(Reply::empty(204))
        }
        ("GET", ["messages", file]) => {
            let page = file.strip_suffix(".html");
            let number: usize = page.unwrap_or(file).parse().ok()?;
            let message = messages.get(number)?;
            Some(match page {
                Some(_) => Reply::bytes(200, "text/html; charset=utf-8", message.page().into_bytes()),
                None => Reply::json(200, &message.show(number)),
            })
        }
        ("GET", ["messages", number, "attachments", index]) => {
            let message = messages.get(number.parse::<usize>().ok()?)?;
            let attachment = message.attachments.get(index.parse::<usize>().ok()?)?;
            Some(Reply::bytes(200, &attachment.media_type, attachment.bytes.clone()))
        }
        _ => None,
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
