//! What spreadsheets do to cells before they are exported, and what must not stand in them.

use super::Fault;

/// What a damaged cell shows.
pub(super) fn damage(column: &str, cell: &str) -> Option<Fault> {
    let fault = |code, text: &str| Some(Fault::of(column, code, text));
    match cell {
        _ if cell.contains('\u{fffd}') => fault("encoding", "holds characters that are not written in the file's encoding"),
        _ if cell.chars().any(|c| c.is_control()) => fault("control_character", "holds control characters or a line end"),
        _ if is_scientific(cell) => {
            fault("scientific_notation", "was turned into scientific notation by a spreadsheet: its digits are lost")
        }
        _ if is_error(cell) => fault("spreadsheet_error", "holds a spreadsheet's error instead of a value"),
        _ if is_card(cell) => fault("card_number", "looks like a payment card's number, which must not be sent"),
        _ => None,
    }
}

/// `8,93E+18`, `8.93e18`.
fn is_scientific(cell: &str) -> bool {
    let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix('+').map_or((exponent, false), |rest| (rest, true));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let broken = whole.split_once([',', '.']).is_some_and(|(before, after)| digits(before) && digits(after));
    // `4E12` may be a reference; `4E+12` and `4.1E12` are numbers.
    digits(exponent.0) && (broken || exponent.1 && digits(whole))
}

/// `#REF!`, `#N/A`, `########`.
fn is_error(cell: &str) -> bool {
    let known = ["#REF!", "#N/A", "#NV", "#NAME?", "#NOM?", "#VALUE!", "#VALEUR!", "#DIV/0!", "#NUM!", "#NOMBRE!", "#NULL!"];
    known.contains(&cell) || cell.len() > 2 && cell.bytes().all(|byte| byte == b'#')
}

/// Fifteen or sixteen digits of a card's range whose check digit holds, within any text.
fn is_card(cell: &str) -> bool {
    let mut run = String::new();
    let mut runs = Vec::new();
    for c in cell.chars().chain(['.']) {
        match c {
            _ if c.is_ascii_digit() => run.push(c),
            ' ' | '-' if !run.is_empty() => {}
            _ => runs.push(std::mem::take(&mut run)),
        }
    }
    runs.iter().any(|run| matches!(run.len(), 15 | 16) && run.starts_with(['2', '3', '4', '5', '6']) && luhn(run))
}

fn luhn(digits: &str) -> bool {
    let values = digits.bytes().rev().map(|byte| u32::from(byte.wrapping_sub(b'0'))).enumerate();
    let sum: u32 = values.map(|(place, digit)| if place % 2 == 0 { digit } else { (digit * 2) / 10 + (digit * 2) % 10 }).sum();
    sum.is_multiple_of(10)
}
