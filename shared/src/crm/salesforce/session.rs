//! Tokens by client credentials (Salesforce facts, "Authentication") and calls with them. A token tells nothing of its end: the org's session
//! setting decides, so that it is kept until it is refused, and a refused call, which did nothing, is made once more with a new one.

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use std::sync::PoisonError;
use url::Url;

use super::{
    Salesforce,
    answer::{self, Failure},
};
use crate::outbound::{Http, HttpRequest};

/// A token, and where it is good.
#[derive(Clone)]
pub(super) struct Session {
    token: SecretString,
    /// The base of every call: not always the host of the log-in.
    instance: Url,
}

#[derive(Deserialize)]
struct Told {
    access_token: SecretString,
    instance_url: Url,
}

impl Salesforce {
    /// Sends one call below `/services/data/vXX.X` and reads the answer's body.
    pub(super) async fn call(
        &self,
        http: &dyn Http,
        operation: &'static str,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let session = match self.kept() {
            Some(session) => session,
            None => self.log_in(http).await?,
        };
        match self.once(http, &session, operation, method.clone(), path, body).await {
            Err(Failure::SessionOver) => {
                let session = self.log_in(http).await?;
                self.once(http, &session, operation, method, path, body).await
            }
            other => other,
        }
    }

    fn kept(&self) -> Option<Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn once(
        &self,
        http: &dyn Http,
        session: &Session,
        operation: &'static str,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let url = below(&session.instance, &["services", "data", &self.api_version], path);
        let request = HttpRequest::new(operation, method, url).bearer(session.token.expose_secret()).header("accept", "application/json");
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        answer::read(&http.send(request).await?)
    }

    async fn log_in(&self, http: &dyn Http) -> Result<Session, Failure> {
        let url = below(&self.base_url, &["services", "oauth2", "token"], &[]);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.expose_secret()),
        ];
        let answer = http.send(HttpRequest::new("crm_login", Method::POST, url).form(&form)).await?;
        if !answer.status.is_success() {
            return Err(answer::login_failure(&answer));
        }
        let told: Told = answer.json().ok_or_else(|| Failure::later("the log-in's answer cannot be read"))?;
        if self.base_url.scheme() == "https" && told.instance_url.scheme() != "https" {
            return Err(Failure::refused("the log-in names an instance without TLS"));
        }
        let session = Session { token: told.access_token, instance: told.instance_url };
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
        Ok(session)
    }
}

/// Segments are escaped one by one: an id with a slash stays one segment.
fn below(base: &Url, family: &[&str], rest: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(family).extend(rest);
    }
    url
}
