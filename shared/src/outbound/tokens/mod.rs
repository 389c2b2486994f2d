//! Access tokens: shared by all sandboxes (Airalo Partner API v2, auth: three log-ins a minute), sealed, got anew before they expire,
//! by one log-in at a time.
//!
//! Within a process the second caller waits for the first; between processes a lease decides who logs in, and the others go on with
//! the old token while it lasts or wait briefly for the new one.

mod shelf;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};
use tokio::sync::Mutex;

use super::{
    Deadline, ShelfUnreachable,
    time::{after, between},
};
use crate::{
    providers::{AccessToken, ProviderError},
    world::World,
};

pub use shelf::{StoredToken, TokenKey, TokenSealer, TokenShelf};

/// How long a log-in may take.
pub const LOGIN_TIME_OUT: Duration = Duration::from_secs(10);
/// How long the right to log in lasts: longer than a log-in and the writing of its token.
const LOGIN_LEASE: Duration = Duration::from_secs(15);
/// After a log-in that failed, nobody tries again for so long: three a minute are allowed.
const AFTER_FAILED_LOGIN: Duration = Duration::from_secs(20);
/// The shortest margin before the end of a token at which a new one is got; a tenth of its life where that is more.
const REFRESH_MARGIN: Duration = Duration::from_secs(60);
/// After which waits, in milliseconds, a process looks for the token that another is getting: most log-ins take less than half a second,
/// and what takes longer is not worth two calls to the table every moment. Five seconds in all.
const LOOKS: [u64; 8] = [100, 150, 250, 500, 1_000, 1_000, 1_000, 1_000];
/// A token that was got because the last one was refused, and is refused as soon as this, is not the reason for the refusal.
const REFUSED_AGAIN: Duration = Duration::from_secs(60);

/// Nothing was sent: another process has been logging in for too long.
pub const LOGIN_ELSEWHERE: &str = "no token yet: another log-in is under way, or one has just failed";

/// Logs in at the provider. Whatever its failure, no purchase was sent.
#[async_trait]
pub trait Login: Send + Sync {
    /// One log-in.
    ///
    /// # Errors
    /// [`ProviderError::NotSent`] when it failed, [`ProviderError::Throttled`], or [`ProviderError::Unauthorised`] when the credentials
    /// were refused.
    async fn log_in(&self) -> Result<AccessToken, ProviderError>;
}

/// A token in this process.
#[derive(Clone)]
pub struct HeldToken {
    token: SecretString,
    login_id: String,
    obtained_at: Timestamp,
    refresh_at: Timestamp,
    expires_at: Timestamp,
    after_refusal: bool,
}

impl HeldToken {
    /// What stands for a token where the provider has no log-in: there is no new one to be got after a refusal.
    #[must_use]
    pub fn unneeded(now: Timestamp) -> Self {
        Self {
            token: SecretString::default(),
            login_id: String::new(),
            obtained_at: now,
            refresh_at: Timestamp::MAX,
            expires_at: Timestamp::MAX,
            after_refusal: true,
        }
    }

    /// The token.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.token
    }
}

/// What a process remembers of one account.
#[derive(Default)]
struct Slot {
    held: Option<HeldToken>,
    /// The last token was refused: the next one is got because of that.
    refused: bool,
}

/// The tokens of one process.
pub struct TokenKeeper {
    world: World,
    shelf: Arc<dyn TokenShelf>,
    sealer: Arc<dyn TokenSealer>,
    slots: StdMutex<HashMap<TokenKey, Arc<Mutex<Slot>>>>,
}

impl TokenKeeper {
    /// Tokens on this shelf.
    #[must_use]
    pub fn new(world: World, shelf: Arc<dyn TokenShelf>, sealer: Arc<dyn TokenSealer>) -> Self {
        Self { world, shelf, sealer, slots: StdMutex::default() }
    }

    /// A token that works, as far as can be known.
    ///
    /// # Errors
    /// As [`Login::log_in`]; [`ProviderError::NotSent`] with [`LOGIN_ELSEWHERE`] when another process did not come back with one
    /// before `deadline` or within five seconds.
    pub async fn token(&self, key: &TokenKey, login: &dyn Login, deadline: Deadline) -> Result<HeldToken, ProviderError> {
        let slot = self.slot(key);
        // Held over the log-in: a second caller of this process waits here and finds the token.
        let mut slot = slot.lock().await;
        let now = self.world.now();
        if let Some(held) = slot.held.as_ref().filter(|held| now < held.refresh_at) {
            return Ok(held.clone());
        }
        let stored = match self.load(key).await {
            Ok(stored) => stored,
            Err(error) => return self.without_shelf(&mut slot, key, login, &error).await,
        };
        let known = newest(slot.held.take(), stored);
        match known {
            Some(fresh) if now < fresh.refresh_at => {
                slot.held = Some(fresh.clone());
                Ok(fresh)
            }
            old => {
                slot.held = old.filter(|old| now < old.expires_at);
                self.renew(&mut slot, key, login, deadline).await
            }
        }
    }

    /// The provider refused the token (401). Drops it, here and on the shelf. `true` when a log-in is worth trying: not when the token
    /// was itself got a moment ago because of a refusal (Airalo answers 401 for what belongs to another account, too).
    pub async fn refused(&self, key: &TokenKey, token: &HeldToken) -> bool {
        let now = self.world.now();
        if token.after_refusal && between(token.obtained_at, now) < REFUSED_AGAIN {
            return false;
        }
        let slot = self.slot(key);
        let mut slot = slot.lock().await;
        if slot.held.as_ref().is_some_and(|held| held.login_id != token.login_id) {
            // Another caller has replaced it already.
            return true;
        }
        slot.held = None;
        slot.refused = true;
        if let Err(error) = self.shelf.forget(key, &token.login_id).await {
            tracing::warn!(account = %key.account, %error, "a refused token could not be dropped from the table");
        }
        true
    }

