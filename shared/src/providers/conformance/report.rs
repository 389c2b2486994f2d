//! Where a provider falls short of the scenarios.

use std::collections::BTreeSet;

use super::conclude::conclude;
use super::sample::{Sample, Samples};
use super::scenarios::{SCENARIOS, Scenario};
use crate::providers::EsimProvider;

/// Everything that a provider's samples leave open or get wrong, one line each: first the scenarios without a sample.
pub(super) fn shortcomings(provider: &dyn EsimProvider, samples: &Samples) -> Vec<String> {
    let (mut missing, mut wrong) = (Vec::new(), Vec::new());
    for scenario @ Scenario(operation, name, _, applies) in SCENARIOS {
        let sample = samples.get(&((*operation).to_owned(), (*name).to_owned()));
        match (applies(provider.capabilities()), sample) {
            (true, None) => missing.push(format!("{operation}, {name}: no sample")),
            (true, Some(sample)) => wrong.extend(difference(provider, scenario, sample)),
            (false, Some(_)) => wrong.push(format!("{operation}, {name}: a sample for what the provider does not do")),
            (false, None) => {}
        }
    }
    missing.into_iter().chain(wrong).chain(unknown(samples)).collect()
}

/// What is wrong with the one sample of a scenario.
fn difference(provider: &dyn EsimProvider, Scenario(operation, name, expected, _): &Scenario, sample: &Sample) -> Option<String> {
    let reasoned = sample.because.as_deref().is_some_and(|because| !because.is_empty());
    if reasoned != (sample.concludes.is_some() || !sample.is_answer()) {
        return Some(format!("{operation}, {name}: another conclusion, or none, needs a reason, and nothing else does"));
    }
    if !sample.is_answer() {
        return None;
    }
    let concluded = conclude(provider, sample);
    let expected = sample.concludes.as_deref().unwrap_or(expected);
    (concluded != expected).then(|| format!("{operation}, {name}:\n    expected {expected}\n    but got  {concluded}"))
}

/// Samples that no scenario asks for.
fn unknown(samples: &Samples) -> impl Iterator<Item = String> {
    let known: BTreeSet<(&str, &str)> = SCENARIOS.iter().map(|Scenario(operation, name, ..)| (*operation, *name)).collect();
    let strange = samples.keys().filter(move |(operation, name)| !known.contains(&(operation.as_str(), name.as_str())));
    strange.map(|(operation, name)| format!("{operation}, {name}: a sample without scenario"))
}
