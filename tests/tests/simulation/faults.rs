//! Errors that a programmer could make, one at a time, to show that the simulation finds them. Each is made where the code meets the
//! outside, so that the code itself has no switch for it.

use serde_json::Value;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A late run may overwrite a newer one: orders are written without their fence.
    NoFence,
    /// A key may be claimed twice.
    KeyWithoutCondition,
    /// A purchase is sent again when it had no answer.
    RetriesOnTimeOut,
    /// No answer is taken for "not sent".
    TakesTimeOutForNotSent,
    /// A claimed order has nobody who looks after it.
    NoWatch,
    /// A bought eSIM has no entry for its mail.
    NoDelivery,
    /// A person is not told of what only a person can settle.
    NoTask,
    /// A mail may be claimed twice.
    MailWithoutClaim,
    /// eSIMs are written without looking at their version.
    EsimWithoutVersion,
    /// A queue message is acknowledged before its work is done.
    AcknowledgesFirst,
    /// What was answered for a key is not kept.
    ForgetsAnswers,
}

impl Fault {
    pub const ALL: [Self; 11] = [
        Self::NoFence,
        Self::KeyWithoutCondition,
        Self::RetriesOnTimeOut,
        Self::TakesTimeOutForNotSent,
        Self::NoWatch,
        Self::NoDelivery,
        Self::NoTask,
        Self::MailWithoutClaim,
        Self::EsimWithoutVersion,
        Self::AcknowledgesFirst,
        Self::ForgetsAnswers,
    ];

    /// A call to the table as the faulty code would send it.
    pub fn altered(self, operation: &str, body: String) -> String {
        if operation != "TransactWriteItems" {
            return body;
        }
        let Ok(mut call) = serde_json::from_str::<Value>(&body) else { return body };
        let Some(writes) = call.get_mut("TransactItems").and_then(Value::as_array_mut) else { return body };
        match self {
            Self::NoFence => without_condition(writes, "order", false),
            Self::KeyWithoutCondition => without_condition(writes, "key", true),
            Self::MailWithoutClaim => without_condition(writes, "mail", true),
            Self::EsimWithoutVersion => without_condition(writes, "esim", false),
            Self::NoWatch => writes.retain(|write| work_of(write).as_deref() != Some("watch_order")),
            Self::NoDelivery => writes.retain(|write| work_of(write).as_deref() != Some("deliver")),
            Self::NoTask => writes.retain(|write| work_of(write).as_deref() != Some("task")),
            Self::ForgetsAnswers => writes.retain(|write| kind_of(write) != Some("key") || is_first(write)),
            Self::RetriesOnTimeOut | Self::TakesTimeOutForNotSent | Self::AcknowledgesFirst => return body,
        }
        call.to_string()
    }
}

fn kind_of(write: &Value) -> Option<&str> {
    write.pointer("/Put/Item/kind/S")?.as_str()
}

fn work_of(write: &Value) -> Option<String> {
    if kind_of(write) != Some("outbox") {
        return None;
    }
    let data: Value = serde_json::from_str(write.pointer("/Put/Item/data/S")?.as_str()?).ok()?;
    Some(data.get("work")?.as_str()?.to_owned())
}

/// Whether a write asks that nothing be there yet.
fn is_first(write: &Value) -> bool {
    write.pointer("/Put/ConditionExpression").and_then(Value::as_str).is_some_and(|condition| condition.contains("attribute_not_exists"))
}

fn without_condition(writes: &mut [Value], kind: &str, first: bool) {
    for write in writes.iter_mut().filter(|write| kind_of(write) == Some(kind) && is_first(write) == first) {
        if let Some(put) = write.get_mut("Put").and_then(Value::as_object_mut) {
            put.retain(|name, _| matches!(name.as_str(), "Item" | "TableName"));
        }
    }
}
