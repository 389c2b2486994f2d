//! The signed addresses of pages: an HMAC over what may be seen, by whose leave and until when.
//!
//! A link opens one page about one thing of one agency. It holds no secret of the traveller; whoever has it may see the page, so that it
//! ends by itself and can be taken back: it carries the number of times that the page's links were taken back before it was made.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::domain::AgencyId;

/// Which page a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// The adviser's panel of one dossier. It can buy.
    Panel,
    /// The traveller's page of one eSIM. It shows the codes and cannot buy.
    Traveller,
}

impl PageKind {
    /// The word on the wire and in keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Traveller => "traveller",
        }
    }
}

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLink {
    /// Whose.
    pub agency: AgencyId,
    /// Which page.
    pub page: PageKind,
    /// What it is about: the dossier's reference or the eSIM's id.
    pub subject: String,
    /// Not good any more from here on, to the second.
    pub expires_at: Timestamp,
    /// How often the page's links had been taken back when this one was made.
    pub generation: u64,
}

/// The link as it is written before it is signed. A new form takes a new version, so that no signature is good for two.
#[derive(Serialize, Deserialize)]
struct Written(u8, AgencyId, PageKind, String, i64, u64);

const VERSION: u8 = 1;

/// Longest token that is looked at.
const MOST_TOKEN: usize = 1024;

/// Signs links and tells our own from others.
#[derive(Clone)]
pub struct LinkSigner(Hmac<Sha256>);

impl LinkSigner {
    pub(super) fn new(mac: Hmac<Sha256>) -> Self {
        Self(mac)
    }

    /// The token that stands in the address.
    #[must_use]
    pub fn sign(&self, link: &PageLink) -> String {
        let written = Written(VERSION, link.agency.clone(), link.page, link.subject.clone(), link.expires_at.as_second(), link.generation);
        let payload = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default());
        let tag = BASE64_URL_SAFE_NO_PAD.encode(self.over(&payload).finalize().into_bytes());
        format!("{payload}.{tag}")
    }

    /// What a token says, when we signed it and its time is not over. Why another is not good is nobody's business.
    #[must_use]
    pub fn open(&self, token: &str, now: Timestamp) -> Option<PageLink> {
        let (payload, tag) = token.split_once('.').filter(|_| token.len() <= MOST_TOKEN)?;
        self.over(payload).verify_slice(&BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?).ok()?;
        let written = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let Written(VERSION, agency, page, subject, expires_at, generation) = written else { return None };
        let expires_at = Timestamp::from_second(expires_at).ok().filter(|end| *end > now)?;
        Some(PageLink { agency, page, subject, expires_at, generation })
    }

    fn over(&self, payload: &str) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(payload.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{LinkSigner, PageKind, PageLink};
    use crate::{
        domain::AgencyId,
        security::{BlindIndex, IndexKey},
    };
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    fn signer(letter: &str) -> LinkSigner {
        BlindIndex::new(IndexKey::from_json(&format!(r#"{{"key":"{}"}}"#, letter.repeat(64))).unwrap()).links()
    }

    fn link() -> PageLink {
        PageLink {
            agency: AgencyId::parse("horizon").unwrap(),
            page: PageKind::Panel,
            subject: "VH-2027/Été".to_owned(),
            expires_at: "2027-05-01T10:00:00Z".parse().unwrap(),
            generation: 3,
        }
    }

    #[test]
    fn what_was_signed_is_read_until_its_time_is_over() {
        let token = signer("a").sign(&link());
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "fit for a path: {token}");
        assert_eq!(signer("a").open(&token, "2027-05-01T09:59:59Z".parse().unwrap()), Some(link()));
        assert_eq!(signer("a").open(&token, "2027-05-01T10:00:00Z".parse().unwrap()), None);
    }

    #[test]
    fn nothing_of_a_link_can_be_changed_and_no_other_key_is_good() {
        let (signer_a, now) = (signer("a"), "2027-04-01T00:00:00Z".parse().unwrap());
        let token = signer_a.sign(&link());
        let (payload, tag) = token.split_once('.').unwrap();
        let other = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap().replace("panel", "traveller");
        let forged = [
            format!("{}.{tag}", BASE64_URL_SAFE_NO_PAD.encode(other)),
            format!("{payload}."),
            payload.to_owned(),
            format!("{payload}.{}", &tag[1..]),
            signer("b").sign(&link()),
            ".".to_owned(),
            "x".repeat(5000),
        ];
        for token in forged {
            assert_eq!(signer_a.open(&token, now), None, "{token}");
        }
    }
}
