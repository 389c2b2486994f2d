//! Whole flows under a seeded plan of faults, in one thread and virtual time: the promises of `docs/SEMANTICS.md`, ten thousand times.
//!
//! A seed that fails prints one line that plays it again. `PASSERELLE_SEEDS` sets how many are played (500 by `cargo test`, 10,000 by
//! `cargo test --profile simulation`), `PASSERELLE_FIRST_SEED` where they begin, `PASSERELLE_SEED` plays one and tells its story,
//! `PASSERELLE_FAULT` names the one hand-made error to be looked for, `PASSERELLE_FLOW` the one flow to be struck at every step.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a suite fails by panicking")]

mod audit;
mod every_step;
mod faults;
mod files;
mod ground;
mod log;
mod people;
mod play;
mod queues;
mod sandboxes;
mod stage;
mod table;
mod watch;
mod weather;
mod wires;

use faults::Fault;
use play::{Plan, Story, play};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// A run makes and drops a whole world: with the system's allocator, an eighth of its time goes into that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A build for speed (`--profile simulation`) plays the whole budget, a quick one a twentieth of it.
const QUICK: bool = cfg!(debug_assertions);
const BUDGET: u64 = 10_000;
const SEEDS: u64 = if QUICK { BUDGET / 20 } else { BUDGET };

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays plans on every core until one fails, or all are played: the first that failed, and what was wrong.
fn first_failure(count: u64, plan: impl Fn(u64) -> Plan + Sync) -> Option<(Plan, Vec<String>)> {
    let next = AtomicU64::new(0);
    let found: Mutex<Option<(Plan, Vec<String>)>> = Mutex::new(None);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count || found.lock().expect("no panic").is_some() {
                        return;
                    }
                    let plan = plan(number);
                    let outcome = play(plan);
                    if !outcome.wrong.is_empty() {
                        found.lock().expect("no panic").get_or_insert((plan, outcome.wrong));
                    }
                }
            });
        }
    });
    found.into_inner().expect("no panic")
}

/// The first of these seeds that breaks a promise.
fn search(from: u64, count: u64, fault: Option<Fault>) -> Option<(u64, Vec<String>)> {
    let found = first_failure(count, |number| Plan { seed: from + number, story: Story::Any, fault, traced: false });
    found.map(|(plan, wrong)| (plan.seed, wrong))
}

#[test]
fn every_promise_holds_for_every_seed() {
    if let Some(seed) = setting("PASSERELLE_SEED") {
        let outcome = play(Plan { seed, story: Story::Any, fault: None, traced: true });
        println!("{}", outcome.story.join("\n"));
        assert!(outcome.wrong.is_empty(), "seed {seed}: {:#?}", outcome.wrong);
        return;
    }
    let (from, count) = (setting("PASSERELLE_FIRST_SEED").unwrap_or(1), setting("PASSERELLE_SEEDS").unwrap_or(SEEDS));
    if let Some((seed, wrong)) = search(from, count, None) {
        panic!(
            "seed {seed} breaks a promise: {wrong:#?}\nreplay: PASSERELLE_SEED={seed} cargo test -p passerelle-tests --test simulation every_promise -- --nocapture"
        );
    }
}

#[test]
fn a_seed_plays_the_same_twice() {
    for seed in 1..=40 {
        let plan = Plan { seed, story: Story::Any, fault: None, traced: true };
        let (once, again) = (play(plan), play(plan));
        let parted = once.story.iter().zip(&again.story).position(|(one, other)| one != other);
        let told = |story: &[String]| story.iter().skip(parted.unwrap_or_default().saturating_sub(3)).take(6).cloned().collect::<Vec<_>>();
        assert!(once.digest == again.digest, "seed {seed} parts: {:#?}\nand {:#?}", told(&once.story), told(&again.story));
    }
}

#[test]
fn runs_are_listened_to() {
    let lines = |number: u64| play(Plan { seed: number * log::ONE_IN, story: Story::Any, fault: None, traced: false }).log_lines;
    assert!((1..=20).map(lines).sum::<usize>() > 20, "the audit reads no log");
}

#[test]
fn every_hand_made_error_is_found() {
    let mut missed = Vec::new();
    let only = std::env::var("PASSERELLE_FAULT").ok();
    for fault in Fault::ALL.into_iter().filter(|fault| only.as_ref().is_none_or(|name| format!("{fault:?}") == *name)) {
        // A hunt ends with the first that finds it: in a quick build, too, all of the budget may be needed.
        match search(1, setting("PASSERELLE_SEEDS").unwrap_or(BUDGET), Some(fault)) {
            Some((seed, wrong)) => println!("{fault:?}: found by seed {seed}: {}", wrong.first().map_or("", String::as_str)),
            None => missed.push(fault),
        }
    }
    assert!(missed.is_empty(), "no seed finds {missed:?}");
}
