//! Records: made, changed, upserted by external id; events published.

use serde_json::{Map, Value, json};

use super::super::core::call::Call;
use super::super::core::hold;
use super::super::core::reply::Reply;
use super::objects::{Kind, Object};
use super::{Org, State, error};

/// One record.
#[derive(Debug, Clone, Default)]
pub struct Record {
    pub values: Map<String, Value>,
    /// How many writes reached it.
    pub writes: u64,
}

impl State {
    /// An id with the prefix of its object, 18 characters.
    pub fn new_id(&mut self, object: &str) -> String {
        self.made += 1;
        let prefix = match object {
            "Opportunity" => "006",
            "Contact" => "003",
            "Task" => "00T",
            "eSIM_Event__e" => "e00",
            _ => "a01",
        };
        format!("{prefix}{:015}", self.made)
    }

    fn keyed(&self, object: &str, field: &str, value: &str) -> Vec<String> {
        let records = self.records.get(object).into_iter().flatten();
        records.filter(|(_, record)| record.values.get(field).and_then(Value::as_str) == Some(value)).map(|(id, _)| id.clone()).collect()
    }

    fn knows(&self, objects: &[&str], id: &str) -> bool {
        objects.contains(&"User") || objects.iter().any(|object| self.records.get(*object).is_some_and(|records| records.contains_key(id)))
    }

    /// Writes values into a record, new or not.
    pub fn write(&mut self, object: &str, id: &str, values: Map<String, Value>) {
        let record = self.records.entry(object.to_owned()).or_default().entry(id.to_owned()).or_default();
        record.writes += 1;
        record.values.extend(values);
    }
}

fn saved(status: u16, id: &str, created: bool) -> Reply {
    Reply::json(status, &json!({"id": id, "success": true, "errors": [], "created": created}))
}

impl Org {
    /// The body's values, checked as the org checks them.
    fn values(&self, object: &Object, call: &Call) -> Result<Map<String, Value>, Reply> {
        let Ok(Value::Object(values)) = call.json() else {
            return Err(error(400, "JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.", &[]));
        };
        match self.fault(object, &values) {
            Some((code, message, field)) => Err(error(400, code, &message, &[&field])),
            None => Ok(values),
        }
    }

