//! What installs an eSIM, as a page shows it: the drawing, the links, every code apart.

use crate::{
    domain::esim::Profile,
    email::install::{android_link, apple_link},
    qr::{self, Drawing},
};

pub(super) struct Codes {
    pub(super) qr: Option<Drawing>,
    pub(super) lpa: String,
    pub(super) smdp: String,
    pub(super) matching_id: String,
    pub(super) confirmation_code: Option<String>,
    pub(super) confirmation_asked: bool,
    pub(super) iccid: String,
    pub(super) apple: String,
    pub(super) android: String,
}

impl Codes {
    pub(super) fn of(profile: &Profile) -> Self {
        let code = &profile.activation_code;
        Self {
            // A code that is too long to be drawn can still be typed.
            qr: qr::drawing(&code.lpa()).ok(),
            lpa: code.lpa(),
            smdp: code.smdp_address().to_owned(),
            matching_id: code.matching_id().to_owned(),
            confirmation_code: profile.confirmation_code.clone(),
            confirmation_asked: code.confirmation_code_required() && profile.confirmation_code.is_none(),
            iccid: profile.iccid.expose().to_owned(),
            apple: apple_link(code),
            android: android_link(code),
        }
    }
}
