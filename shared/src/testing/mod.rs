//! What tests stand on: DynamoDB inside the test's own process, and time and chance that obey.
//!
//! Compiled for this crate's own tests and, by the feature `testing`, for those of others; never part of a function.
#![allow(clippy::expect_used, reason = "a fixture that cannot be set up fails the test that asked for it")]

mod dynamodb;
mod world;

pub use dynamodb::{TABLE, Table, config, dynamodb};
pub use world::{ManualClock, SeededEntropy, manual_world};
