//! The BFG-G command line: serve, run, report, agents, token, demo.
//!
//! `main` parses and calls [`run`]. All commands but `serve` and `demo` speak to a controller
//! over its HTTP API: the one named, the one running on the data folder, or, for `run`, one of
//! its own.

pub mod args;
pub mod client;
mod command;
mod connection;
mod demo;
pub mod error;
mod flow;
mod folder;
mod logs;
mod platform;
pub mod shop;
mod terminal;
mod view;

use std::io::IsTerminal;

use bfgg_config::{ControllerConfig, LogSettings, Program, Resolved, Sources, logging};

pub use args::Cli;
use args::{Command, IdentityCommand, LogCommand};
use error::CliError;
use view::Screen;

/// Runs one command; the answer is the process's exit code.
pub async fn run(cli: Cli) -> Result<u8, CliError> {
    let sources = Sources::read(
        Program::Controller,
        cli.settings.layer(),
        cli.settings.config.as_deref(),
    )?;
    let resolved = Resolved::new(&sources)?;
    if matches!(cli.command, Command::Config) {
        return command::config::config(&resolved);
    }
    let config = ControllerConfig::new(&resolved)?;
    let screen = Screen::default();
    start_logging(&config.log, &cli.command, &screen);
    for note in &config.notes {
        screen.line(format!("note: {note}"));
    }
    match cli.command {
        Command::Serve => command::serve::serve(&config, &screen).await,
        Command::Token { rotate } => command::token::token(&config, rotate).await,
        Command::Access { command } => command::access::access(&config, command).await,
        Command::Agents { command } => command::agents::agents(&config, command).await,
        Command::Run(args) => command::run::run(&config, &args, &screen).await,
        Command::Tests => command::tests::tests(&config).await,
        Command::Runs { command } => command::runs::runs(&config, command).await,
        Command::Logs(args) => command::logs::logs(&config, &args, &screen).await,
        Command::Stop(args) => command::runs::stop(&config, &args).await,
        Command::Report(args) => command::report::report(&config, &args, &screen),
        Command::Merge(args) => command::merge::merge(&args, &screen),
        Command::Log {
            command: LogCommand::Dump { log },
        } => command::log::dump(&log, &screen),
        Command::Config => command::config::config(&resolved),
        Command::Identity {
            command: IdentityCommand::Move,
        } => command::identity::move_key(&config).await,
        Command::Demo(args) => demo::demo(&config, &args, &screen).await,
    }
}

/// `serve` logs what it does; the other commands show it, and log warnings only, unless the user
/// named a level.
fn start_logging(settings: &LogSettings, command: &Command, screen: &Screen) {
    let mut settings = settings.clone();
    if !settings.named && !matches!(command, Command::Serve) {
        settings.level = "warn".to_owned();
    }
    logging::init_to(
        &settings,
        screen.log_writer(),
        std::io::stderr().is_terminal(),
    );
}
