//! Settings of a simulator that a suite changes while it runs.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::json::put;
use super::reply::Reply;

/// Members given are changed, the others stay; tells what they are now, or which member cannot be read.
pub fn change<S: Serialize + DeserializeOwned>(settings: &mut S, change: &Value) -> Reply {
    let mut merged = json!(settings);
    for (name, value) in change.as_object().into_iter().flatten() {
        put(&mut merged, name, value.clone());
    }
    match serde_json::from_value::<S>(merged) {
        Ok(changed) => {
            *settings = changed;
            Reply::json(200, &json!(settings))
        }
        Err(error) => Reply::json(400, &json!({"error": error.to_string()})),
    }
}
