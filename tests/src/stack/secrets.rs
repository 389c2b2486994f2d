//! Secrets Manager.

use serde_json::{Value, json};

use super::Stack;
use super::aws::refused_with;
use super::error::{During, Result, StackError};

impl Stack {
    /// Creates a secret, or gives it another value.
    ///
    /// # Errors
    /// When Secrets Manager refuses.
    pub async fn put_secret(&self, name: &str, value: &Value) -> Result<()> {
        let create = json!({"Name": name, "SecretString": value.to_string()});
        match self.aws.json("secretsmanager", "secretsmanager.CreateSecret", &create).await {
            Err(error) if refused_with(&error, "ResourceExistsException") => {
                let put = json!({"SecretId": name, "SecretString": value.to_string()});
                self.aws.json("secretsmanager", "secretsmanager.PutSecretValue", &put).await.map(drop)
            }
            other => other.map(drop),
        }
    }

    /// The value of a secret (by name or ARN).
    ///
    /// # Errors
    /// When there is none or it is no JSON.
    pub async fn secret(&self, name: &str) -> Result<Value> {
        let answer = self.aws.json("secretsmanager", "secretsmanager.GetSecretValue", &json!({"SecretId": name})).await?;
        let text = answer.get("SecretString").and_then(Value::as_str);
        let text = text.ok_or_else(|| StackError::new(format!("the secret {name} has no text")))?;
        serde_json::from_str(text).during(|| format!("the secret {name}"))
    }
}
