//! The languages we speak to travellers and advisers in.

use serde::{Deserialize, Serialize};

/// French first, English otherwise understood: the two languages that texts exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}

impl Locale {
    /// The best of our languages for a BCP 47 tag (`fr-FR`) or an `Accept-Language` header (RFC 9110 §12.5.4, with weights;
    /// `*` is the first of ours that the header does not name). `None` when none of ours is wanted.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let ranges: Vec<(Range, f32)> = accept_language.split(',').filter_map(read_range).collect();
        let named = |locale| ranges.iter().any(|(range, _)| *range == Range::Named(locale));
        let unnamed = [Self::Fr, Self::En].into_iter().find(|locale| !named(*locale));
        let mut best: Option<(f32, Self)> = None;
        for (range, weight) in &ranges {
            let locale = match range {
                Range::Named(locale) => Some(*locale),
                Range::Any => unnamed,
            };
            let better = *weight > best.map_or(0.0, |(known, _)| known);
            best = locale.filter(|_| better).map(|locale| (*weight, locale)).or(best);
        }
        best.map(|(_, locale)| locale)
    }

    /// The tag sent to providers and CRMs.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr-FR",
            Self::En => "en-GB",
        }
    }
}

#[derive(PartialEq)]
enum Range {
    Named(Locale),
    Any,
}

/// One language of the header and its weight, 0 to 1; `None` for languages that are not ours and for what is not a weight.
fn read_range(item: &str) -> Option<(Range, f32)> {
    let mut parts = item.split(';').map(|part| part.trim().to_ascii_lowercase());
    let tag = parts.next()?;
    let weight: f32 = match parts.find_map(|part| part.strip_prefix("q=").map(str::to_owned)) {
        Some(weight) => weight.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?,
        None => 1.0,
    };
    match tag.split(['-', '_']).next()? {
        "fr" => Some((Range::Named(Locale::Fr), weight)),
        "en" => Some((Range::Named(Locale::En), weight)),
        "*" => Some((Range::Any, weight)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Locale;

    #[test]
    fn weights_decide_and_unknown_languages_are_passed_over() {
        assert_eq!(Locale::negotiate("fr-FR"), Some(Locale::Fr));
        assert_eq!(Locale::negotiate("de, en;q=0.7, fr;q=0.3"), Some(Locale::En));
        assert_eq!(Locale::negotiate("en;q=0, fr;q=0.1"), Some(Locale::Fr));
        assert_eq!(Locale::negotiate("de"), None);
    }

    #[test]
    fn any_language_means_the_first_of_ours_that_was_not_named() {
        assert_eq!(Locale::negotiate("*"), Some(Locale::Fr));
        assert_eq!(Locale::negotiate("fr;q=0, *;q=0.5"), Some(Locale::En));
        assert_eq!(Locale::negotiate("en;q=0.2, *"), Some(Locale::Fr));
        assert_eq!(Locale::negotiate("fr;q=0, en;q=0, *"), None);
    }

    #[test]
    fn tags_are_read_in_any_case_and_with_either_separator() {
        assert_eq!(Locale::negotiate("EN_us"), Some(Locale::En));
        assert_eq!(Locale::negotiate("fr-CA;Q=0.1,en-GB;Q=0.9"), Some(Locale::En));
        assert_eq!(Locale::negotiate("english"), None);
    }

    #[test]
    fn among_equals_the_first_wins_and_weights_out_of_range_do_not_count() {
        assert_eq!(Locale::negotiate("en, fr"), Some(Locale::En));
        for header in ["en;q=NaN, fr;q=0.1", "en;q=7, fr;q=0.1", "en;q=-1, fr;q=0.1", "en;q=x, fr;q=0.1"] {
            assert_eq!(Locale::negotiate(header), Some(Locale::Fr), "{header}");
        }
        assert_eq!(Locale::negotiate(""), None);
        assert_eq!(Locale::negotiate(",;,;q="), None);
    }
}
