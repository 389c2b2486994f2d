//! Properties and their groups (`/crm/v3/properties/{type}`).

use serde_json::{Value, json};

use super::super::core::call::Call;
use super::super::core::json::{list, put, text, truth};
use super::super::core::reply::Reply;
use super::model::{ObjectType, Property};
use super::objects::json_body;
use super::{Answer, HubSpot, errors};

/// Field types that each type may have.
const FIELDS: &[(&str, &[&str])] = &[
    ("string", &["text", "textarea", "html", "file", "phonenumber", "calculation_equation"]),
    ("number", &["number", "calculation_equation"]),
    ("date", &["date"]),
    ("datetime", &["date"]),
    ("enumeration", &["select", "radio", "checkbox", "booleancheckbox"]),
    ("bool", &["booleancheckbox", "calculation_equation"]),
    ("phone_number", &["phonenumber"]),
];

impl HubSpot {
    pub(super) fn properties(&self, call: &Call, rest: &[&str]) -> Answer {
        let Some((name, rest)) = rest.split_first() else {
            return Err(errors::no_such_path());
        };
        let kind = self.kind(name)?;
        match (call.method.as_str(), rest) {
            ("GET", []) => Ok(Reply::json(200, &json!({"results": definitions(&kind)}))),
            ("POST", []) => self.add_property(&kind, &json_body(call)?),
            ("GET", ["groups"]) => Ok(Reply::json(200, &json!({"results": kind.groups}))),
            ("POST", ["groups"]) => self.add_group(&kind, &json_body(call)?),
            ("POST", ["batch", "create"]) => self.add_properties(&kind, &json_body(call)?),
            ("GET", [property]) => match kind.property(property) {
                Some(property) => Ok(Reply::json(200, &property.definition)),
                None => Err(errors::not_found(&format!("Property {property} does not exist"))),
            },
            ("PATCH", [property]) => self.change_property(&kind, property, &json_body(call)?),
            _ => Err(errors::method()),
        }
    }

    fn add_property(&self, kind: &ObjectType, body: &Value) -> Answer {
        let property = checked(kind, body, true)?;
        let definition = property.definition.clone();
        self.with_type(kind, |own| own.properties.push(property));
        Ok(Reply::json(201, &definition))
    }

    fn add_properties(&self, kind: &ObjectType, body: &Value) -> Answer {
        let mut grown = kind.clone();
        let mut results = Vec::new();
        for input in list(body, "inputs") {
            let property = checked(&grown, input, true)?;
            results.push(property.definition.clone());
            grown.properties.push(property);
        }
        self.with_type(kind, |own| own.properties = grown.properties);
        Ok(Reply::json(201, &json!({"status": "COMPLETE", "results": results})))
    }

    fn add_group(&self, kind: &ObjectType, body: &Value) -> Answer {
        let (Some(name), Some(label)) = (text(body, "name"), text(body, "label")) else {
            return Err(errors::invalid("Some required fields were not set: [name, label]"));
        };
        if kind.groups.iter().any(|group| text(group, "name") == Some(name)) {
            return Err(errors::error(409, "OBJECT_ALREADY_EXISTS", &format!("Property group {name} already exists")));
        }
        let group = json!({"name": name, "label": label, "displayOrder": -1, "archived": false});
        self.with_type(kind, |own| own.groups.push(group.clone()));
        Ok(Reply::json(201, &group))
    }

    /// Labels, descriptions and options can be changed; names, types and uniqueness cannot.
    fn change_property(&self, kind: &ObjectType, name: &str, body: &Value) -> Answer {
        let Some(property) = kind.property(name) else {
            return Err(errors::not_found(&format!("Property {name} does not exist")));
        };
        let mut definition = property.definition.clone();
        for (key, value) in body.as_object().into_iter().flatten() {
            if matches!(key.as_str(), "label" | "description" | "options" | "groupName" | "hidden" | "displayOrder" | "formField") {
                put(&mut definition, key, value.clone());
            }
        }
        self.with_type(kind, |own| {
            own.properties.iter_mut().filter(|one| one.name == name).for_each(|one| one.definition = definition.clone());
        });
        Ok(Reply::json(200, &definition))
    }

