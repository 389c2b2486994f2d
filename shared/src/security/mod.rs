//! What keeps secrets secret: sealed fields, blind indexes, signatures, and the agencies' secrets.
//!
//! - [`keys`]: key material, read from Secrets Manager texts;
//! - [`sealed`]: AES-256-GCM for what must never rest in the clear;
//! - [`blind`]: keyed hashes by which sealed values are found again;
//! - [`links`]: the signed addresses of pages;
//! - [`signatures`], [`standard_webhooks`], [`ecdsa`], [`basic`]: who really wrote a webhook, and the proof that we wrote ours;
//! - [`secrets`]: agencies' settings and key texts, cached.

pub mod basic;
pub mod blind;
pub mod ecdsa;
pub mod keys;
pub mod links;
pub mod sealed;
pub mod secrets;
pub mod signatures;
pub mod standard_webhooks;

pub use blind::{BlindIndex, hash_idempotency_key};
pub use keys::{IndexKey, KeyRing, UnusableKey};
pub use links::{LinkSigner, PageKind, PageLink};
pub use sealed::{CannotOpen, CannotSeal, SealContext, Sealer};
pub use secrets::{AwsSecrets, MemorySecrets, SecretError, SecretSource, Secrets};
