//! What we write to, by the names of the package under `crm/salesforce`.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::crm::{CrmEvent, ManualTask, OffersRecord, RevenueRecord, SubscriptionRecord};

/// One eSIM.
pub(super) const SUBSCRIPTION: &str = "eSIM_Subscription__c";
/// What it is upserted by.
pub(super) const SUBSCRIPTION_KEY: &str = "eSIM_Id__c";
/// Manual tasks.
pub(super) const TASK: &str = "Task";
/// What they are upserted by: a unique external id on Activity.
pub(super) const TASK_KEY: &str = "Passerelle_Key__c";
/// The dossier.
pub(super) const OPPORTUNITY: &str = "Opportunity";
/// What is told for flows and marketing.
pub(super) const EVENT: &str = "eSIM_Event__e";
/// Characters of a task's subject and of its description.
const LONGEST_SUBJECT: usize = 255;
const LONGEST_DESCRIPTION: usize = 32_000;

/// The fields of each object that an org is asked for.
pub(super) const WANTED: [(&str, &[&str]); 4] = [
    (
        SUBSCRIPTION,
        &[
            SUBSCRIPTION_KEY,
            "Order_Id__c",
            "Booking_Reference__c",
            "External_Reference__c",
            "Opportunity__c",
            "Contact__c",
            "Status__c",
            "Provider__c",
            "Package_Title__c",
            "ISO_Countries__c",
            "ICCID_Masked__c",
            "Data_Used_MB__c",
            "Data_Remaining_MB__c",
            "Data_Total_MB__c",
            "Activated_At__c",
            "Expiry_Date__c",
            "Measured_At__c",
            "Price__c",
            "Currency_Code__c",
            "Mail_Status__c",
        ],
    ),
    (TASK, &[TASK_KEY]),
    (
        EVENT,
        &[
            "Event_Type__c",
            "Webhook_Id__c",
            "eSIM_Id__c",
            "Order_Id__c",
            "External_Reference__c",
            "Occurred_At__c",
            "Threshold__c",
            "Data_Used_MB__c",
        ],
    ),
    (OPPORTUNITY, &["eSIM_Offers__c", "eSIM_Best_Package_Id__c", "eSIM_Net__c", "eSIM_Sale__c", "eSIM_Margin__c", "eSIM_Currency__c"]),
];

/// An eSIM's values without its key, which Salesforce refuses beside the path; what is not known (any more) is emptied.
pub(super) fn subscription(record: &SubscriptionRecord) -> Map<String, Value> {
    object(json!({
        "Order_Id__c": record.order_id.as_str(),
        "Booking_Reference__c": record.booking_reference,
        "External_Reference__c": record.external_reference,
        "Opportunity__c": record.link.deal_id,
        "Contact__c": record.link.contact_id,
        "Status__c": record.status.as_str(),
        "Provider__c": record.provider,
        "Package_Title__c": capped(&record.package_title, 255),
        "ISO_Countries__c": record.iso_countries,
        "ICCID_Masked__c": record.iccid_masked,
        "Data_Used_MB__c": record.data_used_mb,
        "Data_Remaining_MB__c": record.data_remaining_mb,
        "Data_Total_MB__c": record.data_total_mb,
        "Activated_At__c": record.activated_at.map(iso),
        "Expiry_Date__c": record.expires_at.map(iso),
        "Measured_At__c": record.measured_at.map(iso),
        "Price__c": number(record.price.amount),
        "Currency_Code__c": record.price.currency.code(),
        "Mail_Status__c": record.mail.map(|outcome| outcome.as_str()),
    }))
}

/// A task's values without its key.
pub(super) fn task(task: &ManualTask) -> Map<String, Value> {
    let mut values = object(json!({
        "Subject": capped(&task.subject, LONGEST_SUBJECT),
        "Description": capped(&task.body, LONGEST_DESCRIPTION),
        "Status": "Not Started",
        "Priority": if task.urgent { "High" } else { "Normal" },
        "ActivityDate": task.due_at.strftime("%Y-%m-%d").to_string(),
    }));
    for (name, id) in [("WhatId", &task.link.deal_id), ("WhoId", &task.link.contact_id), ("OwnerId", &task.link.owner_id)] {
        values.extend(id.iter().map(|id| (name.to_owned(), json!(id))));
    }
    values
}

/// The offers, on the opportunity.
pub(super) fn offers(offers: &OffersRecord) -> Map<String, Value> {
    object(json!({"eSIM_Offers__c": offers.lines.join("\n"), "eSIM_Best_Package_Id__c": offers.best_package_id}))
}

/// A dossier's revenue, on the opportunity; what is not known is emptied.
pub(super) fn revenue(record: &RevenueRecord) -> Map<String, Value> {
    object(json!({
        "eSIM_Net__c": record.sums.map(|sums| number(sums.net)),
        "eSIM_Sale__c": record.sums.and_then(|sums| sums.sale).map(number),
        "eSIM_Margin__c": record.sums.and_then(|sums| sums.margin()).map(number),
        "eSIM_Currency__c": record.currency,
    }))
}

/// What is left of an eSIM that is forgotten: plan, price and provider, which are about nobody.
const ABOUT_NOBODY: [&str; 8] = [
    SUBSCRIPTION_KEY,
    "Status__c",
    "Provider__c",
    "Package_Title__c",
    "ISO_Countries__c",
    "Data_Total_MB__c",
    "Price__c",
    "Currency_Code__c",
];

/// Empties everything else.
pub(super) fn erased() -> Map<String, Value> {
    let subscription = WANTED.iter().filter(|(object, _)| *object == SUBSCRIPTION).flat_map(|(_, fields)| fields.iter());
    subscription.filter(|field| !ABOUT_NOBODY.contains(field)).map(|field| ((*field).to_owned(), Value::Null)).collect()
}

/// Whole numbers and cents of a price are exact as JSON numbers of this size.
fn number(amount: Decimal) -> Value {
    serde_json::from_str(&amount.normalize().to_string()).unwrap_or(Value::Null)
}

/// An event. Its id lets the subscriber know a repeat: the bus keeps none apart.
pub(super) fn event(event: &CrmEvent) -> Map<String, Value> {
    let fact = |name: &str| event.properties.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let number = |name: &str| fact(name).and_then(|text| text.parse::<u64>().ok());
    object(json!({
        "Event_Type__c": event.name,
        "Webhook_Id__c": event.event_id,
        "eSIM_Id__c": fact("esim_id"),
        "Order_Id__c": fact("order_id"),
        "External_Reference__c": fact("external_reference"),
        "Occurred_At__c": iso(event.occurred_at),
        "Threshold__c": number("threshold_percent"),
        "Data_Used_MB__c": number("data_used_mb"),
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn capped(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// As Salesforce reads and writes instants.
fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
