//! Numbers without people: what finished plans used, and the anonymous counts that remain when usage is forgotten.

use super::{Store, StoreError, Transaction, keys};
use crate::domain::AgencyId;

/// What an agency's finished plans used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PastUse {
    /// Plans.
    pub plans: u64,
    /// MB used by them.
    pub used_mb: u64,
    /// Days that they were meant to last.
    pub days: u64,
}

impl Transaction {
    /// Counts a finished plan.
    pub fn count_past_use(self, agency: &AgencyId, used_mb: u64, days: u32) -> Self {
        self.add(&keys::history(agency), &[("plans", 1), ("used_mb", used_mb), ("days", u64::from(days))])
    }

    /// Counts an eSIM in its anonymous cell.
    pub fn count_anonymous(self, agency: &AgencyId, month: &str, cell: &str) -> Self {
        self.add(&keys::statistics(agency, month, cell), &[("esims", 1)])
    }
}

impl Store {
    /// What an agency's finished plans used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn past_use(&self, agency: &AgencyId) -> Result<PastUse, StoreError> {
        let item = self.get(&keys::history(agency)).await?.unwrap_or_default();
        let number = |name| item.read_number(name).unwrap_or(0);
        Ok(PastUse { plans: number("plans"), used_mb: number("used_mb"), days: number("days") })
    }
}
