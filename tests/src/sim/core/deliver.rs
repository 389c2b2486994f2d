//! Webhooks that a simulator sends, with a record of what the receiver answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::clock::iso_ms;
use super::hold;
use crate::sim::SimError;

/// A webhook ready to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Where to.
    pub url: String,
    /// Headers beyond the content type.
    pub headers: Vec<(String, String)>,
    /// JSON text, sent byte for byte.
    pub body: String,
}

/// One attempt to deliver.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Counts from 0; the number to redeliver by.
    pub number: usize,
    /// Machine time of the attempt, ISO 8601 UTC.
    pub time: String,
    /// Where to.
    pub url: String,
    /// Headers sent.
    pub headers: BTreeMap<String, String>,
    /// The very text sent.
    pub body: String,
    /// Status of the receiver; null when it could not be reached.
    pub status: Option<u16>,
    /// Why it could not be reached.
    pub error: Option<String>,
}

/// Sends webhooks and remembers them.
#[derive(Debug, Clone)]
pub struct Courier {
    /// Absent in a simulator without a socket: what it would send is held.
    http: Option<reqwest::Client>,
    sent: Arc<Mutex<Vec<Delivery>>>,
    held: Arc<Mutex<Vec<Outgoing>>>,
}

impl Courier {
    /// A courier that follows no redirect and waits ten seconds.
    ///
    /// # Errors
    /// When the HTTP client cannot be built.
    pub fn new() -> Result<Self, SimError> {
        Ok(Self { http: Some(client()?), sent: Arc::default(), held: Arc::default() })
    }

    /// A courier that sends nothing: what it was given is taken from it.
    #[must_use]
    pub fn holding() -> Self {
        Self { http: None, sent: Arc::default(), held: Arc::default() }
    }

    /// What was held since the last time.
    #[must_use]
    pub fn take_held(&self) -> Vec<Outgoing> {
        std::mem::take(&mut *hold(&self.held))
    }

    /// Sends once and tells the receiver's status.
    pub async fn send(&self, outgoing: &Outgoing) -> Option<u16> {
        let Some(http) = &self.http else {
            hold(&self.held).push(outgoing.clone());
            return Some(200);
        };
        let mut request = http.post(&outgoing.url).header("content-type", "application/json");
        for (name, value) in &outgoing.headers {
            request = request.header(name, value);
        }
        let answer = request.body(outgoing.body.clone()).send().await;
        let (status, error) = match answer {
            Ok(response) => (Some(response.status().as_u16()), None),
            Err(error) => (None, Some(error.to_string())),
        };
        self.remember(outgoing, status, error);
        status
    }

    /// Sends until the receiver accepts, at most `attempts` times, `pause` apart, on a task of its own.
    pub fn send_later(&self, outgoing: Outgoing, attempts: u32, pause: Duration, accepted: fn(u16) -> bool) {
        if self.http.is_none() {
            hold(&self.held).push(outgoing);
            return;
        }
        let courier = self.clone();
        tokio::spawn(async move {
            for attempt in 0..attempts.max(1) {
                if attempt > 0 {
                    tokio::time::sleep(pause).await;
                }
                if courier.send(&outgoing).await.is_some_and(accepted) {
                    return;
                }
            }
        });
    }

    /// The status that a URL answers to HEAD.
    pub async fn probe(&self, url: &str) -> Option<u16> {
        match &self.http {
            Some(http) => http.head(url).send().await.ok().map(|response| response.status().as_u16()),
            None => Some(200),
        }
    }

    /// Every attempt so far, as JSON.
    #[must_use]
    pub fn deliveries(&self) -> Value {
        serde_json::json!(*hold(&self.sent))
    }

    /// The webhook of an earlier attempt, for sending it again byte for byte.
    #[must_use]
    pub fn again(&self, number: usize) -> Option<Outgoing> {
        let sent = hold(&self.sent);
        let delivery = sent.get(number)?;
        let headers = delivery.headers.clone().into_iter().collect();
        Some(Outgoing { url: delivery.url.clone(), headers, body: delivery.body.clone() })
    }

    fn remember(&self, outgoing: &Outgoing, status: Option<u16>, error: Option<String>) {
        let mut sent = hold(&self.sent);
        let number = sent.len();
        sent.push(Delivery {
            number,
            time: iso_ms(Timestamp::now()),
            url: outgoing.url.clone(),
            headers: outgoing.headers.iter().cloned().collect(),
            body: outgoing.body.clone(),
            status,
            error,
        });
    }
}

/// The HTTP client of simulators and of the suites' control calls.
///
/// # Errors
/// When it cannot be built.
pub fn client() -> Result<reqwest::Client, SimError> {
    // Somebody else in this process may have installed it already; that is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // It stays on this machine, without TLS: reading the system's certificates for each call took half the time of a test.
    let builder = reqwest::Client::builder().tls_certs_only([]).redirect(reqwest::redirect::Policy::none()).no_proxy();
    Ok(builder.timeout(Duration::from_secs(10)).build()?)
}
