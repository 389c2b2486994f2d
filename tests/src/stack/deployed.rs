//! What was deployed, by the names that the template uses.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::aws::Aws;
use super::cloudformation::{self, Resource};
use super::emulator::REGION;
use super::error::{Result, StackError};

/// Everything that a caller of the deployed system needs.
#[derive(Clone, Serialize)]
pub struct Deployed {
    /// Base URL of the API with its stage and without a slash at the end.
    pub api: String,
    /// Where tokens are got by client credentials.
    pub token_url: String,
    /// The OAuth client of the template.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The scopes that it may ask for.
    pub scopes: Vec<String>,
    /// Where every AWS service answers.
    pub aws_endpoint: String,
    /// The region of everything.
    pub region: String,
    /// The name of the table.
    pub table: String,
    /// The Cognito pool.
    pub user_pool: String,
    /// `fulfilment`, `fulfilment-dlq` … → queue URL.
    pub queues: BTreeMap<String, String>,
    /// `orders` … → deployed name.
    pub functions: BTreeMap<String, String>,
    /// The template's outputs.
    pub outputs: BTreeMap<String, String>,
}

impl std::fmt::Debug for Deployed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Deployed").field("api", &self.api).field("table", &self.table).finish_non_exhaustive()
    }
}

/// Reads a stack whose functions are given as logical id → name.
///
/// # Errors
/// When a resource that every caller needs is not in the stack.
pub async fn read(aws: &Aws, stack: &str, functions: &BTreeMap<String, String>) -> Result<Deployed> {
    let resources = cloudformation::resources(aws, stack).await?;
    let only = |kind: &str| only_one(&resources, kind);
    let (rest_api, stage) = (only("AWS::ApiGateway::RestApi")?, only("AWS::ApiGateway::Stage")?);
    let (user_pool, client_id) = (only("AWS::Cognito::UserPool")?, only("AWS::Cognito::UserPoolClient")?);
    let client = describe_client(aws, &user_pool, &client_id).await?;
    Ok(Deployed {
        api: format!("{}/_aws/execute-api/{rest_api}/{stage}", aws.endpoint()),
        token_url: format!("{}/oauth2/token", aws.endpoint()),
        client_secret: client.secret,
        scopes: client.scopes,
        client_id,
        user_pool,
        aws_endpoint: aws.endpoint().to_owned(),
        region: REGION.to_owned(),
        table: only("AWS::DynamoDB::Table")?,
        queues: queues(&resources),
        functions: deployed_functions(&resources, functions),
        outputs: cloudformation::outputs(aws, stack).await?,
    })
}

fn only_one(resources: &BTreeMap<String, Resource>, kind: &str) -> Result<String> {
    let mut ids = resources.values().filter(|resource| resource.kind == kind).map(|resource| resource.id.clone());
    match (ids.next(), ids.next()) {
        (Some(id), None) => Ok(id),
        (None, _) => Err(StackError::new(format!("the template makes no {kind}"))),
        _ => Err(StackError::new(format!("the template makes more than one {kind}"))),
    }
}

fn queues(resources: &BTreeMap<String, Resource>) -> BTreeMap<String, String> {
    let queues = resources.iter().filter(|(_, resource)| resource.kind == "AWS::SQS::Queue");
    queues.map(|(logical, resource)| (queue_name(logical), resource.id.clone())).collect()
}

/// `FulfilmentQueue` → `fulfilment`, `FulfilmentDlq` → `fulfilment-dlq`.
fn queue_name(logical: &str) -> String {
    let mut name = String::new();
    for letter in logical.strip_suffix("Queue").unwrap_or(logical).chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn deployed_functions(resources: &BTreeMap<String, Resource>, functions: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let deployed = |(logical, name): (&String, &String)| Some((name.clone(), resources.get(logical)?.id.clone()));
    functions.iter().filter_map(deployed).collect()
}

struct OauthClient {
    secret: String,
    scopes: Vec<String>,
}

async fn describe_client(aws: &Aws, pool: &str, client: &str) -> Result<OauthClient> {
    let body = json!({"UserPoolId": pool, "ClientId": client});
    let target = "AWSCognitoIdentityProviderService.DescribeUserPoolClient";
    let answer = aws.json("cognito-idp", target, &body).await?;
    let client = answer.get("UserPoolClient").unwrap_or(&Value::Null);
    let secret = client.get("ClientSecret").and_then(Value::as_str);
    let scopes = client.get("AllowedOAuthScopes").and_then(Value::as_array);
    Ok(OauthClient {
        secret: secret.ok_or_else(|| StackError::new("the OAuth client has no secret"))?.to_owned(),
        scopes: scopes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::queue_name;

    #[test]
    fn queues_go_by_short_names() {
        let names = ["FulfilmentQueue", "NotifierDlq", "ScheduleDlq"].map(queue_name);
        assert_eq!(names, ["fulfilment", "notifier-dlq", "schedule-dlq"]);
    }
}
