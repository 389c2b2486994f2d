//! Every function's binary under AWS's own runtime interface emulator, with every sample event: the events are what AWS sends, and
//! the answers are what it expects.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use passerelle_tests::{local::Demo, stack::build};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// What an event must be answered with. The sample orders and eSIMs belong to nobody here: they are not found.
fn expected(function: &str, case: &str) -> Expected {
    match (function, case) {
        // A file is answered for record by record.
        ("bookings", "amadeus-air" | "amadeus-pnr" | "amadeus-flight-order" | "feed") => Expected::Status(&[200]),
        ("bookings", "create") => Expected::Status(&[200, 201]),
        ("bookings", "get" | "offers")
        | ("catalog", "packages")
        | ("exports", "sales")
        | ("health", "get")
        | ("webhooks", "head" | "list") => Expected::Status(&[200]),
        ("bookings", "unknown-field") => Expected::Status(&[422]),
        // The sample package is none of the simulator's: refused, and the field is named.
        ("orders", "create") => Expected::Status(&[422]),
        ("orders", "missing-key") => Expected::Status(&[400]),
        ("orders", "get") | ("esims", _) | ("webhooks", "end" | "rotate-secret" | "test") => Expected::Status(&[404]),
        ("webhooks", "register") => Expected::Status(&[201]),
        ("pages", "link") => Expected::Status(&[201]),
        ("pages", "revoke") => Expected::Status(&[204]),
        // Nobody's signature; nobody's file.
        ("pages", "forged" | "button") => Expected::Status(&[403]),
        ("pages", "asset") => Expected::Status(&[404]),
        ("webhooks", _) => Expected::Status(&[401]),
        // Nobody dropped the samples' files.
        ("intake-drop", _) => Expected::Member("outcome"),
        ("fulfilment" | "notifier" | "relay", _) => Expected::NoFailures,
        ("onboard", _) => Expected::Member("steps"),
        ("catalog-sync", _) => Expected::List,
        ("usage-poller", _) => Expected::Member("read"),
        ("sales-drop", _) => Expected::Member("written"),
        ("topup-reminder", _) => Expected::Member("proposed"),
        ("retention", _) => Expected::Member("remaining"),
        _ => panic!("events/{function}/{case}.json is not expected here: say what it must be answered with"),
    }
}

enum Expected {
    Status(&'static [u64]),
    NoFailures,
    Member(&'static str),
    List,
}

impl Expected {
    fn holds(&self, answer: &Value) -> bool {
        match self {
            Self::Status(statuses) => answer["statusCode"].as_u64().is_some_and(|status| statuses.contains(&status)),
            Self::NoFailures => answer["batchItemFailures"] == json!([]),
            Self::Member(name) => answer.get(*name).is_some(),
            Self::List => answer.is_array(),
        }
    }
}

fn demo() -> &'static Demo {
    Demo::shared().unwrap_or_else(|error| panic!("{error}"))
}

fn events() -> BTreeMap<String, Vec<PathBuf>> {
    let root = build::workspace().join("events");
    let folders = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    folders
        .map(|folder| {
            let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.sort();
            (name(&folder), files)
        })
        .collect()
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

async fn play(function: &str, files: &[PathBuf]) {
    let rie = demo().stack.under_rie(function).await.unwrap();
    for file in files {
        let event: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let answer = rie.invoke(&event).await.unwrap();
        let case = name(file);
        assert!(expected(function, &case).holds(&answer), "events/{function}/{case}.json was answered with {answer}");
    }
}

#[tokio::test]
async fn every_sample_event_is_answered_as_it_should_be() {
    let mut events = events();
    assert!(events.keys().eq(demo().stack.deployed.functions.keys()), "a folder of events a function");
    // The client that the samples carry, and the dossier that they look for, come first.
    for first in ["onboard", "bookings"] {
        play(first, &events.remove(first).unwrap()).await;
    }
    for (function, files) in &events {
        play(function, files).await;
    }
}
