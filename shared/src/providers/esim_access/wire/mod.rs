//! eSIM Access's own types and their conversion: an envelope around everything, prices in 1/10,000 of a dollar, volumes in bytes.

pub(super) mod catalogue;
pub(super) mod esims;
pub(super) mod orders;
pub(super) mod usage;

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::Duration;

use super::refusals;
use crate::outbound::Answer;
use crate::providers::{AccessToken, ProviderError, RegisteredWebhook, lenient};

/// Bytes of the contract's MB (reference contract → provider APIs, MB rule).
const MEGABYTE: i64 = 1_048_576;

/// `{success, errorCode, errorMessage | errorMsg, obj}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    /// A boolean, or a text.
    #[serde(default, deserialize_with = "lenient::flag")]
    success: bool,
    /// Null or "0" on success.
    #[serde(default, deserialize_with = "lenient::text")]
    error_code: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    error_message: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    error_msg: Option<String>,
    #[serde(default)]
    obj: Value,
}

impl Envelope {
    /// The code, where there is one.
    pub(super) fn error_code(&self) -> Option<&str> {
        self.error_code.as_deref().filter(|code| *code != "0")
    }

    /// The provider's words.
    pub(super) fn words(&self) -> &str {
        self.error_message.as_deref().or(self.error_msg.as_deref()).unwrap_or_default()
    }
}

/// `obj` of a success, as it is.
fn object(answer: &Answer) -> Result<Value, ProviderError> {
    if !answer.status.is_success() {
        return Err(refusals::by_status(answer));
    }
    let envelope: Envelope = answer.json().ok_or(UNREADABLE)?;
    if !envelope.success || envelope.error_code().is_some() {
        return Err(refusals::refusal(&envelope));
    }
    Ok(envelope.obj)
}

/// `obj` of a success; anything else as its refusal.
fn success<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    serde_json::from_value(object(answer)?).map_err(|_| UNREADABLE)
}

const UNREADABLE: ProviderError = ProviderError::Unknown("the provider's answer cannot be read");

/// Bytes as MB, rounded down.
fn megabytes(bytes: Decimal) -> Option<u64> {
    (bytes.max(Decimal::ZERO) / Decimal::from(MEGABYTE)).floor().to_u64()
}

/// Bytes as MB, rounded up: for what is left, so that nothing is called used up while something is.
fn megabytes_left(bytes: Decimal) -> Option<u64> {
    (bytes.max(Decimal::ZERO) / Decimal::from(MEGABYTE)).ceil().to_u64()
}

/// Calls carry the account's own credentials: there is no token to keep.
pub(super) fn read_proof(answer: &Answer) -> Result<AccessToken, ProviderError> {
    match object(answer) {
        Ok(_) => Ok(AccessToken { token: String::new().into(), lifetime: Duration::ZERO }),
        Err(ProviderError::Unauthorised) => {
            Err(ProviderError::Rejected { code: "refused", reason: "the access code or its signature was refused".to_owned() })
        }
        Err(ProviderError::Unknown(_)) => Err(ProviderError::NotSent("the provider could not prove the credentials")),
        Err(error) => Err(error),
    }
}

/// Neither an id nor a secret is handed out.
pub(super) fn read_register_webhook(answer: &Answer) -> Result<RegisteredWebhook, ProviderError> {
    object(answer).map(|_| RegisteredWebhook { subscription_id: None, secret: None })
}
