//! Dates as the mapping says that they are written.

use jiff::{civil::Date, fmt::strtime};

use super::{Fault, table::Table};
use crate::config::{DateFormat, Feed};

/// Years of trips; a year of two digits that was read as the first century is none.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2100;

/// Reads a cell.
pub(super) fn read(formats: &[DateFormat], column: &str, cell: &str) -> Result<Date, Fault> {
    if let Some(date) = formats.iter().find_map(|format| by(&format.format, format.open, cell)) {
        return Ok(date);
    }
    let written = || formats.iter().map(|format| format.format.as_str()).collect::<Vec<_>>().join(" or ");
    let other = formats.iter().filter_map(|format| format.other_order.as_ref().map(|other| (other, format.open)));
    if let Some((other, _)) = other.into_iter().find(|(other, open)| by(other, *open, cell).is_some()) {
        return Err(Fault::of(
            column,
            "date_order",
            format!("is no date in the order {}; it would be one in the order {other}", written()),
        ));
    }
    if matches!(cell.len(), 5) && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::of(column, "spreadsheet_number", "is a spreadsheet's number of a day: export dates as text"));
    }
    Err(Fault::of(column, "date", format!("must be a date written as {}", written())))
}

fn by(format: &str, open: bool, cell: &str) -> Option<Date> {
    let (time, read) = strtime::BrokenDownTime::parse_prefix(format, cell).ok()?;
    let rest = cell.get(read..)?;
    // A year that goes on is another year.
    let ended = if open { !rest.starts_with(|c: char| c.is_ascii_digit()) } else { rest.is_empty() };
    time.to_date().ok().filter(|date| ended && YEARS.contains(&date.year()))
}

/// The order that all of a file's dates fit, where they do not fit the mapping's. A date such as 03/04 fits both, so that with one that fits only the
/// other, it is to be feared that all are written so.
pub(super) fn other_order(feed: &Feed, table: &Table) -> Option<String> {
    let fields = [Some(&feed.fields.from), feed.fields.to.as_ref()];
    let columns: Vec<&str> = fields.into_iter().flatten().flat_map(|field| field.sources()).collect();
    let cells = || table.rows.iter().flat_map(|row| columns.iter().map(|column| table.cell(row, column))).filter(|cell| !cell.is_empty());
    feed.dates.iter().find_map(|format| {
        let other = format.other_order.as_ref()?;
        let fits = |cell: &str| by(other, format.open, cell).is_some();
        let contradicts = |cell: &str| !feed.dates.iter().any(|format| by(&format.format, format.open, cell).is_some());
        (cells().all(fits) && cells().any(contradicts)).then(|| other.clone())
    })
}
