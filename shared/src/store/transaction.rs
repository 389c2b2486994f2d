//! All or nothing: up to 100 writes that hold together, each under its condition.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};
use std::collections::HashMap;

use super::{Store, StoreError, item::Item, keys::Key};

/// A condition on the item as it is before the write.
#[derive(Debug, Clone)]
pub enum Condition {
    /// Whatever is there.
    Always,
    /// Nothing is there.
    Absent,
    /// The item is there and these attributes have these values.
    Holds(Vec<(&'static str, AttributeValue)>),
}

impl Condition {
    /// The item has this version: nobody wrote it since it was read.
    #[must_use]
    pub fn version(version: u64) -> Self {
        Self::Holds(vec![("version", AttributeValue::N(version.to_string()))])
    }

    fn expression(&self) -> (Option<String>, HashMap<String, String>, HashMap<String, AttributeValue>) {
        match self {
            Self::Always => (None, HashMap::new(), HashMap::new()),
            Self::Absent => (Some("attribute_not_exists(pk)".to_owned()), HashMap::new(), HashMap::new()),
            Self::Holds(pairs) => {
                let mut names = HashMap::new();
                let mut values = HashMap::new();
                let mut terms = vec!["attribute_exists(pk)".to_owned()];
                for (place, (name, value)) in pairs.iter().enumerate() {
                    names.insert(format!("#c{place}"), (*name).to_owned());
                    values.insert(format!(":c{place}"), value.clone());
                    terms.push(format!("#c{place} = :c{place}"));
                }
                (Some(terms.join(" AND ")), names, values)
            }
        }
    }
}

/// Writes that happen together or not at all.
#[must_use = "a transaction does nothing until it is committed"]
pub struct Transaction {
    store: Store,
    writes: Vec<Result<TransactWriteItem, StoreError>>,
}

impl Transaction {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, writes: Vec::new() }
    }

    /// The store that it writes to.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Writes an item.
    pub fn put(mut self, item: Item, condition: &Condition) -> Self {
        let (expression, names, values) = condition.expression();
        let put = Put::builder()
            .table_name(&self.store.table)
            .set_item(Some(item.into_attributes()))
            .set_condition_expression(expression)
            .set_expression_attribute_names(some(names))
            .set_expression_attribute_values(some(values))
            .build()
            .map(|put| TransactWriteItem::builder().put(put).build());
        self.writes.push(put.map_err(|error| StoreError::Unreadable(error.to_string())));
        self
    }

    /// Deletes an item.
    pub fn delete(mut self, key: &Key, condition: &Condition) -> Self {
        let (expression, names, values) = condition.expression();
        let delete = Delete::builder()
            .table_name(&self.store.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .set_condition_expression(expression)
            .set_expression_attribute_names(some(names))
            .set_expression_attribute_values(some(values))
            .build()
            .map(|delete| TransactWriteItem::builder().delete(delete).build());
        self.writes.push(delete.map_err(|error| StoreError::Unreadable(error.to_string())));
        self
    }

    /// Holds only if the condition does, without writing.
    pub fn check(mut self, key: &Key, condition: &Condition) -> Self {
        let (expression, names, values) = condition.expression();
        let check = ConditionCheck::builder()
            .table_name(&self.store.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .set_condition_expression(expression.or_else(|| Some("attribute_exists(pk)".to_owned())))
            .set_expression_attribute_names(some(names))
            .set_expression_attribute_values(some(values))
            .build()
            .map(|check| TransactWriteItem::builder().condition_check(check).build());
        self.writes.push(check.map_err(|error| StoreError::Unreadable(error.to_string())));
        self
    }

    /// Adds to whole numbers of an item, which is made if absent.
    pub fn add(mut self, key: &Key, numbers: &[(&str, u64)]) -> Self {
        let mut update = Update::builder()
            .table_name(&self.store.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()));
        let mut terms = Vec::new();
        for (place, (name, number)) in numbers.iter().enumerate() {
            update = update
                .expression_attribute_names(format!("#a{place}"), *name)
                .expression_attribute_values(format!(":a{place}"), AttributeValue::N(number.to_string()));
            terms.push(format!("#a{place} :a{place}"));
        }
        let update = update
            .update_expression(format!("ADD {}", terms.join(", ")))
            .build()
            .map(|update| TransactWriteItem::builder().update(update).build());
        self.writes.push(update.map_err(|error| StoreError::Unreadable(error.to_string())));
        self
    }

    /// Does it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a condition did not hold: nothing was written. [`StoreError::Unavailable`] when it is not known
    /// whether anything was: read again, and look for what is yours.
    pub async fn commit(self) -> Result<(), StoreError> {
        let writes = self.writes.into_iter().collect::<Result<Vec<_>, _>>()?;
        let sent = self.store.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) => {
                let cancelled = error.as_service_error().is_some_and(|e| {
                    matches!(e, aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(c)
                        if c.cancellation_reasons().iter().any(|r| matches!(r.code(), Some("ConditionalCheckFailed" | "TransactionConflict"))))
                });
                Err(if cancelled { StoreError::Conflict } else { StoreError::from_sdk(&error) })
            }
        }
    }
}

fn some<V>(map: HashMap<String, V>) -> Option<HashMap<String, V>> {
    (!map.is_empty()).then_some(map)
}
