//! Custom events (HubSpot, "Marketing triggers").

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso_ms;
use super::super::core::json::{list, object, put, text, whole};
use super::super::core::reply::Reply;
use super::model::{PORTAL, Portal, Sent};
use super::objects::json_body;
use super::{Answer, HubSpot, errors};

/// Types of records that an event can be about.
const PRIMARY: [&str; 4] = ["CONTACT", "COMPANY", "DEAL", "TICKET"];

impl HubSpot {
    pub(super) fn events(&self, call: &Call, rest: &[&str]) -> Answer {
        if !self.portal().settings.custom_events {
            return Err(errors::missing_scopes("behavioral_events.event_definitions.read_write"));
        }
        match (call.method.as_str(), rest) {
            ("GET", ["event-definitions"]) => {
                let results = self.portal().event_definitions.clone();
                Ok(Reply::json(200, &json!({"total": results.len(), "results": results})))
            }
            ("POST", ["event-definitions"]) => self.define(&json_body(call)?),
            ("GET", ["event-definitions", name]) => match definition(&self.portal(), name) {
                Some(definition) => Ok(Reply::json(200, definition)),
                None => Err(errors::not_found(&format!("No event definition {name}"))),
            },
            ("POST", ["send"]) => self.send(&[json_body(call)?]),
            ("POST", ["send", "batch"]) => self.send(list(&json_body(call)?, "inputs")),
            _ => Err(errors::method()),
        }
    }

    fn define(&self, body: &Value) -> Answer {
        let Some(label) = text(body, "label").filter(|label| !label.is_empty()) else {
            return Err(errors::invalid("Some required fields were not set: [label]"));
        };
        if text(body, "primaryObject").is_some_and(|object| !PRIMARY.contains(&object)) {
            return Err(errors::invalid("primaryObject is CONTACT, COMPANY, DEAL or TICKET"));
        }
        let own = label.to_lowercase().replace(|character: char| !character.is_ascii_alphanumeric(), "_");
        let name = text(body, "name").map_or(own, str::to_owned);
        let mut portal = self.portal();
        let qualified = format!("pe{PORTAL}_{name}");
        if definition(&portal, &name).is_some() {
            return Err(errors::error(409, "OBJECT_ALREADY_EXISTS", &format!("An event named {name} already exists")));
        }
        for property in list(body, "propertyDefinitions") {
            if text(property, "name").is_none() || text(property, "label").is_none() || text(property, "type").is_none() {
                return Err(errors::invalid("Some required fields were not set: [propertyDefinitions.name, label, type]"));
            }
        }
        let mut made = body.clone();
        put(&mut made, "id", (portal.event_definitions.len() + 1).to_string());
        put(&mut made, "name", name);
        put(&mut made, "fullyQualifiedName", qualified);
        put(&mut made, "labels", json!({"singular": label}));
        put(&mut made, "archived", false);
        put(&mut made, "properties", list(body, "propertyDefinitions").to_vec());
        portal.event_definitions.push(made.clone());
        Ok(Reply::json(201, &made))
    }

    /// All or none; an event whose `uuid` is known leaves no second trace.
    fn send(&self, inputs: &[Value]) -> Answer {
        let now = iso_ms(self.now());
        let mut portal = self.portal();
        let sent = inputs.iter().map(|input| checked(&portal, input, &now)).collect::<Result<Vec<_>, _>>()?;
        for event in sent {
            let known =
                portal.events.iter_mut().find(|one| event.uuid.is_some() && one.uuid == event.uuid && one.event_name == event.event_name);
            match known {
                Some(known) => known.repeats += 1,
                None => portal.events.push(event),
            }
        }
        Ok(Reply::empty(204))
    }
}

/// By full name or by its own.
fn definition<'a>(portal: &'a Portal, name: &str) -> Option<&'a Value> {
    portal.event_definitions.iter().find(|one| text(one, "fullyQualifiedName") == Some(name) || text(one, "name") == Some(name))
}

fn checked(portal: &Portal, input: &Value, now: &str) -> Result<Sent, Reply> {
    let name = text(input, "eventName").unwrap_or_default();
    let known = portal.event_definitions.iter().find(|one| text(one, "fullyQualifiedName") == Some(name));
    let known = known.ok_or_else(|| errors::invalid(&format!("No event named {name} exists")))?;
    let properties = object(input, "properties").ok_or_else(|| errors::invalid("Some required fields were not set: [properties]"))?;
    for (property, value) in properties {
        let declared = list(known, "propertyDefinitions").iter().any(|one| text(one, "name") == Some(property));
        if !declared && !property.starts_with("hs_") {
            return Err(errors::invalid(&format!("The event has no property {property}")));
        }
        if !value.is_string() {
            return Err(errors::invalid(&format!("The value of {property} is no string")));
        }
    }
    let object_id = text(input, "objectId").map(str::to_owned).or_else(|| whole(input, "objectId").map(|id| id.to_string()));
    let (email, utk) = (text(input, "email").map(str::to_owned), text(input, "utk").map(str::to_owned));
    if object_id.is_none() && email.is_none() && utk.is_none() {
        return Err(errors::invalid("One of email, objectId and utk is required"));
    }
    let occurred_at = text(input, "occurredAt").unwrap_or(now).to_owned();
    if occurred_at.parse::<jiff::Timestamp>().is_err() {
        return Err(errors::invalid("occurredAt is an ISO 8601 date with its zone"));
    }
    let by_email = email.as_deref().is_some_and(|email| portal.record_by("0-1", "email", email).is_some());
    let by_id = object_id.as_deref().is_some_and(|id| portal.records.iter().any(|record| record.id.to_string() == id));
    Ok(Sent {
        event_name: name.to_owned(),
        properties: Value::Object(properties.clone()),
        matched: by_email || by_id,
        email,
        object_id,
        utk,
        occurred_at,
        uuid: text(input, "uuid").map(str::to_owned),
        repeats: 0,
    })
}
