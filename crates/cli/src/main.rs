//! `bfgg`: parses the command line and runs the command.

use std::process::ExitCode;

use bfgg::Cli;
use bfgg::error::{CliError, exit};
use bfgg_report::printable;
use clap::Parser;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` are "errors" that go to standard output. Nothing is left
            // to do where neither stream can be written.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() {
                exit::USAGE
            } else {
                exit::OK
            });
        }
    };
    let runtime = tokio::runtime::Runtime::new().map_err(|cause| CliError::System {
        action: "start the runtime",
        cause,
    });
    let code = runtime.and_then(|runtime| runtime.block_on(bfgg::run(cli)));
    ExitCode::from(code.unwrap_or_else(|error| {
        eprintln!("error: {}", error.shown());
        if !error.hint().is_empty() {
            eprintln!("hint: {}", printable(&error.hint()));
        }
        error.exit_code()
    }))
}
