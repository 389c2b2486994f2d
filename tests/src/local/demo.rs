//! Everything that a trip needs, up and running.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Partners, agency, room::Room};
use crate::sim::{Sim, Simulators};
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
    /// Stands in for the agency's CRM, and shows it all.
    pub room: Room,
    /// The agency's secret as it was given.
    pub agency: Value,
    /// Where the agency is.
    pub zone: TimeZone,
    /// Its CRM and its mail service.
    pub partners: Partners,
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
        let demo = runtime.block_on(Self::up(Options::default(), None, Partners::default()))?;
        Ok((runtime, demo))
    }

    /// Brings everything up with the demo agency, or with a given one, and onboards it.
    ///
    /// # Errors
    /// When the stack does not come up, or the agency cannot be onboarded: the functions' lines are saved then.
    pub async fn up(options: Options, agency: Option<Value>, partners: Partners) -> Result<Self> {
        let say = Arc::clone(&options.say);
        let stack = Stack::up(options).await?;
        say("starting the simulators");
        let sims = Simulators::start().await.map_err(|error| StackError::new(format!("the simulators: {error}")))?;
        let room = Room::open().await?;
        let simulated = agency.is_none();
        let agency = agency.unwrap_or_else(|| agency::demo(&sims, partners, &room.origin()));
        let zone = zone(&agency);
        let mut demo = Self { stack, sims, room, agency, zone, partners, onboarded: Value::Null };
        match demo.prepare(simulated, &*say).await {
            Ok(()) => Ok(demo),
            Err(error) => Err(error.hint(demo.save_logs().await)),
        }
    }

    async fn prepare(&mut self, simulated: bool, say: &(dyn Fn(&str) + Send + Sync)) -> Result<()> {
        say("making the agency and onboarding it");
        self.onboard().await?;
        if simulated {
            all_ready(&self.onboarded)?;
        }
        say("fetching the catalogue");
        self.play("catalog-sync", Timestamp::now()).await.map(drop)
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

    /// Saves what the functions wrote and what the simulators were asked; says where.
    pub async fn save_logs(&self) -> String {
        let (folder, own) = (self.stack.folder.display(), self.stack.log().display());
        let saved = match self.stack.save_logs().await {
            Ok(()) => self.save_requests().await,
            failed => failed,
        };
        match saved {
            Ok(()) => format!("What the functions wrote: {folder}/logs   what they asked: {folder}/requests   MiniStack: {own}"),
            Err(error) => format!("Not everything could be saved to {folder} ({error}).   MiniStack: {own}"),
        }
    }

    async fn save_requests(&self) -> Result<()> {
        let folder = self.stack.folder.join("requests");
        std::fs::create_dir_all(&folder)?;
        for sim in self.sims.each() {
            let requests = sim.client().requests().await.map_err(|error| StackError::new(format!("{}: {error}", sim.name)))?;
            std::fs::write(folder.join(format!("{}.json", sim.name)), serde_json::to_string_pretty(&requests)?)?;
        }
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

impl Demo {
    /// The simulator of the agency's mail service.
    #[must_use]
    pub fn letter_box(&self) -> &Sim {
        self.partners.mail.sim(&self.sims)
    }
}

fn zone(agency: &Value) -> TimeZone {
    let name = agency.get("timezone").and_then(Value::as_str);
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}

/// The simulators want for nothing: a step that failed is a fault of ours.
fn all_ready(report: &Value) -> Result<()> {
    let steps = report.get("steps").and_then(Value::as_array).into_iter().flatten();
    let failed: Vec<String> =
        steps.filter(|step| step.get("result").and_then(Value::as_str) == Some("failed")).map(Value::to_string).collect();
    if failed.is_empty() { Ok(()) } else { Err(StackError::new(format!("onboarding the agency: {}", failed.join(", ")))) }
}
