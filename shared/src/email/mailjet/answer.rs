//! What Mailjet's answers mean: one status a message, and an error of its own where the whole request is refused (Mailjet facts, "Errors").

use http::StatusCode;
use serde::Deserialize;

use crate::{email::MailError, outbound::Answer, quoting::repeatable};

/// Characters of Mailjet's own words that are handed on.
const MOST_WORDS: usize = 300;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    messages: Vec<Sent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    #[serde(default)]
    status: String,
    #[serde(default)]
    to: Vec<Recipient>,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Recipient {
    /// What events call `Message_GUID`. `MessageID` is above 2^53 and left alone; both are absent in sandbox mode.
    #[serde(rename = "MessageUUID")]
    message_uuid: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fault {
    error_identifier: Option<String>,
    error_code: Option<String>,
    status_code: Option<u16>,
    error_message: Option<String>,
    #[serde(default)]
    error_related_to: Vec<String>,
}

/// The mail's id, or why there is none.
pub(super) fn read(answer: &Answer) -> Result<Option<String>, MailError> {
    match answer.json::<Told>().and_then(|told| told.messages.into_iter().next()) {
        Some(sent) if sent.status == "success" => Ok(sent.to.into_iter().find_map(|recipient| recipient.message_uuid)),
        Some(sent) => Err(failure(answer, sent.errors.first())),
        None => Err(failure(answer, answer.json::<Fault>().as_ref().filter(|fault| fault.is_own()))),
    }
}

impl Fault {
    /// Whether Mailjet itself wrote this: any JSON object can be read as a fault.
    fn is_own(&self) -> bool {
        self.error_code.is_some() || self.error_identifier.is_some()
    }
}

/// Mailjet knows no idempotency key, so that a mail is sent again only when it surely was not taken: too many requests, service unavailable,
/// or trouble that Mailjet tells of itself. Anything else that is no plain refusal leaves it open: a person decides.
fn failure(answer: &Answer, fault: Option<&Fault>) -> MailError {
    let status = answer.status;
    let own_trouble = fault.is_some_and(|fault| status.is_server_error() || fault.status_code.is_some_and(|code| code >= 500));
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) || own_trouble {
        let identifier = fault.and_then(|fault| fault.error_identifier.as_deref());
        // Mailjet's support asks for the identifier.
        let reason = format!("HTTP {} {}", status.as_u16(), repeatable(identifier.unwrap_or_default(), MOST_WORDS));
        return MailError::Later { reason: reason.trim_end().to_owned(), retry_after: answer.retry_after() };
    }
    if status.is_server_error() || (status.is_success() && fault.is_none()) {
        let reason = format!(
            "HTTP {}: it is not known whether the mail was sent; look it up at the service before sending it again",
            status.as_u16()
        );
        return MailError::Refused { reason };
    }
    MailError::Refused { reason: words(status, fault) }
}

fn words(status: StatusCode, fault: Option<&Fault>) -> String {
    let code = fault.and_then(|fault| fault.status_code).unwrap_or(status.as_u16());
    let mut reason = format!("HTTP {code}");
    if let Some(fault) = fault {
        for part in fault.error_code.iter().chain(&fault.error_related_to) {
            reason.push_str(&format!(" {part}"));
        }
        if let Some(message) = &fault.error_message {
            reason.push_str(&format!(": {message}"));
        }
    }
    repeatable(&reason, MOST_WORDS)
}
