//! Records in batches of at most 100 (HubSpot, "CRM objects" and "Upsert by unique property").
//!
//! Everything or nothing, except where every input of a create or upsert carries its own `objectWriteTraceId`.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::clock::iso_ms;
use super::super::core::json::{list, put, text, texts};
use super::super::core::reply::Reply;
use super::model::{ObjectType, Portal, Record};
use super::objects::{json_body, located, remove};
use super::values::{self, Wanted};
use super::{Answer, HubSpot, errors};

/// Inputs of one batch.
const LARGEST_BATCH: usize = 100;

/// What an input comes to before anything is written.
enum Plan {
    Update(u64, Wanted),
    Insert(Wanted),
}

impl HubSpot {
    pub(super) fn batch(&self, call: &Call, kind: &ObjectType, operation: &str, version: &str) -> Answer {
        let body = json_body(call)?;
        let inputs = list(&body, "inputs");
        if body.get("inputs").is_none_or(|inputs| !inputs.is_array()) {
            return Err(errors::invalid("Some required fields were not set: [inputs]"));
        }
        if inputs.len() > LARGEST_BATCH {
            return Err(errors::invalid(&format!(
                "The maximum number of inputs supported in a batch request for property objects is {LARGEST_BATCH}. Batch size of {} is too large.",
                inputs.len()
            )));
        }
        match operation {
            "read" => self.batch_read(kind, &body, version),
            "create" => self.batch_create(kind, inputs, version),
            "update" => self.batch_write(kind, inputs, false, version),
            "upsert" => self.batch_write(kind, inputs, true, version),
            "archive" => self.batch_archive(kind, inputs),
            _ => Err(errors::no_such_path()),
        }
    }

    /// Missing records are an error beside the results: 207, or 200 in the newest version.
    fn batch_read(&self, kind: &ObjectType, body: &Value, version: &str) -> Answer {
        let portal = self.portal();
        let wanted = texts(body, "properties");
        let (mut results, mut missing) = (Vec::new(), Vec::new());
        for input in list(body, "inputs") {
            let id = text(input, "id").ok_or_else(|| errors::invalid("Some required fields were not set: [id]"))?;
            match located(&portal, kind, id, text(body, "idProperty")) {
                Ok(record) => results.push(record.show(kind, &wanted, &self.url)),
                Err(refusal) if refusal.status == 404 => missing.push(id.to_owned()),
                Err(refusal) => return Err(refusal),
            }
        }
        let mut envelope = self.envelope(results);
        if missing.is_empty() {
            return Ok(Reply::json(200, &envelope));
        }
        let mut error =
            errors::body("OBJECT_NOT_FOUND", "Could not get some objects, they may be deleted or not exist. Check that ids are valid.");
        put(&mut error, "context", json!({ "ids": missing }));
        put(&mut envelope, "errors", json!([error]));
        put(&mut envelope, "numErrors", 1);
        Ok(Reply::json(multi_status(version), &envelope))
    }

    fn batch_create(&self, kind: &ObjectType, inputs: &[Value], version: &str) -> Answer {
        let mut portal = self.portal();
        if traced(inputs) {
            return Ok(self.one_by_one(
                inputs,
                201,
                version,
                |input| self.create_one(&mut portal, kind, input).map(|record| (record, true)),
                kind,
            ));
        }
        let (types, records, associations, last) =
            (portal.types.clone(), portal.records.clone(), portal.associations.clone(), portal.last_record);
        let mut results = Vec::new();
        for input in inputs {
            match self.create_one(&mut portal, kind, input) {
                Ok(record) => results.push(self.full(kind, &record)),
                Err(refusal) => {
                    // The whole batch fails: what its first inputs wrote is taken back.
                    (portal.types, portal.records, portal.associations, portal.last_record) = (types, records, associations, last);
                    return Err(refusal);
                }
            }
        }
        Ok(Reply::json(201, &self.envelope(results)))
    }

    fn batch_write(&self, kind: &ObjectType, inputs: &[Value], upsert: bool, version: &str) -> Answer {
        let mut portal = self.portal();
        if upsert && traced(inputs) {
            let write = |input: &Value| {
                let plan = plan(&portal, kind, input, true)?;
                self.carry_out(&mut portal, kind, plan)
            };
            return Ok(self.one_by_one(inputs, 200, version, write, kind));
        }
        let plans = inputs.iter().map(|input| plan(&portal, kind, input, upsert)).collect::<Result<Vec<_>, _>>()?;
        check_distinct(kind, inputs, &plans)?;
        let mut results = Vec::new();
        for plan in plans {
            let (record, new) = self.carry_out(&mut portal, kind, plan)?;
            let mut shown = self.full(kind, &record);
            if upsert {
                put(&mut shown, "new", new);
            }
            results.push(shown);
        }
        Ok(Reply::json(200, &self.envelope(results)))
    }

