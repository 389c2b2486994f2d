//! What comes through our own queues, stream and secrets: written by us or by an operator, and read as if by neither.

use crate::{
    edge::{queue, stream},
    security::secrets,
};

/// The first byte says whether a queue's or the stream's.
pub(super) fn queue_message(bytes: &[u8]) {
    let Some((kind, body)) = bytes.split_first() else { return };
    match kind % 2 {
        0 => drop(queue::reads(body)),
        _ => drop(stream::reads(body)),
    }
}

/// No error quotes what the settings hold: they are credentials.
pub(super) fn agency_settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(error) = secrets::read_agency(&text) {
        let quoted = |word: &&str| word.len() > 24 && error.to_string().contains(*word);
        let texts = text.split('"').skip(1).step_by(2);
        assert_eq!(texts.into_iter().find(quoted), None, "quoted by: {error}");
    }
}
