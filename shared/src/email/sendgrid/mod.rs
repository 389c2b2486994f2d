//! SendGrid v3 mail send (SendGrid facts, "Send"). Click and open tracking are off: a rewritten install link would not install.

mod events;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method, StatusCode};
use jiff::{Timestamp, fmt::rfc2822};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};
use url::Url;

use super::{Attachment, MailError, MailEvent, Mailer, Message};
use crate::{
    config::SendgridSettings,
    outbound::{Answer, HttpRequest},
    quoting::repeatable,
};

/// Characters of SendGrid's own words that are handed on.
const MOST_WORDS: usize = 300;

/// One SendGrid account.
pub struct Sendgrid {
    url: Url,
    api_key: SecretString,
    from: String,
    from_name: String,
    template_ids: BTreeMap<String, String>,
    sandbox: bool,
    public_keys: Vec<String>,
}

impl Sendgrid {
    /// The account of these settings; `agency` is who the mail comes from where they name nobody.
    #[must_use]
    pub fn new(settings: &SendgridSettings, agency: &str) -> Self {
        let mut url = settings.base_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["v3", "mail", "send"]);
        }
        Self {
            url,
            api_key: settings.api_key.clone(),
            from: settings.from.email.expose().to_owned(),
            from_name: settings.from.name.clone().unwrap_or_else(|| agency.to_owned()),
            template_ids: settings.template_ids.clone(),
            sandbox: settings.sandbox,
            public_keys: settings.webhook_public_keys.clone(),
        }
    }
}

impl Mailer for Sendgrid {
    fn send(&self, message: &Message) -> HttpRequest {
        let body = body(self, message);
        HttpRequest::new("mail_send", Method::POST, self.url.clone()).bearer(self.api_key.expose_secret()).json(&body)
    }

    fn read_send(&self, answer: &Answer) -> Result<Option<String>, MailError> {
        if answer.status.is_success() {
            return Ok(answer.header("x-message-id").map(str::to_owned));
        }
        Err(failure(answer))
    }

    fn verify_events(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> bool {
        events::verify(&self.public_keys, headers, body, now)
    }

    fn read_events(&self, body: &[u8]) -> Option<Vec<MailEvent>> {
        events::read(body)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    personalizations: [Personalization<'a>; 1],
    from: Address<'a>,
    subject: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    content: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<File<'a>>,
    categories: [&'a str; 2],
    tracking_settings: Tracking,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_settings: Option<MailSettings>,
}

#[derive(Serialize)]
struct Personalization<'a> {
    to: [Address<'a>; 1],
    /// Comes back flattened into events, hence the long name. Here and not at the top: valid for the API and its description.
    custom_args: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dynamic_template_data: Option<&'a Value>,
}

#[derive(Serialize)]
struct Address<'a> {
    email: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    content: String,
    filename: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    disposition: &'static str,
    content_id: &'a str,
}

#[derive(Serialize)]
struct Tracking {
    click_tracking: ClickTracking,
    open_tracking: Enabled,
}

#[derive(Serialize)]
struct ClickTracking {
    enable: bool,
    enable_text: bool,
}

#[derive(Serialize)]
struct MailSettings {
    sandbox_mode: Enabled,
}

#[derive(Serialize)]
struct Enabled {
    enable: bool,
}

fn body<'a>(account: &'a Sendgrid, message: &'a Message) -> Body<'a> {
    let template_id = message.template(&account.template_ids).map(String::as_str);
    let kind = message.kind.as_str();
    Body {
        personalizations: [Personalization {
            to: [Address { email: message.to.expose(), name: &message.to_name }],
            custom_args: BTreeMap::from([(events::REFERENCE, message.reference.as_str()), ("passerelle_mail", kind)]),
            dynamic_template_data: template_id.map(|_| &message.template_data),
        }],
        from: Address { email: &account.from, name: &account.from_name },
        subject: &message.subject,
        content: if template_id.is_some() { Vec::new() } else { content(message) },
        template_id,
        attachments: message.attachments.iter().map(file).collect(),
        categories: ["passerelle", kind],
        tracking_settings: Tracking {
            click_tracking: ClickTracking { enable: false, enable_text: false },
            open_tracking: Enabled { enable: false },
        },
        mail_settings: account.sandbox.then_some(MailSettings { sandbox_mode: Enabled { enable: true } }),
    }
}

/// Plain text first: SendGrid refuses the other order.
fn content(message: &Message) -> Vec<Content<'_>> {
    vec![Content { kind: "text/plain", value: &message.text }, Content { kind: "text/html", value: &message.html }]
}

fn file(attachment: &Attachment) -> File<'_> {
    File {
        content: STANDARD.encode(&attachment.content),
        filename: &attachment.filename,
        kind: attachment.content_type,
        disposition: "inline",
        content_id: &attachment.content_id,
    }
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<ErrorDetail>,
}

#[derive(Deserialize)]
struct ErrorDetail {
    message: Option<String>,
    field: Option<String>,
}

/// SendGrid knows no idempotency key, so that a mail is sent again only when it surely was not taken: too many requests, service unavailable,
/// or trouble that SendGrid tells of itself. A front's own error page leaves it open whether the mail went out: a person decides.
fn failure(answer: &Answer) -> MailError {
    let status = answer.status;
    let told = answer.json::<Errors>();
    let surely_not_sent = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    if surely_not_sent || (status.is_server_error() && told.is_some()) {
        return MailError::Later {
            reason: format!("HTTP {}", status.as_u16()),
            retry_after: answer.retry_after().or_else(|| until_reset(answer)),
        };
    }
    if status.is_server_error() {
        let reason = format!(
            "HTTP {}: it is not known whether the mail was sent; look it up at the service before sending it again",
            status.as_u16()
        );
        return MailError::Refused { reason };
    }
    MailError::Refused { reason: words(status, told.as_ref().and_then(|told| told.errors.first())) }
}

/// From the answer's own `Date` to `X-RateLimit-Reset` (Unix seconds).
fn until_reset(answer: &Answer) -> Option<Duration> {
    let reset: i64 = answer.header("x-ratelimit-reset")?.trim().parse().ok()?;
    let now = rfc2822::parse(answer.header("date")?).ok()?.timestamp().as_second();
    u64::try_from(reset.checked_sub(now)?).ok().map(Duration::from_secs)
}

fn words(status: StatusCode, error: Option<&ErrorDetail>) -> String {
    let mut reason = format!("HTTP {}", status.as_u16());
    if let Some(field) = error.and_then(|error| error.field.as_deref()) {
        reason.push_str(&format!(" {field}"));
    }
    if let Some(message) = error.and_then(|error| error.message.as_deref()) {
        reason.push_str(&format!(": {message}"));
    }
    repeatable(&reason, MOST_WORDS)
}

#[cfg(test)]
mod tests;
