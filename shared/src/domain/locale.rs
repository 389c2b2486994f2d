//! The languages we speak to travellers and advisers in.

use serde::{Deserialize, Serialize};

/// French first, English otherwise understood: the two languages that texts exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}

impl Locale {
    /// The best of our languages for a BCP 47 tag (`fr-FR`) or an `Accept-Language` header (RFC 9110 §12.5.4, with weights).
    /// `None` when none of ours is wanted.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut wanted: Vec<(f32, usize, Self)> = accept_language
            .split(',')
            .enumerate()
            .filter_map(|(place, item)| {
                let mut parts = item.split(';');
                let tag = parts.next()?.trim();
                let weight = parts
                    .find_map(|p| p.trim().strip_prefix("q="))
                    .map_or(Some(1.0), |q| q.trim().parse().ok())?;
                let language = tag.split(['-', '_']).next()?.to_ascii_lowercase();
                let locale = match language.as_str() {
                    "fr" | "*" => Self::Fr,
                    "en" => Self::En,
                    _ => return None,
                };
                (weight > 0.0).then_some((weight, place, locale))
            })
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        wanted.first().map(|(_, _, locale)| *locale)
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
}
