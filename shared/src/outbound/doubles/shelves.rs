//! Shelves in memory, which a test can put out of reach.

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use crate::outbound::{
    BreakerKey, BreakerRecord, BreakerShelf, ShelfUnreachable, TokenKey, TokenSealer, TokenShelf, breaker::Shelved, tokens::StoredToken,
};

/// Breakers in memory.
#[derive(Default)]
pub struct MemoryBreakers {
    records: Mutex<HashMap<BreakerKey, Shelved>>,
    unreachable: AtomicBool,
    loads: AtomicUsize,
    writes: AtomicUsize,
    lose: AtomicUsize,
    deny: AtomicUsize,
}

impl MemoryBreakers {
    pub fn set_reachable(&self, reachable: bool) {
        self.unreachable.store(!reachable, Ordering::SeqCst);
    }

    pub fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// The next so many writes find that another was first.
    pub fn lose_races(&self, times: usize) {
        self.lose.store(times, Ordering::SeqCst);
    }

    /// The next so many writes are taken, and said not to be (the reply was lost, and a repetition found the record changed).
    pub fn write_then_deny(&self, times: usize) {
        self.deny.store(times, Ordering::SeqCst);
    }

    fn reach(&self) -> Result<(), ShelfUnreachable> {
        if self.unreachable.load(Ordering::SeqCst) { Err(ShelfUnreachable("as the test asked".to_owned())) } else { Ok(()) }
    }
}

fn take(count: &AtomicUsize) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
}

#[async_trait]
impl BreakerShelf for MemoryBreakers {
    async fn load(&self, key: &BreakerKey) -> Result<Shelved, ShelfUnreachable> {
        self.reach()?;
        self.loads.fetch_add(1, Ordering::SeqCst);
        let shelved = self.records.lock().unwrap().get(key).cloned().unwrap_or_default();
        tokio::task::yield_now().await;
        Ok(shelved)
    }

    async fn replace(&self, key: &BreakerKey, version: u64, record: &BreakerRecord, _: Timestamp) -> Result<bool, ShelfUnreachable> {
        self.reach()?;
        self.writes.fetch_add(1, Ordering::SeqCst);
        let mut records = self.records.lock().unwrap();
        let shelved = records.entry(key.clone()).or_default();
        if shelved.version != version || take(&self.lose) {
            return Ok(false);
        }
        *shelved = Shelved { version: version + 1, record: record.clone() };
        Ok(!take(&self.deny))
    }
}

#[derive(Default)]
struct TokenItem {
    token: Option<StoredToken>,
    lease: Option<(String, Timestamp)>,
}

/// Tokens in memory.
#[derive(Default)]
pub struct MemoryTokens {
    items: Mutex<HashMap<TokenKey, TokenItem>>,
    unreachable: AtomicBool,
}

impl MemoryTokens {
    pub fn set_reachable(&self, reachable: bool) {
        self.unreachable.store(!reachable, Ordering::SeqCst);
    }

    /// What is kept of the only account.
    pub fn only(&self) -> Option<StoredToken> {
        self.items.lock().unwrap().values().next()?.token.clone()
    }

    fn with<T>(&self, key: &TokenKey, change: impl FnOnce(&mut TokenItem) -> T) -> Result<T, ShelfUnreachable> {
        if self.unreachable.load(Ordering::SeqCst) {
            return Err(ShelfUnreachable("as the test asked".to_owned()));
        }
        Ok(change(self.items.lock().unwrap().entry(key.clone()).or_default()))
    }
}

fn owns(item: &TokenItem, owner: &str) -> bool {
    item.lease.as_ref().is_some_and(|(by, _)| by == owner)
}

#[async_trait]
impl TokenShelf for MemoryTokens {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, ShelfUnreachable> {
        self.with(key, |item| item.token.clone())
    }

    async fn try_login_lease(&self, key: &TokenKey, owner: &str, now: Timestamp, until: Timestamp) -> Result<bool, ShelfUnreachable> {
        self.with(key, |item| {
            let free = item.lease.as_ref().is_none_or(|(by, until)| by == owner || *until <= now);
            if free {
                item.lease = Some((owner.to_owned(), until));
            }
            free
        })
    }

    async fn save(&self, key: &TokenKey, owner: &str, token: &StoredToken) -> Result<bool, ShelfUnreachable> {
        self.with(key, |item| {
            let owned = owns(item, owner);
            if owned {
                *item = TokenItem { token: Some(token.clone()), lease: None };
            }
            owned
        })
    }

    async fn hold_login(&self, key: &TokenKey, owner: &str, until: Timestamp) -> Result<(), ShelfUnreachable> {
        self.with(key, |item| {
            if owns(item, owner) {
                item.lease = Some((owner.to_owned(), until));
            }
        })
    }

    async fn forget(&self, key: &TokenKey, login_id: &str) -> Result<(), ShelfUnreachable> {
        self.with(key, |item| item.token = item.token.take().filter(|token| token.login_id != login_id))
    }
}

/// Turns the text around, and opens only for the account it was sealed for.
pub struct PlainSealer;

impl TokenSealer for PlainSealer {
    fn seal(&self, key: &TokenKey, token: &SecretString) -> Option<String> {
        Some(format!("{}|{}", key.account, token.expose_secret().chars().rev().collect::<String>()))
    }

    fn open(&self, key: &TokenKey, sealed: &str) -> Option<SecretString> {
        let (account, token) = sealed.split_once('|')?;
        (account == key.account.as_str()).then(|| token.chars().rev().collect::<String>().into())
    }
}
