//! 1GLOBAL's own types and their conversion. Numbers may be texts; links are in `_metadata.links` or `_metadata._links` (§1).

pub(super) mod catalogue;
pub(super) mod find;
pub(super) mod orders;
pub(super) mod sims;
pub(super) mod usage;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::Duration;

use super::refusals;
use crate::outbound::Answer;
use crate::providers::{AccessToken, ProviderError, RegisteredWebhook, answers, lenient};

/// Tokens live five minutes; kept for four and a half (§8.1).
const LONGEST_TOKEN: Duration = Duration::from_secs(270);

/// A list, by page.
#[derive(Deserialize)]
struct Page {
    #[serde(default, deserialize_with = "lenient::rows")]
    data: Option<Vec<Value>>,
    #[serde(default, rename = "_metadata")]
    metadata: Value,
}

impl Page {
    /// The number of the next page, while there is one. Links are not followed: whoever answers does not choose where our token goes.
    fn next(&self) -> Option<String> {
        let number = |field| self.metadata.get(field).and_then(lenient::text_of).and_then(|text| text.parse::<u64>().ok());
        let (page, count) = (number("page")?, number("page_count")?);
        let ended = self.data.as_ref().is_some_and(Vec::is_empty);
        (page < count && !ended).then(|| (page + 1).to_string())
    }
}

fn success<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    answers::success(answer, refusals::refusal)
}

pub(super) fn read_login(answer: &Answer) -> Result<AccessToken, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::login_refusal(answer));
    }
    answers::access_token(answer.json(), |stated| stated.map_or(LONGEST_TOKEN, |stated| stated.min(LONGEST_TOKEN)))
}

/// A registration has no id and no secret.
pub(super) fn read_register_webhook(answer: &Answer) -> Result<RegisteredWebhook, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::refusal(answer));
    }
    Ok(RegisteredWebhook { subscription_id: None, secret: None })
}
