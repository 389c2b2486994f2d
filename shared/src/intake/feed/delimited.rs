//! CSV and its relatives.

use csv::{ReaderBuilder, StringRecord};

use super::{
    Fault, Note, Unreadable,
    table::{Cells, Table},
};
use crate::config::{Delimited, Feed, Mark, TabDelimited};

/// Cells between tabulators are cells between delimiters.
pub(super) fn tabulated(format: &TabDelimited) -> Delimited {
    let TabDelimited { quote, header, skip_lines, trailer } = format.clone();
    Delimited { delimiter: Mark::TAB, quote, header, skip_lines, trailer }
}

/// Reads the rows.
pub(super) fn read(feed: &Feed, format: &Delimited, text: &str) -> Result<Table, Unreadable> {
    let text_of_rows = without_lines(text, format.skip_lines);
    let mut reader = ReaderBuilder::new()
        .delimiter(format.delimiter.byte())
        .quote(format.quote.byte())
        .has_headers(false)
        .flexible(true)
        .from_reader(text_of_rows.as_bytes());
    let mut records = reader.records().filter_map(Result::ok);
    let columns = feed.columns();
    let (wanted, width) = if format.header { named(&columns, records.next())? } else { numbered(&columns)? };
    let mut table = Table::of(feed);
    let mut ended = format.trailer.is_none();
    let mut lines = Lines { text: text_of_rows, read: 0, line: 1 };
    for record in records {
        let line = lines.of(record.position().map_or(0, csv::Position::byte)) + format.skip_lines;
        if format.trailer.as_deref().is_some_and(|trailer| record.get(0).is_some_and(|cell| cell.trim() == trailer)) {
            ended = true;
        } else if record.iter().any(|cell| !cell.trim().is_empty()) {
            table.rows.push(row(&record, line, &columns, &wanted, width));
        }
    }
    if !ended {
        table.not_whole = Some("the row that ends the file is not there");
    } else if table.rows.iter().any(|row| row.fault.is_some()) {
        table.not_whole = Some("a row is not as wide as the others");
    }
    table.notes.extend(semicolons(feed, format, &table));
    Ok(table)
}

/// Counts lines. The reader's own count is one behind in files whose lines end in CR LF, and where blank lines were passed over.
struct Lines<'a> {
    text: &'a str,
    read: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the row that is read from `byte` on, which is never before the one that was asked for last.
    fn of(&mut self, byte: u64) -> usize {
        let bytes = self.text.as_bytes();
        let from = usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
        let ends = bytes.get(from..).unwrap_or_default().iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = bytes.get(self.read..from + ends).unwrap_or_default();
        let feeds = passed.iter().filter(|byte| **byte == b'\n').count();
        let alone = passed.windows(2).filter(|pair| matches!(pair, [b'\r', next] if *next != b'\n')).count();
        self.line += feeds + alone + usize::from(passed.last() == Some(&b'\r'));
        self.read = self.read.max(from + ends);
        self.line
    }
}

/// The text behind so many lines.
fn without_lines(text: &str, lines: usize) -> &str {
    (0..lines).fold(text, |rest, _| rest.split_once('\n').map_or("", |(_, rest)| rest))
}

/// Where the columns are, by the header; and how wide a row is. Blank names at the end of a header are a spreadsheet's.
fn named(columns: &[&str], header: Option<StringRecord>) -> Result<(Vec<usize>, Option<usize>), Unreadable> {
    let header = header.ok_or_else(|| Unreadable::new("no_header", "the file is empty: it has no row that names the columns"))?;
    let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    let width = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
    let (mut wanted, mut missing, mut twice) = (Vec::new(), Vec::new(), Vec::new());
    for column in columns {
        let mut found = names.iter().enumerate().filter(|(_, name)| **name == column.trim().to_lowercase()).map(|(place, _)| place);
        match (found.next(), found.next()) {
            (Some(place), None) => wanted.push(place),
            (Some(_), Some(_)) => twice.push((*column).to_owned()),
            (None, _) => missing.push((*column).to_owned()),
        }
    }
    if !missing.is_empty() {
        let text = "columns of the mapping are not in the file's first row: is it another file, or is its delimiter another?";
        return Err(Unreadable { columns: missing, ..Unreadable::new("missing_column", text) });
    }
    if !twice.is_empty() {
        return Err(Unreadable {
            columns: twice,
            ..Unreadable::new("ambiguous_column", "columns of the mapping are in the file more than once")
        });
    }
    Ok((wanted, Some(width)))
}

/// Where the columns are, by their numbers.
fn numbered(columns: &[&str]) -> Result<(Vec<usize>, Option<usize>), Unreadable> {
    let place = |column: &&str| column.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).ok_or_else(|| (*column).to_owned());
    let places: Result<Vec<usize>, String> = columns.iter().map(place).collect();
    let text = "without a header, the mapping's columns must be numbers from 1";
    places.map(|places| (places, None)).map_err(|column| Unreadable { columns: vec![column], ..Unreadable::new("missing_column", text) })
}

fn row(record: &StringRecord, line: usize, columns: &[&str], wanted: &[usize], width: Option<usize>) -> Cells {
    let cells: Vec<String> = wanted.iter().map(|place| record.get(*place).unwrap_or_default().trim().to_owned()).collect();
    let beyond = width.is_some_and(|width| record.iter().skip(width).any(|cell| !cell.trim().is_empty()));
    let absent = wanted.iter().zip(columns).find(|(place, _)| **place >= record.len());
    let fault = match absent {
        _ if beyond => {
            Some(Fault::of_row("too_many_cells", "has more cells than the header: a delimiter within a cell that is not quoted?"))
        }
        Some((_, column)) => Some(Fault::of(column, "too_few_cells", "the row ends before this column")),
        None => None,
    };
    Cells { line, cells, fault }
}

/// A table of one column is a table with another delimiter.
fn semicolons(feed: &Feed, format: &Delimited, table: &Table) -> Option<Note> {
    let alone = !format.header && feed.columns().len() > 1 && !table.rows.is_empty() && table.rows.iter().all(|row| row.fault.is_some());
    alone.then(|| Note { code: "delimiter", text: "no row has the mapping's columns: is the delimiter another?".to_owned() })
}
