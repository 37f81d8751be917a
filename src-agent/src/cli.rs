//! The command line of `bfgg-agent`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use bfgg_config::{AgentConfig, Flags, Program, Resolved, Sources};
use bfgg_net::Identity;
use bfgg_protocol::{CheckStatus, JoinToken};
use clap::{Args, Parser, Subcommand};
use tokio_util::sync::CancellationToken;

use crate::joined::Joined;
use crate::run_folder::RunFolder;
use crate::tool::Tools;
use crate::{AgentError, Settings, contain, doctor, identity, platform, store, supervisor};

/// Builds and runs Gatling on this machine for the controllers it has joined.
#[derive(Debug, Parser)]
#[command(name = "bfgg-agent", version, args_conflicts_with_subcommands = false)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Options {
    /// Settings file, instead of the usual one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of everything that is kept [BFGG_DATA_DIR].
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Join a controller by its token, as `bfgg token` prints it [BFGG_JOIN].
    #[arg(long, value_name = "TOKEN")]
    join: Vec<String>,
    /// Obey the controller of this peer id; its user has to admit the agent.
    #[arg(long, value_name = "PEERID")]
    controller: Vec<String>,
    /// Dial a controller here, where mDNS does not reach [CONTROLLER_HOST].
    #[arg(long, value_name = "HOST[:PORT]")]
    controller_host: Vec<String>,
    /// The label controllers show [BFGG_NAME; the host's name].
    #[arg(long)]
    name: Option<String>,
    /// The group of this agent [BFGG_GROUP].
    #[arg(long)]
    group: Option<String>,
    /// A label of this agent [BFGG_LABELS].
    #[arg(long)]
    label: Vec<String>,
    /// Port for controllers; 127.0.0.1:PORT for this computer only, 0 for any [BFGG_LISTEN; 7412].
    #[arg(long, value_name = "PORT")]
    listen: Option<String>,
    /// Do not look for controllers by mDNS [BFGG_DISCOVERY=off].
    #[arg(long)]
    no_discovery: bool,
    /// Be forgotten by the controllers 10 minutes after the end [BFGG_EPHEMERAL].
    #[arg(long)]
    ephemeral: bool,
    /// Leave Gatling's JVM alone: starts are not held, live figures lag [BFGG_PROBE=off].
    #[arg(long)]
    no_probe: bool,
    /// error, warn, info, debug, trace or off [LOG_LEVEL].
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
    /// text or json [BFGG_LOG_FORMAT].
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the agent (what happens without a command, too).
    Run,
    /// Join a controller; an agent that runs joins it within a second.
    Join {
        /// The token, as `bfgg token` prints it.
        token: String,
    },
    /// Leave a controller.
    Leave {
        /// Its peer id, or the last 8 characters of it.
        controller: String,
    },
    /// Ask the agent that runs on this data folder to end; a run goes on.
    End,
    /// Show who this agent is and whom it has joined.
    Identity {
        #[command(subcommand)]
        command: Option<IdentityCommand>,
    },
    /// Look at this machine: JDKs, git, build tools, disk and more.
    Doctor,
    /// Print each setting, its value and where it came from.
    Config,
    /// Supervise a run (the agent calls itself).
    #[command(hide = true)]
    Supervise { folder: PathBuf },
    /// Run a program, and end all that it started (the agent calls itself).
    #[command(hide = true)]
    Contain {
        program: OsString,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

#[derive(Debug, Subcommand)]
enum IdentityCommand {
    /// Make a new identity, for a machine that was copied from another one.
    Reset,
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        // These two come before any setting: a run must not end because a setting is wrong.
        Some(Command::Supervise { folder }) => supervise(folder),
        Some(Command::Contain { program, arguments }) => {
            let status = contain::contain(program, arguments).unwrap_or_else(|error| {
                eprintln!("bfgg-agent contain: {error}");
                127
            });
            std::process::exit(status)
        }
        command => obey(&cli.options, command.unwrap_or(Command::Run)),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bfgg-agent: {error}");
            ExitCode::FAILURE
        }
    }
}

