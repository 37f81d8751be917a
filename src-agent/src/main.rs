//! The agent's program.

use std::process::ExitCode;

fn main() -> ExitCode {
    bfgg_agent::cli::main()
}