    fn slot(&self, key: &TokenKey) -> Arc<Mutex<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(key.clone()).or_default().clone()
    }

    async fn load(&self, key: &TokenKey) -> Result<Option<HeldToken>, ShelfUnreachable> {
        let Some(stored) = self.shelf.load(key).await? else { return Ok(None) };
        let StoredToken { sealed, login_id, obtained_at, refresh_at, expires_at } = stored;
        let opened = self.sealer.open(key, &sealed);
        Ok(opened.map(|token| HeldToken { token, login_id, obtained_at, refresh_at, expires_at, after_refusal: false }))
    }

    /// Logs in if no other process does; otherwise goes on with the old token or waits for the new one.
    async fn renew(&self, slot: &mut Slot, key: &TokenKey, login: &dyn Login, deadline: Deadline) -> Result<HeldToken, ProviderError> {
        let owner = self.world.new_id("login");
        for wait in LOOKS.map(Duration::from_millis) {
            let now = self.world.now();
            let leased = match self.shelf.try_login_lease(key, &owner, now, after(now, LOGIN_LEASE)).await {
                Ok(leased) => leased,
                Err(error) => return self.without_shelf(slot, key, login, &error).await,
            };
            if leased {
                return self.log_in_under_lease(slot, key, &owner, login).await;
            }
            if let Some(held) = &slot.held {
                return Ok(held.clone());
            }
            if deadline.left(now) <= wait {
                break;
            }
            self.world.clock.sleep(wait).await;
            if let Some(fresh) = self.load(key).await.ok().flatten().filter(|token| self.world.now() < token.refresh_at) {
                slot.held = Some(fresh.clone());
                return Ok(fresh);
            }
        }
        Err(ProviderError::NotSent(LOGIN_ELSEWHERE))
    }

    async fn log_in_under_lease(
        &self,
        slot: &mut Slot,
        key: &TokenKey,
        owner: &str,
        login: &dyn Login,
    ) -> Result<HeldToken, ProviderError> {
        // Between the look and the lease another may have come back with one.
        if let Some(fresh) = self.load(key).await.ok().flatten().filter(|token| self.world.now() < token.refresh_at) {
            self.end_lease(key, owner, Duration::ZERO).await;
            slot.held = Some(fresh.clone());
            return Ok(fresh);
        }
        let asked_at = self.world.now();
        match login.log_in().await {
            Ok(access) => {
                let held = held(access, owner, asked_at, std::mem::take(&mut slot.refused));
                slot.held = Some(held.clone());
                self.share(key, owner, &held).await;
                Ok(held)
            }
            Err(error) => {
                let wait = match &error {
                    ProviderError::Throttled { retry_after: Some(wait) } => AFTER_FAILED_LOGIN.max(*wait),
                    _ => AFTER_FAILED_LOGIN,
                };
                self.end_lease(key, owner, wait).await;
                // The old token may still work.
                slot.held.clone().ok_or(error)
            }
        }
    }

    async fn share(&self, key: &TokenKey, owner: &str, held: &HeldToken) {
        let Some(sealed) = self.sealer.seal(key, &held.token) else {
            tracing::error!(account = %key.account, "a token could not be sealed: it stays in this process");
            return self.end_lease(key, owner, Duration::ZERO).await;
        };
        let HeldToken { login_id, obtained_at, refresh_at, expires_at, .. } = held.clone();
        let stored = StoredToken { sealed, login_id, obtained_at, refresh_at, expires_at };
        if let Err(error) = self.shelf.save(key, owner, &stored).await {
            tracing::warn!(account = %key.account, %error, "a token could not be shared");
        }
    }

    async fn end_lease(&self, key: &TokenKey, owner: &str, wait: Duration) {
        let until = after(self.world.now(), wait);
        if let Err(error) = self.shelf.hold_login(key, owner, until).await {
            tracing::warn!(account = %key.account, %error, "the right to log in could not be given back: its lease will end");
        }
    }

    /// The table is out of reach: this process looks after itself.
    async fn without_shelf(
        &self,
        slot: &mut Slot,
        key: &TokenKey,
        login: &dyn Login,
        error: &ShelfUnreachable,
    ) -> Result<HeldToken, ProviderError> {
        let now = self.world.now();
        if let Some(held) = slot.held.as_ref().filter(|held| now < held.expires_at) {
            return Ok(held.clone());
        }
        tracing::warn!(account = %key.account, %error, "the shared token cannot be reached: logging in for this process alone");
        let held = held(login.log_in().await?, &self.world.new_id("login"), now, std::mem::take(&mut slot.refused));
        slot.held = Some(held.clone());
        Ok(held)
    }
}

/// The token of a log-in that was asked for at `asked_at`: its life is counted from there.
fn held(access: AccessToken, login_id: &str, asked_at: Timestamp, after_refusal: bool) -> HeldToken {
    let AccessToken { token, lifetime } = access;
    let margin = REFRESH_MARGIN.max(lifetime / 10).min(lifetime / 2);
    HeldToken {
        token,
        login_id: login_id.to_owned(),
        obtained_at: asked_at,
        refresh_at: after(asked_at, lifetime.saturating_sub(margin)),
        expires_at: after(asked_at, lifetime),
        after_refusal,
    }
}

fn newest(held: Option<HeldToken>, stored: Option<HeldToken>) -> Option<HeldToken> {
    match (held, stored) {
        (Some(held), Some(stored)) => Some(if stored.obtained_at > held.obtained_at { stored } else { held }),
        (held, stored) => held.or(stored),
    }
}

#[cfg(test)]
mod keeper_tests;
