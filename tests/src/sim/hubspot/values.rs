//! Checking property values before anything is written.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::super::core::json::{list, text};
use super::super::core::reply::Reply;
use super::errors;
use super::model::{ObjectType, Portal, Property};

/// What was asked for a record: a value, or null to clear one.
pub type Wanted = BTreeMap<String, Option<String>>;

/// The `properties` of an input, as texts.
///
/// # Errors
/// When a value is neither a text nor null, or a property or value is not accepted.
pub fn read(kind: &ObjectType, input: &Value) -> Result<Wanted, Reply> {
    let Some(members) = input.get("properties").and_then(Value::as_object) else {
        return Err(errors::invalid("Invalid input JSON: properties is required and is an object."));
    };
    let mut wanted = Wanted::new();
    for (name, value) in members {
        match value {
            Value::Null => wanted.insert(name.clone(), None),
            Value::String(text) => wanted.insert(name.clone(), Some(text.clone())),
            other => {
                return Err(errors::invalid(&format!(
                    "Invalid input JSON: Cannot deserialize value of type `java.lang.String` from {other} (property {name})."
                )));
            }
        };
    }
    let problems: Vec<_> = wanted.iter().filter_map(|(name, value)| problem(kind, name, value.as_deref())).collect();
    if problems.is_empty() { Ok(wanted) } else { Err(errors::invalid_values(&problems)) }
}

fn problem(kind: &ObjectType, name: &str, value: Option<&str>) -> Option<(String, &'static str, String)> {
    let said = |code: &'static str, message: String| Some((name.to_owned(), code, message));
    let Some(property) = kind.property(name) else {
        return said("PROPERTY_DOESNT_EXIST", format!("Property \"{name}\" does not exist"));
    };
    if property.read_only {
        return said("READ_ONLY_VALUE", format!("\"{name}\" is a read only property; its value cannot be set."));
    }
    // An empty text clears a property.
    let value = value.filter(|value| !value.is_empty())?;
    let code = refused(property, value)?;
    said(code, format!("{value} was not accepted for the {} property \"{name}\"", property.kind))
}

/// The code by which a value is refused.
fn refused(property: &Property, value: &str) -> Option<&'static str> {
    let good = match property.kind.as_str() {
        "number" => value.parse::<f64>().is_ok_and(f64::is_finite),
        "bool" => value == "true" || value == "false",
        "date" => is_day(value),
        "datetime" => value.parse::<Timestamp>().is_ok() || value.parse::<i64>().is_ok(),
        "enumeration" => return (!options_allow(property, value)).then_some("INVALID_OPTION"),
        _ if property.name == "email" => return (!value.contains('@') || value.contains(' ')).then_some("INVALID_EMAIL"),
        _ => value.len() <= 65_536,
    };
    match property.kind.as_str() {
        _ if good => None,
        "number" => Some("INVALID_NUMBER"),
        "bool" => Some("INVALID_BOOLEAN"),
        "date" => Some("INVALID_DATE"),
        "datetime" => Some("INVALID_LONG"),
        _ => Some("PROPERTY_VALUE_TOO_LONG"),
    }
}

/// `YYYY-MM-DD`, or milliseconds of a midnight in UTC.
fn is_day(value: &str) -> bool {
    let midnight = value.parse::<i64>().is_ok_and(|milliseconds| milliseconds % 86_400_000 == 0);
    midnight || (value.len() == 10 && value.parse::<Date>().is_ok())
}

/// Checkboxes take several values with semicolons between.
fn options_allow(property: &Property, value: &str) -> bool {
    let options = list(&property.definition, "options");
    let known = |value: &str| options.iter().any(|option| text(option, "value") == Some(value));
    if text(&property.definition, "fieldType") == Some("checkbox") { value.split(';').all(known) } else { known(value) }
}

/// Refuses a record that would share a unique value with another one.
///
/// # Errors
/// 409 for a contact's e-mail, 400 for other properties.
pub fn check_unique(portal: &Portal, kind: &ObjectType, wanted: &Wanted, own: Option<u64>) -> Result<(), Reply> {
    for (name, value) in wanted {
        let unique = kind.property(name).is_some_and(|property| property.unique);
        let Some(value) = value.as_deref().filter(|value| unique && !value.is_empty()) else {
            continue;
        };
        let Some(other) = portal.record_by(&kind.id, name, value).filter(|other| Some(other.id) != own) else {
            continue;
        };
        if name == "email" {
            return Err(errors::error(409, "CONFLICT", &format!("Contact already exists. Existing ID: {}", other.id)));
        }
        let message = format!("{} already has that value.", other.id);
        return Err(errors::invalid_values(&[(name.clone(), "CONFLICTING_UNIQUE_VALUE", message)]));
    }
    Ok(())
}

/// Refuses a new record without its required properties.
///
/// # Errors
/// 400 naming what is missing.
pub fn check_required(kind: &ObjectType, wanted: &Wanted) -> Result<(), Reply> {
    let set = |name: &String| wanted.get(name).is_some_and(|value| value.as_deref().is_some_and(|value| !value.is_empty()));
    let missing: Vec<(String, &str, String)> = kind
        .required
        .iter()
        .filter(|name| !set(name))
        .map(|name| (name.clone(), "REQUIRED_FIELD", format!("The required property \"{name}\" is not set.")))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(errors::invalid_values(&missing)) }
}
