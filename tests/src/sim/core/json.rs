//! Reading loosely typed JSON without indexing.

use serde_json::{Map, Value};

/// A text member.
#[must_use]
pub fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// A whole-number member, written as a number or as digits in a text.
#[must_use]
pub fn whole(value: &Value, key: &str) -> Option<i64> {
    match value.get(key)? {
        Value::String(digits) => digits.trim().parse().ok(),
        number => number.as_i64(),
    }
}

/// A truth member; absent counts as false.
#[must_use]
pub fn truth(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// A list member; absent or another type counts as empty.
#[must_use]
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts of a list member.
#[must_use]
pub fn texts(value: &Value, key: &str) -> Vec<String> {
    list(value, key).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// An object member.
#[must_use]
pub fn object<'a>(value: &'a Value, key: &str) -> Option<&'a Map<String, Value>> {
    value.get(key).and_then(Value::as_object)
}

/// Sets a member of an object; nothing happens to other types.
pub fn put(value: &mut Value, key: &str, member: impl Into<Value>) {
    if let Some(members) = value.as_object_mut() {
        members.insert(key.to_owned(), member.into());
    }
}

/// JSON text of an object with its members in the order given: receivers must not rely on sorted keys.
#[must_use]
pub fn ordered(members: &[(&str, Value)]) -> String {
    let written: Vec<String> = members.iter().map(|(key, value)| format!("{}:{value}", Value::from(*key))).collect();
    format!("{{{}}}", written.join(","))
}

/// An amount of hundredths as a JSON number, `450` → `4.5`.
#[must_use]
pub fn money(hundredths: i64) -> Value {
    #[allow(clippy::cast_precision_loss, reason = "prices stay far below 2^53 hundredths")]
    let amount = hundredths as f64 / 100.0;
    Value::from(amount)
}
