//! Secrets Manager behind a small cache: read once in a while, never once a call, and never by two at the same time.

mod agency;
mod aws;
mod cache;
mod memory;
mod source;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use agency::read_agency;
pub use agency::with_webhook_secret;
pub use aws::AwsSecrets;
pub use cache::Secrets;
pub use memory::MemorySecrets;
pub use source::{SecretError, SecretSource};
