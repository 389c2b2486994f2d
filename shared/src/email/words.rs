//! Numbers, durations and moments as each language writes them.

use jiff::ZonedDateTime;

use super::country_names::country_name;
use crate::domain::{Country, Locale};

/// MB in one GB (MB of 1,048,576 bytes).
const MB_PER_GB: u64 = 1024;
/// More countries than this are counted, not named.
const MOST_NAMED: usize = 12;
const NO_BREAK_SPACE: char = '\u{a0}';
const NARROW_NO_BREAK_SPACE: char = '\u{202f}';

/// A plan's data, exactly: `5 Go`, `1,5 GB`, `500 Mo`; in MB where GB would need more than one decimal.
#[must_use]
pub fn volume(mb: Option<u64>, locale: Locale) -> String {
    let Some(mb) = mb else {
        return match locale {
            Locale::Fr => "données illimitées".to_owned(),
            Locale::En => "unlimited data".to_owned(),
        };
    };
    let exact = mb >= MB_PER_GB && (mb * 10).is_multiple_of(MB_PER_GB);
    if exact { gigabytes(mb * 10 / MB_PER_GB, locale) } else { megabytes(mb, locale) }
}

/// Data that was measured, rounded down to a tenth of a GB: what is left is never overstated.
#[must_use]
pub fn measured(mb: u64, locale: Locale) -> String {
    if mb < MB_PER_GB { megabytes(mb, locale) } else { gigabytes(mb / MB_PER_GB * 10 + mb % MB_PER_GB * 10 / MB_PER_GB, locale) }
}

fn gigabytes(tenths: u64, locale: Locale) -> String {
    let (whole, tenth) = (grouped(tenths / 10, locale), tenths % 10);
    let (point, unit) = match locale {
        Locale::Fr => (',', "Go"),
        Locale::En => ('.', "GB"),
    };
    if tenth == 0 { format!("{whole}{NO_BREAK_SPACE}{unit}") } else { format!("{whole}{point}{tenth}{NO_BREAK_SPACE}{unit}") }
}

fn megabytes(mb: u64, locale: Locale) -> String {
    let unit = match locale {
        Locale::Fr => "Mo",
        Locale::En => "MB",
    };
    format!("{}{NO_BREAK_SPACE}{unit}", grouped(mb, locale))
}

