//! `cargo local`: see `passerelle_tests::local`.

use std::process::ExitCode;

use passerelle_tests::local::{Arguments, arguments::HELP, run};

#[tokio::main]
async fn main() -> ExitCode {
    match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) if arguments.help => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Ok(arguments) => run(arguments).await,
        Err(mistake) => {
            eprintln!("{mistake}");
            ExitCode::from(2)
        }
    }
}
