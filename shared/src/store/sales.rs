//! What was sold, line by line and day by day, for those who count it. A line is written in the transaction that makes it true, so that there is one
//! for each sale and none for anything else.

use jiff::{Timestamp, civil::Date};

use super::{Store, StoreError, Transaction, item::Item, keys, transaction::Condition};
use crate::domain::{AgencyId, SaleLine};

impl Transaction {
    /// Adds a line to a day; it ends by itself at `until`. What it is written with decides whether it is written: a line must never stand in the way
    /// of a purchase that was made.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn write_sale(self, agency: &AgencyId, day: Date, line: &SaleLine, until: Timestamp) -> Result<Self, StoreError> {
        let item = Item::at(&keys::sale(agency, day, line.at, &line.id())).text("kind", "sale").expires(until).data(line)?;
        Ok(self.put(item, &Condition::Always))
    }
}

impl Store {
    /// The lines of a day, the first one first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sales(&self, agency: &AgencyId, day: Date) -> Result<Vec<SaleLine>, StoreError> {
        let items = self.all(&keys::sales(agency, day), "").await?;
        items.iter().map(Item::read_data).collect()
    }
}
