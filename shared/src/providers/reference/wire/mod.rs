//! The contract's own types and their conversion. Fields that are not in the contract are ignored.

pub(super) mod catalogue;
pub(super) mod esims;
pub(super) mod orders;

use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;

use super::refusals;
use crate::outbound::Answer;
use crate::providers::{AccessToken, ProviderError, RegisteredWebhook, answers, lenient};

/// `expires_in` is only recommended (RFC 6749 §5.1). A token that does not say is kept for a short time.
const UNSTATED: Duration = Duration::from_secs(300);

fn success<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    answers::success(answer, refusals::refusal)
}

pub(super) fn read_login(answer: &Answer) -> Result<AccessToken, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::login_refusal(answer));
    }
    answers::access_token(answer.json(), |stated| stated.unwrap_or(UNSTATED))
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
