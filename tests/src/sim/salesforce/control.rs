//! The controls of this simulator beyond the common ones.

use serde_json::{Map, Value, json};

use super::super::core::call::Call;
use super::super::core::hold;
use super::super::core::json::{text, texts};
use super::super::core::reply::Reply;
use super::Org;

impl Org {
    pub(super) fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        let body = call.json_or_empty();
        Some(match (call.method.as_str(), rest) {
            ("GET", ["objects", name]) => self.every_record(name),
            ("GET", ["events"]) => Reply::json(200, &json!(hold(&self.state).events)),
            ("GET", ["logins"]) => Reply::json(200, &json!({"logins": hold(&self.state).logins})),
            ("POST", ["seed"]) => self.seed(&body),
            ("POST", ["tokens", "expire"]) => {
                hold(&self.state).token = None;
                Reply::empty(204)
            }
            ("POST", ["missing"]) => {
                hold(&self.state).missing = texts(&body, "fields").into_iter().collect();
                Reply::empty(204)
            }
            ("POST", ["limit"]) => {
                hold(&self.state).limit = text(&body, "kind").map(str::to_owned);
                Reply::empty(204)
            }
            _ => return None,
        })
    }

    fn every_record(&self, name: &str) -> Reply {
        let state = hold(&self.state);
        let records = state.records.get(name).into_iter().flatten();
        let shown: Vec<Value> =
            records.map(|(id, record)| json!({"id": id, "properties": record.values, "writes": record.writes})).collect();
        Reply::json(200, &json!(shown))
    }

    /// A contact and an opportunity, as the agency has them before it calls us.
    fn seed(&self, body: &Value) -> Reply {
        let mut state = hold(&self.state);
        let (contact, deal) = (state.new_id("Contact"), state.new_id("Opportunity"));
        let values = |name: &str, value: Option<&str>| Map::from_iter([(name.to_owned(), json!(value))]);
        state.write("Contact", &contact, values("Email", text(body, "email")));
        state.write("Opportunity", &deal, values("Name", text(body, "deal")));
        Reply::json(200, &json!({"contact_id": contact, "deal_id": deal}))
    }
}
