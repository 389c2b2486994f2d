//! Passerelle's API as a CRM calls it.

use serde_json::Value;

use crate::stack::{OauthClient, Result, Stack, StackError};

/// A caller with a token.
#[derive(Debug)]
pub struct Api<'a> {
    stack: &'a Stack,
    token: String,
}

/// An answer that has been read.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was called, `POST /orders`.
    pub call: String,
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: http::HeaderMap,
    /// The body: JSON, or its text as a JSON string, or null.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl<'a> Api<'a> {
    /// As the template's client, with all its scopes.
    ///
    /// # Errors
    /// When Cognito refuses.
    pub async fn new(stack: &'a Stack) -> Result<Self> {
        Self::of_client(stack, &stack.client(), &[]).await
    }

    /// As any client, with some scopes.
    ///
    /// # Errors
    /// When Cognito refuses.
    pub async fn of_client(stack: &'a Stack, client: &OauthClient, scopes: &[&str]) -> Result<Self> {
        Ok(Self { stack, token: stack.token_of(client, scopes).await? })
    }

    /// `GET`.
    ///
    /// # Errors
    /// When no answer comes; any status is an answer.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, None, None).await
    }

    /// `POST`, with an idempotency key where one is needed.
    ///
    /// # Errors
    /// When no answer comes; any status is an answer.
    pub async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Result<Answer> {
        self.send("POST", path, Some(body), key).await
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>, key: Option<&str>) -> Result<Answer> {
        let mut request = self.stack.call(method, path)?.bearer_auth(&self.token).header("accept-language", "fr");
        if let Some(key) = key {
            request = request.header("x-idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?.to_vec();
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned())),
        };
        Ok(Answer { call: format!("{method} {path}"), status, headers, body, bytes })
    }
}

impl Answer {
    /// The body, when the status is one of those expected.
    ///
    /// # Errors
    /// When it is another: the problem document is in the text.
    pub fn expect(self, statuses: &[u16]) -> Result<Value> {
        if statuses.contains(&self.status) {
            return Ok(self.body);
        }
        let Self { call, status, body, .. } = self;
        Err(StackError::new(format!("{call}: expected {statuses:?}, got {status} {body}")))
    }
}

/// A text member of an answer.
///
/// # Errors
/// When it is missing.
pub fn text(body: &Value, member: &str) -> Result<String> {
    let found = body.get(member).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| StackError::new(format!("expected the text `{member}` in {body}")))
}

/// A list member of an answer.
///
/// # Errors
/// When it is missing.
pub fn list<'a>(body: &'a Value, member: &str) -> Result<&'a [Value]> {
    let found = body.get(member).and_then(Value::as_array);
    found.map(Vec::as_slice).ok_or_else(|| StackError::new(format!("expected the list `{member}` in {body}")))
}
