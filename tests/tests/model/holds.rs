//! The code as it is keeps every promise.

use stateright::{Checker, Model};
use std::time::Instant;

use crate::{
    code::{Code, Provider},
    dead_ends,
    steps::Protocol,
};

/// Every end that an order can come to.
const ENDS: [&str; 4] = ["placed", "rejected", "not sent", "unclear"];

fn keeps_its_promises(provider: Provider, workers: usize, fails_over: bool) {
    let protocol = Protocol { code: Code::AS_WRITTEN, provider, workers, fails_over };
    let started = Instant::now();
    let checked = protocol.checker().threads(2).spawn_bfs().join();
    println!("{provider:?}, {workers} workers, fail-over {fails_over}: {} states, {:?}", checked.unique_state_count(), started.elapsed());
    assert!(checked.unique_state_count() > 1_000, "the whole graph was walked");
    for (name, path) in checked.discoveries() {
        assert!(ENDS.contains(&name), "{name}:\n{}", path.into_actions().iter().map(|step| format!("{step:?}\n")).collect::<String>());
    }
    for end in ENDS {
        assert!(checked.discovery(end).is_some(), "no order ended {end}");
    }
}

#[test]
fn with_a_provider_that_honours_keys() {
    for workers in [2, 3] {
        keeps_its_promises(Provider::Keyed, workers, false);
    }
}

#[test]
fn with_a_provider_whose_orders_are_listed_late() {
    for workers in [2, 3] {
        keeps_its_promises(Provider::ListAndMatch, workers, false);
    }
}

#[test]
fn with_a_provider_that_cannot_be_asked() {
    for workers in [2, 3] {
        keeps_its_promises(Provider::None, workers, false);
    }
}

#[test]
fn with_a_second_account_to_go_to() {
    for provider in [Provider::Keyed, Provider::ListAndMatch, Provider::None] {
        keeps_its_promises(provider, 2, true);
    }
}

#[test]
fn an_open_order_can_always_still_be_settled() {
    for provider in [Provider::Keyed, Provider::ListAndMatch, Provider::None] {
        let walk = dead_ends::walk(&Protocol { code: Code::AS_WRITTEN, provider, workers: 2, fails_over: true });
        println!("{provider:?}: {} states, none without a way out", walk.states);
        assert!(walk.states > 1_000);
        assert!(walk.dead_end.is_none(), "{:?}", walk.dead_end);
    }
}
