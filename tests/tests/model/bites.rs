//! Each condition of the code is needed: without it, the checker finds the promise that breaks.

use stateright::{Checker, Model};

use crate::{
    code::{Code, Provider},
    dead_ends,
    promises::{FENCED, ONCE, SETTLED, TRUE, WATCHED},
    steps::Protocol,
};

fn breaks(promise: &'static str, provider: Provider, code: Code) {
    breaks_in(promise, Protocol { code, provider, workers: 2, fails_over: false });
}

fn breaks_in(promise: &'static str, protocol: Protocol) {
    let code = protocol.code;
    let wanted = stateright::HasDiscoveries::AnyOf([promise].into());
    let checked = protocol.checker().threads(2).finish_when(wanted).spawn_bfs().join();
    let path = checked.discovery(promise).unwrap_or_else(|| panic!("the checker did not see \"{promise}\" break with {code:?}"));
    println!("\"{promise}\" breaks in {} steps:", path.clone().into_actions().len());
    for step in path.into_actions() {
        println!("    {step:?}");
    }
}

const RIGHT: Code = Code::AS_WRITTEN;

#[test]
fn a_claim_without_condition_buys_twice() {
    breaks(ONCE, Provider::ListAndMatch, Code { claims_an_unused_key_only: false, ..RIGHT });
}

#[test]
fn without_fencing_a_late_run_overwrites() {
    for provider in [Provider::Keyed, Provider::ListAndMatch, Provider::None] {
        breaks(FENCED, provider, Code { fences_writes: false, ..RIGHT });
        breaks(SETTLED, provider, Code { fences_writes: false, ..RIGHT });
    }
    breaks(ONCE, Provider::ListAndMatch, Code { fences_writes: false, ..RIGHT });
}

#[test]
fn taking_over_what_was_written_since_it_was_read_unsettles_an_order() {
    breaks(SETTLED, Provider::Keyed, Code { takes_what_it_read: false, ..RIGHT });
    breaks(SETTLED, Provider::None, Code { takes_what_it_read: false, ..RIGHT });
}

#[test]
fn sending_after_the_lease_buys_twice() {
    breaks(ONCE, Provider::ListAndMatch, Code { sends_within_the_lease: false, ..RIGHT });
}

#[test]
fn asking_by_a_purchase_after_the_lease_buys_what_was_rejected() {
    breaks(TRUE, Provider::Keyed, Code { asks_within_the_lease: false, ..RIGHT });
}

#[test]
fn sending_again_on_a_time_out_buys_twice() {
    breaks(ONCE, Provider::ListAndMatch, Code { asks_before_sending_again: false, ..RIGHT });
    breaks(ONCE, Provider::None, Code { asks_before_sending_again: false, ..RIGHT });
}

#[test]
fn one_absence_is_no_proof() {
    breaks(ONCE, Provider::ListAndMatch, Code { absences_needed: 1, ..RIGHT });
}

#[test]
fn absence_before_an_order_would_show_is_no_proof() {
    breaks(ONCE, Provider::ListAndMatch, Code { waits_until_visible: false, ..RIGHT });
}

#[test]
fn absence_is_as_old_as_the_question() {
    breaks(ONCE, Provider::ListAndMatch, Code { dates_absence_by_the_question: false, ..RIGHT });
}

#[test]
fn without_a_watch_in_the_claim_a_crash_loses_the_order() {
    let code = Code { watches_from_the_claim: false, ..RIGHT };
    breaks(WATCHED, Provider::Keyed, code);
    assert!(dead_ends::walk(&Protocol { code, provider: Provider::Keyed, workers: 2, fails_over: false }).dead_end.is_some());
}

#[test]
fn going_elsewhere_with_what_may_be_bought_buys_twice() {
    let code = Code { stays_where_it_may_be_bought: false, waits_until_visible: false, ..RIGHT };
    breaks_in(ONCE, Protocol { code, provider: Provider::ListAndMatch, workers: 2, fails_over: true });
    let code = Code { stays_where_it_may_be_bought: false, asks_before_sending_again: false, ..RIGHT };
    breaks_in(ONCE, Protocol { code, provider: Provider::Keyed, workers: 2, fails_over: true });
}

/// What `docs/SEMANTICS.md` trusts a keyed provider with, and why.
#[test]
fn a_provider_that_carries_out_a_request_after_answering_a_later_one_breaks_its_word() {
    breaks(TRUE, Provider::KeyedOutOfOrder, RIGHT);
}
