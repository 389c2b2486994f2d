//! How often the links to a page were taken back: a link of an earlier count is not good any more.

use super::{Store, StoreError, keys};
use crate::{domain::AgencyId, security::PageKind};

impl Store {
    /// The count that a new link to this page carries.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn link_generation(&self, agency: &AgencyId, page: PageKind, subject: &str) -> Result<u64, StoreError> {
        let item = self.get(&keys::page_links(agency, page.as_str(), subject)).await?;
        Ok(item.and_then(|item| item.read_number("generation")).unwrap_or(0))
    }

    /// Takes every link to this page back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_links(&self, agency: &AgencyId, page: PageKind, subject: &str) -> Result<(), StoreError> {
        self.transaction().add(&keys::page_links(agency, page.as_str(), subject), &[("generation", 1)]).commit().await
    }
}
