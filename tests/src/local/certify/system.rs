//! The system that certifies: deployed on this machine, with one agency that has one account, and a letter box for its mails.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::account::Account;
use super::arguments::Arguments;
use super::calls::{self, Call};
use crate::local::Teller;
use crate::local::wait::{Seen, until_within};
use crate::sim::{self, Sim};
use crate::stack::{During, Noise, Options, Result, Stack, StackError};

/// The agency that is made for it.
const AGENCY_ID: &str = "certification";
/// How long the lines of an invocation that is over may take to reach CloudWatch Logs.
const LINES_COME: Duration = Duration::from_secs(15);
/// A new eSIM is polled twice a day.
const FIRST_POLL: SignedDuration = SignedDuration::from_hours(13);

/// What is up.
#[derive(Debug)]
pub struct System {
    /// When its account was first asked for anything.
    pub begun: Timestamp,
    /// The local AWS.
    pub stack: Stack,
    /// What `onboard` answered.
    pub onboarded: Value,
    /// What `catalog-sync` answered.
    pub synced: Value,
    kind: String,
    _letter_box: Sim,
}

impl System {
    /// Brings it up, onboards the agency and syncs the catalogue once more.
    ///
    /// # Errors
    /// When the stack does not come up, or the functions cannot read the agency's settings.
    pub async fn up(arguments: &Arguments, agency: &Value, account: &Account, teller: &Arc<Teller>) -> Result<Self> {
        let letter_box = sim::sendgrid::start(None).await.map_err(|error| StackError::new(format!("the letter box: {error}")))?;
        let alone = account.alone(agency, &letter_box, arguments.webhooks.is_some())?;
        let stack = Stack::up(options(arguments, teller)).await?;
        stack.put_secret(&format!("passerelle/agency/{AGENCY_ID}"), &alone).await?;
        let kind = account.kind().to_owned();
        let mut system =
            Self { begun: Timestamp::now(), stack, onboarded: Value::Null, synced: Value::Null, kind, _letter_box: letter_box };
        teller.doing("onboarding: credentials, catalogue, webhooks where asked for");
        system.onboarded = system.onboard(arguments.webhooks.as_deref()).await?;
        teller.doing("syncing the catalogue again");
        system.synced = system.invoke("catalog-sync", Timestamp::now()).await?;
        Ok(system)
    }

    async fn onboard(&self, public: Option<&str>) -> Result<Value> {
        let deployed = &self.stack.deployed;
        let base = public.unwrap_or(&deployed.api);
        let event = json!({"agency": AGENCY_ID, "client_id": deployed.client_id, "public_base_url": base});
        self.stack.invoke("onboard", &event).await?.succeeded().during(|| "onboarding the agency".to_owned())
    }

    /// Polls the usage of what was bought, which is due half a day after the purchase.
    ///
    /// # Errors
    /// When the function fails.
    pub async fn poll_usage(&self) -> Result<Value> {
        let at = Timestamp::now().checked_add(FIRST_POLL).map_err(|_| StackError::new("there is no tomorrow"))?;
        self.invoke("usage-poller", at).await
    }

    async fn invoke(&self, function: &str, at: Timestamp) -> Result<Value> {
        let event = json!({"time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()});
        self.stack.invoke(function, &event).await?.succeeded().during(|| function.to_owned())
    }

    /// What the catalogue sync wrote, once all of it is there.
    ///
    /// # Errors
    /// When its last line does not come, or CloudWatch Logs refuses.
    pub async fn sync_lines(&self) -> Result<Vec<String>> {
        until_within(LINES_COME, "the last line of catalog-sync", async || {
            self.bring_late_lines(&["catalog-sync"]).await?;
            let lines = self.stack.logs("catalog-sync").await?;
            let over = |line: &String| line.contains("catalogue synced") || line.contains("the catalogue was not synced");
            let is_over = lines.iter().any(over);
            Ok(Seen::of(is_over.then_some(lines), || "other lines".to_owned()))
        })
        .await
    }

    /// The calls that these functions made to the provider, and others before them.
    ///
    /// # Errors
    /// When CloudWatch Logs refuses.
    pub async fn calls(&self, functions: &[&str]) -> Result<Vec<Call>> {
        self.bring_late_lines(functions).await?;
        let lines = self.stack.all_logs().await?;
        Ok(calls::to(&self.kind, lines.iter().map(|(_, line)| line.as_str())))
    }

    /// A line that comes late stands with the function's next invocation: each is given one, with an event that it refuses before it asks
    /// anybody anything.
    async fn bring_late_lines(&self, functions: &[&str]) -> Result<()> {
        for function in functions {
            self.stack.invoke(function, &Value::Null).await?;
        }
        Ok(())
    }
}

fn options(arguments: &Arguments, teller: &Arc<Teller>) -> Options {
    let teller = Arc::clone(teller);
    Options { port: arguments.port, noise: Noise::Shown, say: Arc::new(move |text| teller.doing(text)), ..Options::default() }
}
