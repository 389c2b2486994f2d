//! The scenarios of conformance that take more than one answer, played by every provider: replies and requests that are lost, tokens that die,
//! webhooks that come again, late, or from a stranger. The scenarios of one answer are wire samples beside each adapter.
//!
//! A provider is one entry of [`PROVIDERS`]; whatever it concludes otherwise than [`SCENARIOS`] says has a reason there.

mod news;
mod providers;
mod scenarios;

use passerelle::providers::matrix;

use providers::{PROVIDERS, Provider};
use scenarios::{SCENARIOS, Scenario};

/// Plays every scenario with a provider, and tells all that is not as it should be at once.
async fn plays(account: &str) {
    let provider = PROVIDERS.iter().find(|provider| provider.account == account).expect("an entry for the provider");
    let mut wrong = Vec::new();
    for scenario in &SCENARIOS {
        wrong.extend(difference(provider, scenario).await);
    }
    assert!(wrong.is_empty(), "{account} falls short in {}:\n  {}", wrong.len(), wrong.join("\n  "));
}

async fn difference(provider: &Provider, scenario: &Scenario) -> Option<String> {
    let expected = match provider.otherwise.iter().find(|otherwise| otherwise.scenario == scenario.name) {
        Some(otherwise) => otherwise.concludes?,
        None => scenario.concludes,
    };
    let concluded = (scenario.play)(provider).await;
    (concluded != expected).then(|| format!("{}:\n    expected {expected}\n    but got  {concluded}", scenario.name))
}

/// What an entry lacks or says in vain.
fn flaws(provider: &Provider) -> Vec<String> {
    let mut flaws = Vec::new();
    for otherwise in provider.otherwise {
        match SCENARIOS.iter().find(|scenario| scenario.name == otherwise.scenario) {
            None => flaws.push(format!("{}: no scenario", otherwise.scenario)),
            Some(scenario) if otherwise.concludes == Some(scenario.concludes) => {
                flaws.push(format!("{}: a reason for what is not otherwise", scenario.name));
            }
            Some(_) if otherwise.because.is_empty() => flaws.push(format!("{}: no reason", otherwise.scenario)),
            Some(_) => {}
        }
    }
    flaws
}

#[test]
fn every_provider_is_there_once_and_gives_reasons_for_scenarios_that_there_are() {
    let mut named: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name).collect();
    named.sort_unstable();
    let mut known: Vec<&str> = matrix::ALL.iter().map(|of| of.name).collect();
    known.sort_unstable();
    assert_eq!(named, known, "a provider without an entry plays none of {:?}", SCENARIOS.map(|scenario| scenario.name));
    for provider in &PROVIDERS {
        assert_eq!(flaws(provider), Vec::<String>::new(), "{}", provider.name);
    }
}

#[tokio::test]
async fn airalo() {
    plays("airalo").await;
}

#[tokio::test]
async fn bics() {
    plays("bics").await;
}

#[tokio::test]
async fn celitech() {
    plays("celitech").await;
}

#[tokio::test]
async fn esim_access() {
    plays("esim-access").await;
}

#[tokio::test]
async fn esim_go() {
    plays("esim-go").await;
}

#[tokio::test]
async fn one_global() {
    plays("one-global").await;
}

#[tokio::test]
async fn reference() {
    plays("reference").await;
}

#[tokio::test]
async fn telna() {
    plays("telna").await;
}
