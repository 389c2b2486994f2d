//! Mailjet Send API v3.1 (Mailjet facts, "Send"). Click and open tracking are off: a rewritten install link would not install.

mod answer;
mod events;
#[cfg(test)]
mod tests;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

use super::{Attachment, MailError, MailEvent, Mailer, Message};
use crate::{
    config::MailjetSettings,
    outbound::{Answer, HttpRequest},
    security::basic,
};

/// Characters of a subject.
const LONGEST_SUBJECT: usize = 255;

/// One Mailjet account.
pub struct Mailjet {
    url: Url,
    api_key: SecretString,
    secret_key: SecretString,
    from: String,
    from_name: String,
    template_ids: BTreeMap<String, u64>,
    sandbox: bool,
    webhook_secrets: Vec<SecretString>,
}

impl Mailjet {
    /// The account of these settings; `agency` is who the mail comes from where they name nobody.
    #[must_use]
    pub fn new(settings: &MailjetSettings, agency: &str) -> Self {
        let mut url = settings.base_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["v3.1", "send"]);
        }
        Self {
            url,
            api_key: settings.api_key.clone(),
            secret_key: settings.secret_key.clone(),
            from: settings.from.email.expose().to_owned(),
            from_name: settings.from.name.clone().unwrap_or_else(|| agency.to_owned()),
            template_ids: settings.template_ids.clone(),
            sandbox: settings.sandbox,
            webhook_secrets: settings.webhook_secrets.clone(),
        }
    }
}

impl Mailer for Mailjet {
    fn send(&self, message: &Message) -> HttpRequest {
        let body = Body { messages: [mail(self, message)], sandbox_mode: self.sandbox, advance_error_handling: true };
        let request = HttpRequest::new("mail_send", Method::POST, self.url.clone());
        request.basic(self.api_key.expose_secret(), self.secret_key.expose_secret()).json(&body)
    }

    fn read_send(&self, answer: &Answer) -> Result<Option<String>, MailError> {
        answer::read(answer)
    }

    /// Nothing is signed. Whoever knows the address, and the password where one was agreed, is believed as far as the mail's own id agrees.
    fn verify_events(&self, headers: &HeaderMap, _body: &[u8], _now: Timestamp) -> bool {
        basic::shows_one_of(self.webhook_secrets.iter(), headers)
    }

    fn read_events(&self, body: &[u8]) -> Option<Vec<MailEvent>> {
        events::read(body)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    messages: [Mail<'a>; 1],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sandbox_mode: bool,
    /// Every fault is told, not the first alone.
    advance_error_handling: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Mail<'a> {
    from: Address<'a>,
    to: [Address<'a>; 1],
    #[serde(flatten)]
    words: Words<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inlined_attachments: Vec<File<'a>>,
    #[serde(rename = "CustomID")]
    custom_id: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Words<'a> {
    /// Ours.
    #[serde(rename_all = "PascalCase")]
    Own {
        subject: String,
        text_part: &'a str,
        #[serde(rename = "HTMLPart")]
        html_part: &'a str,
        /// Both go with an HTML part only.
        track_opens: &'static str,
        track_clicks: &'static str,
    },
    /// The agency's, with a subject of its own.
    #[serde(rename_all = "PascalCase")]
    Template {
        #[serde(rename = "TemplateID")]
        template_id: u64,
        /// Without it variables stay literal text.
        template_language: bool,
        variables: &'a Value,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Address<'a> {
    email: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct File<'a> {
    content_type: &'a str,
    filename: &'a str,
    base64_content: String,
    #[serde(rename = "ContentID")]
    content_id: &'a str,
}

fn mail<'a>(account: &'a Mailjet, message: &'a Message) -> Mail<'a> {
    Mail {
        from: Address { email: &account.from, name: &account.from_name },
        to: [Address { email: message.to.expose(), name: &message.to_name }],
        words: words(account, message),
        inlined_attachments: message.attachments.iter().map(file).collect(),
        custom_id: &message.reference,
    }
}

fn words<'a>(account: &Mailjet, message: &'a Message) -> Words<'a> {
    match message.template(&account.template_ids) {
        Some(id) => Words::Template { template_id: *id, template_language: true, variables: &message.template_data },
        None => Words::Own {
            subject: message.subject.chars().take(LONGEST_SUBJECT).collect(),
            text_part: &message.text,
            html_part: &message.html,
            track_opens: "disabled",
            track_clicks: "disabled",
        },
    }
}

fn file(attachment: &Attachment) -> File<'_> {
    File {
        content_type: attachment.content_type,
        filename: &attachment.filename,
        base64_content: STANDARD.encode(&attachment.content),
        content_id: &attachment.content_id,
    }
}
