//! What we add to a portal, as data: the properties of the custom object, of deals and of tasks, and the custom events.
//! Names are the contract's; labels are English because HubSpot fixes them when they are made.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::crm::{EVENT_FACTS, RevenueRecord, SubscriptionRecord};

/// The custom object.
pub(super) const OBJECT: &str = "esim_subscription";
/// What it is upserted by.
pub(super) const OBJECT_KEY: &str = "esim_id";
/// What tasks are found by.
pub(super) const TASK_KEY: &str = "passerelle_task_key";
/// The property group on deals and tasks.
pub(super) const GROUP: &str = "passerelle";

/// One property of ours.
pub(super) struct Field {
    /// Internal name, without the prefix that it has on deals.
    pub(super) name: &'static str,
    label: &'static str,
    kind: Kind,
    unique: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    LongText,
    Number,
    Moment,
    Choice(&'static [(&'static str, &'static str)]),
}

impl Kind {
    /// HubSpot's `type` and `fieldType`; a pair that does not match is refused.
    fn types(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("string", "text"),
            Self::LongText => ("string", "textarea"),
            Self::Number => ("number", "number"),
            Self::Moment => ("datetime", "date"),
            Self::Choice(_) => ("enumeration", "select"),
        }
    }

    fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Choice(options) => options,
            _ => &[],
        }
    }
}

const fn field(name: &'static str, label: &'static str, kind: Kind) -> Field {
    Field { name, label, kind, unique: false }
}

const fn key(name: &'static str, label: &'static str) -> Field {
    Field { name, label, kind: Kind::Text, unique: true }
}

impl Field {
    /// The body that makes this property. `prefix` and `group` are those of deals and tasks; the custom object has neither.
    pub(super) fn definition(&self, prefix: &str, group: Option<&str>) -> Value {
        let (kind, widget) = self.kind.types();
        let mut definition = json!({
            "name": format!("{prefix}{}", self.name), "label": self.label, "type": kind, "fieldType": widget, "hasUniqueValue": self.unique,
        });
        if let (Some(group), Some(map)) = (group, definition.as_object_mut()) {
            map.insert("groupName".to_owned(), json!(group));
        }
        if let (false, Some(map)) = (self.kind.options().is_empty(), definition.as_object_mut()) {
            map.insert("options".to_owned(), options(self.kind.options()));
        }
        definition
    }
}

fn options(choices: &[(&str, &str)]) -> Value {
    let option =
        |(place, (value, label)): (usize, &(&str, &str))| json!({"value": value, "label": label, "displayOrder": place, "hidden": false});
    choices.iter().enumerate().map(option).collect()
}

const STATUSES: &[(&str, &str)] = &[
    ("unknown", "Unknown"),
    ("ordered", "Ordered"),
    ("released", "Ready to install"),
    ("downloaded", "Downloaded"),
    ("installed", "Installed"),
    ("activated", "Activated"),
    ("exhausted", "Data used up"),
    ("expired", "Expired"),
    ("cancelled", "Cancelled"),
];

const MAILS: &[(&str, &str)] = &[("delivered", "Delivered"), ("bounced", "Not delivered")];

/// One eSIM, on the custom object; on deals each name has the prefix [`DEAL_PREFIX`].
pub(super) const SUBSCRIPTION: &[Field] = &[
    key("esim_id", "eSIM id"),
    field("order_id", "Order id", Kind::Text),
    field("booking_reference", "Booking reference", Kind::Text),
    field("external_reference", "External reference", Kind::Text),
    field("status", "eSIM status", Kind::Choice(STATUSES)),
    field("provider", "Provider account", Kind::Text),
    field("package_title", "Data plan", Kind::Text),
    field("iso_countries", "Countries (ISO 3166-1)", Kind::Text),
    field("iccid_masked", "ICCID (last digits)", Kind::Text),
    field("data_used_mb", "Data used (MB)", Kind::Number),
    field("data_remaining_mb", "Data remaining (MB, empty when unlimited)", Kind::Number),
    field("data_total_mb", "Data in the plan (MB, empty when unlimited)", Kind::Number),
    field("activated_at", "Activated at", Kind::Moment),
    field("expiry_date", "Expires at", Kind::Moment),
    field("measured_at", "Usage measured at", Kind::Moment),
    field("price", "Purchase price", Kind::Number),
    field("currency", "Purchase currency (ISO 4217)", Kind::Text),
    field("mail_status", "E-mail with the codes", Kind::Choice(MAILS)),
];

