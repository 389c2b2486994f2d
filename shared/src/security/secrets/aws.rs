//! Secrets Manager itself.

use async_trait::async_trait;
use aws_sdk_secretsmanager::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{get_secret_value::GetSecretValueError, put_secret_value::PutSecretValueError},
};
use secrecy::{ExposeSecret, SecretString};

use super::{SecretError, SecretSource};

/// Secrets Manager. Reading needs `GetSecretValue`, writing `PutSecretValue`, and `CreateSecret` only where the secret is not there yet.
#[derive(Debug, Clone)]
pub struct AwsSecrets {
    client: Client,
}

impl AwsSecrets {
    /// Through this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    async fn create(&self, name: &str, text: &SecretString) -> Result<(), SecretError> {
        let call = self.client.create_secret().name(name).secret_string(text.expose_secret());
        call.send().await.map(|_| ()).map_err(|error| unreachable(name, &error))
    }
}

#[async_trait]
impl SecretSource for AwsSecrets {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        match self.client.get_secret_value().secret_id(name).send().await {
            Ok(output) => output
                .secret_string
                .map(SecretString::from)
                .ok_or_else(|| SecretError::unusable(name, "(root)", "is binary: a text is needed")),
            Err(error) if error.as_service_error().is_some_and(GetSecretValueError::is_resource_not_found_exception) => {
                Err(SecretError::Unknown { name: name.to_owned() })
            }
            Err(error) => Err(unreachable(name, &error)),
        }
    }

    async fn write(&self, name: &str, text: &SecretString) -> Result<(), SecretError> {
        match self.client.put_secret_value().secret_id(name).secret_string(text.expose_secret()).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(PutSecretValueError::is_resource_not_found_exception) => {
                self.create(name, text).await
            }
            Err(error) => Err(unreachable(name, &error)),
        }
    }
}

/// The service's code says enough; its messages may quote what was sent.
fn unreachable<E: ProvideErrorMetadata, R>(name: &str, error: &SdkError<E, R>) -> SecretError {
    let fate = match error {
        SdkError::TimeoutError(_) => "timed out",
        SdkError::DispatchFailure(_) => "no connection",
        SdkError::ConstructionFailure(_) => "not sent",
        _ => "no readable answer",
    };
    SecretError::Unreachable { name: name.to_owned(), reason: error.code().unwrap_or(fate).to_owned() }
}

#[cfg(test)]
#[path = "aws_tests.rs"]
mod tests;
