//! Writes the mails: facts in, a [`Message`] out, in the traveller's language, as HTML with a plain text twin.
//! The templates are `shared/templates/<kind>.<language>.<html|txt>`.

use askama::Template;
use jiff::ZonedDateTime;
use serde_json::{Value, json};

use super::{
    Attachment, MailKind, Message,
    install::{android_link, apple_link},
    words,
};
use crate::{
    domain::{ActivationCode, EmailAddress, Locale, Package, booking::PersonName},
    qr,
};

/// Side of the QR code in the delivery mail, pixels at least: twice what it is shown with, for fine screens.
const QR_PX: u32 = 600;

/// Why a mail could not be written. Says nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The activation code could not be drawn.
    #[error(transparent)]
    Qr(#[from] qr::QrError),
    /// A template failed.
    #[error("the mail could not be written")]
    Template,
}

impl From<askama::Error> for ComposeError {
    fn from(_: askama::Error) -> Self {
        Self::Template
    }
}

/// What the delivery mail tells.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryFacts<'a> {
    /// Language.
    pub locale: Locale,
    /// To whom.
    pub to: &'a EmailAddress,
    /// Their name.
    pub traveller: &'a PersonName,
    /// The agency's name, as travellers read it.
    pub agency: &'a str,
    /// The agency's dossier number.
    pub booking_reference: Option<&'a str>,
    /// The plan. Its price is the agency's and is not told.
    pub package: &'a Package,
    /// The provider's code.
    pub activation_code: &'a ActivationCode,
    /// What must be typed besides, where the provider gave one.
    pub confirmation_code: Option<&'a str>,
    /// The traveller's page, where its address is known.
    pub page: Option<&'a str>,
    /// Names the sending in the service's events; no personal data.
    pub reference: &'a str,
}

/// What the reminder before expiry tells.
#[derive(Debug, Clone, Copy)]
pub struct ReminderFacts<'a> {
    /// Language.
    pub locale: Locale,
    /// To whom.
    pub to: &'a EmailAddress,
    /// Their name.
    pub traveller: &'a PersonName,
    /// The agency's name, as travellers read it.
    pub agency: &'a str,
    /// The plan that ends.
    pub package: &'a Package,
    /// Data left, MB of 1,048,576 bytes; `None` when unlimited or not known.
    pub remaining_mb: Option<u64>,
    /// When it ends, in the zone that the traveller is to read it in (the agency's).
    pub expires_at: &'a ZonedDateTime,
    /// The top-ups on offer, the best first. Their prices are the agency's and are not told.
    pub options: &'a [Package],
    /// Names the sending in the service's events; no personal data.
    pub reference: &'a str,
}

/// The mail that delivers an eSIM: QR code inline as `cid:qr`, install links, and every code apart for typing.
///
/// # Errors
/// [`ComposeError`]; never for a code that [`ActivationCode::parse`] has read.
pub fn delivery(facts: &DeliveryFacts<'_>) -> Result<Message, ComposeError> {
    let view = DeliveryView::of(facts);
    let (html, text) = match facts.locale {
        Locale::Fr => (DeliveryFrHtml { v: &view }.render()?, DeliveryFrText { v: &view }.render()?),
        Locale::En => (DeliveryEnHtml { v: &view }.render()?, DeliveryEnText { v: &view }.render()?),
    };
    let qr = Attachment {
        content_id: "qr".to_owned(),
        filename: "esim-qr.png".to_owned(),
        content_type: "image/png",
        content: qr::png(&view.lpa_code, QR_PX)?,
    };
    Ok(Message {
        kind: MailKind::Delivery,
        locale: facts.locale,
        to: facts.to.clone(),
        to_name: facts.traveller.expose().to_owned(),
        template_data: view.data(facts),
        subject: view.subject,
        text,
        html,
        attachments: vec![qr],
        reference: facts.reference.to_owned(),
    })
}

/// The mail that proposes a top-up before the plan ends.
///
/// # Errors
/// [`ComposeError`].
pub fn topup_reminder(facts: &ReminderFacts<'_>) -> Result<Message, ComposeError> {
    let view = ReminderView::of(facts);
    let (html, text) = match facts.locale {
        Locale::Fr => (TopupReminderFrHtml { v: &view }.render()?, TopupReminderFrText { v: &view }.render()?),
        Locale::En => (TopupReminderEnHtml { v: &view }.render()?, TopupReminderEnText { v: &view }.render()?),
    };
    Ok(Message {
        kind: MailKind::TopupReminder,
        locale: facts.locale,
        to: facts.to.clone(),
        to_name: facts.traveller.expose().to_owned(),
        template_data: view.data(facts),
        subject: view.subject,
        text,
        html,
        attachments: Vec::new(),
        reference: facts.reference.to_owned(),
    })
}

macro_rules! page {
    ($name:ident, $view:ident, $path:tt) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'v> {
            v: &'v $view,
        }
    };
}

page!(DeliveryFrHtml, DeliveryView, "delivery.fr.html");
page!(DeliveryEnHtml, DeliveryView, "delivery.en.html");
page!(DeliveryFrText, DeliveryView, "delivery.fr.txt");
page!(DeliveryEnText, DeliveryView, "delivery.en.txt");
page!(TopupReminderFrHtml, ReminderView, "topup_reminder.fr.html");
page!(TopupReminderEnHtml, ReminderView, "topup_reminder.en.html");
page!(TopupReminderFrText, ReminderView, "topup_reminder.fr.txt");
page!(TopupReminderEnText, ReminderView, "topup_reminder.en.txt");

