//! A caller with as little comfort as possible.

use passerelle_tests::sim::core::deliver::client;
use serde_json::Value;

/// Status, headers and body of an answer.
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic_with(&format!("{} {error}: {}", self.status, String::from_utf8_lossy(&self.body))))
    }

    /// The body after asserting the status.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[allow(clippy::panic, reason = "a test reports by failing")]
fn panic_with(message: &str) -> Value {
    panic!("{message}")
}

/// A request under construction.
pub struct Ask(reqwest::RequestBuilder);

pub fn ask(method: &str, url: &str) -> Ask {
    Ask(client().unwrap().request(method.parse().unwrap(), url))
}

impl Ask {
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    pub fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        Self(self.0.form(fields))
    }

    pub fn text(self, media_type: &str, body: &str) -> Self {
        Self(self.0.header("content-type", media_type).body(body.to_owned()))
    }

    /// The answer, or `None` when the connection closed without one.
    pub async fn attempt(self) -> Option<Answer> {
        let response = self.0.send().await.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Some(Answer { status, headers, body: response.bytes().await.ok()?.to_vec() })
    }

    pub async fn send(self) -> Answer {
        self.attempt().await.expect("no answer")
    }
}

/// Repeats a look until it shows something, at most five seconds.
pub async fn eventually<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
    let looked = tokio::time::timeout(std::time::Duration::from_secs(5), async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    looked.await.expect("it did not happen within five seconds")
}
