//! Where tokens are kept: sealed, for all sandboxes, with a lease that lets one of them log in at a time.

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::{
    domain::{AccountName, AgencyId},
    outbound::ShelfUnreachable,
};

/// One account's token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenKey {
    /// Whose account.
    pub agency: AgencyId,
    /// The account.
    pub account: AccountName,
}

/// A token as it is kept: useless without the sealing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredToken {
    /// The sealed token.
    pub sealed: String,
    /// The log-in that it came from; tells this token from the next.
    pub login_id: String,
    /// When it was asked for.
    pub obtained_at: Timestamp,
    /// From when a new one should be got, while this one still works.
    pub refresh_at: Timestamp,
    /// From when it no longer works.
    pub expires_at: Timestamp,
}

/// Keeps tokens for all sandboxes.
#[async_trait]
pub trait TokenShelf: Send + Sync {
    /// The token, if there is one.
    ///
    /// # Errors
    /// [`ShelfUnreachable`].
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, ShelfUnreachable>;

    /// Takes the right to log in until `until`. `false` while another owner has it.
    ///
    /// # Errors
    /// [`ShelfUnreachable`]; the right may have been taken all the same.
    async fn try_login_lease(&self, key: &TokenKey, owner: &str, now: Timestamp, until: Timestamp) -> Result<bool, ShelfUnreachable>;

    /// Keeps a token and ends its owner's lease. `false`, and nothing kept, when the lease went to another.
    ///
    /// # Errors
    /// [`ShelfUnreachable`].
    async fn save(&self, key: &TokenKey, owner: &str, token: &StoredToken) -> Result<bool, ShelfUnreachable>;

    /// After a failed log-in: nobody logs in before `until`. Nothing happens when the lease went to another.
    ///
    /// # Errors
    /// [`ShelfUnreachable`].
    async fn hold_login(&self, key: &TokenKey, owner: &str, until: Timestamp) -> Result<(), ShelfUnreachable>;

    /// Drops the token of that log-in, and no later one.
    ///
    /// # Errors
    /// [`ShelfUnreachable`].
    async fn forget(&self, key: &TokenKey, login_id: &str) -> Result<(), ShelfUnreachable>;
}

/// Seals tokens, bound to the account they belong to: what was sealed for one account does not open for another.
pub trait TokenSealer: Send + Sync {
    /// Seals; `None` when it cannot: the token is then not shared.
    fn seal(&self, key: &TokenKey, token: &SecretString) -> Option<String>;
    /// Opens; `None` when it cannot (another key, another account, altered): as if there were no token.
    fn open(&self, key: &TokenKey, sealed: &str) -> Option<SecretString>;
}
