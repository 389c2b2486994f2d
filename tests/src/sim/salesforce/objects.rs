//! The objects of the org and what their fields take.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// What a field takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text of so many characters.
    Text(usize),
    /// Text that identifies a record.
    External(usize),
    Number,
    Moment,
    Day,
    /// One of these.
    Pick(&'static [&'static str]),
    /// The id of a record of these objects.
    Lookup(&'static [&'static str]),
}

/// One object.
#[derive(Debug, Clone)]
pub struct Object {
    pub name: &'static str,
    pub fields: Vec<(&'static str, Kind)>,
}

const STATUSES: &[&str] = &["unknown", "ordered", "released", "downloaded", "installed", "activated", "exhausted", "expired", "cancelled"];

/// The object of this name.
pub fn of_name(name: &str) -> Option<Object> {
    use Kind::{Day, External, Lookup, Moment, Number, Pick, Text};
    let (name, fields): (&'static str, Vec<(&'static str, Kind)>) = match name {
        "eSIM_Subscription__c" => (
            "eSIM_Subscription__c",
            vec![
                ("eSIM_Id__c", External(64)),
                ("Order_Id__c", Text(64)),
                ("Booking_Reference__c", Text(100)),
                ("External_Reference__c", Text(200)),
                ("Opportunity__c", Lookup(&["Opportunity"])),
                ("Contact__c", Lookup(&["Contact"])),
                ("Status__c", Pick(STATUSES)),
                ("Provider__c", Text(100)),
                ("Package_Title__c", Text(255)),
                ("ISO_Countries__c", Text(2000)),
                ("ICCID_Masked__c", Text(40)),
                ("Data_Used_MB__c", Number),
                ("Data_Remaining_MB__c", Number),
                ("Data_Total_MB__c", Number),
                ("Activated_At__c", Moment),
                ("Expiry_Date__c", Moment),
                ("Measured_At__c", Moment),
                ("Price__c", Number),
                ("Currency_Code__c", Text(3)),
                ("Mail_Status__c", Pick(&["delivered", "bounced"])),
            ],
        ),
        "Task" => (
            "Task",
            vec![
                ("Passerelle_Key__c", External(255)),
                ("Subject", Text(255)),
                ("Description", Text(32_000)),
                ("ActivityDate", Day),
                ("Status", Pick(&["Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"])),
                ("Priority", Pick(&["High", "Normal", "Low"])),
                ("WhatId", Lookup(&["Opportunity", "eSIM_Subscription__c"])),
                ("WhoId", Lookup(&["Contact"])),
                ("OwnerId", Lookup(&["User"])),
            ],
        ),
        "Opportunity" => (
            "Opportunity",
            vec![
                ("Name", Text(120)),
                ("eSIM_Offers__c", Text(32_000)),
                ("eSIM_Best_Package_Id__c", Text(200)),
                ("eSIM_Net__c", Number),
                ("eSIM_Sale__c", Number),
                ("eSIM_Margin__c", Number),
                ("eSIM_Currency__c", Text(40)),
            ],
        ),
        "Contact" => ("Contact", vec![("Email", Text(80)), ("LastName", Text(80))]),
        "eSIM_Event__e" => (
            "eSIM_Event__e",
            vec![
                ("Event_Type__c", Text(60)),
                ("Webhook_Id__c", Text(100)),
                ("eSIM_Id__c", Text(64)),
                ("Order_Id__c", Text(64)),
                ("External_Reference__c", Text(200)),
                ("Booking_Reference__c", Text(100)),
                ("Status__c", Text(40)),
                ("Occurred_At__c", Moment),
                ("Expiry_Date__c", Moment),
                ("Threshold__c", Number),
                ("Data_Used_MB__c", Number),
                ("Data_Total_MB__c", Number),
            ],
        ),
        _ => return None,
    };
    Some(Object { name, fields })
}

impl Object {
    /// Without the fields that the org does not have (`Object.Field`).
    pub fn without(mut self, missing: &BTreeSet<String>) -> Self {
        let name = self.name;
        self.fields.retain(|(field, _)| !missing.contains(&format!("{name}.{field}")));
        self
    }

    pub fn is_event(&self) -> bool {
        self.name.ends_with("__e")
    }

    pub fn kind(&self, field: &str) -> Option<Kind> {
        self.fields.iter().find(|(name, _)| *name == field).map(|(_, kind)| *kind)
    }

    pub fn describe(&self) -> Value {
        let own = self.fields.iter().map(|(name, kind)| json!({"name": name, "externalId": matches!(kind, Kind::External(_))}));
        let fields: Vec<Value> = std::iter::once(json!({"name": "Id", "externalId": false})).chain(own).collect();
        json!({"name": self.name, "fields": fields})
    }
}

impl Kind {
    /// The code of what is wrong with a value; null empties any field.
    pub fn fault(self, value: &Value) -> Option<&'static str> {
        if value.is_null() {
            return None;
        }
        let is_moment = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
        match (self, value) {
            (Self::Text(most) | Self::External(most), Value::String(text)) => (text.chars().count() > most).then_some("STRING_TOO_LONG"),
            (Self::Number, Value::Number(_)) => None,
            (Self::Moment, Value::String(text)) if is_moment(text) => None,
            (Self::Day, Value::String(text)) if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() => None,
            (Self::Pick(choices), Value::String(text)) => {
                (!choices.contains(&text.as_str())).then_some("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
            }
            (Self::Lookup(_), Value::String(id)) => (!matches!(id.len(), 15 | 18)).then_some("MALFORMED_ID"),
            _ => Some("JSON_PARSER_ERROR"),
        }
    }
}
