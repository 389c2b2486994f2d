//! What Airalo's errors mean for money (Airalo Partner API v2, errors and limits). Bodies come in three shapes: business
//! `{code, reason}`, validation `{data: {field: message}, meta: {message}}`, and `{message}` with 429.

use serde::Deserialize;
use serde_json::Value;

use crate::outbound::Answer;
use crate::providers::{ProviderError, answers, lenient, reason};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    #[serde(deserialize_with = "lenient::whole")]
    code: Option<u64>,
    #[serde(deserialize_with = "lenient::text")]
    reason: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    data: Value,
    meta: Value,
}

/// What we send, and may be told about. `data` of a refusal could as well be an order or an eSIM, whose codes no reason may repeat.
const OUR_FIELDS: [&str; 9] =
    ["quantity", "package_id", "type", "description", "iccid", "webhook_url", "levels", "due_date", "request_ids.0"];

impl Body {
    /// Each `field: message` of a validation body, of our own fields.
    fn fields(&self) -> Vec<(&str, String)> {
        OUR_FIELDS.iter().filter_map(|field| Some((*field, first_text(self.data.get(*field)?)?))).collect()
    }

    fn meta_message(&self) -> Option<String> {
        self.meta.get("message").and_then(lenient::text_of)
    }

    /// The provider's words, the most telling first.
    fn words(&self) -> String {
        let fields = self.fields().into_iter().map(|(field, message)| format!("{field}: {message}"));
        let fields = Some(fields.collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty());
        let words = self.reason.clone().or(fields).or_else(|| self.meta_message()).or_else(|| self.message.clone());
        reason::reason(&words.unwrap_or_default())
    }
}

/// Messages are texts, or lists of them.
fn first_text(message: &Value) -> Option<String> {
    lenient::text_of(message).or_else(|| message.get(0).and_then(lenient::text_of))
}

/// What an answer that is not a success means. On reads it is the same: what is unknown there costs nothing and is read again.
pub(super) fn refusal(answer: &Answer) -> ProviderError {
    match answer.status.as_u16() {
        401 => ProviderError::Unauthorised,
        429 => ProviderError::Throttled { retry_after: answer.retry_after() },
        408 => ProviderError::Unknown("the provider gave up waiting (408)"),
        400..=499 => refused(answer),
        500..=599 => ProviderError::Unknown("the provider failed (5xx)"),
        _ => ProviderError::Unknown("the provider gave an answer that is neither yes nor no"),
    }
}

/// Why there is no token. Nothing can have been bought by logging in.
pub(super) fn login_refusal(answer: &Answer) -> ProviderError {
    // Field messages may repeat the credentials; the general one does not.
    answers::login_refusal(answer, || answer.json::<Body>().and_then(|body| body.meta_message()).unwrap_or_default())
}

fn refused(answer: &Answer) -> ProviderError {
    let body = answer.json::<Body>().unwrap_or_default();
    // Code 53 is "unexpected": not a no.
    if body.code == Some(53) {
        return ProviderError::Unknown("the provider reports an unexpected error (53)");
    }
    let code = match (answer.status.as_u16(), body.code) {
        (_, Some(number)) => by_number(number),
        (404, None) => "not_found",
        _ => by_field(&body),
    };
    ProviderError::Rejected { code, reason: body.words() }
}

fn by_number(code: u64) -> &'static str {
    match code {
        11 => "insufficient_credit",
        13 => "maintenance",
        23 | 73 => "not_rechargeable",
        33 | 34 => "sold_out",
        _ => "refused",
    }
}

/// Out of stock also arrives as a validation error of `quantity`.
fn by_field(body: &Body) -> &'static str {
    for (field, message) in body.fields() {
        let message = message.to_ascii_lowercase();
        match field {
            "quantity" if message.contains("not available") => return "sold_out",
            "package_id" if message.contains("invalid") => return "invalid_package",
            _ => {}
        }
    }
    "refused"
}
