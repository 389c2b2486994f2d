//! One item of the table: a few attributes that conditions and filters look at, and the rest as one JSON text.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;

use super::{StoreError, keys::Key};

/// An item being written or read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Item(HashMap<String, AttributeValue>);

impl Item {
    /// An item with this key.
    #[must_use]
    pub fn at(key: &Key) -> Self {
        Self::default().text("pk", &key.pk).text("sk", &key.sk)
    }

    pub(crate) fn from_attributes(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes)
    }

    pub(crate) fn into_attributes(self) -> HashMap<String, AttributeValue> {
        self.0
    }

    /// With a text.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
        self
    }

    /// With a text, where there is one.
    #[must_use]
    pub fn optional_text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// With a whole number.
    #[must_use]
    pub fn number(mut self, name: &str, value: u64) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::N(value.to_string()));
        self
    }

    /// With an instant, as epoch milliseconds.
    #[must_use]
    pub fn instant(mut self, name: &str, at: Timestamp) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::N(at.as_millisecond().to_string()));
        self
    }

    /// To be removed by the table some time after `at` (epoch seconds, DynamoDB's rule). A safety net: code looks at the time itself.
    #[must_use]
    pub fn expires(mut self, at: Timestamp) -> Self {
        self.0.insert("ttl".to_owned(), AttributeValue::N(at.as_second().to_string()));
        self
    }

    /// With the main value, as JSON in the attribute `data`.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when the value cannot be written as JSON.
    pub fn data<T: Serialize>(self, value: &T) -> Result<Self, StoreError> {
        let json = serde_json::to_string(value).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        Ok(self.text("data", &json))
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key { pk: self.read_text("pk").unwrap_or_default().to_owned(), sk: self.read_text("sk").unwrap_or_default().to_owned() }
    }

    /// A text.
    #[must_use]
    pub fn read_text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_s().ok().map(String::as_str)
    }

    /// A whole number.
    #[must_use]
    pub fn read_number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_n().ok()?.parse().ok()
    }

    /// An instant.
    #[must_use]
    pub fn read_instant(&self, name: &str) -> Option<Timestamp> {
        let millis = self.0.get(name)?.as_n().ok()?.parse().ok()?;
        Timestamp::from_millisecond(millis).ok()
    }

    /// The main value.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] names the field, never its content.
    pub fn read_data<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        let text = self.read_text("data").ok_or_else(|| StoreError::Unreadable("data is missing".to_owned()))?;
        let reader = &mut serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(reader).map_err(|error| StoreError::Unreadable(format!("data.{}", error.path())))
    }
}
