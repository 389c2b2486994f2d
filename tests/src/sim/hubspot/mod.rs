//! HubSpot: records, schemas, properties, associations and custom events, in both generations of paths.

mod associations;
mod batch;
mod control;
mod errors;
mod events;
mod model;
mod objects;
mod paths;
mod properties;
mod schemas;
mod search;
mod standard;
mod values;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::json;

use self::model::Portal;
use self::paths::{Area, Route};
use super::SimError;
use super::core::call::Call;
use super::core::clock::Clock;
use super::core::deliver::Courier;
use super::core::hold;
use super::core::in_process::InProcess;
use super::core::reply::Reply;
use super::core::server::{Behaviour, Identity, Port, Sim};

/// Starts the simulator with its customary token.
///
/// # Errors
/// When the port is taken.
pub async fn start(port: Option<u16>) -> Result<Sim, SimError> {
    start_with(port, "pat-eu1-simulated").await
}

/// Starts the simulator with a token of the caller's choice.
///
/// # Errors
/// When the port is taken.
pub async fn start_with(port: Option<u16>, access_token: &str) -> Result<Sim, SimError> {
    let port = Port::bind(port).await?;
    let clock = Clock::default();
    let (identity, hubspot) = made(&port.url, access_token, &clock, standard::portal());
    Ok(port.run(identity, clock, hubspot))
}

/// The simulator without a socket, and without limits on requests, which follow the machine's clock.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The CRM as it is spoken to.
    pub hubspot: InProcess,
    portal: Arc<HubSpot>,
}

impl Desk {
    /// A new portal.
    #[must_use]
    pub fn new() -> Self {
        let mut portal = standard::portal();
        portal.settings.requests_per_10_seconds = usize::MAX;
        portal.settings.searches_per_second = usize::MAX;
        // Two runs of one seed must find the same.
        portal.settings.search_lag_by_own_clock = true;
        Self::of(portal)
    }

    /// Another portal that holds what this one holds now.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self::of(self.portal.portal().clone())
    }

    fn of(mut portal: Portal) -> Self {
        portal.rates.clear();
        let (url, clock) = ("https://hubspot.test", Clock::default());
        let (identity, portal) = made(url, "pat-eu1-simulated", &clock, portal);
        Self { hubspot: InProcess::new(url, identity, clock, Courier::holding(), portal.clone()), portal }
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

fn made(url: &str, access_token: &str, clock: &Clock, portal: Portal) -> (Identity, Arc<HubSpot>) {
    let hubspot = HubSpot { url: url.to_owned(), access_token: access_token.to_owned(), clock: clock.clone(), portal: Mutex::new(portal) };
    let identity = Identity { name: "hubspot", prefix: "", credentials: json!({ "access_token": access_token }) };
    (identity, Arc::new(hubspot))
}

/// The CRM.
#[derive(Debug)]
pub(super) struct HubSpot {
    url: String,
    access_token: String,
    clock: Clock,
    portal: Mutex<Portal>,
}

impl Behaviour for HubSpot {
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Reply> {
        Box::pin(async move { self.answer(call) })
    }

    fn control<'a>(&'a self, call: &'a Call, rest: &'a [&'a str]) -> BoxFuture<'a, Option<Reply>> {
        Box::pin(async move { self.controlled(call, rest) })
    }
}

/// What an operation gives: an answer either way.
type Answer = Result<Reply, Reply>;

impl HubSpot {
    fn portal(&self) -> MutexGuard<'_, Portal> {
        hold(&self.portal)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn answer(&self, call: &Call) -> Reply {
        match call.bearer() {
            None => return errors::no_credentials(),
            Some(token) if token != self.access_token => return errors::wrong_credentials(),
            Some(_) => {}
        }
        let (_, segments) = call.route();
        let Some(route) = paths::route(&segments) else {
            return errors::no_such_path();
        };
        match self.limited(&route) {
            Err(refusal) => refusal,
            Ok(remaining) => self
                .operation(call, &route)
                .unwrap_or_else(|refusal| refusal)
                .with("x-hubspot-ratelimit-interval-milliseconds", "10000")
                .with("x-hubspot-ratelimit-remaining", remaining.to_string()),
        }
    }

    fn operation(&self, call: &Call, route: &Route<'_>) -> Answer {
        if matches!(call.method.as_str(), "POST" | "PATCH") && call.media_type() != "application/json" {
            return Err(errors::media_type());
        }
        match route.area {
            Area::Objects => self.objects(call, route),
            Area::Associations => self.associations(call, route.rest),
            Area::Schemas => self.schemas(call, route.rest),
            Area::Properties => self.properties(call, route.rest),
            Area::Events => self.events(call, route.rest),
        }
    }

    /// HubSpot, "Limits and errors": a burst over ten seconds, and five searches a second.
    fn limited(&self, route: &Route<'_>) -> Result<usize, Reply> {
        let mut portal = self.portal();
        let settings = portal.settings.clone();
        if route.rest.last() == Some(&"search") {
            let verdict = portal.rates.count("search", settings.searches_per_second, Duration::from_secs(1));
            if !verdict.allowed {
                return Err(errors::too_many("secondly", "SECONDLY"));
            }
        }
        let verdict = portal.rates.count("burst", settings.requests_per_10_seconds, Duration::from_secs(10));
        if verdict.allowed { Ok(verdict.remaining) } else { Err(errors::too_many("ten_secondly_rolling", "TEN_SECONDLY_ROLLING")) }
    }
}
