//! What a person does with a browser: opens, looks, clicks, waits.

use serde_json::{Value, json};

use super::element::{ELEMENT, bytes};
use super::{Browser, Element};
use crate::local::wait::{Seen, until};
use crate::stack::{Result, StackError};

impl Browser {
    /// Opens an address and waits until it is loaded.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.command("url", &json!({"url": url})).await.map(drop)
    }

    /// Loads the page anew.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn reload(&self) -> Result<()> {
        self.command("refresh", &json!({})).await.map(drop)
    }

    /// The address of the top page.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn address(&self) -> Result<String> {
        Ok(self.ask("url").await?.as_str().unwrap_or_default().to_owned())
    }

    /// The first element that a CSS selector finds.
    ///
    /// # Errors
    /// When there is none.
    pub async fn find(&self, css: &str) -> Result<Element<'_>> {
        let found = self.command("element", &json!({"using": "css selector", "value": css})).await?;
        let id = found.get(ELEMENT).and_then(Value::as_str).ok_or_else(|| StackError::new(format!("no element {css}")))?;
        Ok(Element { browser: self, id: id.to_owned() })
    }

    /// How many elements a CSS selector finds.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn count(&self, css: &str) -> Result<usize> {
        let found = self.command("elements", &json!({"using": "css selector", "value": css})).await?;
        Ok(found.as_array().map_or(0, Vec::len))
    }

    /// Waits until an element is there, and shows a text.
    ///
    /// # Errors
    /// After a minute: what was there instead.
    pub async fn until_shown(&self, css: &str, text: &str) -> Result<()> {
        until(&format!("`{text}` in {css}"), async || {
            let shown =
                self.run(&format!("return [...document.querySelectorAll({css:?})].map((one) => one.textContent).join('\\n')")).await;
            let shown = shown.map(|value| value.as_str().unwrap_or_default().to_owned()).unwrap_or_default();
            Ok(Seen::of(shown.contains(text).then_some(()), || shown.chars().take(400).collect()))
        })
        .await
    }

    /// Runs a script in the page and returns what it returns.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn run(&self, script: &str) -> Result<Value> {
        self.command("execute/sync", &json!({"script": script, "args": []})).await
    }

    /// Runs a script that returns a promise, and waits for it.
    ///
    /// # Errors
    /// When the promise is refused.
    pub async fn run_promise(&self, script: &str) -> Result<Value> {
        self.run(&format!("return (async () => {{ {script} }})()")).await
    }

    /// Enters a frame.
    ///
    /// # Errors
    /// When there is none.
    pub async fn enter(&self, css: &str) -> Result<()> {
        let frame = self.find(css).await?.reference();
        self.command("frame", &json!({"id": frame})).await.map(drop)
    }

    /// Leaves every frame.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn leave(&self) -> Result<()> {
        self.command("frame", &json!({"id": null})).await.map(drop)
    }

    /// A command of Chromium's own protocol.
    ///
    /// # Errors
    /// When Chromium refuses it.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        self.command("goog/cdp/execute", &json!({"cmd": command, "params": parameters})).await
    }

    /// Makes the window look like a screen: width and height in CSS pixels, dark or light.
    ///
    /// # Errors
    /// When Chromium refuses it.
    pub async fn screen(&self, width: u32, height: u32, dark: bool) -> Result<()> {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        let scheme = json!({"features": [{"name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" }}]});
        self.devtools("Emulation.setEmulatedMedia", scheme).await.map(drop)
    }

    /// Whether the scripts of the pages to come run.
    ///
    /// # Errors
    /// When Chromium refuses it.
    pub async fn scripts(&self, run: bool) -> Result<()> {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({"value": !run})).await.map(drop)
    }

    /// Says another name than its own.
    ///
    /// # Errors
    /// When Chromium refuses it.
    pub async fn pretend(&self, user_agent: &str) -> Result<()> {
        self.devtools("Emulation.setUserAgentOverride", json!({"userAgent": user_agent})).await.map(drop)
    }

    /// What is in sight, as a WebP: small enough to be kept.
    ///
    /// # Errors
    /// When Chromium refuses it.
    pub async fn small_picture(&self) -> Result<Vec<u8>> {
        let picture = self.devtools("Page.captureScreenshot", json!({"format": "webp", "quality": 82})).await?;
        bytes(picture.get("data").unwrap_or(&Value::Null))
    }

    /// The whole page as a PNG, however long.
    ///
    /// # Errors
    /// When Chromium refuses it.
    pub async fn whole_picture(&self) -> Result<Vec<u8>> {
        let picture = self.devtools("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true})).await?;
        bytes(picture.get("data").unwrap_or(&Value::Null))
    }
}
