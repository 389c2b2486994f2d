//! The command from its arguments to its exit code.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use super::arguments::Arguments;
use super::terminal::Teller;
use super::trip::{self, Played};
use super::{Demo, Running, agency, mails, pictures, summary};
use crate::stack::{Noise, Options, Result, StackError};

/// What interrupted processes end with.
const INTERRUPTED: u8 = 130;

/// Runs the command; SIGINT and SIGTERM end it and everything it started.
pub async fn run(arguments: Arguments) -> ExitCode {
    let teller = Arc::new(Teller::on_stdout());
    let mut interrupt = match signal(SignalKind::interrupt()).and_then(|int| Ok((int, signal(SignalKind::terminate())?))) {
        Ok(signals) => signals,
        Err(error) => return failed(&teller, &error.into()),
    };
    // Dropping the work drops the emulator, and with it every process.
    tokio::select! {
        result = work(&arguments, &teller) => match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&teller, &error),
        },
        _ = interrupt.0.recv() => stopped(&arguments, &teller),
        _ = interrupt.1.recv() => stopped(&arguments, &teller),
    }
}

fn failed(teller: &Teller, error: &StackError) -> ExitCode {
    teller.abandon();
    eprintln!("\n{} {error}", teller.paint("31", "failed:"));
    ExitCode::FAILURE
}

fn stopped(arguments: &Arguments, teller: &Teller) -> ExitCode {
    teller.abandon();
    teller.plain("\nstopped; nothing is left running");
    // To stay up until interrupted is what the command does without --once.
    if arguments.once { ExitCode::from(INTERRUPTED) } else { ExitCode::SUCCESS }
}

async fn work(arguments: &Arguments, teller: &Arc<Teller>) -> Result<()> {
    teller.heading("Passerelle on this machine");
    let given = arguments.agency.as_deref().map(agency::from_file).transpose()?;
    let simulated = given.is_none();
    let demo = Arc::new(Demo::up(options(arguments, teller), given, arguments.partners).await?);
    demo.room.furnish(&demo);
    teller.finish();
    if let Some(folder) = &arguments.pictures {
        return pictures::take(&demo, folder, teller).await.map(drop);
    }
    let played = match told_trip(arguments, &demo, simulated, teller).await {
        Ok(played) => played,
        Err(error) => {
            teller.abandon();
            return Err(error.hint(demo.save_logs().await));
        }
    };
    let mails = if simulated { mails::save(&demo).await? } else { Vec::new() };
    demo.stack.save_logs().await?;
    if !arguments.once {
        summary::tell(&demo, &mails, teller);
    }
    print_json(arguments, &demo, played.as_ref(), &mails, teller);
    if !arguments.once {
        let _found_by_others_until_the_end = Running::announce(&demo.stack)?;
        if !arguments.json {
            teller.plain("\nCtrl-C ends it.");
        }
        std::future::pending::<()>().await;
    }
    Ok(())
}

fn options(arguments: &Arguments, teller: &Arc<Teller>) -> Options {
    let teller = Arc::clone(teller);
    Options { port: arguments.port, noise: Noise::Shown, say: Arc::new(move |text| teller.doing(text)), ..Options::default() }
}

async fn told_trip(arguments: &Arguments, demo: &Demo, simulated: bool, teller: &Teller) -> Result<Option<Played>> {
    if arguments.no_trip {
        return Ok(None);
    }
    if !simulated && !agency::buys_only_here(&demo.agency) {
        teller.plain("\n  No trip is played: a provider of this agency is not on this machine, and a trip buys.");
        return Ok(None);
    }
    trip::play(demo, simulated, teller).await.map(Some)
}

fn print_json(arguments: &Arguments, demo: &Demo, played: Option<&Played>, mails: &[PathBuf], teller: &Teller) {
    if arguments.json {
        teller.plain(&summary::json(demo, played, mails).to_string());
    }
}
