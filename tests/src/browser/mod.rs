//! A real browser, headless, driven by WebDriver (W3C): Debian's `chromium` and `chromium-driver`. It reaches this machine and nothing else.
//!
//! ```no_run
//! # async fn demo() -> passerelle_tests::stack::Result<()> {
//! use passerelle_tests::browser::Browser;
//! let Some(browser) = Browser::start("the panel buys once").await? else { return Ok(()) };
//! browser.open("http://127.0.0.1:4566/").await?;
//! browser.find("button").await?.click().await?;
//! # Ok(()) }
//! ```

mod driver;
mod element;
mod page;

pub use self::driver::Driver;
pub use self::element::Element;

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::stack::{Result, StackError};

/// Set to `required` where a browser must be there: then its absence is a failure.
const SWITCH: &str = "PASSERELLE_BROWSER";

/// What the browser is started with: no window, no sandbox for root, and nothing that calls home.
const FLAGS: [&str; 17] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-client-side-phishing-detection",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-proxy-server",
    "--hide-scrollbars",
    // Higher than any screen that is played: pictures end where the window does.
    "--window-size=1400,2400",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// One browser with one window. Dropping it ends it.
#[derive(Debug)]
pub struct Browser {
    driver: Driver,
    session: String,
}

impl Browser {
    /// Starts a browser; `None` where there is none on this machine, which is said in plain sight: tests that were not run must not
    /// look as if they had passed.
    ///
    /// # Errors
    /// When it does not start, or is not there although it must be.
    pub async fn start(test: &str) -> Result<Option<Self>> {
        let (Some(driver), Some(chromium)) = (on_the_path("chromedriver"), on_the_path("chromium")) else {
            return absent(test).map(|()| None);
        };
        let driver = Driver::start(&driver).await?;
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "pageLoadStrategy": "normal",
            "goog:chromeOptions": {"binary": chromium, "args": FLAGS},
        }}});
        let answer = driver.post("/session", &wanted).await?;
        let session = answer.get("sessionId").and_then(Value::as_str).ok_or_else(|| StackError::new("the browser gave no session"))?;
        Ok(Some(Self { session: session.to_owned(), driver }))
    }

    async fn command(&self, path: &str, body: &Value) -> Result<Value> {
        self.driver.post(&format!("/session/{}/{path}", self.session), body).await
    }

    async fn ask(&self, path: &str) -> Result<Value> {
        self.driver.get(&format!("/session/{}/{path}", self.session)).await
    }
}

/// Said past the test harness, which shows what passing tests print to nobody.
fn absent(test: &str) -> Result<()> {
    if std::env::var(SWITCH).is_ok_and(|value| value == "required") {
        return Err(StackError::new(format!("{SWITCH}=required, and there is no chromium with its chromedriver on this machine")));
    }
    let told = format!("NOT RUN: {test}. It needs a browser: apt-get install chromium chromium-driver\n");
    Ok(std::io::stderr().write_all(told.as_bytes())?)
}

fn on_the_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
