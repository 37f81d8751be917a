//! The agent's program.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    match args.next().as_deref().and_then(|a| a.to_str()) {
        Some("supervise") => {
            let folder = bfgg_agent::run_folder::RunFolder::at(args.next().unwrap_or_default());
            match bfgg_agent::supervisor::supervise(folder) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("{error}");
                    ExitCode::FAILURE
                }
            }
        }
        Some("contain") => {
            args.next();
            let program = args.next().unwrap_or_default();
            match bfgg_agent::contain::contain(program, args.collect()) {
                Ok(status) => std::process::exit(status),
                Err(error) => {
                    eprintln!("{error}");
                    ExitCode::from(127)
                }
            }
        }
        _ => ExitCode::FAILURE,
    }
}
