//! The cache: each secret is read at most every five minutes, by one caller while the others wait for what it finds.

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Mutex as AsyncMutex;

use super::{SecretError, SecretSource, agency, with_webhook_secret};
use crate::{
    config::Agency,
    domain::{AccountName, AgencyId},
    security::{BlindIndex, IndexKey, KeyRing, Sealer, UnusableKey},
    world::World,
};

/// How old what is kept may be.
const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// How old it may be when a caller asks for it anew: otherwise forged webhooks could make us read Secrets Manager at will.
const FRESH_WHEN_FORCED: SignedDuration = SignedDuration::from_secs(10);
/// How old it may be while Secrets Manager cannot be reached.
const USABLE_IN_NEED: SignedDuration = SignedDuration::from_hours(1);

/// The agencies' settings and the key texts, cached for one process.
#[derive(Clone)]
pub struct Secrets {
    source: Arc<dyn SecretSource>,
    world: World,
    agency_prefix: Arc<str>,
    agencies: Arc<Shelf<Arc<Agency>>>,
    texts: Arc<Shelf<SecretString>>,
}

impl Secrets {
    /// Secrets from this source; agencies' secrets are called `<agency_prefix><agency id>`.
    #[must_use]
    pub fn new(source: Arc<dyn SecretSource>, world: World, agency_prefix: &str) -> Self {
        Self { source, world, agency_prefix: agency_prefix.into(), agencies: Arc::default(), texts: Arc::default() }
    }

    /// An agency's settings.
    ///
    /// # Errors
    /// [`SecretError::Unknown`] when there is no such agency; the others as they say.
    pub async fn agency(&self, id: &AgencyId) -> Result<Arc<Agency>, SecretError> {
        self.agency_no_older_than(id, FRESH).await
    }

    /// An agency's settings, read anew unless that was done in the last ten seconds: for a caller whose credentials or webhook secret were
    /// just refused.
    ///
    /// # Errors
    /// As [`Secrets::agency`].
    pub async fn agency_anew(&self, id: &AgencyId) -> Result<Arc<Agency>, SecretError> {
        self.agency_no_older_than(id, FRESH_WHEN_FORCED).await
    }

    async fn agency_no_older_than(&self, id: &AgencyId, age: SignedDuration) -> Result<Arc<Agency>, SecretError> {
        let name = self.agency_name(id);
        let read = async { agency::read(&name, &self.source.read(&name).await?).map(Arc::new) };
        self.agencies.get(&name, self.world.now(), age, read).await
    }

    /// Any secret's text, by name or ARN.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn text(&self, name: &str) -> Result<SecretString, SecretError> {
        self.texts.get(name, self.world.now(), FRESH, self.source.read(name)).await
    }

    /// A sealer with the keys of this secret.
    ///
    /// # Errors
    /// [`SecretError`], also when its content is no set of keys.
    pub async fn sealer(&self, name: &str) -> Result<Sealer, SecretError> {
        Ok(Sealer::new(self.key_ring(name).await?))
    }

    /// Brings a sealer's keys up to date. Called once an invocation, it costs a read every five minutes, and a key that was added is known
    /// before it begins to seal.
    ///
    /// # Errors
    /// As [`Secrets::sealer`]; the sealer then goes on with the keys it has.
    pub async fn renew(&self, sealer: &Sealer, name: &str) -> Result<(), SecretError> {
        sealer.replace(self.key_ring(name).await?);
        Ok(())
    }

    async fn key_ring(&self, name: &str) -> Result<KeyRing, SecretError> {
        KeyRing::from_json(self.text(name).await?.expose_secret()).map_err(|error| unusable(name, error))
    }

    /// The blind index with the key of this secret.
    ///
    /// # Errors
    /// [`SecretError`], also when its content is no key.
    pub async fn blind_index(&self, name: &str) -> Result<BlindIndex, SecretError> {
        let key = IndexKey::from_json(self.text(name).await?.expose_secret()).map_err(|error| unusable(name, error))?;
        Ok(BlindIndex::new(key))
    }

    /// Keeps a webhook secret that a provider gave out, in the agency's own secret: the newest first, the one before it still good.
    ///
    /// # Errors
    /// [`SecretError`]; nothing is then changed.
    pub async fn keep_webhook_secret(&self, id: &AgencyId, account: &AccountName, secret: &SecretString) -> Result<(), SecretError> {
        let name = self.agency_name(id);
        let old = self.source.read(&name).await?;
        let json = serde_json::from_str(old.expose_secret()).map_err(|_| SecretError::unusable(&name, "(root)", "is no JSON"))?;
        let new = with_webhook_secret(json, account, secret).map_err(|(field, problem)| SecretError::unusable(&name, field, problem))?;
        let new = SecretString::from(new.to_string());
        // What could not be read back must not be written.
        agency::read(&name, &new)?;
        self.source.write(&name, &new).await?;
        self.agencies.forget(&name).await;
        Ok(())
    }

    fn agency_name(&self, id: &AgencyId) -> String {
        format!("{}{id}", self.agency_prefix)
    }
}

fn unusable(name: &str, error: UnusableKey) -> SecretError {
    SecretError::unusable(name, error.field, error.problem)
}

/// What was read, by secret name.
struct Shelf<T>(Mutex<HashMap<String, Arc<Place<T>>>>);

type Place<T> = AsyncMutex<Option<Kept<T>>>;

struct Kept<T> {
    value: T,
    read_at: Timestamp,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Shelf<T> {
    /// What is kept, if young enough; else what `read` finds. The place stays locked meanwhile, so that one reads and the others wait.
    async fn get(
        &self,
        name: &str,
        now: Timestamp,
        age: SignedDuration,
        read: impl Future<Output = Result<T, SecretError>>,
    ) -> Result<T, SecretError> {
        let place = self.place(name);
        let mut kept = place.lock().await;
        let young = |kept: &Kept<T>, age| now.duration_since(kept.read_at).abs() < age;
        if let Some(kept) = kept.as_ref().filter(|kept| young(kept, age)) {
            return Ok(kept.value.clone());
        }
        match (read.await, kept.as_ref().filter(|kept| young(kept, USABLE_IN_NEED))) {
            (Ok(value), _) => {
                *kept = Some(Kept { value: value.clone(), read_at: now });
                Ok(value)
            }
            (Err(SecretError::Unreachable { reason, .. }), Some(old)) => {
                tracing::warn!(reason, "Secrets Manager cannot be reached: going on with what was read before");
                Ok(old.value.clone())
            }
            (Err(error), _) => Err(error),
        }
    }

    async fn forget(&self, name: &str) {
        *self.place(name).lock().await = None;
    }

    fn place(&self, name: &str) -> Arc<Place<T>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(name.to_owned()).or_default())
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
