//! One element of the page, or of the frame that the browser is in.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::Browser;
use crate::stack::{Result, StackError};

/// The name under which WebDriver hands elements out (§12.1).
pub(super) const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An element.
#[derive(Debug)]
pub struct Element<'a> {
    pub(super) browser: &'a Browser,
    pub(super) id: String,
}

impl Element<'_> {
    /// Clicks it, as a person could: it must be in sight.
    ///
    /// # Errors
    /// When it cannot be clicked.
    pub async fn click(&self) -> Result<()> {
        self.browser.command(&format!("element/{}/click", self.id), &json!({})).await.map(drop)
    }

    /// What is shown of it.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn text(&self) -> Result<String> {
        let text = self.browser.ask(&format!("element/{}/text", self.id)).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute as the page wrote it; empty when it has none.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn attribute(&self, name: &str) -> Result<String> {
        let value = self.browser.ask(&format!("element/{}/attribute/{name}", self.id)).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Its picture, a PNG.
    ///
    /// # Errors
    /// When it is gone or not in sight.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        // The driver brings an element into sight, and no more of it than it must.
        let centre = json!({"script": "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", "args": [self.reference()]});
        self.browser.command("execute/sync", &centre).await?;
        bytes(&self.browser.ask(&format!("element/{}/screenshot", self.id)).await?)
    }

    /// As an argument of a script, or for a frame.
    pub(super) fn reference(&self) -> Value {
        json!({ELEMENT: self.id})
    }
}

pub(super) fn bytes(value: &Value) -> Result<Vec<u8>> {
    let text = value.as_str().ok_or_else(|| StackError::new("the browser gave no picture"))?;
    BASE64_STANDARD.decode(text).map_err(|error| StackError::new(format!("reading a picture: {error}")))
}
