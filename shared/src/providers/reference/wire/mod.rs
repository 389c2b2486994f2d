//! The contract's own types and their conversion. Fields that are not in the contract are ignored.

pub(super) mod catalogue;
pub(super) mod esims;
pub(super) mod orders;

use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;

use super::refusals;
use crate::outbound::Answer;
use crate::providers::{AccessToken, ProviderError, RegisteredWebhook, lenient};

/// `expires_in` is only recommended (RFC 6749 §5.1). A token that does not say is kept for a short time.
const UNSTATED: Duration = Duration::from_secs(300);

/// The body of a success; anything else as its refusal.
fn success<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::refusal(answer));
    }
    answer.json().ok_or(ProviderError::Unknown("the provider's answer cannot be read"))
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    #[serde(default, deserialize_with = "lenient::whole")]
    expires_in: Option<u64>,
}

pub(super) fn read_login(answer: &Answer) -> Result<AccessToken, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::login_refusal(answer));
    }
    let token = answer.json::<Token>().filter(|token| !token.access_token.is_empty());
    let token = token.ok_or(ProviderError::NotSent("the provider's log-in gave no token"))?;
    Ok(AccessToken { token: token.access_token.into(), lifetime: token.expires_in.map_or(UNSTATED, Duration::from_secs) })
}

#[derive(Deserialize)]
struct Subscription {
    #[serde(default, deserialize_with = "lenient::text")]
    subscription_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    secret: Option<String>,
}

pub(super) fn read_register_webhook(answer: &Answer) -> Result<RegisteredWebhook, ProviderError> {
    let subscription: Subscription = success(answer)?;
    Ok(RegisteredWebhook { subscription_id: subscription.subscription_id, secret: subscription.secret.map(Into::into) })
}
