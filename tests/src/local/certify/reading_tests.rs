#![allow(clippy::indexing_slicing, reason = "a failing step fails the test")]

use serde_json::{Value, json};

use super::super::calls::Call;
use super::super::scenario::Verdict;
use super::{breakers, credentials, left_out, onboarding, registration, synced, to_be_confirmed, token_reuse};

fn calls(words: &[(&str, &str)]) -> Vec<Call> {
    let call = |(operation, outcome): &(&str, &str)| Call {
        operation: (*operation).to_owned(),
        outcome: (*outcome).to_owned(),
        milliseconds: 1.0,
    };
    words.iter().map(call).collect()
}

fn report(result: &str) -> Value {
    json!({"ready": result != "failed", "steps": [
        {"step": "agency", "result": "ok", "detail": "Horizon"},
        {"step": "catalogue of go", "result": result, "detail": "3 packages"},
        {"step": "catalogue of telna", "result": "failed", "detail": "another's"},
        {"step": "crm", "result": "failed", "detail": "ours"},
        {"step": "webhooks of go", "result": result, "detail": "two"},
        {"step": "to be confirmed with go", "result": "warning", "detail": "the first"},
        {"step": "to be confirmed with go", "result": "warning", "detail": "the second"},
    ]})
}

#[test]
fn onboarding_is_judged_by_the_accounts_own_steps() {
    let good = onboarding(&report("ok"), "go");
    assert_eq!((good.verdict, good.found[2].as_str()), (Verdict::Matched, "ok: 3 packages"));
    assert_eq!(onboarding(&report("failed"), "go").verdict, Verdict::Differs);
    assert_eq!(onboarding(&json!({}), "go").verdict, Verdict::Differs);
    assert_eq!(to_be_confirmed(&report("ok"), "go"), ["the first", "the second"]);
}

#[test]
fn a_refusal_is_named_and_silence_proves_nothing() {
    let refused = credentials(&calls(&[("login", "rejected"), ("catalogue", "unauthorised")]));
    assert!(refused.verdict == Verdict::Differs && refused.found[0].contains("`login` ended as rejected"));
    assert!(credentials(&calls(&[("catalogue", "unauthorised")])).found[0].contains("`catalogue`"));
    assert_eq!(credentials(&calls(&[("catalogue", "unknown")])).verdict, Verdict::Differs);
    assert_eq!(credentials(&calls(&[("catalogue", "ok")])).verdict, Verdict::Matched);
}

#[test]
fn webhooks_are_only_judged_where_they_were_asked_for() {
    assert_eq!(registration(&report("failed"), "go", false).verdict, Verdict::NotRun);
    assert_eq!(registration(&report("ok"), "go", true).verdict, Verdict::Matched);
    assert_eq!(registration(&report("warning"), "go", true).oddities, ["two"]);
    assert_eq!(registration(&report("failed"), "go", true).verdict, Verdict::Differs);
}

#[test]
fn a_catalogue_that_changed_is_odd_and_one_that_is_listed_otherwise_does_not_match() {
    let answer = |written: u64| json!([{"account": "go", "result": {"Ok": {"packages": 1, "written": written, "removed": 0}}}]);
    let listed = [json!({"price": 1.5, "iso_countries": ["FR"], "validity_days": 7, "data_volume_mb": null})];
    let lines = [r#"{"labels":{"unreadable":2},"message":"catalogue entries were left out"}"#.to_owned(), "END".to_owned()];
    let good = synced(&answer(0), "go", &lines, &listed);
    assert!(good.verdict == Verdict::Matched && good.oddities[0].ends_with(": 2"));
    assert_eq!(synced(&answer(4), "go", &lines, &listed).oddities.len(), 2);
    assert_eq!(synced(&answer(0), "go", &lines, &[]).verdict, Verdict::Differs);
    assert_eq!(synced(&answer(0), "telna", &lines, &listed).verdict, Verdict::Differs);
    let failed = synced(&json!([{"account": "go", "result": {"Err": "no answer"}}]), "go", &lines, &[]);
    assert!(failed.verdict == Verdict::Differs && failed.found[0].contains("no answer"));
    assert_eq!(left_out(&[]), None);
}

#[test]
fn a_breaker_that_is_open_does_not_match() {
    let health = |money: &str| {
        json!({"status": "ok", "accounts": [{"money": {"state": money, "paused": []},
               "read": {"state": "closed", "paused": [{"operation": "usage", "until": "2027-01-01T00:00:00Z"}]}}]})
    };
    assert_eq!(breakers(200, &health("closed")).verdict, Verdict::Matched);
    assert_eq!(breakers(200, &health("closed")).oddities.len(), 1);
    assert_eq!(breakers(200, &health("open")).verdict, Verdict::Differs);
    assert_eq!(breakers(503, &health("closed")).verdict, Verdict::Differs);
}

#[test]
fn one_log_in_is_enough() {
    let good = [("login", "ok"), ("catalogue", "ok"), ("catalogue", "ok")];
    assert_eq!(token_reuse(&calls(&good)).verdict, Verdict::Matched);
    assert_eq!(token_reuse(&calls(&good[1..])).verdict, Verdict::Matched);
    assert_eq!(token_reuse(&calls(&[good[0], good[1], good[0], good[1]])).verdict, Verdict::Differs);
    assert_eq!(token_reuse(&calls(&good[..1])).verdict, Verdict::Differs);
}
