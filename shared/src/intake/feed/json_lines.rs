//! One JSON object a line.

use serde_json::Value;

use super::{
    Fault, Unreadable,
    table::{Cells, Table},
};
use crate::config::Feed;

/// Reads the rows. A line that is no object is a row at fault.
pub(super) fn read(feed: &Feed, text: &str) -> Result<Table, Unreadable> {
    let columns = feed.columns();
    let mut table = Table::of(feed);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        table.rows.push(match serde_json::from_str::<Value>(line) {
            Ok(object @ Value::Object(_)) => row(&object, number + 1, &columns),
            _ => {
                let fault = Fault::of_row("not_an_object", "the line is no JSON object");
                Cells { line: number + 1, cells: Vec::new(), fault: Some(fault) }
            }
        });
    }
    if !table.rows.is_empty() && table.rows.iter().all(|row| row.cells.is_empty()) {
        return Err(Unreadable::new("not_json_lines", "no line of the file is a JSON object"));
    }
    Ok(table)
}

fn row(object: &Value, line: usize, columns: &[&str]) -> Cells {
    let mut fault = None;
    let mut cells = Vec::with_capacity(columns.len());
    for column in columns {
        match member(object, column) {
            None | Some(Value::Null) => cells.push(String::new()),
            Some(Value::String(text)) => cells.push(text.trim().to_owned()),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => cells.push(value.to_string()),
            Some(Value::Array(_) | Value::Object(_)) => {
                fault = Some(Fault::of(column, "not_one_value", "holds a list or an object where one value is read"));
                cells.push(String::new());
            }
        }
    }
    Cells { line, cells, fault }
}

/// A member by its name, or by names with dots between them.
fn member<'a>(object: &'a Value, column: &str) -> Option<&'a Value> {
    object.get(column).or_else(|| column.split('.').try_fold(object, |inner, name| inner.get(name)))
}
