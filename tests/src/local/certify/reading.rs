//! The scenarios that only read.

use serde_json::Value;

use super::calls::{Call, LOGIN};
use super::scenario::Scenario;
use super::system::System;
use super::{account::Account, catalogue};
use crate::local::api::Api;
use crate::stack::Result;

/// The functions that ask the provider while nothing is bought.
const FUNCTIONS: [&str; 2] = ["onboard", "catalog-sync"];

/// What the read-only scenarios found.
#[derive(Debug)]
pub struct Read {
    /// Each that was run.
    pub scenarios: Vec<Scenario>,
    /// The catalogue as our API lists it.
    pub packages: Vec<Value>,
    /// The calls to the provider.
    pub calls: Vec<Call>,
}

/// Runs them all; one that does not match keeps none of the others from being run.
///
/// # Errors
/// When our own side gives no answer.
pub async fn all(system: &System, account: &Account, api: &Api<'_>, webhooks: bool) -> Result<Read> {
    let lines = system.sync_lines().await?;
    let packages = catalogue::listed(api, None).await?;
    let country = by_country(api, &packages).await?;
    let health = health(api).await?;
    let calls = system.calls(&FUNCTIONS).await?;
    let scenarios = vec![
        onboarding(&system.onboarded, account.name()),
        credentials(&calls),
        registration(&system.onboarded, account.name(), webhooks),
        synced(&system.synced, account.name(), &lines, &packages),
        country,
        health,
        token_reuse(&calls),
    ];
    Ok(Read { scenarios, packages, calls })
}

/// The steps of `onboard`'s report with this name: result and detail.
fn steps<'a>(onboarded: &'a Value, name: &str) -> Vec<(&'a str, &'a str)> {
    let steps = onboarded.get("steps").and_then(Value::as_array).into_iter().flatten();
    steps.filter(|step| text(step, "step") == name).map(|step| (text(step, "result"), text(step, "detail"))).collect()
}

/// What `onboard` says is to be confirmed with the provider.
#[must_use]
pub fn to_be_confirmed(onboarded: &Value, account: &str) -> Vec<String> {
    let asked = steps(onboarded, &format!("to be confirmed with {account}"));
    asked.into_iter().map(|(_, detail)| detail.to_owned()).collect()
}

fn onboarding(onboarded: &Value, account: &str) -> Scenario {
    let found = [steps(onboarded, "agency"), steps(onboarded, &format!("catalogue of {account}"))].concat();
    let fine = found.len() == 2 && found.iter().all(|(result, _)| *result == "ok");
    let told = found.iter().map(|(result, detail)| format!("{result}: {detail}"));
    told.fold(Scenario::judged("onboarding", fine, "`onboard` was invoked with this account alone"), Scenario::and)
}

fn credentials(calls: &[Call]) -> Scenario {
    let name = "credentials";
    if let Some(refused) = calls.iter().find(|call| refuses(call)) {
        return Scenario::differs(name, format!("the provider refused them (`{}` ended as {})", refused.operation, refused.outcome));
    }
    match calls.iter().filter(|call| call.outcome == "ok").count() {
        0 => Scenario::differs(name, "not proven: no call was answered with success"),
        answered => Scenario::matched(name, format!("{answered} calls were answered with success, none was refused")),
    }
}

/// A log-in that is turned down says so in whichever way; any other call by 401.
fn refuses(call: &Call) -> bool {
    call.outcome == "unauthorised" || (call.operation == LOGIN && call.outcome == "rejected")
}

fn registration(onboarded: &Value, account: &str, webhooks: bool) -> Scenario {
    let name = "webhooks";
    if !webhooks {
        return Scenario::not_run(name, "not asked for: `--webhooks URL` registers them");
    }
    match steps(onboarded, &format!("webhooks of {account}")).as_slice() {
        [("ok", detail)] => Scenario::matched(name, format!("{detail}; what was registered stays at the provider")),
        // The provider has no call for it: a person registers, and `onboard` says how.
        [("warning", detail)] => Scenario::matched(name, "the provider is not asked to register by a call").odd([(*detail).to_owned()]),
        [(_, detail)] => Scenario::differs(name, *detail),
        _ => Scenario::differs(name, "`onboard` did not report on them"),
    }
}