fn grouped(number: u64, locale: Locale) -> String {
    let separator = match locale {
        Locale::Fr => NARROW_NO_BREAK_SPACE,
        Locale::En => ',',
    };
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// `1 jour`, `30 days`.
#[must_use]
pub fn days(days: u32, locale: Locale) -> String {
    let unit = match (locale, days) {
        (Locale::Fr, 0 | 1) => "jour",
        (Locale::Fr, _) => "jours",
        (Locale::En, 1) => "day",
        (Locale::En, _) => "days",
    };
    format!("{days}{NO_BREAK_SPACE}{unit}")
}

/// Names, or how many there are when they are more than a reader wants.
#[must_use]
pub fn countries(countries: &[Country], locale: Locale) -> String {
    if countries.len() > MOST_NAMED {
        let unit = match locale {
            Locale::Fr => "pays",
            Locale::En => "countries",
        };
        return format!("{}{NO_BREAK_SPACE}{unit}", countries.len());
    }
    countries.iter().map(|country| country_name(*country, locale)).collect::<Vec<_>>().join(", ")
}

/// `jeudi 3 décembre 2026`, `Thursday 3 December 2026`.
#[must_use]
pub fn date(at: &ZonedDateTime, locale: Locale) -> String {
    let day = match (locale, at.day()) {
        (Locale::Fr, 1) => "1er".to_owned(),
        (_, day) => day.to_string(),
    };
    let (weekdays, months) = match locale {
        Locale::Fr => (FRENCH_DAYS, FRENCH_MONTHS),
        Locale::En => (ENGLISH_DAYS, ENGLISH_MONTHS),
    };
    format!("{} {day}{NO_BREAK_SPACE}{} {}", of(&weekdays, at.weekday().to_monday_one_offset()), of(&months, at.month()), at.year())
}

/// The date, the time of day and the zone that it is read in: `jeudi 3 décembre 2026 à 14 h 30 (Europe/Paris)`.
#[must_use]
pub fn moment(at: &ZonedDateTime, locale: Locale) -> String {
    let zone = at.time_zone().iana_name().map(|zone| format!(" ({})", zone.replace('_', " "))).unwrap_or_default();
    let date = date(at, locale);
    match locale {
        Locale::Fr => format!("{date} à {}{NO_BREAK_SPACE}h{NO_BREAK_SPACE}{:02}{zone}", at.hour(), at.minute()),
        Locale::En => format!("{date} at {:02}:{:02}{zone}", at.hour(), at.minute()),
    }
}

fn of<const N: usize>(names: &[&'static str; N], one_based: i8) -> &'static str {
    usize::try_from(one_based - 1).ok().and_then(|place| names.get(place)).copied().unwrap_or_default()
}

const FRENCH_DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const ENGLISH_DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const FRENCH_MONTHS: [&str; 12] =
    ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];
const ENGLISH_MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap or index is a failed test")]
    use super::{countries, date, days, measured, moment, volume};
    use crate::domain::{Country, Locale};

    /// Written with plain spaces, so that the expectations can be read.
    fn plain(text: &str) -> String {
        text.replace(['\u{a0}', '\u{202f}'], " ")
    }

    #[test]
    fn data_is_written_in_gb_when_that_is_exact() {
        for (mb, french, english) in [
            (Some(1024), "1 Go", "1 GB"),
            (Some(1536), "1,5 Go", "1.5 GB"),
            (Some(51200), "50 Go", "50 GB"),
            (Some(500), "500 Mo", "500 MB"),
            (Some(3000), "3 000 Mo", "3,000 MB"),
            (None, "données illimitées", "unlimited data"),
        ] {
            assert_eq!((plain(&volume(mb, Locale::Fr)), plain(&volume(mb, Locale::En))), (french.to_owned(), english.to_owned()));
        }
    }

    #[test]
    fn what_is_left_is_never_overstated() {
        assert_eq!(plain(&measured(2047, Locale::En)), "1.9 GB");
        assert_eq!(plain(&measured(1023, Locale::Fr)), "1 023 Mo");
        assert_eq!(plain(&measured(0, Locale::Fr)), "0 Mo");
        assert!(plain(&measured(u64::MAX, Locale::En)).ends_with(" GB"), "no overflow");
    }

    #[test]
    fn moments_are_written_in_words_with_their_zone() {
        let at: jiff::ZonedDateTime = "2026-12-03T14:05[Europe/Paris]".parse().unwrap();
        assert_eq!(plain(&moment(&at, Locale::Fr)), "jeudi 3 décembre 2026 à 14 h 05 (Europe/Paris)");
        assert_eq!(plain(&moment(&at, Locale::En)), "Thursday 3 December 2026 at 14:05 (Europe/Paris)");
        let first: jiff::ZonedDateTime = "2027-08-01T00:00[America/New_York]".parse().unwrap();
        assert_eq!(plain(&date(&first, Locale::Fr)), "dimanche 1er août 2027");
        assert!(moment(&first, Locale::En).ends_with("at 00:00 (America/New York)"));
    }

    #[test]
    fn days_and_countries_agree_in_number() {
        assert_eq!((plain(&days(1, Locale::Fr)), plain(&days(30, Locale::Fr))), ("1 jour".to_owned(), "30 jours".to_owned()));
        assert_eq!((plain(&days(1, Locale::En)), plain(&days(2, Locale::En))), ("1 day".to_owned(), "2 days".to_owned()));
        let two = ["JP", "TH"].map(|code| Country::parse(code).unwrap());
        assert_eq!(countries(&two, Locale::Fr), "Japon, Thaïlande");
        assert_eq!(plain(&countries(&[two[0]; 13], Locale::En)), "13 countries");
    }
}
