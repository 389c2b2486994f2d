//! Every key of the table, and nowhere else.
//!
//! `pk` starts with the tenant wherever an item has one: `A#<agency>#…`.

use crate::domain::{AccountName, AgencyId};

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Partition.
    pub pk: String,
    /// Place within it.
    pub sk: String,
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// The sealed access token of one provider account.
#[must_use]
pub fn token(agency: &AgencyId, account: &AccountName) -> Key {
    Key::new(format!("A#{agency}#ACCOUNT#{account}"), "TOKEN")
}

/// The breaker of one provider account and class of operations.
#[must_use]
pub fn breaker(agency: &AgencyId, account: &AccountName, class: &str) -> Key {
    Key::new(format!("A#{agency}#ACCOUNT#{account}"), format!("BREAKER#{class}"))
}