/// The delivery's facts as they are written.
struct DeliveryView {
    lang: &'static str,
    subject: String,
    preheader: &'static str,
    traveller: String,
    agency: String,
    booking_reference: Option<String>,
    title: String,
    data: String,
    days: String,
    countries: String,
    apple_link: String,
    android_link: String,
    smdp_address: String,
    matching_id: String,
    lpa_code: String,
    confirmation_code: Option<String>,
    confirmation_code_required: bool,
    page: Option<String>,
}

impl DeliveryView {
    fn of(facts: &DeliveryFacts<'_>) -> Self {
        let (code, locale) = (facts.activation_code, facts.locale);
        let title = one_line(&facts.package.title);
        let (subject, preheader) = match locale {
            Locale::Fr => {
                (format!("Votre eSIM est prête : {title}"), "Installez-la en Wi-Fi avant le départ : bouton, QR code et codes à recopier.")
            }
            Locale::En => {
                (format!("Your eSIM is ready: {title}"), "Install it on Wi-Fi before you leave: button, QR code and codes to copy.")
            }
        };
        Self {
            lang: language(locale),
            subject,
            preheader,
            traveller: one_line(facts.traveller.expose()),
            agency: one_line(facts.agency),
            booking_reference: facts.booking_reference.map(one_line),
            title,
            data: words::volume(facts.package.data_volume_mb, locale),
            days: words::days(facts.package.validity_days, locale),
            countries: words::countries(&facts.package.iso_countries, locale),
            apple_link: apple_link(code),
            android_link: android_link(code),
            smdp_address: code.smdp_address().to_owned(),
            matching_id: code.matching_id().to_owned(),
            lpa_code: code.lpa(),
            confirmation_code: facts.confirmation_code.map(one_line),
            confirmation_code_required: code.confirmation_code_required(),
            page: facts.page.map(str::to_owned),
        }
    }

    /// The same facts for an agency's own template, under the API's names.
    fn data(&self, facts: &DeliveryFacts<'_>) -> Value {
        json!({
            "locale": facts.locale.tag(), "subject": self.subject, "agency": self.agency, "traveller": self.traveller,
            "booking_reference": self.booking_reference, "title": self.title, "countries": self.countries, "data": self.data, "validity": self.days,
            "data_volume_mb": facts.package.data_volume_mb, "validity_days": facts.package.validity_days,
            "smdp_address": self.smdp_address, "manual_activation_code": self.matching_id, "lpa_code": self.lpa_code,
            "confirmation_code": self.confirmation_code, "confirmation_code_required": self.confirmation_code_required,
            "install": {"ios": self.apple_link, "android": self.android_link}, "qr_cid": "qr", "page": self.page,
        })
    }
}

/// One top-up as it is written.
struct OptionView {
    title: String,
    data: String,
    days: String,
}

/// The reminder's facts as they are written.
struct ReminderView {
    lang: &'static str,
    subject: String,
    preheader: &'static str,
    traveller: String,
    agency: String,
    title: String,
    remaining: Option<String>,
    expires_at: String,
    options: Vec<OptionView>,
}

impl ReminderView {
    fn of(facts: &ReminderFacts<'_>) -> Self {
        let locale = facts.locale;
        let day = words::date(facts.expires_at, locale);
        let (subject, preheader) = match locale {
            Locale::Fr => (format!("Votre forfait eSIM se termine le {day}"), "Restez connecté plus longtemps, sans rien réinstaller."),
            Locale::En => (format!("Your eSIM plan ends on {day}"), "Stay connected longer, with nothing to install again."),
        };
        let option = |package: &Package| OptionView {
            title: one_line(&package.title),
            data: words::volume(package.data_volume_mb, locale),
            days: words::days(package.validity_days, locale),
        };
        Self {
            lang: language(locale),
            subject,
            preheader,
            traveller: one_line(facts.traveller.expose()),
            agency: one_line(facts.agency),
            title: one_line(&facts.package.title),
            remaining: facts.remaining_mb.map(|mb| words::measured(mb, locale)),
            expires_at: words::moment(facts.expires_at, locale),
            options: facts.options.iter().map(option).collect(),
        }
    }

    /// The same facts for an agency's own template, under the API's names.
    fn data(&self, facts: &ReminderFacts<'_>) -> Value {
        let options = self.options.iter().zip(facts.options).map(|(view, package)| {
            json!({"package_id": package.package_id, "title": view.title, "data": view.data, "validity": view.days,
                   "data_volume_mb": package.data_volume_mb, "validity_days": package.validity_days})
        });
        json!({
            "locale": facts.locale.tag(), "subject": self.subject, "agency": self.agency, "traveller": self.traveller, "title": self.title,
            "remaining": self.remaining, "data_remaining_mb": facts.remaining_mb, "expires": self.expires_at,
            "expiry_date": facts.expires_at.timestamp().to_string(), "options": options.collect::<Vec<_>>(),
        })
    }
}

fn language(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => "fr",
        Locale::En => "en",
    }
}

/// Texts from outside in one line: a line break in a title is none in a subject or a list.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
