//! Dates and times as Amadeus writes them. Segments of AIR lines bear no year.

use jiff::civil::{Date, Time};

/// `261220`: a day of this century.
pub(super) fn yymmdd(text: &str) -> Option<Date> {
    let number = |range| text.get(range).and_then(digits);
    if text.len() != 6 {
        return None;
    }
    let (year, month, day) = (number(0..2)?, number(2..4)?, number(4..6)?);
    Date::new(2000 + year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `201226`: the same, the day first.
pub(super) fn ddmmyy(text: &str) -> Option<Date> {
    let part = |range| text.get(range);
    yymmdd(&[part(4..6)?, part(2..4)?, part(0..2)?].concat()).filter(|_| text.len() == 6)
}

/// `12JAN` in the first year in which it is not before `floor`.
pub(super) fn ddmmm(text: &str, floor: Date) -> Option<Date> {
    const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let day = i8::try_from(text.get(0..2).and_then(digits)?).ok()?;
    let name = text.get(2..5)?.to_ascii_uppercase();
    let month = MONTHS.iter().position(|month| *month == name).and_then(|place| i8::try_from(place + 1).ok())?;
    // A booking is open for less than a year: no later year is tried.
    let years = [floor.year(), floor.year().saturating_add(1)];
    years.into_iter().filter_map(|year| Date::new(year, month, day).ok()).find(|date| *date >= floor)
}

/// `0935`, and the marker behind it: `A`, `P`, `N` (noon) or `M` (midnight) where clocks have twelve hours, blank elsewhere.
pub(super) fn hhmm(text: &str, marker: Option<char>) -> Option<Time> {
    let (hour, minute) = (i8::try_from(text.get(0..2).and_then(digits)?).ok()?, i8::try_from(text.get(2..4).and_then(digits)?).ok()?);
    let hour = match marker {
        Some('A' | 'M') if hour == 12 => 0,
        Some('P') if hour < 12 => hour + 12,
        _ => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// Digits and blanks only, as a fixed width leaves them.
fn digits(text: &str) -> Option<i16> {
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