    /// Code, words and field of what the org finds wrong.
    fn fault(&self, object: &Object, values: &Map<String, Value>) -> Option<(&'static str, String, String)> {
        let state = hold(&self.state);
        values.iter().find_map(|(name, value)| {
            let Some(kind) = object.kind(name) else {
                return Some(("INVALID_FIELD", format!("No such column '{name}' on sobject of type {}", object.name), name.clone()));
            };
            if let Some(code) = kind.fault(value) {
                return Some((code, format!("{name}: data value is not of the required type: {value}"), name.clone()));
            }
            let unknown = matches!((kind, value.as_str()), (Kind::Lookup(objects), Some(id)) if !state.knows(objects, id));
            unknown.then(|| ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id".to_owned(), name.clone()))
        })
    }

    /// Rows of one object, each for itself; a request that is no collection is refused whole.
    pub(super) fn collection(&self, call: &Call, name: &str, field: &str) -> Reply {
        let body = call.json_or_empty();
        let rows = body.get("records").and_then(Value::as_array).filter(|rows| (1..=200).contains(&rows.len()));
        let object = self.object(name).filter(|object| matches!(object.kind(field), Some(Kind::External(_))));
        let (Some(rows), Some(object)) = (rows, object) else {
            return error(400, "INVALID_INPUT", "records must be a list of 200 at most, of an object with this external id", &[]);
        };
        if body.get("allOrNone") == Some(&json!(true)) {
            return error(400, "INVALID_INPUT", "not played", &[]);
        }
        Reply::json(200, &rows.iter().map(|row| self.row(&object, field, row)).collect::<Value>())
    }

    fn row(&self, object: &Object, field: &str, row: &Value) -> Value {
        let mut values = row.as_object().cloned().unwrap_or_default();
        let is_typed = values.remove("attributes").and_then(|attributes| attributes.get("type").cloned()) == Some(json!(object.name));
        let key = values.get(field).and_then(Value::as_str).map(str::to_owned);
        let fault = match &key {
            Some(_) if is_typed => self.fault(object, &values),
            _ => Some(("MISSING_ARGUMENT", format!("{field} not specified, or no type"), field.to_owned())),
        };
        if let Some((code, message, field)) = fault {
            return json!({"success": false, "errors": [{"statusCode": code, "message": message, "fields": [field]}]});
        }
        let mut state = hold(&self.state);
        let known = state.keyed(object.name, field, key.as_deref().unwrap_or_default()).first().cloned();
        let created = known.is_none();
        let id = known.unwrap_or_else(|| state.new_id(object.name));
        state.write(object.name, &id, values);
        json!({"id": id, "success": true, "errors": [], "created": created})
    }

    pub(super) fn by_key(&self, object: &Object, field: &str, value: &str) -> Reply {
        if !matches!(object.kind(field), Some(Kind::External(_))) {
            return error(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible", &[]);
        }
        let state = hold(&self.state);
        match state.keyed(object.name, field, value).first() {
            None => error(404, "NOT_FOUND", "The requested resource does not exist", &[]),
            Some(id) => {
                let mut shown = state.records.get(object.name).and_then(|records| records.get(id)).cloned().unwrap_or_default().values;
                shown.insert("Id".to_owned(), json!(id));
                Reply::json(200, &Value::Object(shown))
            }
        }
    }

    pub(super) fn upsert(&self, object: &Object, field: &str, value: &str, call: &Call) -> Reply {
        if !matches!(object.kind(field), Some(Kind::External(_))) {
            return error(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible", &[]);
        }
        let mut values = match self.values(object, call) {
            Ok(values) => values,
            Err(refused) => return refused,
        };
        if values.contains_key(field) {
            return error(400, "INVALID_FIELD", "The external ID field must not be in the body", &[field]);
        }
        let mut state = hold(&self.state);
        let known = state.keyed(object.name, field, value).first().cloned();
        let created = known.is_none();
        let id = known.unwrap_or_else(|| state.new_id(object.name));
        values.insert(field.to_owned(), json!(value));
        state.write(object.name, &id, values);
        saved(if created { 201 } else { 200 }, &id, created)
    }

    pub(super) fn update(&self, object: &Object, id: &str, call: &Call) -> Reply {
        let values = match self.values(object, call) {
            Ok(values) => values,
            Err(refused) => return refused,
        };
        let mut state = hold(&self.state);
        if !state.knows(&[object.name], id) {
            return error(404, "NOT_FOUND", "The requested resource does not exist", &[]);
        }
        state.write(object.name, id, values);
        Reply::empty(204)
    }

    pub(super) fn create(&self, object: &Object, call: &Call) -> Reply {
        let values = match self.values(object, call) {
            Ok(values) => values,
            Err(refused) => return refused,
        };
        let mut state = hold(&self.state);
        let id = state.new_id(object.name);
        state.write(object.name, &id, values);
        Reply::json(201, &json!({"id": id, "success": true, "errors": []}))
    }

    /// The list of errors is not empty when all is well.
    pub(super) fn publish(&self, object: &Object, call: &Call) -> Reply {
        let values = match self.values(object, call) {
            Ok(values) => values,
            Err(refused) => return refused,
        };
        let mut state = hold(&self.state);
        let id = state.new_id(object.name);
        state.events.push(Value::Object(values));
        let queued = json!([{"statusCode": "OPERATION_ENQUEUED", "message": "f1d2d2f9-24e9-4d6b-8a2e-simulated", "fields": []}]);
        Reply::json(201, &json!({"id": id, "success": true, "errors": queued}))
    }
}
