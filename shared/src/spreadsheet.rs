//! CSV that people open in spreadsheets: written so that no cell is taken for a formula.

/// Writes CSV row by row, UTF-8, commas, CRLF (RFC 4180).
pub struct Sheet {
    writer: csv::Writer<Vec<u8>>,
}

impl Sheet {
    /// A sheet with these columns.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        Self::with_delimiter(b',', columns)
    }

    /// A sheet with these columns, and this between two cells.
    #[must_use]
    pub fn with_delimiter(delimiter: u8, columns: &[&str]) -> Self {
        let mut writer = csv::WriterBuilder::new();
        let mut sheet = Self { writer: writer.delimiter(delimiter).terminator(csv::Terminator::CRLF).from_writer(Vec::new()) };
        sheet.row(columns.iter().map(|column| (*column).to_owned()));
        sheet
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        // Writing to memory does not fail, and every row has the columns' width: its caller is a list of them.
        let _ = self.writer.write_record(cells.into_iter().map(|cell| harmless(&cell)));
    }

    /// The whole file.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        self.writer.into_inner().unwrap_or_default()
    }
}

/// A cell that begins with what spreadsheets take for a formula's beginning gets an apostrophe before it, which they read as "this is text". A plain
/// negative number stays a number.
fn harmless(cell: &str) -> String {
    let number = cell.strip_prefix('-').is_some_and(|rest| {
        !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && rest.bytes().filter(|byte| *byte == b'.').count() < 2
    });
    let formula = cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) || cell.starts_with(['\t', '\r', '\n']);
    if formula && !number { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{Sheet, harmless};
    use proptest::prelude::*;

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        for cell in ["=1+1", "+33 6", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "-", "-1.2.3", "＝1", "\n@x"] {
            assert_eq!(harmless(cell), format!("'{cell}"), "{cell:?}");
        }
        for cell in ["", "VH-1", "-12.50", "-0", "12", "a=b", "Réunion"] {
            assert_eq!(harmless(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_as_the_same_cells(cells in prop::collection::vec(any::<String>(), 3)) {
            let mut sheet = Sheet::new(&["a", "b", "c"]);
            sheet.row(cells.clone());
            let bytes = sheet.bytes();
            let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(bytes.as_slice());
            let row = reader.records().next().unwrap().unwrap();
            let expected: Vec<String> = cells.iter().map(|cell| harmless(cell)).collect();
            prop_assert_eq!(row.iter().collect::<Vec<_>>(), expected.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