    fn carry_out(&self, portal: &mut Portal, kind: &ObjectType, plan: Plan) -> Result<(Record, bool), Reply> {
        match plan {
            Plan::Update(id, wanted) => Ok((self.change(portal, kind, id, &wanted)?, false)),
            Plan::Insert(wanted) => Ok((self.insert(portal, kind, wanted), true)),
        }
    }

    /// Each input for itself; failures stand beside the results under their trace ids.
    fn one_by_one<W>(&self, inputs: &[Value], success: u16, version: &str, mut write: W, kind: &ObjectType) -> Reply
    where
        W: FnMut(&Value) -> Result<(Record, bool), Reply>,
    {
        let (mut results, mut failures) = (Vec::new(), Vec::new());
        for input in inputs {
            let trace = text(input, "objectWriteTraceId").unwrap_or_default();
            match write(input) {
                Ok((record, new)) => {
                    let mut shown = self.full(kind, &record);
                    put(&mut shown, "objectWriteTraceId", trace);
                    put(&mut shown, "new", new);
                    results.push(shown);
                }
                Err(refusal) => {
                    let mut error: Value = serde_json::from_slice(&refusal.body).unwrap_or_default();
                    put(&mut error, "context", json!({"objectWriteTraceId": [trace]}));
                    failures.push(error);
                }
            }
        }
        let mut envelope = self.envelope(results);
        if failures.is_empty() {
            return Reply::json(success, &envelope);
        }
        put(&mut envelope, "numErrors", failures.len());
        put(&mut envelope, "errors", failures);
        Reply::json(if version == "2026-09" { success } else { 207 }, &envelope)
    }

    fn batch_archive(&self, kind: &ObjectType, inputs: &[Value]) -> Answer {
        let mut portal = self.portal();
        for id in inputs.iter().filter_map(|input| text(input, "id")?.parse().ok()) {
            remove(&mut portal, kind, id);
        }
        Ok(Reply::empty(204))
    }

    fn full(&self, kind: &ObjectType, record: &Record) -> Value {
        record.show(kind, &record.properties.keys().cloned().collect::<Vec<_>>(), &self.url)
    }

    fn envelope(&self, results: Vec<Value>) -> Value {
        let now = iso_ms(self.now());
        json!({"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now})
    }
}

fn multi_status(version: &str) -> u16 {
    if version == "2026-09" { 200 } else { 207 }
}

/// Every input names itself, each by another name.
fn traced(inputs: &[Value]) -> bool {
    let names: Vec<&str> = inputs.iter().filter_map(|input| text(input, "objectWriteTraceId")).collect();
    !names.is_empty() && names.len() == inputs.len() && names.iter().collect::<HashSet<_>>().len() == names.len()
}

/// What an input of update or upsert comes to.
fn plan(portal: &Portal, kind: &ObjectType, input: &Value, upsert: bool) -> Result<Plan, Reply> {
    let id = text(input, "id").ok_or_else(|| errors::invalid("Some required fields were not set: [id]"))?;
    let mut wanted = values::read(kind, input)?;
    let Some(name) = text(input, "idProperty") else {
        let record = located(portal, kind, id, None)?;
        values::check_unique(portal, kind, &wanted, Some(record.id))?;
        return Ok(Plan::Update(record.id, wanted));
    };
    if name == "hs_object_id" || !kind.property(name).is_some_and(|property| property.unique) {
        return Err(errors::invalid(&format!("Unable to perform update/upsert by non-unique property {name}")));
    }
    if let Some(record) = portal.record_by(&kind.id, name, id) {
        values::check_unique(portal, kind, &wanted, Some(record.id))?;
        return Ok(Plan::Update(record.id, wanted));
    }
    if !upsert {
        return Err(errors::not_found(&format!("Object not found. {name} {id}")));
    }
    wanted.insert(name.to_owned(), Some(id.to_owned()));
    values::check_required(kind, &wanted)?;
    values::check_unique(portal, kind, &wanted, None)?;
    Ok(Plan::Insert(wanted))
}

/// Two inputs for one record make the whole batch fail.
fn check_distinct(kind: &ObjectType, inputs: &[Value], plans: &[Plan]) -> Result<(), Reply> {
    let mut seen = HashSet::new();
    for (input, plan) in inputs.iter().zip(plans) {
        let key = match plan {
            Plan::Update(id, _) => format!("record {id}"),
            Plan::Insert(_) => {
                format!("{} {}", text(input, "idProperty").unwrap_or_default(), text(input, "id").unwrap_or_default().to_lowercase())
            }
        };
        if !seen.insert(key) {
            return Err(errors::invalid(&format!("Duplicate {} ids found in batch input. Ids must be unique.", kind.name)));
        }
    }
    Ok(())
}
