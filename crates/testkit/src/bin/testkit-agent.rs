//! The agent's own program, so that the tests of this crate have it.

use std::process::ExitCode;

fn main() -> ExitCode {
    bfgg_agent::cli::main()
}
