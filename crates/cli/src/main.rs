//! `bfgg`: parses the command line and runs the command.

use std::borrow::Cow;
use std::io::Write as _;
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
            let _ = match plain(&error) {
                Some(text) => std::io::stderr().write_all(text.as_bytes()),
                None => error.print(),
            };
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

/// The error without colours, if an argument in it would steer the terminal.
fn plain(error: &clap::Error) -> Option<String> {
    let text = error.render().to_string();
    let lines: Vec<_> = text.lines().map(printable).collect();
    let is_safe = lines.iter().all(|line| matches!(line, Cow::Borrowed(_)));
    (!is_safe).then(|| format!("{}\n", lines.join("\n")))
}
