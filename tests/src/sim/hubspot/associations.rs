//! Associations: of one record, and in batches (HubSpot, "CRM objects").

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::{list, text, whole};
use super::super::core::reply::Reply;
use super::model::{AssociationType, ObjectType, Portal};
use super::objects::{json_body, paged};
use super::{Answer, HubSpot, errors};

impl HubSpot {
    /// `{id}/associations/…` below a record.
    pub(super) fn record_associations(&self, call: &Call, kind: &ObjectType, rest: &[&str]) -> Answer {
        match (call.method.as_str(), rest) {
            ("PUT", [id, _, "default", to, target]) => self.associate_default(kind, id, to, target),
            ("PUT", [id, _, to, target]) => self.associate_labelled(call, kind, id, to, target),
            ("GET", [id, _, to]) => self.list_associations(kind, id, to),
            ("DELETE", [id, _, to, target]) => self.dissociate(kind, id, to, target),
            _ => Err(errors::method()),
        }
    }

    /// Between two types: `labels`, `batch/create`, `batch/associate/default`.
    pub(super) fn associations(&self, call: &Call, rest: &[&str]) -> Answer {
        let [from, to, operation @ ..] = rest else {
            return Err(errors::no_such_path());
        };
        let (from, to) = (self.kind(from)?, self.kind(to)?);
        match (call.method.as_str(), operation) {
            ("GET", ["labels"]) => Ok(self.labels(&from, &to)),
            ("POST", ["batch", "create"]) => self.associate_many(&from, &to, &json_body(call)?, false),
            ("POST", ["batch", "associate", "default"]) => self.associate_many(&from, &to, &json_body(call)?, true),
            _ => Err(errors::method()),
        }
    }

    fn associate_default(&self, from: &ObjectType, id: &str, to: &str, target: &str) -> Answer {
        let to = self.kind(to)?;
        let mut portal = self.portal();
        let (id, target) = (existing(&portal, from, id)?, existing(&portal, &to, target)?);
        let association = default_type(&portal, from, &to)?;
        portal.associate(&association, id, target);
        let result = |association: &AssociationType, id: u64, target: u64| {
            json!({
                "from": {"id": id.to_string()}, "to": {"id": target.to_string()},
                "associationSpec": {"associationCategory": association.category, "associationTypeId": association.id},
            })
        };
        Ok(Reply::json(200, &json!({"status": "COMPLETE", "results": [result(&association, id, target)]})))
    }

    fn associate_labelled(&self, call: &Call, from: &ObjectType, id: &str, to: &str, target: &str) -> Answer {
        let to = self.kind(to)?;
        let specs = call.json().ok().and_then(|body| body.as_array().cloned());
        let specs = specs.filter(|specs| !specs.is_empty()).ok_or_else(|| errors::invalid("The body is a list of association types."))?;
        let mut portal = self.portal();
        let (id, target) = (existing(&portal, from, id)?, existing(&portal, &to, target)?);
        for association in specified(&portal, from, &to, &specs)? {
            portal.associate(&association, id, target);
        }
        Ok(Reply::json(
            201,
            &json!({
                "fromObjectTypeId": from.id, "fromObjectId": id, "toObjectTypeId": to.id, "toObjectId": target, "labels": [],
            }),
        ))
    }

    fn associate_many(&self, from: &ObjectType, to: &ObjectType, body: &Value, default: bool) -> Answer {
        let mut portal = self.portal();
        let mut wanted = Vec::new();
        for input in list(body, "inputs") {
            let end = |side: &str| input.pointer(&format!("/{side}/id")).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (id, target) = (existing(&portal, from, &end("from"))?, existing(&portal, to, &end("to"))?);
            let types = if default { vec![default_type(&portal, from, to)?] } else { specified(&portal, from, to, list(input, "types"))? };
            wanted.extend(types.into_iter().map(|association| (association, id, target)));
        }
        let mut results = Vec::new();
        for (association, id, target) in wanted {
            portal.associate(&association, id, target);
            results.push(
                json!({"fromObjectTypeId": from.id, "fromObjectId": id, "toObjectTypeId": to.id, "toObjectId": target, "labels": []}),
            );
        }
        Ok(Reply::json(if default { 200 } else { 201 }, &json!({"status": "COMPLETE", "results": results})))
    }

    fn list_associations(&self, from: &ObjectType, id: &str, to: &str) -> Answer {
        let to = self.kind(to)?;
        let portal = self.portal();
        let id = existing(&portal, from, id)?;
        let results: Vec<Value> = portal
            .associations
            .iter()
            .filter(|one| one.from_type == from.id && one.from == id && one.to_type == to.id)
            .map(|one| {
                json!({
                    "toObjectId": one.to, "associationTypes": [{"category": one.category, "typeId": one.type_id, "label": Value::Null}],
                })
            })
            .collect();
        let total = results.len();
        Ok(Reply::json(200, &paged(results, 0, total, &json!({}))))
    }

    fn dissociate(&self, from: &ObjectType, id: &str, to: &str, target: &str) -> Answer {
        let to = self.kind(to)?;
        let mut portal = self.portal();
        let (id, target) = (existing(&portal, from, id)?, existing(&portal, &to, target)?);
        portal.associations.retain(|one| {
            let there = one.from_type == from.id && one.from == id && one.to_type == to.id && one.to == target;
            let back = one.from_type == to.id && one.from == target && one.to_type == from.id && one.to == id;
            !there && !back
        });
        Ok(Reply::empty(204))
    }

    fn labels(&self, from: &ObjectType, to: &ObjectType) -> Reply {
        let portal = self.portal();
        let results: Vec<Value> = portal
            .associations_between(&from.id, &to.id)
            .map(|one| json!({"category": one.category, "typeId": one.id, "label": Value::Null}))
            .collect();
        Reply::json(200, &json!({ "results": results }))
    }
}

fn existing(portal: &Portal, kind: &ObjectType, id: &str) -> Result<u64, Reply> {
    let found = id.parse().ok().filter(|number| portal.record(&kind.id, *number).is_some());
    found.ok_or_else(|| errors::not_found(&format!("No {} with id {id} exists", kind.name)))
}

/// The unlabelled association of a pair. Tasks and notes can be attached to every custom object.
fn default_type(portal: &Portal, from: &ObjectType, to: &ObjectType) -> Result<AssociationType, Reply> {
    if let Some(known) = portal.associations_between(&from.id, &to.id).next() {
        return Ok(known.clone());
    }
    let activity = |kind: &ObjectType| matches!(kind.id.as_str(), "0-27" | "0-46");
    if (activity(from) && to.custom) || (activity(to) && from.custom) {
        let (id, inverse) = if activity(from) { (901, 902) } else { (902, 901) };
        return Ok(AssociationType { from: from.id.clone(), to: to.id.clone(), id, category: "HUBSPOT_DEFINED", inverse });
    }
    Err(errors::invalid(&format!("No association between {} and {} is defined", from.name, to.name)))
}

fn specified(portal: &Portal, from: &ObjectType, to: &ObjectType, specs: &[Value]) -> Result<Vec<AssociationType>, Reply> {
    specs
        .iter()
        .map(|spec| {
            let (category, id) = (text(spec, "associationCategory"), whole(spec, "associationTypeId"));
            let found = portal.associations_between(&from.id, &to.id).find(|one| Some(one.id) == id && Some(one.category) == category);
            found.cloned().ok_or_else(|| errors::invalid(&format!("{id:?} is not an association type from {} to {}", from.name, to.name)))
        })
        .collect()
}
