//! DynamoDB: one table, keys in [`keys`] only. What must happen together is one transaction: the new state *and* the outbox
//! entries that must follow from it.

pub mod breaker;
pub mod keys;
pub mod tokens;

use aws_sdk_dynamodb::Client;

/// The table.
#[derive(Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
}

impl Store {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}
