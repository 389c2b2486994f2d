//! HubSpot's own types, with the properties that an integration meets.

use serde_json::{Value, json};

use super::model::{AssociationType, ObjectType, Portal, Property};

/// A name, its type, and its options if it is an enumeration.
type Line = (&'static str, &'static str, &'static [&'static str]);

const CONTACT: &[Line] = &[
    ("email", "string", &[]),
    ("firstname", "string", &[]),
    ("lastname", "string", &[]),
    ("phone", "string", &[]),
    ("mobilephone", "string", &[]),
    ("company", "string", &[]),
    ("country", "string", &[]),
    ("hs_language", "string", &[]),
    ("lifecyclestage", "enumeration", &["subscriber", "lead", "opportunity", "customer", "other"]),
    ("hubspot_owner_id", "string", &[]),
    ("createdate", "datetime", &[]),
    ("lastmodifieddate", "datetime", &[]),
];
const DEAL: &[Line] = &[
    ("dealname", "string", &[]),
    ("amount", "number", &[]),
    ("dealstage", "string", &[]),
    ("pipeline", "string", &[]),
    ("closedate", "datetime", &[]),
    ("deal_currency_code", "enumeration", &["EUR", "USD", "GBP"]),
    ("description", "string", &[]),
    ("hubspot_owner_id", "string", &[]),
    ("createdate", "datetime", &[]),
];
const TASK: &[Line] = &[
    ("hs_timestamp", "datetime", &[]),
    ("hs_task_subject", "string", &[]),
    ("hs_task_body", "string", &[]),
    ("hs_task_status", "enumeration", &["NOT_STARTED", "IN_PROGRESS", "WAITING", "DEFERRED", "COMPLETED"]),
    ("hs_task_priority", "enumeration", &["NONE", "LOW", "MEDIUM", "HIGH"]),
    ("hs_task_type", "enumeration", &["TODO", "CALL", "EMAIL"]),
    ("hs_task_reminders", "string", &[]),
    ("hubspot_owner_id", "string", &[]),
];
const NOTE: &[Line] = &[("hs_timestamp", "datetime", &[]), ("hs_note_body", "string", &[]), ("hubspot_owner_id", "string", &[])];
const NAME: &[Line] = &[("name", "string", &[])];

/// A pair of types with the numbers of their association in both directions.
const PAIRS: &[(&str, &str, i64, i64)] = &[
    ("0-1", "0-3", 4, 3),
    ("0-27", "0-1", 204, 203),
    ("0-27", "0-3", 216, 215),
    ("0-27", "0-2", 192, 191),
    ("0-27", "0-5", 230, 229),
    ("0-46", "0-1", 202, 201),
    ("0-46", "0-3", 214, 213),
    ("0-3", "0-2", 341, 342),
    ("0-1", "0-2", 279, 280),
];

/// A portal without records.
#[must_use]
pub fn portal() -> Portal {
    let types = vec![
        own("0-1", "contacts", CONTACT, "contactinformation", &[], &["email", "firstname", "lastname"]),
        own("0-2", "companies", NAME, "companyinformation", &[], &["name"]),
        own("0-3", "deals", DEAL, "dealinformation", &[], &["amount", "closedate", "dealname", "dealstage", "pipeline"]),
        own("0-5", "tickets", NAME, "ticketinformation", &[], &["name"]),
        own("0-27", "tasks", TASK, "task", &["hs_timestamp"], &[]),
        own("0-46", "notes", NOTE, "note", &["hs_timestamp"], &[]),
    ];
    let both =
        |(from, to, there, back): &(&str, &str, i64, i64)| [association(from, to, *there, *back), association(to, from, *back, *there)];
    Portal {
        types,
        association_types: PAIRS.iter().flat_map(both).collect(),
        last_record: 1_000,
        last_custom: 5_000_000,
        ..Portal::default()
    }
}

fn association(from: &str, to: &str, id: i64, inverse: i64) -> AssociationType {
    AssociationType { from: from.to_owned(), to: to.to_owned(), id, category: "HUBSPOT_DEFINED", inverse }
}

fn own(id: &str, name: &str, lines: &[Line], group: &str, required: &[&str], shown: &[&str]) -> ObjectType {
    let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut properties: Vec<Property> = lines.iter().map(|line| property(line, group)).collect();
    properties.extend(fixed(group));
    ObjectType {
        id: id.to_owned(),
        name: name.to_owned(),
        custom: false,
        properties,
        groups: vec![json!({"name": group, "label": group, "displayOrder": -1, "archived": false})],
        required: texts(required),
        shown: texts(shown),
        schema: Value::Null,
    }
}

/// What every record has and nobody writes.
#[must_use]
pub fn fixed(group: &str) -> Vec<Property> {
    [("hs_object_id", "number", &[] as &[&str]), ("hs_createdate", "datetime", &[]), ("hs_lastmodifieddate", "datetime", &[])]
        .iter()
        .map(|line| property(line, group))
        .collect()
}

fn property((name, kind, options): &Line, group: &str) -> Property {
    let read_only = matches!(*name, "hs_object_id" | "hs_createdate" | "hs_lastmodifieddate" | "lastmodifieddate");
    let unique = *name == "email" || *name == "hs_object_id";
    let field = match *kind {
        "number" => "number",
        "datetime" => "date",
        "enumeration" => "select",
        _ => "text",
    };
    let options: Vec<Value> = options
        .iter()
        .enumerate()
        .map(|(order, value)| {
            json!({
                "label": value, "value": value, "displayOrder": order, "hidden": false,
            })
        })
        .collect();
    let definition = json!({
        "name": name, "label": name, "type": kind, "fieldType": field, "groupName": group, "options": options,
        "hasUniqueValue": unique, "hubspotDefined": true, "hidden": false, "archived": false,
        "modificationMetadata": {"readOnlyValue": read_only, "readOnlyDefinition": true, "archivable": false},
    });
    Property { name: (*name).to_owned(), kind: (*kind).to_owned(), definition, unique, read_only }
}
