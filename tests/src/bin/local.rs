//! `cargo local`: see `passerelle_tests::local`.

use std::process::ExitCode;

use passerelle_tests::local::{Arguments, arguments::HELP, certify, redrive, run};

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == "redrive").is_some() {
        return redrive(words).await;
    }
    if words.next_if(|word| word == "certify").is_some() {
        return certify(words).await;
    }
    match Arguments::read(words) {
        Ok(arguments) if arguments.help => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Ok(arguments) => run(arguments).await,
        Err(mistake) => mistaken(&mistake),
    }
}

async fn redrive(words: impl Iterator<Item = String>) -> ExitCode {
    match redrive::Arguments::read(words) {
        Ok(arguments) if arguments.help => {
            print!("{}", redrive::arguments::HELP);
            ExitCode::SUCCESS
        }
        Ok(arguments) => redrive::run(arguments).await,
        Err(mistake) => mistaken(&mistake),
    }
}

async fn certify(words: impl Iterator<Item = String>) -> ExitCode {
    match certify::Arguments::read(words) {
        Ok(arguments) if arguments.help => {
            print!("{}", certify::arguments::HELP);
            ExitCode::SUCCESS
        }
        Ok(arguments) => certify::run(arguments).await,
        Err(mistake) => mistaken(&mistake),
    }
}

fn mistaken(mistake: &str) -> ExitCode {
    eprintln!("{mistake}");
    ExitCode::from(2)
}
