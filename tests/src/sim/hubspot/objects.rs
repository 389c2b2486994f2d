//! Records one by one (HubSpot, "CRM objects").

use std::time::Instant;

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::{list, put, text, whole};
use super::super::core::reply::Reply;
use super::model::{AssociationType, ObjectType, Portal, Record};
use super::paths::Route;
use super::values::{self, Wanted};
use super::{Answer, HubSpot, errors};

impl HubSpot {
    pub(super) fn objects(&self, call: &Call, route: &Route<'_>) -> Answer {
        let Some((name, rest)) = route.rest.split_first() else {
            return Err(errors::no_such_path());
        };
        let kind = self.kind(name)?;
        match (call.method.as_str(), rest) {
            (_, [_, "associations", ..]) => self.record_associations(call, &kind, rest),
            ("POST", []) => self.create(call, &kind),
            ("GET", []) => self.list(call, &kind),
            ("POST", ["search"]) => self.search(call, &kind),
            ("POST", ["batch", operation]) => self.batch(call, &kind, operation, route.version),
            ("POST", ["gdpr-delete"]) if kind.id == "0-1" => self.gdpr_delete(call, &kind),
            ("GET", [id]) => self.show(call, &kind, id),
            ("PATCH", [id]) => self.update(call, &kind, id),
            ("DELETE", [id]) => self.archive(&kind, id),
            _ => Err(errors::method()),
        }
    }

    /// The type of a path. A portal without custom objects has none of those.
    pub(super) fn kind(&self, name: &str) -> Result<ObjectType, Reply> {
        let portal = self.portal();
        let found = portal.kind(name).cloned();
        match found {
            Some(kind) if kind.custom && !portal.settings.custom_objects => Err(errors::missing_scopes("crm.objects.custom.read")),
            Some(kind) => Ok(kind),
            None => Err(errors::invalid(&format!("Unable to infer object type from: {name}"))),
        }
    }

    fn create(&self, call: &Call, kind: &ObjectType) -> Answer {
        let body = json_body(call)?;
        let mut portal = self.portal();
        let record = self.create_one(&mut portal, kind, &body)?;
        Ok(Reply::json(201, &record.show(kind, &record.properties.keys().cloned().collect::<Vec<_>>(), &self.url)))
    }

    /// Checks everything, then writes the record and its associations.
    pub(super) fn create_one(&self, portal: &mut Portal, kind: &ObjectType, body: &Value) -> Result<Record, Reply> {
        let wanted = values::read(kind, body)?;
        values::check_required(kind, &wanted)?;
        values::check_unique(portal, kind, &wanted, None)?;
        let associations = associations_of(portal, kind, body)?;
        let record = self.insert(portal, kind, wanted);
        for (association, to) in associations {
            portal.associate(&association, record.id, to);
        }
        Ok(record)
    }

    pub(super) fn insert(&self, portal: &mut Portal, kind: &ObjectType, wanted: Wanted) -> Record {
        let now = self.now();
        portal.last_record += 1;
        let properties = wanted.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?))).collect();
        let record = Record {
            id: portal.last_record,
            type_id: kind.id.clone(),
            properties,
            writes: 1,
            created_at: now,
            updated_at: now,
            written: Some(Instant::now()),
        };
        portal.records.push(record.clone());
        record
    }

    /// Writes the values given, leaves the others.
    pub(super) fn change(&self, portal: &mut Portal, kind: &ObjectType, id: u64, wanted: &Wanted) -> Result<Record, Reply> {
        values::check_unique(portal, kind, wanted, Some(id))?;
        let now = self.now();
        let found = portal.records.iter_mut().find(|record| record.type_id == kind.id && record.id == id);
        let record = found.ok_or_else(|| errors::not_found(&format!("Object not found. objectId {id}")))?;
        for (name, value) in wanted {
            match value.as_deref().filter(|value| !value.is_empty()) {
                Some(value) => record.properties.insert(name.clone(), value.to_owned()),
                None => record.properties.remove(name),
            };
        }
        record.writes += 1;
        record.updated_at = now;
        record.written = Some(Instant::now());
        Ok(record.clone())
    }

    fn show(&self, call: &Call, kind: &ObjectType, id: &str) -> Answer {
        let portal = self.portal();
        let record = located(&portal, kind, id, call.query("idProperty").as_deref())?;
        let mut shown = record.show(kind, &listed(call, "properties"), &self.url);
        if let Some(associated) = associated(&portal, &record, &listed(call, "associations")) {
            put(&mut shown, "associations", associated);
        }
        Ok(Reply::json(200, &shown))
    }

    fn list(&self, call: &Call, kind: &ObjectType) -> Answer {
        let number = |name: &str, default: usize| call.query(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let (limit, after) = (number("limit", 10).min(100), number("after", 0));
        let wanted = listed(call, "properties");
        let portal = self.portal();
        let all: Vec<&Record> = portal.records.iter().filter(|record| record.type_id == kind.id).collect();
        let results: Vec<Value> = all.iter().skip(after).take(limit).map(|record| record.show(kind, &wanted, &self.url)).collect();
        Ok(Reply::json(200, &paged(results, after, all.len(), &json!({}))))
    }

    fn update(&self, call: &Call, kind: &ObjectType, id: &str) -> Answer {
        let body = json_body(call)?;
        let wanted = values::read(kind, &body)?;
        let mut portal = self.portal();
        let record = located(&portal, kind, id, call.query("idProperty").as_deref())?;
        let record = self.change(&mut portal, kind, record.id, &wanted)?;
        Ok(Reply::json(200, &record.show(kind, &wanted.keys().cloned().collect::<Vec<_>>(), &self.url)))
    }

    fn archive(&self, kind: &ObjectType, id: &str) -> Answer {
        if let Ok(number) = id.parse::<u64>() {
            remove(&mut self.portal(), kind, number);
        }
        Ok(Reply::empty(204))
    }

    fn gdpr_delete(&self, call: &Call, kind: &ObjectType) -> Answer {
        let body = json_body(call)?;
        let key = text(&body, "objectId").map(str::to_owned).or_else(|| whole(&body, "objectId").map(|id| id.to_string()));
        let mut portal = self.portal();
        let record = located(&portal, kind, &key.unwrap_or_default(), text(&body, "idProperty"))?;
        remove(&mut portal, kind, record.id);
        Ok(Reply::empty(204))
    }
}

