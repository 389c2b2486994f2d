//! The controls of this simulator beyond the common ones.

use serde_json::{Map, Value, json};

use super::super::core::call::Call;
use super::super::core::json::{object, put, text};
use super::super::core::reply::Reply;
use super::super::core::settings;
use super::model::Portal;
use super::{HubSpot, errors};

impl HubSpot {
    pub(super) fn controlled(&self, call: &Call, rest: &[&str]) -> Option<Reply> {
        let body = call.json_or_empty();
        match (call.method.as_str(), rest) {
            ("GET", ["objects", kind]) => Some(self.every_record(kind)),
            ("GET", ["schemas"]) => Some(Reply::json(200, &json!(self.every_schema()))),
            ("GET", ["associations"]) => Some(Reply::json(200, &json!(self.portal().associations))),
            ("GET", ["events"]) => Some(Reply::json(200, &json!(self.portal().events))),
            ("GET", ["settings"]) => Some(Reply::json(200, &json!(self.portal().settings))),
            ("POST", ["settings"]) => Some(settings::change(&mut self.portal().settings, &body)),
            ("POST", ["seed"]) => Some(self.seed(&body).unwrap_or_else(|refusal| refusal)),
            ("POST", ["limits", "reset"]) => {
                self.portal().rates.clear();
                Some(Reply::empty(204))
            }
            _ => None,
        }
    }

    /// Records with all their values, their number of writes and what they are associated with.
    fn every_record(&self, name: &str) -> Reply {
        let portal = self.portal();
        let Some(kind) = portal.kind(name) else {
            // A portal that has not got the type yet has no records of it.
            return Reply::json(200, &json!([]));
        };
        let shown: Vec<Value> = portal
            .records
            .iter()
            .filter(|record| record.type_id == kind.id)
            .map(|record| {
                json!({
                    "id": record.id.to_string(), "properties": record.properties, "writes": record.writes,
                    "associations": linked(&portal, &kind.id, record.id),
                })
            })
            .collect();
        Reply::json(200, &json!(shown))
    }

    /// A contact and a deal that belong together, found by search at once. A known e-mail is not made twice.
    fn seed(&self, body: &Value) -> Result<Reply, Reply> {
        let (contacts, deals) = (self.kind("contacts")?, self.kind("deals")?);
        let email = text(body, "email").unwrap_or("traveller@example.com");
        let mut portal = self.portal();
        let mut contact = json!({"properties": {"email": email, "firstname": "Camille", "lastname": "Martin"}});
        let mut deal = json!({"properties": {"dealname": text(body, "deal").unwrap_or("Trip"), "dealstage": "appointmentscheduled", "pipeline": "default"}});
        extend(&mut contact, object(body, "contact_properties"));
        extend(&mut deal, object(body, "deal_properties"));
        let known = portal.record_by(&contacts.id, "email", email).map(|record| record.id);
        let contact_id = match known {
            Some(id) => id,
            None => self.create_one(&mut portal, &contacts, &contact)?.id,
        };
        let deal_id = self.create_one(&mut portal, &deals, &deal)?.id;
        let association = portal.associations_between(&contacts.id, &deals.id).next().cloned();
        let association = association.ok_or_else(|| errors::invalid("contacts and deals have no association"))?;
        portal.associate(&association, contact_id, deal_id);
        for record in portal.records.iter_mut().filter(|record| record.id == contact_id || record.id == deal_id) {
            record.written = None;
        }
        Ok(Reply::json(201, &json!({"contact_id": contact_id.to_string(), "deal_id": deal_id.to_string()})))
    }
}

fn extend(input: &mut Value, more: Option<&Map<String, Value>>) {
    if let (Some(properties), Some(more)) = (input.get_mut("properties").and_then(Value::as_object_mut), more) {
        properties.extend(more.clone());
    }
}

/// Names of types with the numbers of the records associated.
fn linked(portal: &Portal, type_id: &str, id: u64) -> Value {
    let mut all = json!({});
    for kind in &portal.types {
        let numbers: Vec<String> = portal
            .associations
            .iter()
            .filter(|one| one.from_type == type_id && one.from == id && one.to_type == kind.id)
            .map(|one| one.to.to_string())
            .collect();
        if !numbers.is_empty() {
            put(&mut all, &kind.name, numbers);
        }
    }
    all
}
