//! What comes through our own queues, stream and secrets: written by us or by an operator, and read as if by neither.

use serde_json::Value;

use crate::{
    edge::{queue, stream},
    security::secrets,
};

/// The first byte says whether a queue's or the stream's.
pub(super) fn queue_message(bytes: &[u8]) {
    let Some((kind, body)) = bytes.split_first() else { return };
    match kind % 2 {
        0 => drop(queue::reads(body)),
        _ => drop(stream::reads(body)),
    }
}

/// No error quotes a value of the settings: they are credentials. Names of fields are told.
pub(super) fn agency_settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Err(error) = secrets::read_agency(&text) else { return };
    let (mut names, mut values) = (Vec::new(), Vec::new());
    if let Ok(settings) = serde_json::from_str(&text) {
        gather(&settings, &mut names, &mut values);
    }
    let error = error.to_string();
    // Shorter than any credential, a value may be a word of the error itself.
    let quoted = |value: &&String| value.len() > 24 && !names.contains(*value) && error.contains(value.as_str());
    assert_eq!(values.iter().find(quoted), None, "quoted by: {error}");
}

fn gather(settings: &Value, names: &mut Vec<String>, values: &mut Vec<String>) {
    match settings {
        Value::String(value) => values.push(value.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, names, values)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            names.push(name.clone());
            gather(member, names, values);
        }),
        _ => {}
    }
}
