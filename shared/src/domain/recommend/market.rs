//! What offers of several accounts are compared by, beyond the packages themselves.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::domain::{AccountName, Exchange};

/// How safely an interrupted purchase at a provider is found again: the safer, the less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retrieval {
    /// The same request with the same key is answered with the same order.
    ByKey,
    /// The provider's list holds our reference.
    ByReference,
    /// The provider's list holds plan and time only.
    ByTime,
    /// A person may have to look.
    ByPerson,
}

/// Today's rates, and what is known of the accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Market {
    /// What can be converted.
    pub exchange: Exchange,
    /// How safely each account's purchases are found again. Accounts that are not named are not told apart by it.
    pub retrieval: BTreeMap<AccountName, Retrieval>,
}

impl Market {
    /// How hard a purchase at the account is to find again: 0 is the easiest.
    pub(super) fn hard_to_find(&self, account: &AccountName) -> u32 {
        self.retrieval.get(account).map_or(0, |retrieval| *retrieval as u32)
    }
}
