//! A mail, ready to be sent by any service.

use crate::domain::{EmailAddress, Locale};
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

/// What a mail is for; each is sent once per eSIM and plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// QR code and codes.
    Delivery,
    /// Two days before expiry.
    TopupReminder,
}

impl MailKind {
    /// The kind of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Delivery, Self::TopupReminder].into_iter().find(|kind| kind.as_str() == word)
    }

    /// The word for template settings, categories and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::TopupReminder => "topup_reminder",
        }
    }
}

/// One mail. `Debug` shows its kind only: the body holds the activation code.
#[derive(Clone)]
pub struct Message {
    /// What it is for.
    pub kind: MailKind,
    /// Language.
    pub locale: Locale,
    /// To whom.
    pub to: EmailAddress,
    /// Their name.
    pub to_name: String,
    /// Subject line.
    pub subject: String,
    /// Plain text twin.
    pub text: String,
    /// HTML, images by `cid:`.
    pub html: String,
    /// Inline images.
    pub attachments: Vec<Attachment>,
    /// The same facts for an agency's own template at the service.
    pub template_data: Value,
    /// Returned by the service in its events; names the sending, holds no personal data.
    pub reference: String,
}

/// An inline image.
#[derive(Clone)]
pub struct Attachment {
    /// Referred to as `cid:<content_id>`.
    pub content_id: String,
    /// File name that people see.
    pub filename: String,
    /// `image/png`.
    pub content_type: &'static str,
    /// Bytes.
    pub content: Vec<u8>,
}

impl Message {
    /// The agency's own template for this kind and language, or for this kind.
    #[must_use]
    pub fn template<'a, T>(&self, ids: &'a BTreeMap<String, T>) -> Option<&'a T> {
        let kind = self.kind.as_str();
        let language = match self.locale {
            Locale::Fr => "fr",
            Locale::En => "en",
        };
        ids.get(&format!("{kind}.{language}")).or_else(|| ids.get(kind))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}, {:?})", self.kind.as_str(), self.locale)
    }
}
