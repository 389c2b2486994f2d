//! chromedriver as a child process, and its HTTP.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stack::{During, Result, StackError, free_port, http, python, rie::WATCHDOG};

const START_LIMIT: Duration = Duration::from_secs(20);

/// A running chromedriver. Dropping it ends it and its browsers.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When it does not answer within twenty seconds.
    pub async fn start(program: &Path) -> Result<Self> {
        let python = python::environment(&|_| {}).await?;
        let port = free_port()?;
        let mut command = Command::new(python);
        command.args(["-c", WATCHDOG]).arg(program).args([&format!("--port={port}"), "--silent"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let driver = Self { child: command.spawn().during(|| "starting chromedriver".to_owned())?, port };
        let started = Instant::now();
        while driver.get("/status").await.is_err() {
            if started.elapsed() > START_LIMIT {
                return Err(StackError::new("chromedriver did not answer within twenty seconds"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(driver)
    }

    /// GET; the `value` of the answer.
    ///
    /// # Errors
    /// The driver's own error and message.
    pub async fn get(&self, path: &str) -> Result<Value> {
        read(path, http::client()?.get(self.url(path)).send().await?).await
    }

    /// POST; the `value` of the answer.
    ///
    /// # Errors
    /// The driver's own error and message.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        read(path, http::client()?.post(self.url(path)).json(body).send().await?).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

async fn read(path: &str, answer: reqwest::Response) -> Result<Value> {
    let status = answer.status();
    let mut body: Value = answer.json().await?;
    let value = body.get_mut("value").map(Value::take).unwrap_or_default();
    if status.is_success() {
        return Ok(value);
    }
    let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    let command = path.rsplit('/').next().unwrap_or_default();
    Err(StackError::new(format!("{command}: {} {}", part("error"), part("message"))))
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It ends its browsers, which are of other process groups; what is left of its own group goes with the pipe.
        if let Ok(mut line) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = line.set_read_timeout(Some(Duration::from_secs(5)));
            let _ = line.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            let _ = line.read_to_end(&mut Vec::new());
        }
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
