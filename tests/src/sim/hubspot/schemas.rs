//! Custom object schemas (HubSpot, "Custom object schema").

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::{list, put, text, texts};
use super::super::core::reply::Reply;
use super::model::{AssociationType, ObjectType, PORTAL, Portal};
use super::objects::json_body;
use super::{Answer, HubSpot, errors, properties, standard};

impl HubSpot {
    pub(super) fn schemas(&self, call: &Call, rest: &[&str]) -> Answer {
        if !self.portal().settings.custom_objects {
            let right = if call.method == http::Method::GET { "crm.schemas.custom.read" } else { "crm.schemas.custom.write" };
            return Err(errors::missing_scopes(right));
        }
        match (call.method.as_str(), rest) {
            ("GET", []) => Ok(Reply::json(200, &json!({"results": self.every_schema()}))),
            ("POST", []) => self.create_schema(&json_body(call)?),
            ("GET", [name]) => {
                let kind = self.custom(name)?;
                Ok(Reply::json(200, &shown(&self.portal(), &kind)))
            }
            ("PATCH", [name]) => self.change_schema(name, &json_body(call)?),
            ("DELETE", [name]) => self.delete_schema(name),
            ("POST", [name, "associations"]) => self.add_association(name, &json_body(call)?),
            _ => Err(errors::method()),
        }
    }

    pub(super) fn every_schema(&self) -> Vec<Value> {
        let portal = self.portal();
        portal.types.iter().filter(|kind| kind.custom).map(|kind| shown(&portal, kind)).collect()
    }

    fn custom(&self, name: &str) -> Result<ObjectType, Reply> {
        let found = self.portal().kind(name).filter(|kind| kind.custom).cloned();
        found.ok_or_else(|| errors::not_found(&format!("Unable to infer object type from: {name}")))
    }

    fn create_schema(&self, body: &Value) -> Answer {
        let mut portal = self.portal();
        let mut kind = checked(&portal, body)?;
        let targets = targets(&portal, body)?;
        portal.last_custom += 1;
        kind.id = format!("2-{}", portal.last_custom);
        portal.types.push(kind.clone());
        for target in targets {
            connect(&mut portal, &kind.id, &target);
        }
        Ok(Reply::json(201, &shown(&portal, &kind)))
    }

    /// Labels cannot be changed later; what is shown, searched and required can.
    fn change_schema(&self, name: &str, body: &Value) -> Answer {
        let kind = self.custom(name)?;
        let named: Vec<String> = ["requiredProperties", "searchableProperties", "secondaryDisplayProperties"]
            .iter()
            .flat_map(|key| texts(body, key))
            .chain(text(body, "primaryDisplayProperty").map(str::to_owned))
            .collect();
        check_known(&kind, &named)?;
        let mut schema = kind.schema.clone();
        for key in ["requiredProperties", "searchableProperties", "secondaryDisplayProperties", "primaryDisplayProperty", "description"] {
            if let Some(value) = body.get(key) {
                put(&mut schema, key, value.clone());
            }
        }
        self.with_type(&kind, |own| {
            own.required = texts(&schema, "requiredProperties");
            own.schema = schema;
        });
        let kind = self.custom(name)?;
        Ok(Reply::json(200, &shown(&self.portal(), &kind)))
    }

    fn delete_schema(&self, name: &str) -> Answer {
        let kind = self.custom(name)?;
        let mut portal = self.portal();
        if portal.records.iter().any(|record| record.type_id == kind.id) {
            return Err(errors::invalid("The object type cannot be deleted while it has records."));
        }
        portal.types.retain(|one| one.id != kind.id);
        portal.association_types.retain(|one| one.from != kind.id && one.to != kind.id);
        Ok(Reply::empty(204))
    }

    fn add_association(&self, name: &str, body: &Value) -> Answer {
        let kind = self.custom(name)?;
        let mut portal = self.portal();
        let target = text(body, "toObjectTypeId").and_then(|target| portal.kind(target)).map(|target| target.id.clone());
        let target = target.ok_or_else(|| errors::invalid("toObjectTypeId is not an object type"))?;
        let id = connect(&mut portal, &kind.id, &target);
        Ok(Reply::json(
            201,
            &json!({"id": id.to_string(), "fromObjectTypeId": kind.id, "toObjectTypeId": target, "name": text(body, "name")}),
        ))
    }
}

