//! The controls of this simulator beyond the common ones.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::hold;
use super::super::core::json::{list, texts};
use super::super::core::reply::Reply;
use super::Mailjet;

impl Mailjet {
    pub(super) async fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        match (call.method.as_str(), rest) {
            ("GET", ["messages"]) => Some(self.every_message()),
            ("DELETE", ["messages"]) => {
                hold(&self.state).messages.clear();
                Some(Reply::empty(204))
            }
            ("POST", ["messages", number, "event"]) => self.tell(number, &call.json_or_empty()).await,
            ("GET", ["deliveries"]) => Some(Reply::json(200, &self.courier.deliveries())),
            ("POST", ["deliveries", number, "again"]) => {
                let status = self.courier.send(&self.courier.again(number.parse().ok()?)?).await;
                Some(Reply::json(200, &json!({ "status": status })))
            }
            ("GET", ["messages", file]) => self.one_message(file),
            ("GET", ["messages", number, "attachments", index]) => self.attachment(number, index),
            ("POST", ["senders"]) => {
                hold(&self.state).senders = texts(&call.json_or_empty(), "verified");
                Some(Reply::empty(204))
            }
            ("POST", ["templates"]) => {
                let body = call.json_or_empty();
                hold(&self.state).templates = list(&body, "ids").iter().filter_map(Value::as_u64).collect();
                Some(Reply::empty(204))
            }
            _ => None,
        }
    }

    fn every_message(&self) -> Reply {
        let state = hold(&self.state);
        let shown: Vec<Value> = state.messages.iter().enumerate().map(|(number, message)| message.show(number)).collect();
        Reply::json(200, &json!(shown))
    }

    /// `3` as JSON, `3.html` as a page.
    fn one_message(&self, file: &str) -> Option<Reply> {
        let page = file.strip_suffix(".html");
        let number: usize = page.unwrap_or(file).parse().ok()?;
        let message = hold(&self.state).messages.get(number)?.clone();
        Some(match page {
            Some(_) => Reply::bytes(200, "text/html; charset=utf-8", message.page().into_bytes()),
            None => Reply::json(200, &message.show(number)),
        })
    }

    fn attachment(&self, number: &str, index: &str) -> Option<Reply> {
        let (number, index): (usize, usize) = (number.parse().ok()?, index.parse().ok()?);
        let attachment = hold(&self.state).messages.get(number)?.attachments.get(index)?.clone();
        Some(Reply::bytes(200, &attachment.media_type, attachment.bytes))
    }
}
