//! Addresses below a provider's base URL.

use url::Url;

/// The address of `segments` below `base`, whether or not `base` ends with a slash. Each segment is percent-encoded, so that no
/// id can climb out of its place.
pub(super) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Only `data:`-like URLs have no path to extend, and outbound refuses whatever is not http(s).
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::below;
    use url::Url;

    #[test]
    fn the_base_keeps_its_path_with_or_without_a_final_slash() {
        for base in ["https://api.example.com/v2", "https://api.example.com/v2/"] {
            let url = below(&Url::parse(base).unwrap(), &["sims", "89331", "usage"]);
            assert_eq!(url.as_str(), "https://api.example.com/v2/sims/89331/usage");
        }
    }

    #[test]
    fn an_id_cannot_leave_its_segment() {
        let url = below(&Url::parse("https://api.example.com/v2/").unwrap(), &["esims", "../orders?x=1#y", "usage"]);
        assert_eq!(url.path(), "/v2/esims/..%2Forders%3Fx=1%23y/usage");
        assert_eq!(url.query(), None);
        let url = below(&Url::parse("https://api.example.com/v2/").unwrap(), &["esims", "..", "usage"]);
        assert_eq!(url.path(), "/v2/esims/usage", "steps up are left out");
    }
}
