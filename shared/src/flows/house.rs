//! What every flow works with, and one run of one flow.

use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{Certificates, Phones};
use crate::{
    config::{Agency, ProviderAccount},
    crm::{self, Crm},
    domain::{AccountName, AgencyId, TraceId},
    outbound::{Deadline, Outbound, OutboundHttp, ProviderClient},
    problem::Problem,
    security::{BlindIndex, SecretError, Secrets},
    store::{
        Seals, Store,
        outbox::{Entry, Work},
    },
    telemetry::Metrics,
    world::World,
};

/// The parts that flows are given.
pub struct House {
    /// The table.
    pub store: Store,
    /// Agencies' settings.
    pub secrets: Secrets,
    /// Seals and opens what must not lie in the clear.
    pub seals: Seals,
    /// Finds eSIMs by ICCID without storing it.
    pub index: BlindIndex,
    /// Time and chance.
    pub world: World,
    /// The one way out.
    pub outbound: Outbound,
    /// What is counted.
    pub metrics: Metrics,
    /// The agencies' CRM adapters, which remember what they learned of a portal.
    pub crms: CrmShelf,
    /// The certificates that webhooks are signed with.
    pub certificates: Certificates,
    /// What providers said of phones.
    pub phones: Phones,
    /// Settings from the environment.
    pub settings: Settings,
}

/// CRM adapters by agency, each for as long as the agency's settings stay the same.
#[derive(Default)]
pub struct CrmShelf(Mutex<HashMap<AgencyId, KnownCrm>>);

/// The settings that an adapter was made from, and the adapter.
type KnownCrm = (Arc<Agency>, Arc<dyn Crm>);

impl CrmShelf {
    fn of(&self, id: &AgencyId, agency: &Arc<Agency>) -> Option<Arc<dyn Crm>> {
        let settings = agency.crm.as_ref()?;
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match shelf.get(id) {
            Some((known, adapter)) if Arc::ptr_eq(known, agency) => Some(Arc::clone(adapter)),
            _ => {
                let adapter: Arc<dyn Crm> = crm::adapter(settings).into();
                shelf.insert(id.clone(), (Arc::clone(agency), Arc::clone(&adapter)));
                Some(adapter)
            }
        }
    }
}

/// Settings that flows look at.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The agency that webhooks without an address belong to.
    pub default_agency: Option<AgencyId>,
    /// Our own address, where `onboard` was not told another.
    pub public_base_url: Option<String>,
    /// The secret that holds the sealing keys.
    pub sealing_keys: String,
    /// Months that usage is kept after a plan's end (13: the mission).
    pub retention_months: i32,
}

/// One run of a flow, for one agency.
pub struct Run<'a> {
    /// The parts.
    pub house: &'a House,
    /// Whose.
    pub agency_id: AgencyId,
    /// Their settings.
    pub agency: Arc<Agency>,
    /// Ties everything of this run together.
    pub trace_id: TraceId,
    /// When it must be over.
    pub deadline: Deadline,
    /// The outbox entry that this run works on, when a queue called.
    pub entry: Option<String>,
}

impl House {
    /// Learns of sealing keys that were added since: a sandbox may live for hours, its keys are read every five minutes.
    pub async fn renew_keys(&self) {
        if let Err(error) = self.secrets.renew(self.seals.sealer(), &self.settings.sealing_keys).await {
            tracing::warn!(%error, "the sealing keys could not be read anew; the known ones are used");
        }
    }

    /// Begins a run for an agency.
    ///
    /// # Errors
    /// [`Problem`] when the agency's settings cannot be read.
    pub async fn run(&self, agency_id: AgencyId, trace_id: TraceId, deadline: Deadline) -> Result<Run<'_>, Problem> {
        let agency = self.secrets.agency(&agency_id).await.map_err(|error| settings_problem(&error))?;
        Ok(Run { house: self, agency_id, agency, trace_id, deadline, entry: None })
    }
}

fn settings_problem(error: &SecretError) -> Problem {
    tracing::error!(%error, "an agency's settings could not be read");
    Problem::unavailable("The agency's settings cannot be read. Nothing was sent.")
}

impl Run<'_> {
    /// Now, UTC.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.house.world.now()
    }

    /// The agency's account of this name.
    ///
    /// # Errors
    /// [`Problem`] when the settings no longer name it.
    pub fn account(&self, name: &AccountName) -> Result<&ProviderAccount, Problem> {
        self.agency
            .account(name)
            .ok_or_else(|| Problem::new(422, "unknown_account", format!("The agency's settings name no provider account {name}.")))
    }

    /// Speaks to a provider account.
    ///
    /// # Errors
    /// [`Problem`] when the settings no longer name it.
    pub fn provider(&self, name: &AccountName) -> Result<ProviderClient, Problem> {
        Ok(self.house.outbound.provider(&self.agency_id, self.account(name)?, &self.trace_id))
    }

    /// The agency's CRM, if it has one.
    #[must_use]
    pub fn crm(&self) -> Option<Arc<dyn Crm>> {
        self.house.crms.of(&self.agency_id, &self.agency)
    }

    /// Speaks to the CRM, the mail service, or a subscriber.
    #[must_use]
    pub fn http(&self, system: &'static str) -> OutboundHttp {
        self.house.outbound.http(system, &self.trace_id, self.deadline)
    }

    /// An outbox entry of this run.
    #[must_use]
    pub fn to_do(&self, work: Work, delay: Duration) -> Entry {
        Entry {
            id: self.house.world.new_id("out"),
            agency: self.agency_id.clone(),
            work,
            delay,
            trace_id: self.trace_id.clone(),
            created_at: self.now(),
            attempts: 0,
        }
    }
}

/// The wait before the next of several attempts: drawn evenly from zero to 2 s, 4 s, 8 s … 60 s at most, one second at least,
/// and never less than the other side asked for.
#[must_use]
pub fn back_off(world: &World, failures: u32, retry_after: Option<Duration>) -> Duration {
    let most = Duration::from_secs(2_u64.saturating_pow(failures.clamp(1, 6)).min(60));
    world.jitter(most).max(Duration::from_secs(1)).max(retry_after.unwrap_or_default())
}
