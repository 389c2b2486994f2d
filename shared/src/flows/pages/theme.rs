//! The agency's colour and logo, and the headers that keep a page to itself.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use crate::{config::Agency, domain::Colour};

/// What a page takes from its agency.
pub(super) struct Theme {
    pub(super) agency: String,
    pub(super) logo: Option<String>,
    /// The agency's tokens, as the content of a style element; empty for the look of the house.
    pub(super) tokens: String,
}

impl Theme {
    pub(super) fn of(agency: &Agency) -> Self {
        Self {
            agency: agency.name.clone(),
            logo: agency.pages.logo_png.as_ref().map(crate::config::Logo::data_url),
            tokens: agency.pages.accent.map(tokens).unwrap_or_default(),
        }
    }

    /// For pages that belong to nobody.
    pub(super) fn of_nobody() -> Self {
        Self { agency: "Passerelle".to_owned(), logo: None, tokens: String::new() }
    }

    /// Nothing from elsewhere, nothing in line but the agency's tokens, and frames only where the agency wants them.
    pub(super) fn policy(&self, agency: Option<&Agency>) -> String {
        let frames: Vec<&str> = agency.iter().flat_map(|agency| &agency.pages.framed_by).map(crate::config::FrameOrigin::as_str).collect();
        let frames = if frames.is_empty() { "'none'".to_owned() } else { frames.join(" ") };
        let style = match self.tokens.as_str() {
            "" => "'self'".to_owned(),
            tokens => format!("'self' 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(tokens))),
        };
        format!(
            "default-src 'none'; script-src 'self'; style-src {style}; img-src data:; connect-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors {frames}"
        )
    }
}

fn tokens(accent: Colour) -> String {
    let set = |colour: Colour| format!("--accent:{colour};--on-accent:{}", colour.ink());
    format!(":root{{{}}}@media (prefers-color-scheme:dark){{:root{{{}}}}}", set(accent.by_day()), set(accent.by_night()))
}
