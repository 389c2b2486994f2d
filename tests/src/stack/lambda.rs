//! Calling a function by name, as a schedule or an operator would.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;

use super::Stack;
use super::aws::accepted;
use super::error::{Result, StackError};
use super::rie::Rie;

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
        let name = self.deployed_name(function)?;
        let path = format!("/2015-03-31/functions/{name}/invocations");
        let request = self.aws.request("lambda", Method::POST, &path).body(event.to_string());
        let response = accepted(request.send().await?, &format!("Invoke {function}")).await?;
        let error = response.headers().get("x-amz-function-error").and_then(|value| value.to_str().ok());
        let function_error = error.map(str::to_owned);
        let text = response.text().await?;
        let payload = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Invocation { payload, function_error })
    }

    /// Runs a function of this stack under AWS's runtime interface emulator, with the environment that the template
    /// gives it and the local AWS behind it. Its output goes to `rie-<function>.log`.
    ///
    /// # Errors
    /// When there is no such function or the emulator does not start.
    pub async fn under_rie(&self, function: &str) -> Result<Rie> {
        let binary = self.binaries.get(function);
        let binary = binary.ok_or_else(|| StackError::new(format!("no function {function} was built")))?;
        let (mut variables, timeout) = self.configuration(function).await?;
        variables.insert("AWS_ENDPOINT_URL".to_owned(), self.aws.endpoint().to_owned());
        variables.insert("AWS_LAMBDA_FUNCTION_TIMEOUT".to_owned(), timeout.to_string());
        Rie::start(binary, function, &variables, &self.folder.join(format!("rie-{function}.log"))).await
    }

    /// A deployed function's environment variables and its time-out in seconds.
    async fn configuration(&self, function: &str) -> Result<(BTreeMap<String, String>, u64)> {
        let path = format!("/2015-03-31/functions/{}/configuration", self.deployed_name(function)?);
        let request = self.aws.request("lambda", Method::GET, &path);
        let answer: Value = accepted(request.send().await?, "GetFunctionConfiguration").await?.json().await?;
        let variables = answer.pointer("/Environment/Variables").and_then(Value::as_object);
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        let timeout = answer.get("Timeout").and_then(Value::as_u64).unwrap_or(3);
        Ok((variables.into_iter().flatten().filter_map(text).collect(), timeout))
    }

    /// The name that CloudFormation gave to a function.
    pub(super) fn deployed_name(&self, function: &str) -> Result<&str> {
        let name = self.deployed.functions.get(function).map(String::as_str);
        name.ok_or_else(|| StackError::new(format!("no function {function} is deployed")))
    }
}
