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
    /// [`Invalid`] when the provider's id is empty or cannot be part of an identifier, or the account's name holds a colon.
    pub fn of(account: &AccountName, provider_package_id: &str) -> Result<Self, Invalid> {
        if account.as_str().contains(':') || provider_package_id.is_empty() {
            return Err(Invalid("must be a provider account without a colon, and a package of it"));
        }
        Self::parse(&format!("{account}:{provider_package_id}"))
    }

    /// The account and the provider's own id.
    ///
    /// # Errors
    /// [`Invalid`] when the text has no account part, or nothing behind it.
    pub fn split(&self) -> Result<(AccountName, &str), Invalid> {
        let (account, rest) = self.0.split_once(':').ok_or(Invalid("names no provider account"))?;
        if rest.is_empty() {
            return Err(Invalid("names no package of the account"));
        }
        Ok((AccountName::parse(account)?, rest))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::{AccountName, PackageId};
    use proptest::prelude::*;

    #[test]
    fn a_package_id_is_account_and_provider_id() {
        let id = PackageId::of(&AccountName::parse("airalo-uk").unwrap(), "change-7days-1gb").unwrap();
        assert_eq!(id.as_str(), "airalo-uk:change-7days-1gb");
        assert_eq!(id.split().unwrap(), (AccountName::parse("airalo-uk").unwrap(), "change-7days-1gb"));
    }

    #[test]
    fn a_package_id_lacking_a_part_is_not_split() {
        for text in ["change-7days-1gb", "airalo:", ":change-7days-1gb"] {
            assert!(PackageId::parse(text).unwrap().split().is_err(), "{text}");
        }
    }

    #[test]
    fn ids_hold_visible_ascii_without_the_separators_of_keys_and_paths() {
        for text in ["", "a b", "a#b", "a/b", "é", "a\n", &"x".repeat(65)] {
            assert!(AccountName::parse(text).is_err(), "{text:?}");
        }
        assert!(AccountName::parse(&"x".repeat(64)).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_put_together_comes_apart_the_same(account in "[!-~]{1,20}", rest in "[!-~]{0,40}") {
            if let Ok(account) = AccountName::parse(&account)
                && let Ok(id) = PackageId::of(&account, &rest)
            {
                prop_assert_eq!(id.split().unwrap(), (account, rest.as_str()));
            }
        }
    }
}
