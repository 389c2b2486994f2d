//! AWS's wire protocols as far as the driver speaks them: Query with XML, JSON with a target header, and S3 and Lambda
//! by path. MiniStack reads the service and the region from the credential scope and checks no signature.

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;

use super::error::{During, Result, StackError};
use super::{emulator, http};

/// The dummy access key; the functions get dummies of their own from MiniStack.
const ACCESS_KEY: &str = "test";

/// A client of the local AWS.
#[derive(Debug, Clone)]
pub struct Aws {
    http: Client,
    endpoint: String,
}

impl Aws {
    /// For the AWS at an endpoint, `http://127.0.0.1:4566`.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn new(endpoint: &str) -> Result<Self> {
        Ok(Self { http: http::client()?, endpoint: endpoint.trim_end_matches('/').to_owned() })
    }

    /// Where every service answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The plain HTTP client, for calls that are not AWS's.
    #[must_use]
    pub fn http(&self) -> &Client {
        &self.http
    }

    /// A request to a service by path (S3, Lambda).
    pub fn request(&self, service: &str, method: Method, path: &str) -> RequestBuilder {
        let scope = format!("{ACCESS_KEY}/20200101/{}/{service}/aws4_request", emulator::REGION);
        self.http
            .request(method, format!("{}{path}", self.endpoint))
            .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"))
    }

    /// An action of the Query protocol (CloudFormation); the answer is XML.
    ///
    /// # Errors
    /// When the service refuses: its code and message.
    pub async fn query(&self, service: &str, version: &str, action: &str, form: &[(String, String)]) -> Result<String> {
        let mut form = form.to_vec();
        form.push(("Action".to_owned(), action.to_owned()));
        form.push(("Version".to_owned(), version.to_owned()));
        let response = self.request(service, Method::POST, "/").form(&form).send().await?;
        accepted(response, action).await?.text().await.during(|| action.to_owned())
    }

    /// An operation of a JSON protocol: `target` is `DynamoDB_20120810.Scan`, the service what a signature would name.
    ///
    /// # Errors
    /// When the service refuses: its code and message.
    pub async fn json(&self, service: &str, target: &str, body: &Value) -> Result<Value> {
        let version = if matches!(service, "dynamodb" | "sqs") { "1.0" } else { "1.1" };
        let request = self
            .request(service, Method::POST, "/")
            .header("content-type", format!("application/x-amz-json-{version}"))
            .header("x-amz-target", target)
            .body(body.to_string());
        let text = accepted(request.send().await?, target).await?.text().await?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).during(|| format!("the answer of {target}"))
    }

    /// Makes a bucket unless it exists.
    ///
    /// # Errors
    /// When S3 refuses.
    pub async fn make_bucket(&self, bucket: &str) -> Result<()> {
        let place =
            format!("<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>", emulator::REGION);
        let request = self.request("s3", Method::PUT, &format!("/{bucket}")).body(place);
        let response = request.send().await?;
        if response.status() == reqwest::StatusCode::CONFLICT {
            return Ok(());
        }
        accepted(response, "CreateBucket").await.map(drop)
    }

    /// Stores an object.
    ///
    /// # Errors
    /// When S3 refuses.
    pub async fn put_object(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<()> {
        let request = self.request("s3", Method::PUT, &format!("/{bucket}/{key}")).body(bytes);
        accepted(request.send().await?, "PutObject").await.map(drop)
    }

    /// The bytes of an object.
    ///
    /// # Errors
    /// When S3 refuses, or there is none.
    pub async fn object(&self, bucket: &str, key: &str) -> Result<Vec<u8>> {
        let request = self.request("s3", Method::GET, &format!("/{bucket}/{key}"));
        Ok(accepted(request.send().await?, "GetObject").await?.bytes().await?.to_vec())
    }

    /// The keys of a bucket that begin with `prefix`, a thousand at most.
    ///
    /// # Errors
    /// When S3 refuses.
    pub async fn object_keys(&self, bucket: &str, prefix: &str) -> Result<Vec<String>> {
        let request = self.request("s3", Method::GET, &format!("/{bucket}?list-type=2&prefix={prefix}"));
        let text = accepted(request.send().await?, "ListObjectsV2").await?.text().await?;
        let document = roxmltree::Document::parse(&text).during(|| "the answer of ListObjectsV2".into())?;
        let keys = document.descendants().filter(|node| node.tag_name().name() == "Key");
        Ok(keys.filter_map(|node| node.text().map(str::to_owned)).collect())
    }
}

/// Turns any status but 2xx into a failure with the service's words.
pub(super) async fn accepted(response: Response, action: &str) -> Result<Response> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.text().await.unwrap_or_default();
    Err(StackError::new(format!("{action} was refused: {status} {}", body.trim())))
}

/// The code of a refusal, `ResourceExistsException`, when the failure's text holds it.
#[must_use]
pub(super) fn refused_with(error: &StackError, code: &str) -> bool {
    error.to_string().contains(code)
}
