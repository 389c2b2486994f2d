//! A file into records: each from its `AIR-BLK` to its `ENDX`, the next `AIR-BLK` or the end of the file.

const BEGIN: &str = "AIR-BLK";
const END: &str = "ENDX";

/// The text of a file: UTF-8 where it is, Latin-1 otherwise, in which every byte is a character.
pub(super) fn decode(file: &[u8]) -> String {
    match std::str::from_utf8(file) {
        Ok(text) => text.to_owned(),
        Err(_) => file.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Each record's first line, counted from 1, and its lines. What stands outside of records is no part of any.
pub(super) fn records(text: &str) -> Vec<(usize, Vec<&str>)> {
    let mut records: Vec<(usize, Vec<&str>)> = Vec::new();
    let mut within = false;
    // A lone CR ends a line too; of CR/LF the empty line between is passed over.
    for (place, line) in text.split('\n').enumerate().flat_map(|(place, line)| line.split('\r').map(move |line| (place + 1, line))) {
        // Control characters frame records on a printer's line; a byte order mark begins some files.
        let line = line.trim_start_matches(|c: char| c.is_control() || c == '\u{feff}');
        if let Some(begin) = line.find(BEGIN) {
            records.push((place, Vec::new()));
            within = true;
            push(&mut records, line.get(begin..).unwrap_or(line));
        } else if line.trim_end() == END {
            within = false;
        } else if within && !line.is_empty() {
            push(&mut records, line);
        }
    }
    records
}

fn push<'a>(records: &mut [(usize, Vec<&'a str>)], line: &'a str) {
    if let Some((_, lines)) = records.last_mut() {
        lines.push(line);
    }
}