    /// Changes the portal's own copy of a type.
    pub(super) fn with_type(&self, kind: &ObjectType, change: impl FnOnce(&mut ObjectType)) {
        if let Some(own) = self.portal().types.iter_mut().find(|own| own.id == kind.id) {
            change(own);
        }
    }
}

/// All definitions of a type.
#[must_use]
pub fn definitions(kind: &ObjectType) -> Vec<Value> {
    kind.properties.iter().map(|property| property.definition.clone()).collect()
}

/// Checks a new property. In a schema the group may be left out.
///
/// # Errors
/// What HubSpot would refuse.
pub fn checked(kind: &ObjectType, body: &Value, needs_group: bool) -> Result<Property, Reply> {
    let member = |name: &str| text(body, name).filter(|value| !value.is_empty());
    let needed: &[&str] =
        if needs_group { &["name", "label", "type", "fieldType", "groupName"] } else { &["name", "label", "type", "fieldType"] };
    let missing: Vec<&str> = needed.iter().copied().filter(|name| member(name).is_none()).collect();
    if !missing.is_empty() {
        return Err(errors::invalid(&format!("Some required fields were not set: [{}]", missing.join(", "))));
    }
    let (name, of, field) =
        (member("name").unwrap_or_default(), member("type").unwrap_or_default(), member("fieldType").unwrap_or_default());
    if !name.starts_with(|first: char| first.is_ascii_lowercase())
        || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    {
        return Err(errors::invalid(&format!(
            "{name}: names start with a lower-case letter and hold lower-case letters, digits and underscores"
        )));
    }
    if kind.property(name).is_some() {
        return Err(errors::error(409, "OBJECT_ALREADY_EXISTS", &format!("A property named '{name}' already exists.")));
    }
    let fields = FIELDS.iter().find(|(kind, _)| *kind == of).map(|(_, fields)| *fields);
    if !fields.is_some_and(|fields| fields.contains(&field)) {
        return Err(errors::invalid(&format!("Invalid combination of type {of} and fieldType {field}")));
    }
    let group = member("groupName").map(str::to_owned);
    let own_group = kind.groups.first().and_then(|group| text(group, "name")).unwrap_or_default().to_owned();
    if group.as_deref().is_some_and(|group| !kind.groups.iter().any(|one| text(one, "name") == Some(group))) {
        return Err(errors::invalid(&format!("Property group {} does not exist", group.unwrap_or_default())));
    }
    check_options(body, of, needs_group)?;
    let unique = truth(body, "hasUniqueValue");
    if unique && !matches!(of, "string" | "number" | "phone_number") {
        return Err(errors::invalid("Only string and number properties can have unique values"));
    }
    let mut definition = body.clone();
    put(&mut definition, "groupName", group.unwrap_or(own_group));
    put(&mut definition, "hasUniqueValue", unique);
    put(&mut definition, "options", list(body, "options").to_vec());
    put(&mut definition, "hubspotDefined", false);
    put(&mut definition, "archived", false);
    put(&mut definition, "modificationMetadata", json!({"readOnlyValue": false, "readOnlyDefinition": false, "archivable": true}));
    Ok(Property { name: name.to_owned(), kind: of.to_owned(), definition, unique, read_only: false })
}

/// Options of an enumeration: a schema demands all four members, a property of its own label and value.
fn check_options(body: &Value, of: &str, lenient: bool) -> Result<(), Reply> {
    let options = list(body, "options");
    if of == "enumeration" && options.is_empty() {
        return Err(errors::invalid("An enumeration needs options"));
    }
    let needed: &[&str] = if lenient { &["label", "value"] } else { &["label", "value", "displayOrder", "hidden"] };
    for option in options {
        if let Some(missing) = needed.iter().find(|name| option.get(**name).is_none()) {
            return Err(errors::invalid(&format!("Some required fields were not set: [options.{missing}]")));
        }
    }
    Ok(())
}
