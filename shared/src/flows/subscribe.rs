//! `POST /webhooks/register`: a CRM or an iPaaS wants to be told of our events.

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{Run, place_order::text};
use crate::{problem::Problem, security::standard_webhooks, store::subscriptions::Subscription};

/// The events that can be subscribed to.
pub const EVENTS: [&str; 5] = ["esim.installed", "esim.activated", "usage.threshold_reached", "esim.expired", "topup.proposed"];

/// Subscriptions an agency may have: one transaction hands an event to all of them.
const MOST: usize = 20;

/// The body of `POST /webhooks/register`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSubscription {
    /// Where to post.
    pub url: String,
    /// Which events.
    pub events: Vec<String>,
}

/// The answer: the secret is shown this once.
#[derive(Serialize)]
pub struct Subscribed {
    subscription_id: String,
    secret: String,
    events: Vec<String>,
}

/// Registers a URL. `local` says that we ourselves run on a loopback address, where plain loopback URLs are allowed.
///
/// # Errors
/// [`Problem`] that names the field.
pub async fn subscribe(run: &Run<'_>, new: NewSubscription, local: bool) -> Result<Subscribed, Problem> {
    text("url", &new.url, 2000)?;
    let url = checked_url(&new.url, local)?;
    if new.events.is_empty() {
        return Err(Problem::field("events", "must name one event at least"));
    }
    for (place, event) in new.events.iter().enumerate() {
        if !EVENTS.contains(&event.as_str()) {
            return Err(Problem::field(format!("events[{place}]"), format!("must be one of {}", EVENTS.join(", "))));
        }
    }
    if run.house.store.subscriptions(&run.agency_id, &run.house.seals).await?.len() >= MOST {
        return Err(Problem::new(409, "too_many_subscriptions", format!("An agency may register {MOST} URLs.")));
    }
    let secret = standard_webhooks::new_webhook_secret(&run.house.world);
    let subscription = Subscription {
        agency: run.agency_id.clone(),
        subscription_id: run.house.world.new_id("sub"),
        url,
        events: new.events,
        secret,
        previous: None,
        active: true,
        failing_since: None,
        version: 1,
    };
    run.house.store.transaction().create_subscription(&subscription, &run.house.seals)?.commit().await?;
    Ok(Subscribed {
        subscription_id: subscription.subscription_id,
        secret: subscription.secret.expose_secret().to_owned(),
        events: subscription.events,
    })
}

/// Public `https` names only: an address of the inside must not be reachable through us.
fn checked_url(text: &str, local: bool) -> Result<Url, Problem> {
    let url = Url::parse(text).map_err(|_| Problem::field("url", "must be an absolute URL"))?;
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if local && loopback && url.scheme() == "http" {
        return Ok(url);
    }
    let named =
        matches!(url.host(), Some(Host::Domain(name)) if name.contains('.') && !name.ends_with(".internal") && !name.ends_with(".local"));
    if url.scheme() != "https" || !named || !url.username().is_empty() || url.password().is_some() {
        return Err(Problem::field("url", "must be an https URL of a public host name, without user name or password"));
    }
    Ok(url)
}

impl Subscribed {
    /// As JSON.
    #[must_use]
    pub fn view(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
