//! The transport over the network.

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::{Client, Identity, redirect, retry, tls};
use ring::digest::{SHA256, digest};
use secrecy::ExposeSecret;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use url::{Host, Url};

use super::{
    Answer, HttpRequest, SendError,
    time::between,
    transport::{
        BAD_IDENTITY, BROKE_OFF, CONNECT_TIME_OUT, MOST_BODY, NOT_BUILT, NOT_REACHED, NOT_SECURE, Route, TIMED_OUT, TOO_LARGE, Transport,
    },
};
use crate::{config::TlsFloor, world::World};

/// How long a connection is kept for the next call. Servers commonly close after 60 s or more; ours must be the first to let go.
const POOL_IDLE: Duration = Duration::from_secs(60);

/// reqwest, one client for each kind of route.
///
/// Connections are never carried over a pause of 60 s by the wall clock: a sandbox that was frozen for an hour wakes up with
/// connections that the other side closed long ago, and a purchase written to one of them would be a purchase of unknown outcome.
///
/// Below reqwest, hyper takes a request to a new connection when the kept one closed before its first byte was taken from the queue.
/// That is the one repetition left, and it repeats what was never begun.
pub struct ReqwestTransport {
    world: World,
    clients: Mutex<HashMap<ClientKey, Kept>>,
}

/// What clients differ by: the lower TLS floor or not, and the digest of the certificate.
type ClientKey = (bool, Option<Vec<u8>>);

struct Kept {
    client: Client,
    used_at: Timestamp,
}

impl ReqwestTransport {
    /// A transport without connections. Makes ring this process's TLS library, unless one was chosen already.
    #[must_use]
    pub fn new(world: World) -> Self {
        // An error here says that a provider is installed already: that one then stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { world, clients: Mutex::default() }
    }

    fn client(&self, route: &Route) -> Result<Client, SendError> {
        let now = self.world.now();
        let pem = route.client_identity_pem.as_ref();
        let key = (route.minimum_tls == TlsFloor::Tls12, pem.map(|pem| digest(&SHA256, pem.expose_secret().as_bytes()).as_ref().to_vec()));
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = clients.get_mut(&key)
            && kept.used_at <= now
            && between(kept.used_at, now) < POOL_IDLE
        {
            kept.used_at = now;
            return Ok(kept.client.clone());
        }
        let client = build(route)?;
        clients.insert(key, Kept { client: client.clone(), used_at: now });
        Ok(client)
    }
}

fn build(route: &Route) -> Result<Client, SendError> {
    let floor = match route.minimum_tls {
        TlsFloor::Tls12 => tls::Version::TLS_1_2,
        TlsFloor::Tls13 => tls::Version::TLS_1_3,
    };
    let mut builder = Client::builder()
        .user_agent(concat!("passerelle/", env!("CARGO_PKG_VERSION")))
        .tls_version_min(floor)
        .connect_timeout(CONNECT_TIME_OUT)
        .pool_idle_timeout(POOL_IDLE)
        // A redirect would send a purchase, and its token, to where nobody chose to send it.
        .redirect(redirect::Policy::none())
        // reqwest repeats on protocol refusals by default. Whether to send again is decided by what it would cost, not here.
        .retry(retry::never())
        .referer(false)
        .no_proxy();
    if let Some(pem) = &route.client_identity_pem {
        let identity = Identity::from_pem(pem.expose_secret().as_bytes()).map_err(|_| SendError::NotSent(BAD_IDENTITY))?;
        builder = builder.identity(identity);
    }
    builder.build().map_err(|_| SendError::NotSent(if route.client_identity_pem.is_some() { BAD_IDENTITY } else { NOT_BUILT }))
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: HttpRequest, route: &Route, time_out: Duration) -> Result<Answer, SendError> {
        if !may_leave(&request.url) {
            return Err(SendError::NotSent(NOT_SECURE));
        }
        let HttpRequest { method, url, headers, body, .. } = request;
        let request = self.client(route)?.request(method, url).headers(headers).body(body).timeout(time_out);
        read(request.send().await.map_err(|error| unsent_or_unknown(&error))?).await
    }
}

/// `https`, or this very machine (simulators, local AWS).
fn may_leave(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

/// Only what surely happened before the first byte of the request counts as not sent.
fn unsent_or_unknown(error: &reqwest::Error) -> SendError {
    if error.is_builder() {
        SendError::NotSent(NOT_BUILT)
    } else if error.is_connect() {
        SendError::NotSent(NOT_REACHED)
    } else {
        no_whole_answer(error)
    }
}

fn no_whole_answer(error: &reqwest::Error) -> SendError {
    SendError::Unknown(if error.is_timeout() { TIMED_OUT } else { BROKE_OFF })
}

async fn read(mut response: reqwest::Response) -> Result<Answer, SendError> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| no_whole_answer(&error))? {
        if body.len().saturating_add(chunk.len()) > MOST_BODY {
            return Err(SendError::Unknown(TOO_LARGE));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body })
}

#[cfg(test)]
#[path = "reqwest_transport_tests.rs"]
mod tests;
