//! How deep the elements of an XML text lie within each other. The reader that we use calls itself for each level, and a file of nothing but
//! beginnings would end the process: what lies deeper than any real document is refused before it is read.

/// Levels that a document may have.
pub const MOST_LEVELS: usize = 100;

/// Whether no element lies deeper than [`MOST_LEVELS`]. What is no well-formed XML may get either answer, but is never deeper than it seems.
#[must_use]
pub fn is_shallow(text: &str) -> bool {
    let mut rest = text;
    let mut depth = 0_usize;
    while let Some((_, from)) = rest.split_once('<') {
        rest = if let Some(comment) = from.strip_prefix("!--") {
            behind(comment, "-->")
        } else if let Some(cdata) = from.strip_prefix("![CDATA[") {
            behind(cdata, "]]>")
        } else if let Some(instruction) = from.strip_prefix('?') {
            behind(instruction, "?>")
        } else if let Some(end) = from.strip_prefix('/') {
            depth = depth.saturating_sub(1);
            behind(end, ">")
        } else {
            let (behind, is_empty) = tag(from);
            depth += usize::from(!is_empty);
            behind
        };
        if depth > MOST_LEVELS {
            return false;
        }
    }
    true
}

fn behind<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or("", |(_, rest)| rest)
}

/// What stands behind a tag, and whether the tag is an element of its own. Attributes may hold `>`.
fn tag(text: &str) -> (&str, bool) {
    let (mut quote, mut before) = (None, ' ');
    for (place, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return (text.get(place + 1..).unwrap_or_default(), before == '/'),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        before = c;
    }
    ("", false)
}

#[cfg(test)]
mod tests {
    use super::{MOST_LEVELS, is_shallow};

    #[test]
    fn depth_is_counted_whatever_stands_in_attributes_comments_and_sections() {
        let nested = |open: &str, levels: usize, close: &str| format!("{}{}", open.repeat(levels), close.repeat(levels));
        assert!(is_shallow(&nested("<a>", MOST_LEVELS, "</a>")) && !is_shallow(&nested("<a>", MOST_LEVELS + 1, "</a>")));
        for open in ["<a b=\"/>\">", "<a b='</a>'>", "<a>/>", "<a><!-- </a> -->", "<a><![CDATA[</a>]]>", "<a><? </a> ?>", "<a\n b='\"'>"] {
            assert!(!is_shallow(&open.repeat(MOST_LEVELS + 1)), "{open}");
        }
        for flat in ["<a/>", "<a b='>'/>", "<a></a>", "<!-- <a> -->", "<![CDATA[<a>]]>"] {
            assert!(is_shallow(&flat.repeat(MOST_LEVELS * 3)), "{flat}");
        }
    }
}
