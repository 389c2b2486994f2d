//! The fields of an event or a span, as masked JSON scalars.

use serde_json::Value;
use std::{error::Error, fmt};
use tracing::field::{Field, Visit};

use super::mask::{MASKED, mask};

/// The smallest number that has as many digits as an ICCID.
const ICCID_SIZED: u64 = 100_000_000_000_000_000;

/// Fields by name; the last value of a name counts.
#[derive(Debug, Default, Clone)]
pub(super) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Takes over another's fields, which win.
    pub(super) fn absorb(&mut self, inner: &Self) {
        for (name, value) in &inner.0 {
            self.set(name, value.clone());
        }
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name)?.1.as_str()
    }

    /// Takes a field out.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(place).1)
    }
}

impl IntoIterator for Fields {
    type Item = (&'static str, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), Value::String(mask(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field.name(), Value::String(mask(&format!("{value:?}"))));
    }

    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        let (mut text, mut cause) = (error.to_string(), error.source());
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        self.set(field.name(), Value::String(mask(&text)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), Value::Bool(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let secret = value >= ICCID_SIZED;
        self.set(field.name(), if secret { Value::from(MASKED) } else { Value::from(value) });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        let secret = value.unsigned_abs() >= ICCID_SIZED;
        self.set(field.name(), if secret { Value::from(MASKED) } else { Value::from(value) });
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.record_u64(field, u64::try_from(value).unwrap_or(u64::MAX));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.record_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), Value::from(value));
    }
}
