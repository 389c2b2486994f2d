//! The providers' folders, as they are found: whoever adds one is told everything that it lacks at once.

use serde_json::{Value, json};
use std::{fs, path::PathBuf};

use super::report::shortcomings;
use super::sample::{Samples, read};
use crate::config::{ProviderAccount, ProviderKind};
use crate::providers::adapter;

/// What a provider's samples are written for, where its settings matter; beside them.
const SETTINGS: &str = "account.json";

fn providers() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/providers")
}

/// Every folder beside this one, by name.
fn folders() -> Vec<String> {
    let entries = fs::read_dir(providers()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir()).map(|entry| entry.file_name().into_string().unwrap());
    let mut folders: Vec<String> = folders.filter(|folder| folder != "conformance").collect();
    folders.sort();
    folders
}

/// The account that a folder's samples are written for.
pub(crate) fn account_of(folder: &str) -> ProviderAccount {
    account_with(folder, &json!({}))
}

/// The same, with more of the provider's own settings.
pub(crate) fn account_with(folder: &str, more: &Value) -> ProviderAccount {
    let settings = fs::read_to_string(providers().join(folder).join("samples").join(SETTINGS));
    let mut settings: Value = settings.map_or_else(|_| json!({}), |text| serde_json::from_str(&text).unwrap());
    for (name, value) in more.as_object().unwrap() {
        settings[folder][name] = value.clone();
    }
    let mut account = super::account_json(&folder.replace('_', "-"));
    account.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    serde_json::from_value(account).unwrap()
}

/// The samples of a folder; none where it has none.
fn samples(folder: &str) -> Samples {
    let files = fs::read_dir(providers().join(folder).join("samples")).into_iter().flatten().map(|entry| entry.unwrap());
    let files = files.filter(|file| file.file_name() != SETTINGS).map(|file| fs::read_to_string(file.path()).unwrap());
    read(files)
}

/// All that a folder lacks, in one text; empty when it conforms.
fn lacks(folder: &str, samples: &Samples) -> String {
    let word = folder.replace('_', "-");
    if serde_json::from_value::<ProviderKind>(Value::from(word.clone())).is_err() {
        return format!("{folder}: `ProviderKind` has no word {word}\n");
    }
    let lines = shortcomings(&*adapter(&account_of(folder)), samples);
    if lines.is_empty() { String::new() } else { format!("{folder} falls short in {}:\n  {}\n", lines.len(), lines.join("\n  ")) }
}

#[test]
fn every_provider_passes_every_scenario_or_says_why_not() {
    let folders = folders();
    assert_eq!(
        folders.len(),
        crate::providers::matrix::ALL.len(),
        "one folder a provider, and the table of docs/PROVIDERS.md: {folders:?}"
    );
    let lacking: String = folders.iter().map(|folder| lacks(folder, &samples(folder))).collect();
    assert!(lacking.is_empty(), "{lacking}");
}

#[test]
fn a_sample_that_is_gone_is_named_with_its_provider_and_all_others_that_are() {
    for folder in folders() {
        let mut left = samples(&folder);
        let gone: Vec<(String, String)> = left.keys().step_by(7).cloned().collect();
        left.retain(|key, _| !gone.contains(key));
        let message = lacks(&folder, &left);
        assert!(message.starts_with(&format!("{folder} falls short in {}:", gone.len())), "{message}");
        for (operation, scenario) in gone {
            assert!(message.contains(&format!("\n  {operation}, {scenario}: no sample\n")), "{operation}, {scenario} in {message}");
        }
    }
}

#[test]
fn a_folder_without_samples_is_told_every_scenario_and_one_without_word_that() {
    let message = lacks("airalo", &Samples::new());
    let all = samples("airalo").len();
    assert!(message.starts_with(&format!("airalo falls short in {all}:")), "{message}");
    assert_eq!(message.matches(": no sample").count(), all);
    assert!(lacks("maya_mobile", &Samples::new()).contains("`ProviderKind` has no word maya-mobile"));
}

#[test]
fn a_sample_that_nothing_asks_for_and_one_that_is_wrong_are_named() {
    let mut odd = samples("airalo");
    let key = |operation: &str, scenario: &str| (operation.to_owned(), scenario.to_owned());
    let bought = odd.remove(&key("place", "bought")).unwrap();
    let refused = odd.insert(key("place", "sold out"), bought).unwrap();
    odd.insert(key("place", "a scenario of our own"), refused);
    let message = lacks("airalo", &odd);
    for line in [
        "place, bought: no sample",
        "place, sold out:\n    expected rejected sold_out\n    but got  placed 1001 with an eSIM",
        "place, a scenario of our own: a sample without scenario",
    ] {
        assert!(message.contains(line), "{line} in {message}");
    }
}
