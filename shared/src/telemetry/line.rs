//! One line: a JSON object whose members keep the order they were put in, as ECS wants its first three in a fixed one.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A line that is being written.
#[derive(Debug, Default)]
pub(super) struct Line(Vec<(Cow<'static, str>, Value)>);

impl Line {
    /// Sets a member; one of the same name keeps its place and takes the new value.
    pub(super) fn put(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Sets a member of a member that is an object.
    pub(super) fn put_in(&mut self, object: &'static str, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| known == object) {
            Some((_, Value::Object(members))) => {
                members.insert(name, value);
            }
            _ => self.put(object, Map::from_iter([(name, value)])),
        }
    }

    /// The line's text.
    pub(super) fn into_text(self) -> String {
        // Names are texts and values are JSON already: there is nothing that could fail.
        serde_json::to_string(&self).unwrap_or_default()
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
