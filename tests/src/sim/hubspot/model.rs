//! What a portal holds.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::core::clock::iso_ms;
use super::super::core::rate::Rates;

/// The portal's number.
pub const PORTAL: u64 = 424_242;

/// Switches of the simulator, set with `POST /_sim/settings`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The portal's plan has custom objects.
    pub custom_objects: bool,
    /// The portal's plan has custom events.
    pub custom_events: bool,
    /// Milliseconds before a written record is found by search.
    pub search_lag_ms: u64,
    /// Whether these pass on the simulator's own clock; on the machine's otherwise, which a played date must not move.
    pub search_lag_by_own_clock: bool,
    /// Burst limit of a private app: 190 in Professional and Enterprise.
    pub requests_per_10_seconds: usize,
    /// Limit of searches.
    pub searches_per_second: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            custom_objects: true,
            custom_events: true,
            search_lag_ms: 500,
            search_lag_by_own_clock: false,
            requests_per_10_seconds: 190,
            searches_per_second: 5,
        }
    }
}

/// One property of a type.
#[derive(Debug, Clone)]
pub struct Property {
    /// Internal name.
    pub name: String,
    /// `string`, `number`, `date`, `datetime`, `enumeration`, `bool`, `phone_number`.
    pub kind: String,
    /// The definition as it was given, with its defaults.
    pub definition: Value,
    /// No two records may share a value.
    pub unique: bool,
    /// Callers cannot write it.
    pub read_only: bool,
}

/// A type of records.
#[derive(Debug, Clone)]
pub struct ObjectType {
    /// `0-1`, `2-…`.
    pub id: String,
    /// Name in paths: `contacts`, `esim_subscription`.
    pub name: String,
    /// Made by the portal, not by HubSpot.
    pub custom: bool,
    /// Properties in the order made.
    pub properties: Vec<Property>,
    /// Groups of properties.
    pub groups: Vec<Value>,
    /// Needed when a record is made.
    pub required: Vec<String>,
    /// Shown without being asked for.
    pub shown: Vec<String>,
    /// The schema as it was given; null for HubSpot's own.
    pub schema: Value,
}

impl ObjectType {
    /// A property by name.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }
}

/// One record.
#[derive(Debug, Clone)]
pub struct Record {
    /// The record's number.
    pub id: u64,
    /// Id of its type.
    pub type_id: String,
    /// Values that are set.
    pub properties: BTreeMap<String, String>,
    /// How many writes it has seen, the first included.
    pub writes: u64,
    /// Date of the simulator's clock.
    pub created_at: Timestamp,
    /// Date of the simulator's clock.
    pub updated_at: Timestamp,
    /// Machine time of the last write; `None` was never hidden from search.
    pub written: Option<Instant>,
}

impl Record {
    /// As the API shows it. `wanted` are property names; empty takes the type's own.
    #[must_use]
    pub fn show(&self, kind: &ObjectType, wanted: &[String], url: &str) -> Value {
        let fixed = ["hs_object_id", "createdate", "lastmodifieddate", "hs_createdate", "hs_lastmodifieddate"];
        let known = kind.shown.iter().chain(wanted).filter(|name| kind.property(name).is_some());
        let mut properties: BTreeMap<&str, Value> =
            known.filter(|name| !fixed.contains(&name.as_str())).map(|name| (name.as_str(), json!(self.properties.get(name)))).collect();
        let (created, updated) =
            if kind.id == "0-1" { ("createdate", "lastmodifieddate") } else { ("hs_createdate", "hs_lastmodifieddate") };
        properties.insert("hs_object_id", json!(self.id.to_string()));
        properties.insert(created, json!(iso_ms(self.created_at)));
        properties.insert(updated, json!(iso_ms(self.updated_at)));
        json!({
            "id": self.id.to_string(), "properties": properties, "createdAt": iso_ms(self.created_at),
            "updatedAt": iso_ms(self.updated_at), "archived": false,
            "url": format!("{url}/contacts/{PORTAL}/record/{}/{}", kind.id, self.id),
        })
    }
}

/// A kind of association between two types.
#[derive(Debug, Clone)]
pub struct AssociationType {
    pub from: String,
    pub to: String,
    pub id: i64,
    /// `HUBSPOT_DEFINED` or `USER_DEFINED`.
    pub category: &'static str,
    /// The number of the same association seen from the other side.
    pub inverse: i64,
}

/// One association. Both directions are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Association {
    pub from_type: String,
    pub from: u64,
    pub to_type: String,
    pub to: u64,
    pub type_id: i64,
    pub category: &'static str,
}

/// A custom event that was sent.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    pub event_name: String,
    pub properties: Value,
    pub email: Option<String>,
    pub object_id: Option<String>,
    pub utk: Option<String>,
    pub occurred_at: String,
    pub uuid: Option<String>,
    /// A record with this address or number exists.
    pub matched: bool,
    /// How often the same `uuid` was sent again and left out.
    pub repeats: u64,
}

/// Everything.
#[derive(Debug, Default, Clone)]
pub struct Portal {
    pub settings: Settings,
    pub rates: Rates,
    pub types: Vec<ObjectType>,
    pub records: Vec<Record>,
    pub association_types: Vec<AssociationType>,
    pub associations: Vec<Association>,
    pub event_definitions: Vec<Value>,
    pub events: Vec<Sent>,
    pub last_record: u64,
    pub last_custom: u64,
}

impl Portal {
    /// The type that a path names: plural name, number, or a custom object's names.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&ObjectType> {
        let fits = |kind: &&ObjectType| {
            let qualified = kind.custom && (name == format!("p_{}", kind.name) || name == format!("p{PORTAL}_{}", kind.name));
            kind.id == name || kind.name == name || qualified
        };
        self.types.iter().find(fits)
    }

    /// A record of a type by its number.
    #[must_use]
    pub fn record(&self, type_id: &str, id: u64) -> Option<&Record> {
        self.records.iter().find(|record| record.type_id == type_id && record.id == id)
    }

    /// A record of a type by the value of a property.
    #[must_use]
    pub fn record_by(&self, type_id: &str, property: &str, value: &str) -> Option<&Record> {
        let same = |record: &&Record| {
            let own = record.properties.get(property);
            record.type_id == type_id
                && own.is_some_and(|own| if property == "email" { own.eq_ignore_ascii_case(value) } else { own == value })
        };
        self.records.iter().find(same)
    }

    /// How a type may be associated with another.
    pub fn associations_between<'a>(&'a self, from: &'a str, to: &'a str) -> impl Iterator<Item = &'a AssociationType> {
        self.association_types.iter().filter(move |kind| kind.from == from && kind.to == to)
    }

    /// Adds an association and its other side; again is no change.
    pub fn associate(&mut self, kind: &AssociationType, from: u64, to: u64) {
        let there =
            Association { from_type: kind.from.clone(), from, to_type: kind.to.clone(), to, type_id: kind.id, category: kind.category };
        let back = Association {
            from_type: kind.to.clone(),
            from: to,
            to_type: kind.from.clone(),
            to: from,
            type_id: kind.inverse,
            category: kind.category,
        };
        for association in [there, back] {
            if !self.associations.contains(&association) {
                self.associations.push(association);
            }
        }
    }
}
