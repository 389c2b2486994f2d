//! Everything that a trip needs, up and running.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::agency;
use crate::sim::Simulators;
use crate::stack::{During, Options, Result, Stack, StackError};

/// The agency that `cargo local` makes.
pub const AGENCY_ID: &str = "demo";

/// A deployed system, the simulators beside it and one agency in it.
#[derive(Debug)]
pub struct Demo {
    /// The local AWS.
    pub stack: Stack,
    /// What the system talks to.
    pub sims: Simulators,
    /// The agency's secret as it was given.
    pub agency: Value,
    /// Where the agency is.
    pub zone: TimeZone,
    /// What `onboard` answered.
    pub onboarded: Value,
}

impl Demo {
    /// Brings everything up with the demo agency, or with a given one, and onboards it.
    ///
    /// # Errors
    /// When the stack does not come up or `onboard` refuses the agency.
    pub async fn up(options: Options, agency: Option<Value>) -> Result<Self> {
        let say = Arc::clone(&options.say);
        let stack = Stack::up(options).await?;
        say("starting the simulators");
        let sims = Simulators::start().await.map_err(|error| StackError::new(format!("the simulators: {error}")))?;
        let agency = agency.unwrap_or_else(|| agency::demo(&sims));
        let zone = zone(&agency);
        let mut demo = Self { stack, sims, agency, zone, onboarded: Value::Null };
        say("making the agency and onboarding it");
        demo.onboard().await?;
        say("fetching the catalogue");
        demo.play("catalog-sync", Timestamp::now()).await?;
        Ok(demo)
    }

    async fn onboard(&mut self) -> Result<()> {
        self.stack.put_secret(&format!("passerelle/agency/{AGENCY_ID}"), &self.agency).await?;
        let deployed = &self.stack.deployed;
        let event = json!({
            "agency": AGENCY_ID, "client_id": deployed.client_id, "public_base_url": deployed.api,
        });
        let answer = self.stack.invoke("onboard", &event).await?;
        self.onboarded = answer.succeeded().during(|| "onboarding the agency".to_owned())?;
        Ok(())
    }

    /// Runs a scheduled function as if it were another day.
    ///
    /// # Errors
    /// When the function fails.
    pub async fn play(&self, function: &str, at: Timestamp) -> Result<Value> {
        let event = json!({"time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()});
        let answer = self.stack.invoke(function, &event).await?;
        answer.succeeded().during(|| format!("{function} on {at}"))
    }
}

fn zone(agency: &Value) -> TimeZone {
    let name = agency.get("timezone").and_then(Value::as_str);
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}
