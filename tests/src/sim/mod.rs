//! Stand-ins for everything Passerelle talks to: two eSIM providers, a CRM, a mail service and an inbox.
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
mod client;
pub mod core;

pub mod inbox;
pub mod reference;
pub mod sendgrid;

pub use self::client::{SimClient, status_of};
pub use self::core::fault::Fault;
pub use self::core::server::Sim;

/// Any failure of a simulator to start or of a control call to be answered.
pub type SimError = Box<dyn std::error::Error + Send + Sync>;

