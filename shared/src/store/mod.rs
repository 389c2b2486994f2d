//! DynamoDB: one table, keys in [`keys`] only. What must happen together is one transaction: the new state *and* the outbox
//! entries that must follow from it.

pub mod air;
pub mod bookings;
pub mod breaker;
pub mod catalogue;
mod claims;
pub mod directory;
pub mod esims;
pub mod feeds;
pub mod idempotency;
pub mod item;
pub mod keys;
pub mod mails;
mod offered;
pub mod orders;
pub mod outbox;
pub mod page_links;
mod rates;
pub mod receipts;
pub mod sales;
pub mod seals;
pub mod statistics;
pub mod subscriptions;
pub mod timers;
pub mod tokens;
pub mod transaction;

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};

use item::Item;
use keys::Key;
pub use seals::Seals;
pub use transaction::Transaction;

/// The table.
#[derive(Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
}

/// Why the store did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else was there first: a condition did not hold. Read again and decide anew.
    #[error("the item has changed meanwhile")]
    Conflict,
    /// The table cannot be reached, or refuses for a while. Whether a write happened is not known.
    #[error("the table could not be used: {0}")]
    Unavailable(String),
    /// An item cannot be read: it was written by another version, or sealed with a key that is gone. Names the attribute.
    #[error("an item could not be read: {0}")]
    Unreadable(String),
}

impl StoreError {
    pub(crate) fn from_sdk<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Self {
        match error.code() {
            Some("ConditionalCheckFailedException" | "TransactionConflictException") => Self::Conflict,
            Some(code) => Self::Unavailable(code.to_owned()),
            None => Self::Unavailable("no answer".to_owned()),
        }
    }
}

impl Store {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Its name, which sealed values are bound to.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Begins a transaction.
    pub fn transaction(&self) -> Transaction {
        Transaction::new(self.clone())
    }

    /// Whether the table can be read now: one item that is never there is asked for.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] says why not.
    pub async fn answers(&self) -> Result<(), StoreError> {
        self.get(&keys::nothing()).await.map(drop)
    }

    /// Reads one item as it is now.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        Ok(answer.item.map(Item::from_attributes))
    }

    /// Deletes one item, if it is there.
    pub(crate) async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        Ok(())
    }

    /// One page of a partition in order of `sk`: those that start with `prefix`, after `after`, `limit` at most.
    /// The second value is where the next page starts.
    pub(crate) async fn page(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Item>, Option<String>), StoreError> {
        let start = after
            .map(|sk| [("pk".to_owned(), AttributeValue::S(pk.to_owned())), ("sk".to_owned(), AttributeValue::S(sk.to_owned()))].into());
        let mut query = self.client.query().table_name(&self.table).expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
        // A key is never compared with an empty text: DynamoDB refuses that.
        query = if prefix.is_empty() {
            query.key_condition_expression("pk = :pk")
        } else {
            query
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
        };
        let answer = query
            .set_exclusive_start_key(start)
            .consistent_read(true)
            .limit(limit)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let next = answer.last_evaluated_key.and_then(|key| key.get("sk").and_then(|sk| sk.as_s().ok().cloned()));
        Ok((answer.items.unwrap_or_default().into_iter().map(Item::from_attributes).collect(), next))
    }

    /// Every item of a partition that starts with `prefix`.
    pub(crate) async fn all(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let (mut items, next) = self.page(pk, prefix, after.as_deref(), 1000).await?;
            found.append(&mut items);
            match next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }
}