/// A new type without its number.
fn checked(portal: &Portal, body: &Value) -> Result<ObjectType, Reply> {
    let missing: Vec<&str> = ["name", "labels", "properties", "requiredProperties", "associatedObjects"]
        .into_iter()
        .filter(|key| body.get(key).is_none_or(Value::is_null))
        .collect();
    if !missing.is_empty() {
        return Err(errors::invalid(&format!("Some required fields were not set: [{}]", missing.join(", "))));
    }
    let name = text(body, "name").unwrap_or_default();
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain {
        return Err(errors::invalid("The name of a schema starts with a letter and holds letters, digits and underscores"));
    }
    if portal.kind(name).is_some() {
        return Err(errors::error(409, "OBJECT_ALREADY_EXISTS", &format!("An object type named {name} already exists")));
    }
    let labels = body.get("labels").cloned().unwrap_or_default();
    if text(&labels, "singular").is_none() || text(&labels, "plural").is_none() {
        return Err(errors::invalid("Some required fields were not set: [labels.singular, labels.plural]"));
    }
    let group = format!("{name}_information");
    let mut kind = ObjectType {
        id: String::new(),
        name: name.to_owned(),
        custom: true,
        properties: standard::fixed(&group),
        groups: vec![json!({"name": group, "label": group, "displayOrder": -1, "archived": false})],
        required: texts(body, "requiredProperties"),
        shown: Vec::new(),
        schema: body.clone(),
    };
    for property in list(body, "properties") {
        let property = properties::checked(&kind, property, false)?;
        kind.properties.push(property);
    }
    let named: Vec<String> = ["requiredProperties", "searchableProperties", "secondaryDisplayProperties"]
        .iter()
        .flat_map(|key| texts(body, key))
        .chain(text(body, "primaryDisplayProperty").map(str::to_owned))
        .collect();
    check_known(&kind, &named)?;
    Ok(kind)
}

fn check_known(kind: &ObjectType, names: &[String]) -> Result<(), Reply> {
    match names.iter().find(|name| kind.property(name).is_none()) {
        Some(name) => Err(errors::invalid(&format!("The property {name} is named and not defined"))),
        None => Ok(()),
    }
}

/// Type ids of `associatedObjects`: numbers, or names as `CONTACT`.
fn targets(portal: &Portal, body: &Value) -> Result<Vec<String>, Reply> {
    texts(body, "associatedObjects")
        .iter()
        .map(|name| {
            let plural = match name.as_str() {
                "CONTACT" => "contacts",
                "COMPANY" => "companies",
                "DEAL" => "deals",
                "TICKET" => "tickets",
                other => other,
            };
            let found = portal.kind(plural).map(|kind| kind.id.clone());
            found.ok_or_else(|| errors::invalid(&format!("{name} is not an object type")))
        })
        .collect()
}

/// Makes two types associable; again gives the same number. Activities can always be attached to custom objects.
fn connect(portal: &mut Portal, from: &str, to: &str) -> i64 {
    if let Some(known) = portal.associations_between(from, to).next() {
        return known.id;
    }
    let next = i64::try_from(portal.association_types.len()).unwrap_or(0) + 1_001;
    for (from, to, id, inverse) in [(from, to, next, next + 1), (to, from, next + 1, next)] {
        portal.association_types.push(AssociationType { from: from.to_owned(), to: to.to_owned(), id, category: "USER_DEFINED", inverse });
    }
    next
}

/// A schema as the API shows it.
fn shown(portal: &Portal, kind: &ObjectType) -> Value {
    let associations: Vec<Value> = portal.association_types.iter().filter(|one| one.from == kind.id || one.to == kind.id).map(|one| json!({
        "id": one.id.to_string(), "fromObjectTypeId": one.from, "toObjectTypeId": one.to, "name": format!("{}_to_{}", one.from, one.to),
    })).collect();
    let mut schema = kind.schema.clone();
    put(&mut schema, "id", kind.id.trim_start_matches("2-"));
    put(&mut schema, "objectTypeId", kind.id.as_str());
    put(&mut schema, "fullyQualifiedName", format!("p{PORTAL}_{}", kind.name));
    put(&mut schema, "properties", properties::definitions(kind));
    put(&mut schema, "associations", associations);
    put(&mut schema, "archived", false);
    schema
}
