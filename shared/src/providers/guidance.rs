//! What some providers say for travellers: the steps that install an eSIM, and the phones that take one. Only plain, short texts leave
//! here: no markup, no address, and nothing that installs a profile.

use super::reason;

/// Longest step kept, in characters.
const LONGEST_STEP: usize = 300;
/// Longest name (of a brand, a phone, a system's version) kept, in characters.
const LONGEST_NAME: usize = 80;
/// Most steps of a list.
pub(super) const MOST_STEPS: usize = 20;
/// Most versions of a system that steps are told for.
pub(super) const MOST_GUIDES: usize = 10;
/// Most phones of a list: several times what providers name today.
pub(super) const MOST_PHONES: usize = 20_000;

/// The steps of one eSIM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instructions {
    /// The language that they are written in (BCP 47, two letters), as far as the provider says.
    pub language: Option<String>,
    /// For iPhones, one guide a group of versions.
    pub ios: Vec<Guide>,
    /// For Android.
    pub android: Vec<Guide>,
}

impl Instructions {
    /// Whether they say nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ios.is_empty() && self.android.is_empty()
    }
}

/// The steps for some versions of a system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guide {
    /// The phone, where it is for one only.
    pub model: Option<String>,
    /// The versions, where said: `14, 15, 13`.
    pub versions: Option<String>,
    /// With the QR code.
    pub by_qr: Vec<String>,
    /// By entering the codes.
    pub by_hand: Vec<String>,
    /// To get data, once it is installed.
    pub network: Vec<String>,
    /// The access point to be entered, where the phone does not find it by itself.
    pub apn: Option<String>,
}

impl Guide {
    pub(super) fn is_empty(&self) -> bool {
        self.by_qr.is_empty() && self.by_hand.is_empty() && self.network.is_empty()
    }
}

/// A phone (or another device) that takes eSIMs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone {
    /// `Google`.
    pub brand: String,
    /// `Pixel 4a (5G)`.
    pub name: String,
}

/// A step as it may be shown; `None` when nothing of it is left.
pub(super) fn step(text: &str) -> Option<String> {
    plain(text, LONGEST_STEP)
}

/// A name as it may be shown.
pub(super) fn name(text: &str) -> Option<String> {
    plain(text, LONGEST_NAME)
}

fn plain(text: &str, longest: usize) -> Option<String> {
    let text = without_tags(text);
    let words = text.split_whitespace().filter(|word| !is_address(word)).collect::<Vec<_>>().join(" ");
    reason::cleaned(&words, longest)
}

/// An address leads a traveller away, and those that providers write here carry the code.
fn is_address(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower.contains("://") || lower.contains("www.")
}

/// Tags become spaces; `Settings > Mobile` and `iOS < 15` are none.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/').then(|| after.split_once('>')).flatten();
        match tag {
            Some((_, after)) => {
                plain.push(' ');
                rest = after;
            }
            None => {
                plain.push('<');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::{name, step};
    use proptest::prelude::*;

    #[test]
    fn what_is_kept_are_words() {
        for (written, kept) in [
            ("Go to Settings > Cellular/Mobile.", Some("Go to Settings > Cellular/Mobile.")),
            ("<p><b>Tap</b> on &lsquo;Add&rsquo;</p>", Some("Tap on &lsquo;Add&rsquo;")),
            ("On iOS < 15 or > 17", Some("On iOS < 15 or > 17")),
            ("Scan https://sandbox.example.com/qr?id=1 now", Some("Scan now")),
            ("Enter LPA:1$smdp.example.com$K2-48XR by hand", Some("Enter [activation code] by hand")),
            ("Your ICCID is 8933200000000000127.", Some("Your ICCID is [ICCID].")),
            (" \n ", None),
            ("www.example.com/help", None),
        ] {
            assert_eq!(step(written).as_deref(), kept, "{written}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_long_and_nothing_is_markup(text in "(<[a-z/]{1,3}>|[a-z$:@<> 0-9]){0,600}") {
            prop_assert!(step(&text).unwrap_or_default().chars().count() <= 300);
            let name = name(&text).unwrap_or_default();
            prop_assert!(name.chars().count() <= 80 && !name.contains("<b>"));
        }
    }
}
