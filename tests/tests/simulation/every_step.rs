//! Each flow with each of its calls to the outside struck in turn, and each with every message twice. No chance but the order of
//! things: a step that is not safe cannot hide.

use super::{
    QUICK, first_failure,
    play::{Flow, Plan, Story, play},
    weather::Blow,
};

const SEED: u64 = 7;

fn plan(story: Story) -> Plan {
    Plan { seed: SEED, story, fault: None, traced: false }
}

/// All flows, or the one that `PASSERELLE_FLOW` names.
fn flows() -> impl Iterator<Item = Flow> {
    let only = std::env::var("PASSERELLE_FLOW").ok();
    Flow::ALL.into_iter().filter(move |flow| only.as_ref().is_none_or(|name| format!("{flow:?}") == *name))
}

#[test]
fn a_flow_survives_a_blow_at_every_step() {
    for flow in flows() {
        let whole = play(plan(Story::One(flow, None)));
        assert!(whole.wrong.is_empty(), "{flow:?} in calm: {:#?}", whole.wrong);
        assert!(whole.calls > 20, "{flow:?} makes calls");
        // A quick build strikes each step once, each with another blow than the last.
        let kinds = if QUICK { 1 } else { Blow::ALL.len() as u64 };
        let blow = |number: u64| (number / kinds, Blow::ALL[usize::try_from(number).expect("a place") % Blow::ALL.len()]);
        let found = first_failure(whole.calls * kinds, |number| plan(Story::One(flow, Some(blow(number)))));
        if let Some((plan, wrong)) = found {
            panic!("{:?} breaks a promise: {wrong:#?}", plan.story);
        }
        println!("{flow:?}: {} steps, each struck in {kinds} ways", whole.calls);
    }
}

#[test]
fn a_flow_survives_everything_twice() {
    for flow in flows() {
        let found = first_failure(10, |number| Plan { seed: SEED + number, ..plan(Story::Twice(flow)) });
        if let Some((plan, wrong)) = found {
            panic!("{plan:?} breaks a promise: {wrong:#?}");
        }
    }
}