fn synced(synced: &Value, account: &str, lines: &[String], packages: &[Value]) -> Scenario {
    let name = "catalogue sync";
    let ours = synced.as_array().into_iter().flatten().find(|one| text(one, "account") == account);
    let Some(result) = ours.and_then(|one| one.get("result")) else {
        return Scenario::differs(name, "`catalog-sync` did not report on the account");
    };
    let Some(change) = result.get("Ok") else {
        return Scenario::differs(name, format!("not read: {}", text(result, "Err")));
    };
    let count = |member: &str| change.get(member).and_then(Value::as_u64).unwrap_or_default();
    let read = count("packages");
    let listed = u64::try_from(packages.len()).unwrap_or(u64::MAX);
    let again = (count("written") + count("removed") > 0)
        .then(|| format!("read a second time it had changed: {} items written, {} removed", count("written"), count("removed")));
    Scenario::judged(name, listed == read && read > 0, format!("{read} packages read, {listed} listed by our API"))
        .odd(left_out(lines))
        .odd(again)
        .odd(catalogue::oddities(packages))
}

/// How many entries the last sync left out, as its line says; nothing when there were none.
fn left_out(lines: &[String]) -> Option<String> {
    let json = |line: &String| serde_json::from_str::<Value>(line.get(line.find('{')?..)?).ok();
    let mut counts = lines.iter().filter_map(json).filter_map(|line| line.pointer("/labels/unreadable")?.as_u64());
    counts.next_back().map(|count| format!("entries left out, which could not be read or not be sold: {count}"))
}

/// The country that most plans work in is asked for: exactly those are listed.
async fn by_country(api: &Api<'_>, packages: &[Value]) -> Result<Scenario> {
    let name = "catalogue by country";
    let countries = catalogue::by_country(packages);
    let Some((country, expected)) = countries.iter().max_by_key(|(_, count)| **count) else {
        return Ok(Scenario::differs(name, "no package of any country is listed"));
    };
    let found = catalogue::listed(api, Some(country)).await?.len();
    let told = format!("{} countries; {country}: {found} packages listed, {expected} of the whole catalogue work there", countries.len());
    let currencies: Vec<String> =
        catalogue::currencies(packages).into_iter().map(|(currency, count)| format!("{count} in {currency}")).collect();
    Ok(Scenario::judged(name, found == *expected, told).and(format!("prices: {}", currencies.join(", "))))
}

async fn health(api: &Api<'_>) -> Result<Scenario> {
    let answer = api.get("/health").await?;
    Ok(breakers(answer.status, &answer.body))
}

fn breakers(status: u16, health: &Value) -> Scenario {
    let state = |class: &str| health.pointer(&format!("/accounts/0/{class}/state")).and_then(Value::as_str).unwrap_or("unknown");
    let (whole, money, read) = (text(health, "status"), state("money"), state("read"));
    let fine = status == 200 && whole == "ok" && money == "closed" && read == "closed";
    let told = format!("`GET /health`: {status}, {whole}; breaker of purchases {money}, of reads {read}");
    let paused = ["money", "read"].into_iter().flat_map(|class| paused(health, class));
    Scenario::judged("health and breakers", fine, told).odd(paused)
}

fn paused(health: &Value, class: &str) -> Vec<String> {
    let paused = health.pointer(&format!("/accounts/0/{class}/paused")).and_then(Value::as_array).into_iter().flatten();
    paused.map(|pause| format!("the provider asked for patience with `{}` (429)", text(pause, "operation"))).collect()
}

/// Onboarding and the catalogue sync are two functions: the second uses the token that the first got.
fn token_reuse(calls: &[Call]) -> Scenario {
    let name = "token reuse";
    let count = |is: &dyn Fn(&Call) -> bool| calls.iter().filter(|call| is(call)).count();
    let logins = count(&|call| call.operation == LOGIN);
    let answered = count(&|call| call.operation != LOGIN && call.outcome == "ok");
    match (logins, answered) {
        (_, 0) => Scenario::differs(name, format!("{logins} log-ins, and no call that used a token was answered with success")),
        (0, _) => Scenario::matched(name, format!("no log-in: each of {answered} calls carried the account's own key")),
        (1, _) => Scenario::matched(name, format!("one log-in for {answered} calls of several functions")),
        _ => {
            Scenario::differs(name, format!("{logins} log-ins for {answered} calls: the token did not last from one function to the next"))
        }
    }
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
