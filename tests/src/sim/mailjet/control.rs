//! The controls of this simulator beyond the common ones.

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::hold;
use super::super::core::json::{list, texts};
use super::super::core::mail;
use super::super::core::reply::Reply;
use super::Mailjet;

impl Mailjet {
    pub(super) async fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        match (call.method.as_str(), rest) {
            ("POST", ["messages", number, "event"]) => self.tell(number, &call.json_or_empty()).await,
            ("GET", ["deliveries"]) => Some(Reply::json(200, &self.courier.deliveries())),
            ("POST", ["deliveries", number, "again"]) => {
                let status = self.courier.send(&self.courier.again(number.parse().ok()?)?).await;
                Some(Reply::json(200, &json!({ "status": status })))
            }
            ("POST", ["senders"]) => {
                hold(&self.state).senders = texts(&call.json_or_empty(), "verified");
                Some(Reply::empty(204))
            }
            ("POST", ["templates"]) => {
                let body = call.json_or_empty();
                hold(&self.state).templates = list(&body, "ids").iter().filter_map(Value::as_u64).collect();
                Some(Reply::empty(204))
            }
            (method, rest) => mail::control(&mut hold(&self.state).messages, method, rest),
        }
    }
}
