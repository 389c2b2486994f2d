//! Names of people as reservation systems and back offices write them.

use crate::domain::{Invalid, booking::PersonName};

const TITLES: [&str; 14] = ["MR", "MRS", "MS", "MISS", "MSTR", "DR", "PROF", "MME", "MLLE", "M", "SIR", "LADY", "CHD", "ADT"];

/// `MARTIN/CAMILLE MRS` as `Camille Martin`; any other name as it is, but for its spaces.
pub(super) fn name(written: &str) -> Result<PersonName, Invalid> {
    let Some((surname, first)) = written.split_once('/') else {
        return PersonName::parse(&written.split_whitespace().collect::<Vec<_>>().join(" "));
    };
    let mut first: Vec<&str> = first.split('(').next().unwrap_or_default().split_whitespace().collect();
    while first.len() > 1 && first.last().is_some_and(|last| TITLES.contains(&last.trim_end_matches('.').to_uppercase().as_str())) {
        first.pop();
    }
    let words: Vec<String> = first.into_iter().chain(surname.split_whitespace()).map(capitalised).collect();
    PersonName::parse(&words.join(" "))
}

/// `JEAN-PIERRE` as `Jean-Pierre`; a word that is not all capitals is written as its owner writes it.
fn capitalised(word: &str) -> String {
    if word.chars().any(char::is_lowercase) {
        return word.to_owned();
    }
    let mut start = true;
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if start {
            out.push(c);
        } else {
            out.extend(c.to_lowercase());
        }
        start = !c.is_alphabetic();
    }
    out
}
