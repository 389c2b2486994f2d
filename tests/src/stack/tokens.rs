//! OAuth clients and their tokens.

use serde_json::{Value, json};

use super::Stack;
use super::aws::accepted;
use super::error::{Result, StackError};

/// The credentials of a caller of the API.
#[derive(Clone)]
pub struct OauthClient {
    /// Public.
    pub id: String,
    /// Not so; no `Debug` shows it.
    pub secret: String,
}

impl std::fmt::Debug for OauthClient {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("OauthClient").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Stack {
    /// The client that the template makes.
    #[must_use]
    pub fn client(&self) -> OauthClient {
        OauthClient { id: self.deployed.client_id.clone(), secret: self.deployed.client_secret.clone() }
    }

    /// A token of the template's client with some of its scopes (`orders.write`); none asks for all.
    ///
    /// # Errors
    /// When Cognito refuses.
    pub async fn token(&self, scopes: &[&str]) -> Result<String> {
        self.token_of(&self.client(), scopes).await
    }

    /// A token of any client.
    ///
    /// # Errors
    /// When Cognito refuses.
    pub async fn token_of(&self, client: &OauthClient, scopes: &[&str]) -> Result<String> {
        let asked = self.whole_scopes(scopes)?;
        let form = [("grant_type", "client_credentials"), ("scope", &asked.join(" "))];
        let http = self.aws.http().post(&self.deployed.token_url);
        let response = http.basic_auth(&client.id, Some(&client.secret)).form(&form).send().await?;
        let answer: Value = accepted(response, "the token request").await?.json().await?;
        let token = answer.get("access_token").and_then(Value::as_str);
        token.map(str::to_owned).ok_or_else(|| StackError::new("the token answer holds no access_token"))
    }

    /// Makes another client in the pool: another agency, or one with fewer scopes.
    ///
    /// # Errors
    /// When Cognito refuses.
    pub async fn new_client(&self, name: &str, scopes: &[&str]) -> Result<OauthClient> {
        let body = json!({
            "UserPoolId": self.deployed.user_pool,
            "ClientName": name,
            "GenerateSecret": true,
            "AllowedOAuthFlows": ["client_credentials"],
            "AllowedOAuthFlowsUserPoolClient": true,
            "AllowedOAuthScopes": self.whole_scopes(scopes)?,
        });
        let target = "AWSCognitoIdentityProviderService.CreateUserPoolClient";
        let answer = self.aws.json("cognito-idp", target, &body).await?;
        let text = |member: &str| answer.get("UserPoolClient")?.get(member)?.as_str().map(str::to_owned);
        match (text("ClientId"), text("ClientSecret")) {
            (Some(id), Some(secret)) => Ok(OauthClient { id, secret }),
            _ => Err(StackError::new("the new client has no id or no secret")),
        }
    }

    /// `orders.write` → `passerelle/orders.write`, as the template's client has it.
    fn whole_scopes(&self, scopes: &[&str]) -> Result<Vec<String>> {
        if scopes.is_empty() {
            return Ok(self.deployed.scopes.clone());
        }
        let whole = |scope: &&str| {
            let named = self.deployed.scopes.iter().find(|known| known.rsplit('/').next() == Some(*scope) || known == scope);
            named.cloned().ok_or_else(|| StackError::new(format!("the template knows no scope {scope}")))
        };
        scopes.iter().map(whole).collect()
    }
}
