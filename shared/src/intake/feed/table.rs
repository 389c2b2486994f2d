//! Rows of cells, whatever they are written in. Cells of columns that the mapping does not name are not even kept for a moment.

use std::collections::HashMap;

use super::{Fault, Note, Unreadable, delimited, json_lines, xml};
use crate::config::{Feed, FeedFormat};

/// A file's rows.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Where each mapped column's cell lies in a row.
    places: HashMap<String, usize>,
    /// In the order of the file.
    pub(super) rows: Vec<Cells>,
    /// What to know.
    pub(super) notes: Vec<Note>,
    /// Why it is not sure that all of the file is there.
    pub(super) not_whole: Option<&'static str>,
}

/// One row.
#[derive(Debug)]
pub(super) struct Cells {
    /// The line that it begins at, from 1.
    pub(super) line: usize,
    /// The mapped cells, trimmed; what is not there is empty.
    pub(super) cells: Vec<String>,
    /// What is wrong with it as a row.
    pub(super) fault: Option<Fault>,
}

impl Table {
    pub(super) fn of(feed: &Feed) -> Self {
        let places = feed.columns().into_iter().enumerate().map(|(place, column)| (column.to_owned(), place)).collect();
        Self { places, ..Self::default() }
    }

    /// The cell of a column, trimmed.
    pub(super) fn cell<'a>(&self, row: &'a Cells, column: &str) -> &'a str {
        self.places.get(column).and_then(|place| row.cells.get(*place)).map_or("", String::as_str)
    }
}

/// Reads the rows of a text.
pub(super) fn read(feed: &Feed, text: &str) -> Result<Table, Unreadable> {
    match &feed.format {
        FeedFormat::Csv(format) => delimited::read(feed, format, text),
        FeedFormat::Tsv(format) => delimited::read(feed, &delimited::tabulated(format), text),
        FeedFormat::JsonLines(_) => json_lines::read(feed, text),
        FeedFormat::Xml(format) => xml::read(feed, format, text),
    }
}
