//! Everything that a trip needs, up and running.

use std::sync::{Arc, OnceLock};

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

/// A demo and the runtime that its simulators live on.
type Shared = std::result::Result<(tokio::runtime::Runtime, Demo), String>;

static SHARED: OnceLock<Shared> = OnceLock::new();

impl Demo {
    /// The one demo of a test binary, brought up by the first test that asks.
    ///
    /// It lives on a runtime of its own: the runtime of a test ends with the test. It is never dropped; the process's
    /// end closes the pipe that the emulator watches.
    ///
    /// # Errors
    /// When it does not come up: every test that asks is told why.
    pub fn shared() -> Result<&'static Self> {
        let shared = SHARED.get_or_init(|| {
            let thread = std::thread::spawn(|| Self::on_a_runtime().map_err(|error| error.to_string()));
            thread.join().unwrap_or_else(|_| Err("bringing the demo up died".to_owned()))
        });
        shared.as_ref().map(|(_, demo)| demo).map_err(|told| StackError::new(told.clone()))
    }

    fn on_a_runtime() -> Result<(tokio::runtime::Runtime, Self)> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let demo = runtime.block_on(Self::up(Options::default(), None))?;
        Ok((runtime, demo))
    }

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
