//! `RM ESIM/…`: what an adviser tells us in the booking itself.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{dates, passenger};
use crate::domain::{EmailAddress, Locale};

/// The instructions of a booking. The last of a kind counts; one that is not known changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instructions {
    /// `RM ESIM/NO`: no eSIM is to be proposed.
    pub none_wanted: bool,
    /// `RM ESIM/PLAN IT 5GB`: the adviser's wish, as written.
    pub wish: Option<String>,
    /// `RM ESIM/EMAIL ANNE//EXAMPLE.COM`: where the traveller is written to.
    pub email: Option<EmailAddress>,
    /// `RM ESIM/LANG FR`: the traveller's language.
    pub locale: Option<Locale>,
    /// `RM ESIM/DEAL 9001`: the record of the dossier in the CRM.
    pub deal_id: Option<String>,
    /// `RM ESIM/CONTACT 4711`: the record of the traveller in the CRM.
    pub contact_id: Option<String>,
    /// `RM ESIM/UNTIL 30JAN`: the last day of a journey without a flight home.
    pub until: Option<Date>,
}

impl Instructions {
    /// Takes in what stands behind `RM ESIM/`. Days are those after the booking was made.
    pub(super) fn take(&mut self, remark: &str, created: Date) {
        let (word, rest) = remark.trim().split_once([' ', '/']).unwrap_or((remark.trim(), ""));
        let rest = rest.trim();
        match word.to_ascii_uppercase().as_str() {
            "NO" | "NONE" => self.none_wanted = true,
            "PLAN" => self.wish = short(rest),
            "EMAIL" => self.email = EmailAddress::parse(&passenger::spelled_out(rest).to_lowercase()).ok(),
            "LANG" => self.locale = Locale::negotiate(rest),
            "DEAL" => self.deal_id = identifier(rest),
            "CONTACT" => self.contact_id = identifier(rest),
            "UNTIL" => self.until = dates::ddmmm(rest, created),
            _ => {}
        }
    }
}

/// A wish of forty characters; one with nine digits or more is no wish: it may be a card or a passport, and is not kept.
fn short(text: &str) -> Option<String> {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    let text: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    (!text.is_empty() && digits < 9).then_some(text)
}

/// A CRM's id: letters, digits, `-` and `_`.
fn identifier(text: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    ((1..=40).contains(&text.len()) && text.chars().all(fits) && !is_card(text)).then(|| text.to_owned())
}

/// Whether it has a card number's length and check digit (Luhn): such an id is not kept.
pub(super) fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(place, digit)| if place % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit }).sum();
    (14..=19).contains(&digits.len()) && sum.is_multiple_of(10)
}
