//! Rows as elements. No document type is read, so that no entity can be defined, and nothing is fetched.

use roxmltree::Node;

use super::{
    Fault, Unreadable,
    table::{Cells, Table},
};
use crate::{
    config::{Feed, XmlRows},
    xml::{self, is},
};

/// Reads the rows. A document that is cut short is refused as a whole.
pub(super) fn read(feed: &Feed, format: &XmlRows, text: &str) -> Result<Table, Unreadable> {
    let document = xml::parse(text)
        .map_err(|error| Unreadable::new("not_xml", format!("the file is no well-formed XML, or nested too deep (line {})", error.line)))?;
    let columns = feed.columns();
    let mut table = Table::of(feed);
    let mut path = format.row.split('/').filter(|name| !name.is_empty());
    let root = path.next().unwrap_or_default();
    if document.root_element().tag_name().name() != root {
        let text = "the file's outermost element is not the one of the mapping's format.xml.row";
        return Err(Unreadable::new("missing_column", text));
    }
    let mut found = vec![document.root_element()];
    for name in path {
        found = found.into_iter().flat_map(|node| node.children().filter(|child| is(*child, name))).collect();
    }
    for node in found {
        let line = usize::try_from(document.text_pos_at(node.range().start).row).unwrap_or(0);
        table.rows.push(row(node, line, &columns));
    }
    Ok(table)
}

fn row(node: Node<'_, '_>, line: usize, columns: &[&str]) -> Cells {
    let mut fault = None;
    let cells = columns.iter().map(|column| match value(node, column) {
        Ok(text) => text.trim().to_owned(),
        Err(several) => {
            fault = Some(several);
            String::new()
        }
    });
    let cells = cells.collect();
    Cells { line, cells, fault }
}

/// The text at a path from the row's element; nothing there is blank, more than one is a fault.
fn value(row: Node<'_, '_>, path: &str) -> Result<String, Fault> {
    let mut nodes = vec![row];
    for step in path.split('/') {
        if let Some(attribute) = step.strip_prefix('@') {
            let values: Vec<&str> =
                nodes.iter().filter_map(|node| node.attributes().find(|one| one.name() == attribute)).map(|one| one.value()).collect();
            return one(path, &values).map(str::to_owned);
        }
        nodes = match step {
            ".." => nodes.iter().filter_map(Node::parent_element).collect(),
            "." => nodes,
            name => nodes.into_iter().flat_map(|node| node.children().filter(|child| is(*child, name))).collect(),
        };
    }
    let texts: Vec<String> =
        nodes.iter().map(|node| node.children().filter(Node::is_text).filter_map(|text| text.text()).collect()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    one(path, &texts).map(str::to_owned)
}

fn one<'a>(path: &str, values: &[&'a str]) -> Result<&'a str, Fault> {
    match values {
        [] => Ok(""),
        [value] => Ok(value),
        _ => Err(Fault::of(path, "not_one_value", "is there more than once in the row: make rows of these elements")),
    }
}
