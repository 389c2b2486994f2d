//! Where secrets are kept, as a port: what a test replaces.

use async_trait::async_trait;
use secrecy::SecretString;

/// Why a secret is not to be had. Names the secret and the field, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is none of that name: for an agency's secret, no such agency.
    #[error("there is no secret {name}")]
    Unknown {
        /// The name or ARN asked for.
        name: String,
    },
    /// Secrets Manager did not give it: later it may.
    #[error("the secret {name} cannot be reached: {reason}")]
    Unreachable {
        /// The name or ARN asked for.
        name: String,
        /// The service's error code, or what became of the call.
        reason: String,
    },
    /// Its content is not what it should be: only a person can mend it.
    #[error("the secret {name} is not usable: {field} {problem}")]
    Unusable {
        /// The name or ARN asked for.
        name: String,
        /// The field at fault, as a path.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl SecretError {
    /// A secret whose content is wrong.
    pub(super) fn unusable(name: &str, field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Unusable { name: name.to_owned(), field: field.into(), problem: problem.into() }
    }
}

/// Reads and writes secrets by name or ARN.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// The secret's current text.
    ///
    /// # Errors
    /// [`SecretError`].
    async fn read(&self, name: &str) -> Result<SecretString, SecretError>;

    /// Makes this the secret's current text; creates the secret where there is none.
    ///
    /// # Errors
    /// [`SecretError`].
    async fn write(&self, name: &str, text: &SecretString) -> Result<(), SecretError>;
}