/// Takes a record and its associations away; nothing happens when it is gone already.
pub(super) fn remove(portal: &mut Portal, kind: &ObjectType, id: u64) {
    portal.records.retain(|record| record.type_id != kind.id || record.id != id);
    portal.associations.retain(|one| (one.from_type != kind.id || one.from != id) && (one.to_type != kind.id || one.to != id));
}

/// A JSON object.
pub(super) fn json_body(call: &Call) -> Result<Value, Reply> {
    call.json().ok().filter(Value::is_object).ok_or_else(|| errors::invalid("Invalid input JSON on line 1, column 1"))
}

/// A record by number, or by the value of a unique property.
pub(super) fn located(portal: &Portal, kind: &ObjectType, id: &str, id_property: Option<&str>) -> Result<Record, Reply> {
    let found = match id_property {
        None => id.parse().ok().and_then(|number| portal.record(&kind.id, number)),
        Some(name) if name != "hs_object_id" && kind.property(name).is_some_and(|property| property.unique) => {
            portal.record_by(&kind.id, name, id)
        }
        Some(name) => return Err(errors::invalid(&format!("{name} is not a unique property"))),
    };
    found.cloned().ok_or_else(|| errors::not_found(&format!("Object not found. objectId {id}")))
}

/// A query parameter given as `a,b` or several times.
pub(super) fn listed(call: &Call, name: &str) -> Vec<String> {
    let all = call.query_pairs().into_iter().filter(|(key, _)| key == name);
    all.flat_map(|(_, value)| value.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>()).collect()
}

/// A page of results; `extra` members go first.
pub(super) fn paged(results: Vec<Value>, after: usize, total: usize, extra: &Value) -> Value {
    let next = after + results.len();
    let mut page = extra.clone();
    put(&mut page, "results", results);
    if next < total {
        put(&mut page, "paging", json!({"next": {"after": next.to_string()}}));
    }
    page
}

/// The associations of a create body, checked: every target exists and every type fits the pair.
fn associations_of(portal: &Portal, kind: &ObjectType, body: &Value) -> Result<Vec<(AssociationType, u64)>, Reply> {
    let mut found = Vec::new();
    for entry in list(body, "associations") {
        let target = entry.pointer("/to/id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)).unwrap_or_default();
        let types = list(entry, "types");
        if types.is_empty() {
            return Err(errors::invalid("Some required fields were not set: [types]"));
        }
        for wanted in types {
            let (category, id) = (text(wanted, "associationCategory"), whole(wanted, "associationTypeId"));
            let fits = |one: &&AssociationType| one.from == kind.id && Some(one.id) == id && Some(one.category) == category;
            let association = portal.association_types.iter().find(fits);
            let association =
                association.ok_or_else(|| errors::invalid(&format!("{id:?} is not a valid association type from {}", kind.name)))?;
            let number = target.parse().ok().filter(|number| portal.record(&association.to, *number).is_some());
            let number = number.ok_or_else(|| errors::invalid(&format!("No {} with id {target} exists", association.to)))?;
            found.push((association.clone(), number));
        }
    }
    Ok(found)
}

/// The `associations` member of a shown record; `None` when nothing was asked for.
fn associated(portal: &Portal, record: &Record, wanted: &[String]) -> Option<Value> {
    let mut members = json!({});
    for name in wanted {
        let kind = portal.kind(name)?;
        let results: Vec<Value> = portal
            .associations
            .iter()
            .filter(|one| one.from_type == record.type_id && one.from == record.id && one.to_type == kind.id)
            .map(|one| json!({"id": one.to.to_string(), "type": one.type_id.to_string()}))
            .collect();
        if !results.is_empty() {
            put(&mut members, &kind.name, json!({ "results": results }));
        }
    }
    (!wanted.is_empty()).then_some(members)
}
