//! Airalo's own types and their conversion. Numbers may be texts, lists may be objects, and fields appear without notice.

pub(super) mod balance;
pub(super) mod catalogue;
pub(super) mod devices;
pub(super) mod esims;
pub(super) mod future;
pub(super) mod history;
pub(super) mod instructions;
pub(super) mod orders;
pub(super) mod refund;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::Duration;

use super::refusals;
use crate::outbound::Answer;
use crate::providers::{
    AccessToken, ProviderError, RegisteredWebhook,
    answers::{self, Token},
    lenient,
};

/// A token is kept a day at most: examples say a year, the text says 24 hours and advises to refresh sooner.
const LONGEST_TOKEN: Duration = Duration::from_secs(24 * 60 * 60);

/// Where `data` is one thing.
#[derive(Deserialize)]
struct One<T> {
    data: T,
}

/// Where `data` is a list, by page.
#[derive(Deserialize)]
struct Page {
    #[serde(default, deserialize_with = "lenient::rows")]
    data: Option<Vec<Value>>,
    #[serde(default)]
    links: Value,
    #[serde(default)]
    meta: Value,
}

impl Page {
    /// The number of the next page: what `links.next` says, or one more than `meta.current_page` while that is not the last. The
    /// link itself is not followed: whoever answers does not choose where our token goes.
    fn next(&self) -> Option<String> {
        let number = |field| self.meta.get(field).and_then(lenient::text_of).and_then(|text| text.parse::<u64>().ok());
        let current = number("current_page");
        let linked = self.links.get("next").and_then(Value::as_str).and_then(page_of);
        let counted = current.zip(number("last_page")).and_then(|(current, last)| (current < last).then_some(current + 1));
        let next = linked.or(counted)?;
        let forward = current.is_none_or(|current| next > current);
        let ended = self.data.as_ref().is_some_and(Vec::is_empty);
        (forward && !ended).then(|| next.to_string())
    }
}

fn page_of(link: &str) -> Option<u64> {
    let (_, query) = link.split_once('?')?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "page").and_then(|(_, number)| number.parse().ok())
}

fn success<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    answers::success(answer, refusals::refusal)
}

pub(super) fn read_login(answer: &Answer) -> Result<AccessToken, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::login_refusal(answer));
    }
    answers::access_token(answer.json::<One<Token>>().map(|body| body.data), |stated| {
        stated.map_or(LONGEST_TOKEN, |stated| stated.min(LONGEST_TOKEN))
    })
}

/// Airalo gives a subscription no id, and signs with the API secret.
pub(super) fn read_register_webhook(answer: &Answer) -> Result<RegisteredWebhook, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::refusal(answer));
    }
    Ok(RegisteredWebhook { subscription_id: None, secret: None })
}