/// What our properties on deals and tasks begin with.
pub(super) const DEAL_PREFIX: &str = "passerelle_";

/// Offers, on deals.
pub(super) const OFFERS: &[Field] = &[
    field("offers", "eSIM offers", Kind::LongText),
    field("best_package_id", "Best eSIM offer (package id)", Kind::Text),
    field("booking_reference", "eSIM booking reference", Kind::Text),
];

/// What the dossier's eSIMs cost and bring in, on deals.
pub(super) const REVENUE: &[Field] = &[
    field("revenue_net", "eSIM purchases (net)", Kind::Number),
    field("revenue_sale", "eSIM sales", Kind::Number),
    field("revenue_margin", "eSIM margin", Kind::Number),
    field("revenue_currency", "eSIM revenue currency (ISO 4217)", Kind::Text),
];

/// On tasks.
pub(super) const TASK: &[Field] = &[key("task_key", "Passerelle task key")];

/// The same facts on the deal: there, the eSIM's id need not be unique, and the booking reference is one of the offers' properties.
pub(super) fn subscription_on_deals() -> impl Iterator<Item = Field> {
    SUBSCRIPTION
        .iter()
        .filter(|wanted| OFFERS.iter().all(|offers| offers.name != wanted.name))
        .map(|wanted| Field { unique: false, ..*wanted })
}

/// The body that makes the custom object.
pub(super) fn schema() -> Value {
    json!({
        "name": OBJECT,
        "labels": {"singular": "eSIM subscription", "plural": "eSIM subscriptions"},
        "description": "Data plans sold with a trip, kept up to date by Passerelle.",
        "primaryDisplayProperty": "package_title",
        "secondaryDisplayProperties": ["status", "expiry_date"],
        "searchableProperties": ["esim_id", "booking_reference", "external_reference"],
        "requiredProperties": [OBJECT_KEY],
        "properties": SUBSCRIPTION.iter().map(|wanted| wanted.definition("", None)).collect::<Vec<_>>(),
        "associatedObjects": ["CONTACT", "DEAL"],
    })
}

/// An eSIM's values, all texts; what is not known (any more) is emptied.
pub(super) fn values(record: &SubscriptionRecord, prefix: &str) -> Map<String, Value> {
    let number = |megabytes: Option<u64>| megabytes.map(|mb| mb.to_string()).unwrap_or_default();
    let moment = |at: Option<jiff::Timestamp>| at.map(iso).unwrap_or_default();
    let values = [
        ("esim_id", record.esim_id.to_string()),
        ("order_id", record.order_id.to_string()),
        ("booking_reference", record.booking_reference.clone().unwrap_or_default()),
        ("external_reference", record.external_reference.clone()),
        ("status", record.status.as_str().to_owned()),
        ("provider", record.provider.clone()),
        ("package_title", record.package_title.clone()),
        ("iso_countries", record.iso_countries.clone()),
        ("iccid_masked", record.iccid_masked.clone().unwrap_or_default()),
        ("data_used_mb", record.data_used_mb.to_string()),
        ("data_remaining_mb", number(record.data_remaining_mb)),
        ("data_total_mb", number(record.data_total_mb)),
        ("activated_at", moment(record.activated_at)),
        ("expiry_date", moment(record.expires_at)),
        ("measured_at", moment(record.measured_at)),
        ("price", record.price.amount.normalize().to_string()),
        ("currency", record.price.currency.code().to_owned()),
        ("mail_status", record.mail.map(|outcome| outcome.as_str().to_owned()).unwrap_or_default()),
    ];
    values.into_iter().map(|(name, value)| (format!("{prefix}{name}"), Value::String(value))).collect()
}

