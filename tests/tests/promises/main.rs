//! The promises of the design, one by one, on the real flows: an in-process DynamoDB, a clock that obeys, and the simulators' own
//! records as witnesses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod fixture;
mod settings;
mod telco_accounts;
mod witnesses;

mod airalo;
mod amadeus;
mod amadeus_remarks;
mod amazon;
mod catalogue_changes;
mod conformance;
mod credit;
mod deliveries;
mod drops;
mod exchange;
mod fail_over;
mod feeds;
mod future_orders;
mod health;
mod life;
mod mails;
mod never_in_the_clear;
mod never_lost;
mod never_twice;
mod pages;
mod peculiarities;
mod phones;
mod providers;
mod refunds;
mod refusals;
mod revenue;
mod sales;
mod salesforce;
mod subscribers;
mod take_over;
mod telcos;
mod together;
mod trips;
mod webhooks;
