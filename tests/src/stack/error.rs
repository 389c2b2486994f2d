//! What went wrong, and what the person at the keyboard can do about it.

use std::fmt;

/// The result of everything in this module.
pub type Result<T> = std::result::Result<T, StackError>;

/// A failure of the local AWS, told so that it can be mended: what happened, and how to get what is missing.
#[derive(Debug)]
pub struct StackError {
    what: String,
    hint: Option<String>,
}

impl StackError {
    /// A failure in one sentence.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for StackError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)?;
        match &self.hint {
            Some(hint) => write!(out, "\n{hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for StackError {}

macro_rules! from_error {
    ($($source:ty => $what:literal),* $(,)?) => {$(
        impl From<$source> for StackError {
            fn from(source: $source) -> Self {
                Self::new(format!(concat!($what, ": {}"), causes(&source)))
            }
        }
    )*};
}

from_error! {
    std::io::Error => "file or process",
    reqwest::Error => "HTTP call",
    serde_json::Error => "JSON",
    zip::result::ZipError => "zip file",
    roxmltree::Error => "XML",
    url::ParseError => "URL",
}

/// An error with everything that caused it: `reqwest` says "error sending request" and hides "connection refused".
fn causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        told.push_str(": ");
        told.push_str(&cause.to_string());
        next = cause.source();
    }
    told
}

/// Names the step during which a failure happened.
pub trait During<T> {
    /// Puts a few words in front of the failure.
    ///
    /// # Errors
    /// The failure itself, with the words before it.
    fn during(self, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<StackError>> During<T> for std::result::Result<T, E> {
    fn during(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| {
            let error = error.into();
            StackError { what: format!("{}: {}", doing(), error.what), hint: error.hint }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{During, StackError};

    #[test]
    fn a_failure_keeps_its_hint_when_the_step_is_named() {
        let failed: Result<(), _> = Err(StackError::new("no Python").hint("install it"));
        let told = failed.during(|| "preparing".to_owned()).map_err(|error| error.to_string());
        assert_eq!(told, Err("preparing: no Python\ninstall it".to_owned()));
    }
}
