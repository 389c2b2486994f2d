//! Calling a function by name, as a schedule or an operator would.

use reqwest::Method;
use serde_json::Value;

use super::Stack;
use super::aws::accepted;
use super::error::{Result, StackError};

/// What a function gave back.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// Its answer, or `{"errorType", "errorMessage"}` when it failed.
    pub payload: Value,
    /// `Handled` or `Unhandled` when the function failed.
    pub function_error: Option<String>,
}

impl Invocation {
    /// The answer of a function that did not fail.
    ///
    /// # Errors
    /// When it failed: its error type and message.
    pub fn succeeded(self) -> Result<Value> {
        match self.function_error {
            None => Ok(self.payload),
            Some(kind) => Err(StackError::new(format!("the function failed ({kind}): {}", self.payload))),
        }
    }
}

impl Stack {
    /// Calls a function (`usage-poller`) with an event and waits for its answer.
    ///
    /// # Errors
    /// When there is no such function or Lambda does not answer; a function that fails is no error here.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Invocation> {
        let name = self.deployed.functions.get(function);
        let name = name.ok_or_else(|| StackError::new(format!("no function {function} is deployed")))?;
        let path = format!("/2015-03-31/functions/{name}/invocations");
        let request = self.aws.request("lambda", Method::POST, &path).body(event.to_string());
        let response = accepted(request.send().await?, &format!("Invoke {function}")).await?;
        let error = response.headers().get("x-amz-function-error").and_then(|value| value.to_str().ok());
        let function_error = error.map(str::to_owned);
        let text = response.text().await?;
        let payload = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Invocation { payload, function_error })
    }
}
