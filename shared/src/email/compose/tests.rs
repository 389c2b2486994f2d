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
        page: Some("https://api.example.com/v1/pages/token/esim"),
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
            for fact in ["Marie Martin", "Voyages Horizon", "D-1042", LPA, "smdp.example.com", "LPA%3A1%24smdp.example.com%24K2-48XR-77TB"]
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
