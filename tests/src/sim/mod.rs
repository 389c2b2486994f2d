//! Stand-ins for everything Passerelle talks to: the eSIM providers, a CRM, a mail service, a bank's rates and an inbox.
//!
//! They are written from the partners' published contracts and share no type and no code with the `passerelle`
//! crate, so that an error in our reading of a contract is not repeated on both sides of the wire. Each one keeps
//! a record of what it was asked, can be told to fail, and takes its date from a clock that can be set.
//! `tests/SIMULATORS.md` lists every end point and control.
//!
//! ```no_run
//! # async fn demo() -> Result<(), passerelle_tests::sim::SimError> {
//! use passerelle_tests::sim::{Fault, Simulators};
//! let sims = Simulators::start().await?;
//! sims.airalo.client().fault(&Fault::on("POST", "/v2/orders").times(1).dropping_the_reply()).await?;
//! // … place an order …
//! assert_eq!(sims.airalo.client().ledger().await?.len(), 1);
//! # Ok(()) }
//! ```

pub mod airalo;
pub mod amadeus;
pub mod bics;
pub mod celitech;
mod client;
pub mod core;
pub mod ecb;
pub mod esim_access;
pub mod esim_go;
pub mod hubspot;
pub mod inbox;
pub mod mailjet;
pub mod one_global;
pub mod reference;
pub mod salesforce;
pub mod sendgrid;
pub mod telna;

pub use self::client::{SimClient, status_of};
pub use self::core::fault::Fault;
pub use self::core::server::Sim;

/// Any failure of a simulator to start or of a control call to be answered.
pub type SimError = Box<dyn std::error::Error + Send + Sync>;

/// All of them, on free ports of this machine.
#[derive(Debug)]
pub struct Simulators {
    /// Airalo Partner API v2.
    pub airalo: Sim,
    /// Celitech API v1.
    pub celitech: Sim,
    /// eSIM Access API v1.
    pub esim_access: Sim,
    /// eSIM Go API v2.x.
    pub esim_go: Sim,
    /// A provider that speaks the reference contract.
    pub reference: Sim,
    /// 1GLOBAL Connect v2.
    pub one_global: Sim,
    /// Telna Connect Flex.
    pub telna: Sim,
    /// BICS SIM for Things.
    pub bics: Sim,
    /// HubSpot's CRM and events APIs.
    pub hubspot: Sim,
    /// A Salesforce org.
    pub salesforce: Sim,
    /// Amadeus Web Services.
    pub amadeus: Sim,
    /// SendGrid's mail API.
    pub sendgrid: Sim,
    /// Mailjet's mail API.
    pub mailjet: Sim,
    /// The bank's exchange rates.
    pub ecb: Sim,
    /// Somebody's webhook receiver.
    pub inbox: Sim,
}

impl Simulators {
    /// Starts all of them with their default credentials on free ports.
    ///
    /// # Errors
    /// When a port cannot be bound or SendGrid's schema cannot be compiled.
    pub async fn start() -> Result<Self, SimError> {
        Ok(Self {
            airalo: airalo::start(None).await?,
            celitech: celitech::start(None).await?,
            esim_access: esim_access::start(None).await?,
            esim_go: esim_go::start(None).await?,
            reference: reference::start(None).await?,
            one_global: one_global::start(None).await?,
            telna: telna::start(None).await?,
            bics: bics::start(None).await?,
            hubspot: hubspot::start(None).await?,
            salesforce: salesforce::start(None).await?,
            amadeus: amadeus::start(None).await?,
            sendgrid: sendgrid::start(None).await?,
            mailjet: mailjet::start(None).await?,
            ecb: ecb::start(None).await?,
            inbox: inbox::start(None).await?,
        })
    }

    /// Sets the date of all of them (ISO 8601 UTC); `None` returns to the machine's clock.
    ///
    /// # Errors
    /// When a simulator does not answer or the date cannot be read.
    pub async fn set_clock(&self, now: Option<&str>) -> Result<(), SimError> {
        for sim in self.each() {
            sim.client().set_clock(now).await?;
        }
        Ok(())
    }

    /// Every simulator with the name it goes by.
    #[must_use]
    pub fn each(&self) -> Vec<&Sim> {
        vec![
            &self.airalo,
            &self.celitech,
            &self.esim_access,
            &self.esim_go,
            &self.reference,
            &self.one_global,
            &self.telna,
            &self.bics,
            &self.hubspot,
            &self.salesforce,
            &self.amadeus,
            &self.sendgrid,
            &self.mailjet,
            &self.ecb,
            &self.inbox,
        ]
    }

    /// Stops all of them; dropping does the same.
    pub fn stop(self) {}
}
