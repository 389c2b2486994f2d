//! HTTP Basic (RFC 7617) of those who call us: all that some services can do to show who they are.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Whether the call carries one of the pairs (`user:password`); true where there is none to carry. Digests are compared, so that time
/// tells nothing.
#[must_use]
pub fn shows_one_of<'a>(pairs: impl Iterator<Item = &'a SecretString>, headers: &HeaderMap) -> bool {
    let pairs: Vec<&str> = pairs.map(ExposeSecret::expose_secret).filter(|pair| pair.contains(':')).collect();
    if pairs.is_empty() {
        return true;
    }
    let given = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Basic ")).and_then(|encoded| BASE64_STANDARD.decode(encoded.trim()).ok());
    given.is_some_and(|given| pairs.iter().any(|pair| Sha256::digest(pair) == Sha256::digest(&given)))
}
