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
            "install": {"ios": self.apple_link, "android": self.android_link}, "qr_cid": "qr",
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
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use super::{DeliveryFacts, ReminderFacts, delivery, topup_reminder};
    use crate::domain::{AccountName, ActivationCode, Country, EmailAddress, Locale, Money, Package, PackageId, booking::PersonName};

    const LPA: &str = "LPA:1$smdp.example.com$K2-48XR-77TB";

    fn package(title: &str) -> Package {
        Package {
            package_id: PackageId::parse("airalo:jp-5").unwrap(),
            provider: AccountName::parse("airalo").unwrap(),
            title: title.to_owned(),
            iso_countries: vec![Country::parse("JP").unwrap()],
            data_volume_mb: Some(5120),
            validity_days: 30,
            price: Money::new("11.37".parse().unwrap(), "EUR").unwrap(),
            network_operators: Vec::new(),
            topup: true,
        }
    }

    struct Trip {
        to: EmailAddress,
        traveller: PersonName,
        package: Package,
        code: ActivationCode,
    }

    fn trip(name: &str, code: &str) -> Trip {
        Trip {
            to: EmailAddress::parse("marie@exemple.fr").unwrap(),
            traveller: PersonName::parse(name).unwrap(),
            package: package("Japon 5 Go"),
            code: ActivationCode::parse(code).unwrap(),
        }
    }

    fn facts(trip: &Trip, locale: Locale) -> DeliveryFacts<'_> {
        DeliveryFacts {
            locale,
            to: &trip.to,
            traveller: &trip.traveller,
            agency: "Voyages Horizon",
            booking_reference: Some("D-1042"),
            package: &trip.package,
            activation_code: &trip.code,
            confirmation_code: None,
            reference: "mail_1",
        }
    }

    fn plain(text: &str) -> String {
        text.replace(['\u{a0}', '\u{202f}'], " ")
    }

    #[test]
    fn a_delivery_holds_every_way_to_install_in_both_parts_and_languages() {
        let trip = trip("Marie Martin", LPA);
        for (locale, words) in [
            (Locale::Fr, ["5 Go", "30 jours", "Japon", "Wi-Fi", "itinérance"]),
            (Locale::En, ["5 GB", "30 days", "Japan", "Wi-Fi", "data roaming"]),
        ] {
            let mail = delivery(&facts(&trip, locale)).unwrap();
            for part in [&mail.html, &mail.text] {
                let part = plain(part);
                for fact in words {
                    assert!(part.contains(fact), "{locale:?} {fact}");
                }
                for fact in
                    ["Marie Martin", "Voyages Horizon", "D-1042", LPA, "smdp.example.com", "LPA%3A1%24smdp.example.com%24K2-48XR-77TB"]
                {
                    assert!(part.contains(fact), "{locale:?} {fact}");
                }
                // Apart, so that each can be copied alone.
                assert!(part.contains("\nK2-48XR-77TB\n") || part.contains(">K2-48XR-77TB</p>"));
                assert!(part.contains("https://esimsetup.apple.com/") && part.contains("https://esimsetup.android.com/"));
                assert!(!part.contains("11.37") && !part.contains("11,37"), "what the agency pays is not told");
            }
            assert!(mail.html.contains("src=\"cid:qr\"") && mail.html.contains("lang=\"") && mail.html.contains("color-scheme"));
            assert!(!mail.subject.contains("K2-48XR"));
        }
    }

    #[test]
    fn the_attached_picture_scans_to_exactly_the_providers_text() {
        let trip = trip("Marie", "1$smdp.Example.com$K2-48xr$$1");
        let mail = delivery(&facts(&trip, Locale::Fr)).unwrap();
        let picture = mail.attachments.first().unwrap();
        assert_eq!((picture.content_id.as_str(), picture.content_type), ("qr", "image/png"));
        let mut decoder = png::Decoder::new(std::io::Cursor::new(&picture.content));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut grey = vec![0; reader.output_buffer_size().unwrap()];
        let side = reader.next_frame(&mut grey).unwrap().width as usize;
        assert!(side >= 600);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| *grey.get(y * side + x).unwrap());
        let (_, text) = image.detect_grids().first().unwrap().decode().unwrap();
        assert_eq!(text, "LPA:1$smdp.Example.com$K2-48xr$$1");
    }

    #[test]
    fn names_and_titles_cannot_write_html_and_stay_readable_as_text() {
        let mut trip = trip("<b>O'Neil & Co</b>", LPA);
        trip.package = package("<script>alert(1)</script>\r\nBcc: x");
        let mail = delivery(&facts(&trip, Locale::En)).unwrap();
        assert!(!mail.html.contains("<b>O") && !mail.html.contains("<script>alert"));
        assert!(mail.html.contains("&#60;b&#62;O&#39;Neil &#38; Co&#60;/b&#62;"));
        assert!(mail.text.contains("Hello <b>O'Neil & Co</b>,"));
        assert!(!mail.subject.contains(['\r', '\n']));
    }

    #[test]
    fn a_confirmation_code_is_told_or_announced_or_absent() {
        let with_flag = trip("Marie", "LPA:1$smdp.example.com$K2$$1");
        let told = delivery(&DeliveryFacts { confirmation_code: Some("4711"), ..facts(&with_flag, Locale::Fr) }).unwrap();
        assert!(told.html.contains(">4711</p>") && told.text.contains("Code de confirmation :\n4711\n"));
        let announced = delivery(&facts(&with_flag, Locale::Fr)).unwrap();
        assert!(announced.html.contains("vous sera demandé") && announced.text.contains("vous sera demandé"));
        let none = delivery(&facts(&trip("Marie", LPA), Locale::Fr)).unwrap();
        assert!(!none.html.contains("de confirmation") && !none.text.contains("de confirmation"));
    }

    #[test]
    fn an_empty_token_leaves_no_empty_field() {
        let mail = delivery(&facts(&trip("Marie", "LPA:1$smdp.example.com$"), Locale::En)).unwrap();
        assert!(!mail.html.contains("Activation code") && !mail.text.contains("Activation code"));
        assert!(mail.text.contains("LPA:1$smdp.example.com$\n"));
    }

    #[test]
    fn pages_are_whole_and_every_image_has_a_text() {
        let trip = trip("Marie", LPA);
        let mail = delivery(&facts(&trip, Locale::Fr)).unwrap();
        for tag in ["html", "body", "div", "p", "a", "h1", "h2"] {
            let opened = mail.html.matches(&format!("<{tag}>")).count() + mail.html.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, mail.html.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        assert_eq!(mail.html.matches("<img").count(), mail.html.matches(" alt=\"QR").count());
        assert!(!mail.html.contains("http://") && !mail.html.contains("{%") && !mail.html.contains("{{"));
        assert_eq!(
            mail.template_data["install"]["ios"],
            "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA%3A1%24smdp.example.com%24K2-48XR-77TB"
        );
        assert_eq!(format!("{mail:?}"), "Message(delivery, Fr)");
    }

    fn reminder<'a>(trip: &'a Trip, locale: Locale, expires_at: &'a jiff::ZonedDateTime, options: &'a [Package]) -> ReminderFacts<'a> {
        ReminderFacts {
            locale,
            to: &trip.to,
            traveller: &trip.traveller,
            agency: "Voyages Horizon",
            package: &trip.package,
            remaining_mb: Some(1234),
            expires_at,
            options,
            reference: "mail_2",
        }
    }

    #[test]
    fn a_reminder_says_when_it_ends_what_is_left_and_what_is_on_offer() {
        let trip = trip("Marie", LPA);
        let at: jiff::ZonedDateTime = "2026-12-03T14:05[Europe/Paris]".parse().unwrap();
        let options = [package("Recharge 3 Go"), package("Recharge <10> Go")];
        let mail = topup_reminder(&reminder(&trip, Locale::Fr, &at, &options)).unwrap();
        for part in [&mail.html, &mail.text] {
            let part = plain(part);
            for fact in [
                "jeudi 3 décembre 2026 à 14 h 05 (Europe/Paris)",
                "1,2 Go",
                "Recharge 3 Go",
                "5 Go, 30 jours",
                "Rien n’est acheté sans votre accord",
            ] {
                assert!(part.contains(fact), "{fact}");
            }
            assert!(!part.contains("K2-48XR") && !part.contains("11,37"));
        }
        assert!(mail.html.contains("Recharge &#60;10&#62; Go") && mail.text.contains("- Recharge <10> Go : "));
        assert_eq!(plain(&mail.subject), "Votre forfait eSIM se termine le jeudi 3 décembre 2026");
        assert!(mail.attachments.is_empty());
        assert_eq!(mail.template_data["options"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_reminder_without_offers_asks_to_write_back() {
        let trip = trip("Marie", LPA);
        let at: jiff::ZonedDateTime = "2026-12-03T14:05[Europe/Paris]".parse().unwrap();
        let facts = ReminderFacts { remaining_mb: None, ..reminder(&trip, Locale::En, &at, &[]) };
        let mail = topup_reminder(&facts).unwrap();
        assert!(mail.html.contains("will look for a plan") && !mail.html.contains("<ul"));
        assert!(mail.text.contains("will look for a plan") && !mail.text.contains("Data left"));
    }
}
