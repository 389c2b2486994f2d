//! Doubles for this folder's tests: a transport that follows a script, shelves in memory, a provider of three lines, and all of it set up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod adapter;
mod shelves;
mod transport;

pub use adapter::{CHECKED, FakeAdapter};
pub use shelves::{MemoryBreakers, MemoryTokens, PlainSealer};
pub use transport::{ScriptedTransport, answer};

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{CallObserver, Outbound, ProviderClient};
use crate::{
    config::ProviderAccount,
    domain::{AgencyId, TraceId},
    testing::{ManualClock, manual_world},
    world::World,
};

/// Remembers what it was told, as `system operation outcome` and `breaker system class state`.
#[derive(Default)]
pub struct Recorder(Mutex<Vec<String>>);

impl Recorder {
    pub fn words(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl CallObserver for Recorder {
    fn called(&self, system: &str, operation: &str, outcome: &str, _: Duration) {
        self.0.lock().unwrap().push(format!("{system} {operation} {outcome}"));
    }

    fn breaker_changed(&self, system: &str, class: &str, state: &str) {
        self.0.lock().unwrap().push(format!("breaker {system} {class} {state}"));
    }
}

/// All parts, each within reach of the test.
pub struct Rig {
    pub world: World,
    pub clock: Arc<ManualClock>,
    pub transport: Arc<ScriptedTransport>,
    pub breakers: Arc<MemoryBreakers>,
    pub tokens: Arc<MemoryTokens>,
    pub observer: Arc<Recorder>,
}

impl Rig {
    pub fn new() -> Self {
        let (world, clock) = manual_world("2026-11-24T12:00:00Z", 42);
        Self {
            transport: Arc::new(ScriptedTransport::new(clock.clone())),
            world,
            clock,
            breakers: Arc::default(),
            tokens: Arc::default(),
            observer: Arc::default(),
        }
    }

    /// The way out of one more sandbox.
    pub fn outbound(&self) -> Outbound {
        let Self { world, transport, tokens, breakers, observer, .. } = self;
        let sealer = Arc::new(PlainSealer);
        Outbound::new(world.clone(), transport.clone(), tokens.clone(), sealer, breakers.clone(), observer.clone())
    }

    /// A client of one more sandbox.
    pub fn client(&self) -> ProviderClient {
        let agency = AgencyId::parse("horizon").unwrap();
        ProviderClient::new(self.outbound(), Arc::new(FakeAdapter), &agency, &account(), &TraceId::parse("trace-1").unwrap())
    }
}

fn account() -> ProviderAccount {
    serde_json::from_value(serde_json::json!({
        "account": "airalo", "kind": "airalo", "base_url": "https://provider.test/", "client_id": "id", "client_secret": "secret",
        "minimum_tls": "1.2"
    }))
    .unwrap()
}