fn supervise(folder: PathBuf) -> Result<ExitCode, AgentError> {
    let failed = AgentError::disk(folder.clone());
    supervisor::supervise(RunFolder::at(folder)).map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

impl Options {
    fn resolve(&self) -> Result<Resolved, AgentError> {
        let mut flags = Flags::default();
        let folder = self.data_dir.as_ref().map(|folder| folder.display());
        flags.set("--data-dir", "BFGG_DATA_DIR", folder);
        flags.words("--join", "BFGG_JOIN", &self.join);
        flags.words(
            "--controller-host",
            "CONTROLLER_HOST",
            &self.controller_host,
        );
        flags.set("--name", "BFGG_NAME", self.name.as_ref());
        flags.set("--group", "BFGG_GROUP", self.group.as_ref());
        flags.words("--label", "BFGG_LABELS", &self.label);
        flags.set("--listen", "BFGG_LISTEN", self.listen.as_ref());
        flags.switch("--no-discovery", "BFGG_DISCOVERY", self.no_discovery, false);
        flags.switch("--ephemeral", "BFGG_EPHEMERAL", self.ephemeral, true);
        flags.switch("--no-probe", "BFGG_PROBE", self.no_probe, false);
        flags.set("--log-level", "LOG_LEVEL", self.log_level.as_ref());
        flags.set("--log-format", "BFGG_LOG_FORMAT", self.log_format.as_ref());
        Ok(Resolved::new(&Sources::read(
            Program::Agent,
            flags,
            self.config.as_deref(),
        )?)?)
    }
}

fn obey(options: &Options, command: Command) -> Result<ExitCode, AgentError> {
    let resolved = options.resolve()?;
    let config = AgentConfig::new(&resolved)?;
    let data = &config.data_folder;
    match command {
        Command::Config => print!("{}", bfgg_config::listing(&resolved)?),
        Command::Join { token } => {
            let token: JoinToken = token.parse()?;
            Joined::load(data)?.add(&token)?;
            println!("joined {}", token.controller);
        }
        Command::Leave { controller } => {
            let left = Joined::load(data)?.remove(&controller)?;
            println!("left {left}");
        }
        Command::End => {
            store::ask_to_end(data)?;
            println!(
                "an agent that runs on {} ends as soon as it can; a run goes on",
                data.display()
            );
        }
        Command::Identity { command: None } => {
            match identity::known(data)? {
                Some(peer) => println!("{peer}"),
                None => println!("no identity yet: the first start makes it"),
            }
            for membership in Joined::load(data)?.all() {
                let addresses = membership.addresses.join(", ");
                println!("joined {} {addresses}", membership.controller);
            }
        }
        Command::Identity {
            command: Some(IdentityCommand::Reset),
        } => {
            println!("{}", identity::reset(data)?);
        }
        Command::Doctor => return runtime()?.block_on(print_doctor(&Settings::new(&config)?)),
        Command::Run => {
            bfgg_config::logging::init(&config.log);
            config
                .notes
                .iter()
                .for_each(|note| tracing::warn!("{note}"));
            let mut settings = Settings::new(&config)?;
            for peer in &options.controller {
                let controller = Identity::parse_peer_id(peer)?;
                settings.join.push(JoinToken {
                    controller,
                    secret: None,
                    addresses: Vec::new(),
                });
            }
            runtime()?.block_on(run(settings))?;
        }
        // Done before any setting is read.
        Command::Supervise { .. } | Command::Contain { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// At least two threads: work that blocks one must not keep the heartbeat from the other.
fn runtime() -> Result<tokio::runtime::Runtime, AgentError> {
    let threads = std::thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(2, 4);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|cause| AgentError::System {
            what: "the asynchronous runtime",
            cause,
        })
}

async fn run(settings: Settings) -> Result<(), AgentError> {
    let shutdown = CancellationToken::new();
    let watched = shutdown.clone();
    let asked = platform::asked_to_end().map_err(|cause| AgentError::System {
        what: "the system's signals",
        cause,
    })?;
    let watching = tokio::spawn(async move {
        tokio::select! {
            () = asked => watched.cancel(),
            () = watched.cancelled() => {}
        }
    });
    let result = crate::run(settings, shutdown.clone()).await;
    shutdown.cancel();
    // It only waited for one of the two.
    let _ = watching.await;
    result
}

async fn print_doctor(settings: &Settings) -> Result<ExitCode, AgentError> {
    let report = doctor::examine(&settings.places, &Tools::new(&settings.program)).await;
    for check in &report.checks {
        let mark = match check.status {
            CheckStatus::Pass => "ok  ",
            CheckStatus::Warn => "warn",
            CheckStatus::Fail => "FAIL",
            CheckStatus::Info => "    ",
        };
        println!("{mark} {:<18} {}", check.name, check.value);
        if !check.hint.is_empty() {
            println!("     {:<18} {}", "", check.hint);
        }
        // Without anything before them, to be pasted.
        check.lines.iter().for_each(|line| println!("{line}"));
    }
    let failed = report
        .checks
        .iter()
        .any(|check| check.status == CheckStatus::Fail);
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn words_of_a_contained_program_are_its_own() {
        let words = [
            "bfgg-agent",
            "contain",
            "--",
            "git",
            "-c",
            "--help",
            "--",
            "x",
        ];
        let Some(Command::Contain { program, arguments }) = Cli::parse_from(words).command else {
            panic!("contain")
        };
        assert_eq!(program, "git");
        assert_eq!(arguments, ["-c", "--help", "--", "x"]);
    }
}
