//! The simulators over real HTTP: each promise of `tests/SIMULATORS.md` that a suite relies on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test reports by failing")]

mod airalo;
mod amadeus;
mod bics;
mod celitech;
mod common_controls;
mod ecb;
mod esim_access;
mod esim_go;
mod http;
mod hubspot;
mod inbox;
mod mailjet;
mod one_global;
mod reference;
mod salesforce;
mod sendgrid;
mod telna;
