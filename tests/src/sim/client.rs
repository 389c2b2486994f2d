//! Short calls to a simulator's controls, for suites and for `cargo local`.

use serde_json::{Value, json};

use super::SimError;
use super::core::clock::iso;
use super::core::deliver::client;
use super::core::fault::Fault;
use super::core::json::{text, whole};

/// Talks to `/_sim/…` of one simulator.
#[derive(Debug, Clone)]
pub struct SimClient {
    base: String,
}

impl SimClient {
    /// For the simulator at a URL, `http://127.0.0.1:4010`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { base: url.trim_end_matches('/').to_owned() }
    }

    /// Waits for nothing: answers whether the simulator is up.
    ///
    /// # Errors
    /// When it is not.
    pub async fn health(&self) -> Result<Value, SimError> {
        self.get("health").await
    }

    /// Every request recorded, oldest first.
    ///
    /// # Errors
    /// When the simulator does not answer.
    pub async fn requests(&self) -> Result<Vec<Value>, SimError> {
        array(self.get("requests").await?)
    }

    /// The recorded requests of a method whose path contains a text.
    ///
    /// # Errors
    /// When the simulator does not answer.
    pub async fn requests_to(&self, method: &str, path: &str) -> Result<Vec<Value>, SimError> {
        let mut requests = self.requests().await?;
        requests
            .retain(|request| text(request, "method") == Some(method) && text(request, "path").is_some_and(|whole| whole.contains(path)));
        Ok(requests)
    }

    /// Forgets the recorded requests.
    ///
    /// # Errors
    /// When the simulator does not answer.
    pub async fn clear_requests(&self) -> Result<(), SimError> {
        self.call(reqwest::Method::DELETE, "requests", None).await.map(drop)
    }

    /// Orders a failure.
    ///
    /// # Errors
    /// When the simulator does not accept it.
    pub async fn fault(&self, fault: &Fault) -> Result<(), SimError> {
        self.post("faults", &serde_json::to_value(fault)?).await.map(drop)
    }

    /// Takes back all failures that have not happened yet.
    ///
    /// # Errors
    /// When the simulator does not answer.
    pub async fn clear_faults(&self) -> Result<(), SimError> {
        self.call(reqwest::Method::DELETE, "faults", None).await.map(drop)
    }

    /// The failures that still wait for a request.
    ///
    /// # Errors
    /// When the simulator does not answer.
    pub async fn waiting_faults(&self) -> Result<Vec<Value>, SimError> {
        array(self.get("faults").await?)
    }

    /// Stops the simulator's clock at an instant (ISO 8601 with zone); `None` returns to the machine's clock.
    ///
    /// # Errors
    /// When the instant cannot be read.
    pub async fn set_clock(&self, now: Option<&str>) -> Result<(), SimError> {
        self.post("clock", &json!({ "now": now })).await.map(drop)
    }

    /// [`SimClient::set_clock`] with an instant.
    ///
    /// # Errors
    /// When the simulator does not answer.
    pub async fn set_now(&self, now: jiff::Timestamp) -> Result<(), SimError> {
        self.set_clock(Some(&iso(now))).await
    }

    /// Providers: every purchase made.
    ///
    /// # Errors
    /// When the simulator has no ledger.
    pub async fn ledger(&self) -> Result<Vec<Value>, SimError> {
        array(self.get("ledger").await?)
    }

    /// Providers: every eSIM sold.
    ///
    /// # Errors
    /// When the simulator sells none.
    pub async fn esims(&self) -> Result<Vec<Value>, SimError> {
        array(self.get("esims").await?)
    }

    /// Providers: changes the life of an eSIM (by ICCID or id) and returns it.
    ///
    /// # Errors
    /// When there is no such eSIM or a member is not understood.
    pub async fn set_esim(&self, id: &str, change: &Value) -> Result<Value, SimError> {
        self.post(&format!("esims/{id}/set"), change).await
    }

    /// Providers: the webhooks sent, with the receivers' answers.
    ///
    /// # Errors
    /// When the simulator sends none.
    pub async fn deliveries(&self) -> Result<Vec<Value>, SimError> {
        array(self.get("deliveries").await?)
    }

    /// SendGrid: the messages received.
    ///
    /// # Errors
    /// When the simulator takes no mail.
    pub async fn messages(&self) -> Result<Vec<Value>, SimError> {
        array(self.get("messages").await?)
    }

    /// SendGrid: the bytes of an attachment.
    ///
    /// # Errors
    /// When there is no such attachment.
    pub async fn attachment(&self, message: usize, attachment: usize) -> Result<Vec<u8>, SimError> {
        let url = format!("{}/_sim/messages/{message}/attachments/{attachment}", self.base);
        let response = client()?.get(&url).send().await?.error_for_status()?;
        Ok(response.bytes().await?.to_vec())
    }

    /// HubSpot: all records of a type, with their properties.
    ///
    /// # Errors
    /// When the portal has no such type.
    pub async fn objects(&self, kind: &str) -> Result<Vec<Value>, SimError> {
        array(self.get(&format!("objects/{kind}")).await?)
    }

    /// HubSpot: a contact and a deal that belong together; returns their ids.
    ///
    /// # Errors
    /// When the simulator is not HubSpot.
    pub async fn seed_trip(&self, email: &str, deal: &str) -> Result<(String, String), SimError> {
        let seeded = self.post("seed", &json!({ "email": email, "deal": deal })).await?;
        let id = |key: &str| text(&seeded, key).map(str::to_owned).ok_or("the seed has no ids");
        Ok((id("contact_id")?, id("deal_id")?))
    }

    /// GET of any control.
    ///
    /// # Errors
    /// On any status but 2xx.
    pub async fn get(&self, control: &str) -> Result<Value, SimError> {
        self.call(reqwest::Method::GET, control, None).await
    }

    /// POST to any control.
    ///
    /// # Errors
    /// On any status but 2xx.
    pub async fn post(&self, control: &str, body: &Value) -> Result<Value, SimError> {
        self.call(reqwest::Method::POST, control, Some(body)).await
    }

    async fn call(&self, method: reqwest::Method, control: &str, body: Option<&Value>) -> Result<Value, SimError> {
        let mut request = client()?.request(method.clone(), format!("{}/_sim/{control}", self.base));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            return Err(format!("{method} /_sim/{control}: {status} {text}").into());
        }
        if text.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&text)?) }
    }
}

fn array(value: Value) -> Result<Vec<Value>, SimError> {
    match value {
        Value::Array(items) => Ok(items),
        other => Err(format!("expected an array, got {other}").into()),
    }
}

/// The status of a recorded request; `None` when no answer left.
#[must_use]
pub fn status_of(request: &Value) -> Option<i64> {
    whole(request, "status")
}
