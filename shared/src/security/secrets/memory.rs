//! Secrets in memory, for tests and simulations.

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use super::{SecretError, SecretSource};

/// Secrets that live as long as the process; counts its reads and can be made unreachable.
#[derive(Default)]
pub struct MemorySecrets {
    texts: Mutex<HashMap<String, SecretString>>,
    reads: AtomicUsize,
    unreachable: AtomicBool,
}

impl MemorySecrets {
    /// With these secrets, name and text.
    #[must_use]
    pub fn new<N: Into<String>, T: Into<String>>(secrets: impl IntoIterator<Item = (N, T)>) -> Self {
        let texts = secrets.into_iter().map(|(name, text)| (name.into(), SecretString::from(text.into()))).collect();
        Self { texts: Mutex::new(texts), ..Self::default() }
    }

    /// How often a secret was read, or tried to be.
    #[must_use]
    pub fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    /// Whether every call fails from now on.
    pub fn set_unreachable(&self, unreachable: bool) {
        self.unreachable.store(unreachable, Ordering::SeqCst);
    }

    fn reach(&self, name: &str) -> Result<(), SecretError> {
        if self.unreachable.load(Ordering::SeqCst) {
            return Err(SecretError::Unreachable { name: name.to_owned(), reason: "switched off".to_owned() });
        }
        Ok(())
    }
}

#[async_trait]
impl SecretSource for MemorySecrets {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        // Lets others in between, as a real call does.
        tokio::task::yield_now().await;
        self.reach(name)?;
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.get(name).cloned().ok_or_else(|| SecretError::Unknown { name: name.to_owned() })
    }

    async fn write(&self, name: &str, text: &SecretString) -> Result<(), SecretError> {
        self.reach(name)?;
        let copy = SecretString::from(text.expose_secret());
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), copy);
        Ok(())
    }
}
