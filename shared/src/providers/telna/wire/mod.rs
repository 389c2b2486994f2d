//! Telna's own types and their conversion: bytes, seconds, epoch milliseconds, ISO 3166-1 alpha-3 (§1).

pub(super) mod catalogue;
pub(super) mod find;
pub(super) mod orders;
pub(super) mod profiles;
pub(super) mod usage;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

use super::refusals;
use crate::outbound::Answer;
use crate::providers::{AccessToken, ProviderError};

/// The body of a success; anything else as its refusal.
fn success<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::refusal(answer));
    }
    answer.json().ok_or(ProviderError::Unknown("the provider's answer cannot be read"))
}

/// The proof of a key is a list of products. The key has no end.
pub(super) fn read_proof(answer: &Answer, key: &SecretString) -> Result<AccessToken, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::key_refusal(answer));
    }
    match answer.json::<Value>().filter(|body| body.get("products").is_some()) {
        Some(_) => Ok(AccessToken { token: key.clone(), lifetime: Duration::from_secs(24 * 60 * 60) }),
        None => Err(ProviderError::NotSent("the provider did not say whether the key is good")),
    }
}
