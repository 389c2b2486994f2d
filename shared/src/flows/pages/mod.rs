//! The pages that people look at: the adviser's panel of a dossier and the traveller's page of an eSIM, with
//! what its provider says of phones.
//!
//! Both are written here as HTML and can be read without a script; the script adds what is live. They are opened by signed links
//! ([`links`], [`Visit`]), take their data and their purchases from the same flows as the API, and load nothing from elsewhere.

pub mod assets;
mod calendar;
mod codes;
mod consumption;
mod device;
pub mod devices;
mod dossier;
mod esim_card;
pub mod links;
pub(super) mod money;
mod offers;
pub mod panel;
pub mod purchase;
pub mod refusal;
pub mod resend;
pub mod steps;
mod theme;
pub mod traveller;
mod visit;
mod words;

pub(super) use money::sale;
pub use offers::Filters;
pub use visit::Visit;

/// A page, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// The document, or the part that was asked for.
    pub html: String,
    /// `Content-Security-Policy`.
    pub policy: String,
}
