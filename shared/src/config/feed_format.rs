//! How the rows, cells, characters and dates of a partner's file are written.

use serde::Deserialize;

/// How rows and cells are written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedFormat {
    /// Cells between delimiters.
    Csv(Delimited),
    /// Cells between tabulators.
    Tsv(TabDelimited),
    /// One JSON object a line; a column is a member's name, or names with dots between them for a member within a member.
    JsonLines(JsonLines),
    /// Elements; a column is a path from the row's element: `Traveller/Email`, `@id`, `../Reference`. Namespaces are not looked at.
    Xml(XmlRows),
}

/// Cells between delimiters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delimited {
    /// Between two cells.
    pub delimiter: Mark,
    /// Around a cell that holds delimiters or line ends; doubled within.
    pub quote: Mark,
    /// Whether the first row names the columns; without it they are named by number, from `1`.
    pub header: bool,
    /// Lines before the header or the first row: titles, dates of printing.
    pub skip_lines: usize,
    /// The first cell of the last row, where the file says so that it ends there.
    pub trailer: Option<String>,
}

impl Default for Delimited {
    fn default() -> Self {
        Self { delimiter: Mark::COMMA, quote: Mark(b'"'), header: true, skip_lines: 0, trailer: None }
    }
}

/// Cells between tabulators.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TabDelimited {
    /// Around a cell that holds tabulators or line ends.
    pub quote: Mark,
    /// As of [`Delimited`].
    pub header: bool,
    /// As of [`Delimited`].
    pub skip_lines: usize,
    /// As of [`Delimited`].
    pub trailer: Option<String>,
}

impl Default for TabDelimited {
    fn default() -> Self {
        Self { quote: Mark(b'"'), header: true, skip_lines: 0, trailer: None }
    }
}

/// One JSON object a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonLines {}

/// Elements.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XmlRows {
    /// Path of a row's element from the root, the root included: `Bookings/Booking/Traveller`.
    pub row: String,
}

/// One ASCII character that separates or quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Mark(u8);

impl Mark {
    /// The comma.
    pub const COMMA: Self = Self(b',');

    /// The tabulator.
    pub const TAB: Self = Self(b'\t');

    /// The character.
    #[must_use]
    pub fn byte(self) -> u8 {
        self.0
    }
}

impl TryFrom<String> for Mark {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_bytes() {
            [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'\r' | b'\n' | 0) => Ok(Self(*byte)),
            _ => Err("must be one ASCII character that is no letter, digit or line end"),
        }
    }
}

/// How characters are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedEncoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows-1252, of which Latin-1 is a part.
    #[serde(rename = "windows-1252", alias = "iso-8859-1", alias = "latin-1")]
    Windows1252,
    /// UTF-16, the small end first.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, the large end first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
}

/// A date's format in the words of `strftime`: `%d/%m/%Y`, `%Y-%m-%d`, `%d-%b-%Y`. What follows the date (a time) is written, too, or starred: `%d/%m/%Y*`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DateFormat {
    /// As jiff's `strptime` reads it.
    pub format: String,
    /// Whether anything may follow.
    pub open: bool,
    /// The same with day and month exchanged, where both are numbers and stand before or after each other.
    pub other_order: Option<String>,
}

impl TryFrom<String> for DateFormat {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (format, open) = text.strip_suffix('*').map_or((text.as_str(), false), |format| (format, true));
        let has = |mark: &str| format.matches(mark).count();
        let iso = has("%F") == 1;
        let day = has("%d") + has("%e");
        let numbered = has("%m");
        let month = numbered + has("%b") + has("%B");
        if !(iso && day + month == 0 || !iso && day == 1 && month == 1 && has("%Y") + has("%y") == 1) {
            return Err("must be a date format such as %d/%m/%Y, with one day, one month and one year");
        }
        let exchanged = || format.replace("%e", "%d").replace("%d", "\0").replace("%m", "%d").replace('\0', "%m");
        // Nobody writes year, day, month: a date that begins with its year cannot be mistaken.
        let unmistakable = iso || numbered == 0 || format.starts_with("%Y") || format.starts_with("%y");
        Ok(Self { format: format.to_owned(), open, other_order: (!unmistakable).then(exchanged) })
    }
}
