//! The one door for XML that others wrote: measured before it is parsed, without a DTD, and its elements by their local names, since every
//! version of a service has a namespace of its own.

use roxmltree::{Document, Node, ParsingOptions};

/// Elements and texts of a document: a booking of fifty flights and passengers has some thousands, a back office's year some hundred thousands.
const MOST_NODES: u32 = 500_000;

/// Elements within each other: a booking in its envelope has some ten. The parser calls itself for each, and a stack has an end.
const DEEPEST: usize = 64;

/// Why a document is not read; the line, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Where.
    pub line: u32,
}

/// A document without a DTD: no entity can be declared, so that none can grow.
///
/// # Errors
/// [`Unreadable`] with the place of the fault.
pub fn parse(text: &str) -> Result<Document<'_>, Unreadable> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if let Some(place) = too_deep(text) {
        let line = text.get(..place).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count() + 1;
        return Err(Unreadable { line: u32::try_from(line).unwrap_or(u32::MAX) });
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES };
    Document::parse_with_options(text, options).map_err(|error| Unreadable { line: error.pos().row })
}

/// Where elements are nested deeper than is read. As far as a text is well-formed, its tags are found here as a parser finds them.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(open) = text.get(at..)?.find('<') {
        let begin = at + open + 1;
        let rest = text.get(begin..)?;
        let skipped =
            [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>"), ("!", ">"), ("/", ">")].into_iter().find(|(mark, _)| rest.starts_with(mark));
        let length = match skipped {
            Some((mark, end)) => {
                depth = depth.saturating_sub(usize::from(mark == "/"));
                mark.len() + rest.get(mark.len()..)?.find(end)? + end.len()
            }
            None => {
                let (length, is_empty) = tag(rest)?;
                depth += usize::from(!is_empty);
                length
            }
        };
        if depth > DEEPEST {
            return Some(begin);
        }
        at = begin + length;
    }
    None
}

/// The length of a tag up to its end, which no quoted value holds, and whether it is an empty element's.
fn tag(rest: &str) -> Option<(usize, bool)> {
    let (mut quote, mut before) = (None, b' ');
    for (place, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            (None, b'>') => return Some((place + 1, before == b'/')),
            _ => {}
        }
        before = byte;
    }
    None
}

/// The elements of this name within another.
pub fn children<'a, 'input, 'n>(node: Node<'a, 'input>, name: &'n str) -> impl Iterator<Item = Node<'a, 'input>> + use<'a, 'input, 'n> {
    node.children().filter(move |child| is(*child, name))
}

/// Whether it is an element of this name.
#[must_use]
pub fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// The elements at the end of a path, whichever of several elements on the way they are in.
#[must_use]
pub fn all<'a, 'input>(node: Node<'a, 'input>, path: &[&str]) -> Vec<Node<'a, 'input>> {
    path.iter().fold(vec![node], |nodes, name| nodes.into_iter().flat_map(|node| children(node, name)).collect())
}

/// The first text at the end of a path that is not empty.
#[must_use]
pub fn text<'a>(node: Node<'a, '_>, path: &[&str]) -> Option<&'a str> {
    all(node, path).into_iter().find_map(|found| found.text().map(str::trim).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{DEEPEST, parse};

    fn nested(depth: usize, within: &str) -> String {
        format!("{}{within}{}", "<a b='>/>'>".repeat(depth), "</a>".repeat(depth))
    }

    #[test]
    fn as_deep_as_bookings_are_is_read_and_deeper_is_not() {
        assert!(parse(&nested(DEEPEST, "<!-- <a><a> --><![CDATA[<a>]]><?pi <a>?><b/><b c=\"<\"/>").replace("c=\"<\"", "c=\"/\"")).is_ok());
        assert!(parse(&nested(DEEPEST + 1, "")).is_err());
        // An abort of the process, were it handed to the parser.
        assert_eq!(parse(&format!("<x>\n{}", nested(30_000, ""))).unwrap_err().line, 2);
        let hidden = "<a><!--</a>--><![CDATA[</a>]]><?x </a>?>".repeat(20_000);
        assert!(parse(&hidden).is_err());
        assert!(parse(&"<b/>".repeat(3)).is_err() && parse(&format!("<x>{}</x>", "<b/>".repeat(1_000))).is_ok());
    }
}
