//! Who travels, and how to reach them: `I-` lines and the `SSR CTCE` and `CTCM` lines behind them, and the same in other forms.

use serde::{Deserialize, Serialize};

use super::remark;
use crate::domain::{
    EmailAddress,
    booking::{PersonName, PhoneNumber},
};

const TITLES: [&str; 14] = ["MR", "MRS", "MS", "MISS", "MSTR", "DR", "PROF", "MME", "MLLE", "M", "SIR", "LADY", "CHD", "ADT"];

/// A passenger with a seat; infants are written into the line of who holds them, and get no eSIM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passenger {
    /// The number in the booking: names the passenger within it.
    pub number: u16,
    /// The name, first name first.
    pub name: PersonName,
    /// The passenger's own address.
    pub email: Option<EmailAddress>,
    /// The passenger's own mobile.
    pub phone: Option<PhoneNumber>,
    /// Documents that are good, by number: `057-0000000001`.
    pub tickets: Vec<String>,
}

impl Passenger {
    /// The line behind `I-`: `001;01DUPONT/ANNE MRS;;AP…//E-…`.
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut fields = line.split(';');
        let outer = fields.next().unwrap_or_default();
        let named = fields.next().unwrap_or_default();
        let digits = named.bytes().take_while(u8::is_ascii_digit).count();
        let (inner, written) = named.split_at_checked(digits)?;
        let number = inner.parse().or_else(|_| outer.trim().parse()).ok()?;
        let email = fields.flat_map(|field| field.split("//")).find_map(own_address);
        Some(Self { number, name: name(written)?, email, phone: None, tickets: Vec::new() })
    }
}

/// `E-ANNE@EXAMPLE.COM` or `APE-…`.
fn own_address(element: &str) -> Option<EmailAddress> {
    let element = element.trim();
    let address = element.strip_prefix("APE-").or_else(|| element.strip_prefix("E-"))?;
    EmailAddress::parse(&address.trim().to_lowercase()).ok()
}

/// An address that is known to be one, with or without the mark in front of it.
pub(super) fn written_address(text: &str) -> Option<EmailAddress> {
    own_address(text).or_else(|| EmailAddress::parse(&text.trim().to_lowercase()).ok())
}

/// `DUPONT/ANNE MRS(CHD)` as `Anne Dupont`. What is in brackets is a type, an infant or an identity, and not kept; no name has digits.
pub(super) fn name(written: &str) -> Option<PersonName> {
    let plain = written.split('(').next().unwrap_or_default();
    let plain: String = plain.chars().filter(|c| !c.is_numeric() && !c.is_control()).collect();
    let (surname, first) = plain.split_once('/').unwrap_or((&plain, ""));
    let mut first: Vec<&str> = first.split_whitespace().collect();
    while first.len() > 1 && first.last().is_some_and(|last| TITLES.contains(last)) {
        first.pop();
    }
    let words: Vec<String> = first.into_iter().chain(surname.split_whitespace()).map(capitalised).collect();
    PersonName::parse(&words.join(" ")).ok()
}

/// `JEAN-PIERRE` as `Jean-Pierre`.
fn capitalised(word: &str) -> String {
    let mut start = true;
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        start = !c.is_alphabetic();
    }
    out
}

/// `SSR CTCE AF  HK1/ANNE.DUPONT//EXAMPLE.COM`: the address, in IATA's spelling for what old lines cannot carry.
pub(super) fn ctce(text: &str) -> Option<EmailAddress> {
    address(text.split_once('/')?.1)
}

/// The address alone, in the same spelling.
pub(super) fn address(text: &str) -> Option<EmailAddress> {
    EmailAddress::parse(&spelled_out(text).to_lowercase()).ok()
}

/// `//` is `@`, `..` is `_`, `./` is `-`; a language or a passenger's number may follow.
pub(super) fn spelled_out(address: &str) -> String {
    let mut out = String::new();
    let mut rest = address.trim();
    while let Some(c) = rest.chars().next() {
        let pair = [("//", '@'), ("..", '_'), ("./", '-')].into_iter().find(|(pair, _)| rest.starts_with(pair));
        match pair {
            Some((pair, meant)) => {
                out.push(meant);
                rest = rest.get(pair.len()..).unwrap_or_default();
            }
            None if c == '/' || c == ';' || c.is_whitespace() => break,
            None => {
                out.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out
}

/// `SSR CTCM AF  HK1/33600000000`.
pub(super) fn ctcm(text: &str) -> Option<PhoneNumber> {
    mobile(text.split_once('/')?.1)
}

/// Country code and number. At most fifteen digits (E.164), and no card's number.
pub(super) fn mobile(number: &str) -> Option<PhoneNumber> {
    let number = number.trim().trim_start_matches('+');
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    ((8..=15).contains(&digits.len()) && !remark::is_card(&digits)).then(|| PhoneNumber::parse(&format!("+{digits}")).ok()).flatten()
}

/// The passenger that a line is about, where it says so at its end: `…;P2` or `…/P2`.
pub(super) fn named_at_end(text: &str) -> Option<u16> {
    let mark = text.trim_end().rsplit([';', '/']).next()?;
    mark.strip_prefix('P')?.parse().ok()
}
