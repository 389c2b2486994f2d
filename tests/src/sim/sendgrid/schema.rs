//! SendGrid's own published schema of a mail (OpenAPI 3.1, `tests/specs/sendgrid`).

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::sim::SimError;

/// The published file (MIT, its licence beside it).
const PUBLISHED: &str = include_str!("../../../specs/sendgrid/tsg_mail_v3.json");

/// Compiled `components.requestBodies.PostMailSend`.
#[derive(Debug)]
pub struct Schema(Validator);

impl Schema {
    /// The published schema, compiled once.
    ///
    /// # Errors
    /// When the file is not the one expected.
    pub fn published() -> Result<&'static Self, SimError> {
        static COMPILED: OnceLock<Result<Schema, String>> = OnceLock::new();
        COMPILED.get_or_init(|| Self::compiled().map_err(|error| error.to_string())).as_ref().map_err(|error| error.clone().into())
    }

    /// With the components that it refers to.
    fn compiled() -> Result<Self, SimError> {
        let document: Value = serde_json::from_str(PUBLISHED)?;
        let at = "/components/requestBodies/PostMailSend/content/application~1json/schema";
        let mut schema = document.pointer(at).cloned().ok_or("the published file has no PostMailSend")?;
        let components = document.get("components").cloned().unwrap_or_default();
        if let Some(members) = schema.as_object_mut() {
            members.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
            members.insert("components".to_owned(), components);
        }
        let options = jsonschema::options().should_validate_formats(true);
        Ok(Self(options.build(&schema).map_err(|error| error.to_string())?))
    }

    /// The first violation: message and field in SendGrid's dotted notation.
    ///
    /// # Errors
    /// When the body does not fit.
    pub fn check(&self, body: &Value) -> Result<(), (String, String)> {
        match self.0.iter_errors(body).next() {
            None => Ok(()),
            Some(violation) => Err((violation.to_string(), dotted(&violation.instance_path().to_string()))),
        }
    }
}

/// `/personalizations/0/to` → `personalizations.0.to`.
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
