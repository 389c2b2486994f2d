//! Where breakers are kept.

use async_trait::async_trait;
use jiff::Timestamp;

use super::BreakerRecord;
use crate::{
    domain::{AccountName, AgencyId},
    outbound::ShelfUnreachable,
};

/// What a breaker guards: reads may be in trouble while purchases work, and the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationClass {
    /// Purchases: orders and top-ups.
    Money,
    /// Everything that can be asked twice.
    Read,
}

impl OperationClass {
    /// The word in keys, logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Read => "read",
        }
    }
}

/// One breaker.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BreakerKey {
    /// Whose account.
    pub agency: AgencyId,
    /// The account.
    pub account: AccountName,
    /// The class.
    pub class: OperationClass,
    /// The kind of provider, for metrics; no part of where the record is kept.
    pub system: &'static str,
}

/// A record and the version to compare with when replacing it; version 0 and the closed record where there is none yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelved {
    /// Rises by one with every change.
    pub version: u64,
    /// The record.
    pub record: BreakerRecord,
}

/// Keeps breakers for all sandboxes.
#[async_trait]
pub trait BreakerShelf: Send + Sync {
    /// The record as last written.
    ///
    /// # Errors
    /// [`ShelfUnreachable`].
    async fn load(&self, key: &BreakerKey) -> Result<Shelved, ShelfUnreachable>;

    /// Writes the record as `version` + 1 if `version` is still the last; says whether it was. May be dropped after `keep_until`.
    ///
    /// # Errors
    /// [`ShelfUnreachable`]; the record may have been written all the same.
    async fn replace(
        &self,
        key: &BreakerKey,
        version: u64,
        record: &BreakerRecord,
        keep_until: Timestamp,
    ) -> Result<bool, ShelfUnreachable>;
}
