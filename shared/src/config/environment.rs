//! What `template.yaml` puts into a function's environment.

use std::env;

/// The settings that functions read; each function is given only those it needs, so that each is asked for when used.
#[derive(Debug, Clone, Default)]
pub struct Environment;

/// A setting that the template should have set.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {0} is not set: see template.yaml")]
pub struct MissingSetting(pub &'static str);

impl Environment {
    /// The value of a setting.
    ///
    /// # Errors
    /// [`MissingSetting`] when it is absent or empty.
    pub fn required(&self, name: &'static str) -> Result<String, MissingSetting> {
        self.optional(name).ok_or(MissingSetting(name))
    }

    /// The value of a setting that may be absent or empty.
    #[must_use]
    pub fn optional(&self, name: &'static str) -> Option<String> {
        env::var(name).ok().filter(|value| !value.is_empty())
    }
}
