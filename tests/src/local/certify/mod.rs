//! `cargo local certify`: one account of an agency, tried against whatever its base URL points to, with a report of what was found.
//!
//! Everything goes through the deployed functions: what matches here is what they will do. `reading` never spends; `buying` is
//! reached by `--buy` alone, after every scenario that only reads has matched.

mod account;
pub mod arguments;
mod buying;
mod calls;
mod catalogue;
mod consent;
mod mask;
mod reading;
mod report;
mod scenario;
mod system;

use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};

pub use arguments::Arguments;

use self::account::Account;
use self::buying::Purchase;
use self::report::Report;
use self::scenario::Scenario;
use self::system::System;
use super::api::Api;
use super::{Teller, agency};
use crate::stack::{During, Result, StackError};

/// What interrupted processes end with.
const INTERRUPTED: u8 = 130;
const NOTHING_SPENT: &str = "Nothing that spends was sent.";

/// Runs the command; SIGINT and SIGTERM end it and everything it started.
pub async fn run(arguments: Arguments) -> ExitCode {
    let teller = Arc::new(Teller::on_stdout());
    let mut interrupt = match signal(SignalKind::interrupt()).and_then(|int| Ok((int, signal(SignalKind::terminate())?))) {
        Ok(signals) => signals,
        Err(error) => return failed(&teller, &error.into()),
    };
    tokio::select! {
        result = work(&arguments, &teller) => match result {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => failed(&teller, &error),
        },
        _ = interrupt.0.recv() => stopped(&teller),
        _ = interrupt.1.recv() => stopped(&teller),
    }
}

fn failed(teller: &Teller, error: &StackError) -> ExitCode {
    teller.abandon();
    eprintln!("\n{} {error}", teller.paint("31", "failed:"));
    ExitCode::FAILURE
}

fn stopped(teller: &Teller) -> ExitCode {
    teller.abandon();
    teller
        .plain("\nstopped; nothing is left running. If a purchase was under way, the provider's list of orders says whether it was made.");
    ExitCode::from(INTERRUPTED)
}

/// Whether everything that was run matched.
async fn work(arguments: &Arguments, teller: &Arc<Teller>) -> Result<bool> {
    let agency = agency::from_file(&arguments.agency)?;
    let account = Account::named(&agency, &arguments.provider)?;
    consent::possible(arguments, &account)?;
    teller.heading(&format!("Certifying {} at {}", account.name(), account.address()));
    let system = System::up(arguments, &agency, &account, teller).await?;
    match certify(arguments, &account, &system, teller).await {
        Ok(report) => {
            write(arguments, &report)?;
            tell(arguments, &report, teller);
            system.stack.save_logs().await?;
            Ok(report.all_matched())
        }
        Err(error) => {
            let saved = system.stack.save_logs().await.is_ok();
            Err(if saved { error.hint(format!("What the functions wrote: {}/logs", system.stack.folder.display())) } else { error })
        }
    }
}

async fn certify(arguments: &Arguments, account: &Account, system: &System, teller: &Teller) -> Result<Report> {
    let api = Api::new(&system.stack).await?;
    teller.doing("the scenarios that only read");
    let read = reading::all(system, account, &api, arguments.webhooks.is_some()).await?;
    let mut report = Report {
        account: account.name().to_owned(),
        kind: account.kind().to_owned(),
        address: account.address(),
        at: system.begun,
        spent: NOTHING_SPENT.to_owned(),
        scenarios: read.scenarios,
        to_be_confirmed: reading::to_be_confirmed(&system.onboarded, account.name()),
        latencies: calls::latencies(&read.calls),
        secrets: account.secrets(),
    };
    teller.finish();
    match chosen(arguments, account, &report, &read.packages).await? {
        Choice::Buy(purchase) => buy(arguments, system, &api, &purchase, &mut report, teller).await?,
        Choice::Not(why) => report.scenarios.extend(buying::NAMES.map(|name| Scenario::not_run(name, why))),
    }
    Ok(report)
}

enum Choice {
    Buy(Purchase),
    Not(&'static str),
}

/// What is bought, if anything is.
async fn chosen(arguments: &Arguments, account: &Account, report: &Report, packages: &[Value]) -> Result<Choice> {
    if !arguments.buy {
        return Ok(Choice::Not("nothing is bought without `--buy`"));
    }
    if !report.all_matched() {
        return Ok(Choice::Not("nothing is bought while something that only reads does not match"));
    }
    let Some(package) = catalogue::cheapest_limited(packages) else {
        return Ok(Choice::Not("the catalogue has no plan with a limit and a price"));
    };
    let purchase = Purchase::of(package, key()?);
    match consent::given(arguments, account, &purchase.told).await? {
        true => Ok(Choice::Buy(purchase)),
        false => Ok(Choice::Not("the word `yes` was not said")),
    }
}

/// A key of its own for each run: a run is a purchase of its own, which was agreed to.
fn key() -> Result<String> {
    use ring::rand::SecureRandom;
    let mut random = [0; 16];
    let filled = ring::rand::SystemRandom::new().fill(&mut random);
    filled.map_err(|_| StackError::new("the machine gave no random number for an idempotency key"))?;
    Ok(format!("certify-{}", hex::encode(random)))
}

/// The report is written first: should this process die, it says that something may have been bought, and what.
async fn buy(
    arguments: &Arguments,
    system: &System,
    api: &Api<'_>,
    purchase: &Purchase,
    report: &mut Report,
    teller: &Teller,
) -> Result<()> {
    report.spent = format!(
        "A purchase of {} was begun; while this sentence stands here, whether it was made is said by the provider's list of orders.",
        purchase.told
    );
    write(arguments, report)?;
    teller.doing(&format!("buying {}", purchase.package_id));
    let bought = buying::all(system, api, purchase).await;
    let bought = bought.during(|| format!("after the order was sent ({} says what was begun)", arguments.report().display()))?;
    report.spent = format!("One purchase of {} was sent.", purchase.told);
    report.scenarios.extend(bought.scenarios);
    report.secrets.extend(bought.secrets);
    report.latencies = calls::latencies(&bought.calls);
    teller.finish();
    Ok(())
}

fn write(arguments: &Arguments, report: &Report) -> Result<()> {
    let file = arguments.report();
    std::fs::write(&file, report.markdown()).during(|| format!("writing {}", file.display()))
}

fn tell(arguments: &Arguments, report: &Report, teller: &Teller) {
    teller.plain("");
    for scenario in &report.scenarios {
        let colour = match scenario.verdict {
            scenario::Verdict::Matched => "32",
            scenario::Verdict::Differs => "31",
            scenario::Verdict::NotRun => "2",
        };
        let told = mask::masked(&scenario.found.join("; "), &report.secrets);
        teller.plain(&format!("  {:<22} {}  {told}", scenario.name, teller.paint(colour, scenario.verdict.told())));
    }
    teller.plain(&format!("\n{}. {}", report.verdict(), mask::masked(&report.spent, &report.secrets)));
    teller.plain(&format!("Report: {}", arguments.report().display()));
}
