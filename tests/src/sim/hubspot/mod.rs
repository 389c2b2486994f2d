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
use super::core::hold;
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
    let hubspot = HubSpot {
        url: port.url.clone(),
        access_token: access_token.to_owned(),
        clock: clock.clone(),
        portal: Mutex::new(standard::portal()),
    };
    let identity = Identity { name: "hubspot", prefix: "", credentials: json!({ "access_token": access_token }) };
    Ok(port.run(identity, clock, Arc::new(hubspot)))
}

/// The CRM.
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