/// A dossier's revenue, all texts; what is not known is emptied.
pub(super) fn revenue(record: &RevenueRecord) -> Map<String, Value> {
    let amount = |amount: Option<Decimal>| amount.map(|amount| amount.normalize().to_string()).unwrap_or_default();
    let values = [
        ("revenue_net", amount(record.sums.map(|sums| sums.net))),
        ("revenue_sale", amount(record.sums.and_then(|sums| sums.sale))),
        ("revenue_margin", amount(record.sums.and_then(|sums| sums.margin()))),
        ("revenue_currency", record.currency.clone()),
    ];
    values.into_iter().map(|(name, value)| (format!("{DEAL_PREFIX}{name}"), Value::String(value))).collect()
}

/// What is left of an eSIM that is forgotten: plan, price and provider, which are about nobody.
const ABOUT_NOBODY: [&str; 8] = ["esim_id", "status", "provider", "package_title", "iso_countries", "data_total_mb", "price", "currency"];

/// Empties everything else.
pub(super) fn erased(prefix: &str) -> Map<String, Value> {
    let personal = SUBSCRIPTION.iter().filter(|field| !ABOUT_NOBODY.contains(&field.name));
    personal.map(|field| (format!("{prefix}{}", field.name), Value::String(String::new()))).collect()
}

/// ISO 8601, UTC, milliseconds: what HubSpot's date-time properties and tasks read.
pub(super) fn iso(at: jiff::Timestamp) -> String {
    format!("{at:.3}")
}

/// The events that are told, by our name, with HubSpot's name and label.
pub(super) const EVENTS: &[(&str, &str, &str)] = &[
    ("esim.installed", "passerelle_esim_installed", "eSIM installed"),
    ("esim.activated", "passerelle_esim_activated", "eSIM activated"),
    ("usage.threshold_reached", "passerelle_usage_threshold_reached", "eSIM data threshold reached"),
    ("esim.expired", "passerelle_esim_expired", "eSIM expired"),
    ("topup.proposed", "passerelle_topup_proposed", "eSIM top-up proposed"),
];

/// The body that makes one custom event.
pub(super) fn event_definition(name: &str, label: &str) -> Value {
    let fact = |fact: &&str| json!({"name": fact, "label": fact.replace('_', " "), "type": "string", "options": []});
    json!({
        "name": name, "label": label, "primaryObject": "CONTACT", "includeDefaultProperties": false,
        "propertyDefinitions": EVENT_FACTS.iter().map(fact).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use super::{OFFERS, SUBSCRIPTION, iso, schema, subscription_on_deals, values};
    use crate::crm::hubspot::scripted::subscription;
    use std::collections::BTreeSet;

    #[test]
    fn every_value_that_is_written_has_its_property_and_is_a_text() {
        let declared: BTreeSet<String> = SUBSCRIPTION.iter().map(|field| field.name.to_owned()).collect();
        let written = values(&subscription(), "");
        assert_eq!(written.keys().cloned().collect::<BTreeSet<_>>(), declared);
        assert!(written.values().all(serde_json::Value::is_string));
        let on_deals: BTreeSet<String> =
            subscription_on_deals().map(|field| field.name.to_owned()).chain(OFFERS.iter().map(|field| field.name.to_owned())).collect();
        assert!(declared.is_subset(&on_deals));
    }

    #[test]
    fn the_schema_has_one_unique_property_and_names_only_its_own() {
        let schema = schema();
        let properties = schema["properties"].as_array().unwrap();
        let unique: Vec<_> = properties.iter().filter(|p| p["hasUniqueValue"] == true).map(|p| p["name"].clone()).collect();
        assert_eq!(unique, ["esim_id"]);
        for list in ["secondaryDisplayProperties", "searchableProperties", "requiredProperties"] {
            for name in schema[list].as_array().unwrap() {
                assert!(properties.iter().any(|p| p["name"] == *name), "{name}");
            }
        }
        let status = properties.iter().find(|p| p["name"] == "status").unwrap();
        assert_eq!(status["options"].as_array().unwrap().len(), 9);
    }

    #[test]
    fn moments_are_written_in_utc_with_milliseconds() {
        assert_eq!(iso("2026-12-03T14:30:00+02:00".parse().unwrap()), "2026-12-03T12:30:00.000Z");
    }
}
