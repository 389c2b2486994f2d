//! Identifiers. Opaque texts with a type each, so that one cannot stand for another.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::Invalid;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the identifier: 1 to the type's limit of visible ASCII characters, without `#` or `/`.
            ///
            /// # Errors
            /// [`Invalid`] when the text is empty, too long or holds another character.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                let visible = |c: char| c.is_ascii_graphic() && c != '#' && c != '/';
                if text.is_empty() || text.len() > $max || !text.chars().all(visible) {
                    return Err(Invalid(concat!("must be 1 to ", $max, " visible ASCII characters without # or /")));
                }
                Ok(Self(text.to_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// An agency, one tenant: the `<id>` of its secret `passerelle/agency/<id>`.
    AgencyId, 64
);
text_id!(
    /// One account of an agency at a provider, named by the agency's settings (`airalo`, `airalo-uk` …).
    AccountName, 64
);
text_id!(
    /// One order of ours. Its text is also the reference that the provider is given, so that it can be found again.
    OrderId, 64
);
text_id!(
    /// One eSIM of ours.
    EsimId, 64
);
text_id!(
    /// Ties every answer, log line, message and outside call of one cause together (`X-Request-Id`).
    TraceId, 128
);
text_id!(
    /// A package as our API names it: the provider account and the provider's own package id, `<account>:<id>`.
    PackageId, 200
);

impl PackageId {
    /// Names a provider's package.
    ///
    /// # Errors
    /// [`Invalid`] when the provider's id cannot be part of an identifier.
    pub fn of(account: &AccountName, provider_package_id: &str) -> Result<Self, Invalid> {
        Self::parse(&format!("{account}:{provider_package_id}"))
    }

    /// The account and the provider's own id.
    ///
    /// # Errors
    /// [`Invalid`] when the text has no account part.
    pub fn split(&self) -> Result<(AccountName, &str), Invalid> {
        let (account, rest) = self.0.split_once(':').ok_or(Invalid("names no provider account"))?;
        Ok((AccountName::parse(account)?, rest))
    }
}
