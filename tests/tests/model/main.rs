//! The protocol of one purchase, explored exhaustively: every order of every step of two and of three workers, of the provider, of
//! the network and of time, with crashes, lost replies, repeated calls and messages at any point.
//!
//! `world` is what there is, `steps` what may happen next; each step names the function that it mirrors. `code` holds the
//! conditions that keep the promises: the tests take each of them away in turn, and the checker must find what then goes wrong.
//!
//! What is simpler than life, and why nothing is hidden by it:
//! - There is one key. Keys share nothing.
//! - Owner and attempt of a fence are one mark, "the table's fence is mine": attempts rise with every take-over.
//! - A message may come at any time, to several workers at once, as often as it likes, until its entry is gone: the entry's own
//!   lease and the queue's delays forbid some of that.
//! - Five attempts are two, twelve questions are two.
//! - The agency's two accounts are providers of one kind; one that matches by time (`ListByTime`) or forgets its keys (`KeyedFor`) is not played.
//! - Clocks agree; `ask::CLOCKS_APART` is for when they do not.
//! - Asynchronous deliveries and the fetching of codes happen after the purchase and are left to the other suites.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod bites;
mod code;
mod dead_ends;
mod holds;
mod promises;
mod steps;
mod world;
mod writes;
