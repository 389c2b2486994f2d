//! The end of a plan as a calendar entry (RFC 5545), with a reminder two days before.

use jiff::Timestamp;

use crate::domain::{Esim, Locale};

/// The entry; `None` while the end is not known.
pub(super) fn of(esim: &Esim, agency: &str, now: Timestamp, locale: Locale) -> Option<String> {
    let end = esim.plan.expires_at?;
    let words = super::words::of(locale);
    let summary = escaped(&format!("{} ({agency})", words.calendar_event));
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Passerelle//eSIM//EN".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}-{}@passerelle", esim.esim_id, esim.plan.order_id),
        format!("DTSTAMP:{}", stamp(now)),
        format!("DTSTART:{}", stamp(end)),
        format!("SUMMARY:{summary}"),
        format!("DESCRIPTION:{}", escaped(&esim.plan.package.title)),
        "TRANSP:TRANSPARENT".to_owned(),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        "TRIGGER:-P2D".to_owned(),
        format!("DESCRIPTION:{summary}"),
        "END:VALARM".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    Some(lines.iter().map(|line| folded(line)).collect())
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Text as §3.3.11 writes it.
fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// Lines of 75 bytes at most, continued after a space (§3.1), each ended by CRLF.
fn folded(line: &str) -> String {
    let (mut text, mut length) = (String::new(), 0);
    for c in line.chars() {
        if length + c.len_utf8() > 74 {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(c);
        length += c.len_utf8();
    }
    text.push_str("\r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::{escaped, folded};

    #[test]
    fn lines_are_short_and_characters_whole() {
        let text = folded(&"é;".repeat(100));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert_eq!(text.replace("\r\n ", "").trim_end(), "é;".repeat(100));
        assert_eq!(escaped("a,b;c\\d\ne"), "a\\,b\\;c\\\\de");
    }
}
