//! WS-Security: a user name with the digest of its password, good once and for some minutes.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use roxmltree::Node;

use super::super::core::hold;
use super::{Fault, OFFICE, PASSWORD, Point, USER, find, text};

const WINDOW: Duration = Duration::from_secs(600);

impl Point {
    /// Checks a log-in.
    pub(super) fn log_in(&self, header: Node<'_, '_>) -> Result<(), Fault> {
        let refused = Fault("wsse:FailedAuthentication", "The security token could not be authenticated");
        let Some(security) = find(header, "UsernameToken") else { return Err(refused) };
        let (Some(nonce), Some(created)) = (text(security, "Nonce"), text(security, "Created")) else { return Err(refused) };
        let Some(raw) = BASE64_STANDARD.decode(nonce).ok().filter(|raw| raw.len() >= 8) else { return Err(refused) };
        let sha1 = |bytes: &[u8]| digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec();
        let expected = BASE64_STANDARD.encode(sha1(&[raw.as_slice(), created.as_bytes(), &sha1(PASSWORD.as_bytes())].concat()));
        let is_digest = find(security, "Password")
            .and_then(|password| password.attribute("Type"))
            .is_some_and(|kind| kind.ends_with("#PasswordDigest"));
        let good = text(security, "Username") == Some(USER) && text(security, "Password") == Some(&expected) && is_digest;
        let recent = created.parse::<jiff::Timestamp>().is_ok_and(|at| at.duration_since(self.clock.now()).unsigned_abs() < WINDOW);
        let office = find(header, "UserID").is_some_and(|user| {
            user.attribute("PseudoCityCode") == Some(OFFICE)
                && user.attribute("POS_Type") == Some("1")
                && user.attribute("RequestorType").is_some()
        });
        if good && recent && office && hold(&self.state).nonces.insert(nonce.to_owned()) { Ok(()) } else { Err(refused) }
    }
}
