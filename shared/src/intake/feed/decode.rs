//! Bytes into text.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{Note, Unreadable};
use crate::config::FeedEncoding;

/// The file's text, and what to know about how it was written.
///
/// A byte order mark counts more than the mapping. A file that is all UTF-8 beyond ASCII is UTF-8, even where the mapping says Windows-1252: text in
/// that is UTF-8 by accident is not to be found outside of puzzles. What cannot be read stands as U+FFFD, so that its row is rejected.
pub(super) fn decode(told: FeedEncoding, file: &[u8], is_text: bool) -> Result<(String, Vec<Note>), Unreadable> {
    let named = encoding(told);
    if let Some((marked, length)) = Encoding::for_bom(file) {
        let (text, _) = marked.decode_without_bom_handling(file.get(length..).unwrap_or_default());
        return Ok((text.into_owned(), (marked != named && !is_text).then(|| differs(marked)).into_iter().collect()));
    }
    let is_utf8 = || std::str::from_utf8(file).is_ok_and(|text| !text.is_ascii());
    let (used, notes) = match named {
        _ if is_text => (UTF_8, Vec::new()),
        named if named == WINDOWS_1252 && is_utf8() => (UTF_8, vec![differs(UTF_8)]),
        named => (named, Vec::new()),
    };
    if used == UTF_8 && file.contains(&0) {
        return Err(Unreadable::new("encoding", "the file holds zero bytes: is it UTF-16, or no text at all?"));
    }
    Ok((used.decode_without_bom_handling(file).0.into_owned(), notes))
}

fn encoding(told: FeedEncoding) -> &'static Encoding {
    match told {
        FeedEncoding::Utf8 => UTF_8,
        FeedEncoding::Windows1252 => WINDOWS_1252,
        FeedEncoding::Utf16Le => UTF_16LE,
        FeedEncoding::Utf16Be => UTF_16BE,
    }
}

fn differs(found: &'static Encoding) -> Note {
    Note { code: "encoding", text: format!("the file is written in {}, which is not what the mapping says; it was read so", found.name()) }
}
