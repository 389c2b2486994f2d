//! Sealing what goes into the table: each value is bound to the place where it lies.

use secrecy::{ExposeSecret, SecretString};

use super::{
    StoreError,
    keys::{self, Key},
};
use crate::{
    domain::AgencyId,
    outbound::{TokenKey, TokenSealer},
    security::{SealContext, Sealer},
    world::World,
};

/// Seals and opens values of the table.
#[derive(Clone)]
pub struct Seals {
    sealer: Sealer,
    world: World,
    table: String,
}

impl Seals {
    /// Seals for this table.
    #[must_use]
    pub fn new(sealer: Sealer, world: World, table: impl Into<String>) -> Self {
        Self { sealer, world, table: table.into() }
    }

    /// What seals, so that its keys can be renewed.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    fn context<'a>(&'a self, agency: &'a AgencyId, key: &'a Key, attribute: &'a str) -> SealContext<'a> {
        SealContext { tenant: agency, table: &self.table, pk: &key.pk, sk: &key.sk, attribute }
    }

    /// Seals a text.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] names the attribute.
    pub fn seal(&self, agency: &AgencyId, key: &Key, attribute: &str, plain: &str) -> Result<String, StoreError> {
        let sealed = self.sealer.seal(&self.world, &self.context(agency, key, attribute), plain.as_bytes());
        sealed.map_err(|error| StoreError::Unreadable(format!("{attribute}: {error}")))
    }

    /// Opens it.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it was moved, altered, or its key is gone.
    pub fn open(&self, agency: &AgencyId, key: &Key, attribute: &str, sealed: &str) -> Result<String, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable(format!("{attribute}: {why}"));
        let plain = self.sealer.open(&self.context(agency, key, attribute), sealed).map_err(|error| unreadable(error.to_string()))?;
        std::str::from_utf8(&plain).map(str::to_owned).map_err(|_| unreadable("no text".to_owned()))
    }
}

/// Provider tokens are shared by all sandboxes, sealed where they lie.
impl TokenSealer for Seals {
    fn seal(&self, key: &TokenKey, token: &SecretString) -> Option<String> {
        Seals::seal(self, &key.agency, &keys::token(&key.agency, &key.account), "token", token.expose_secret()).ok()
    }

    fn open(&self, key: &TokenKey, sealed: &str) -> Option<SecretString> {
        Seals::open(self, &key.agency, &keys::token(&key.agency, &key.account), "token", sealed).ok().map(SecretString::from)
    }
}
