//! What can go wrong, as sentences with a hint.

use std::path::PathBuf;

use bfgg_config::ConfigError;
use bfgg_controller::ControllerError;
use bfgg_controller::api::types::ApiError;
use bfgg_report::{ReportError, printable};
use bfgg_source::SourceError;

/// A command that could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The settings.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The controller of this process could not start.
    #[error("the controller could not start: {0}")]
    Controller(#[from] ControllerError),
    /// The controller of this process ended by itself.
    #[error("the controller ended by itself")]
    Broken,
    /// No controller was named and none runs on the data folder.
    #[error("no controller runs on the data folder {}", .data_folder.display())]
    NoController {
        /// The folder.
        data_folder: PathBuf,
    },
    /// A controller was named, but not its token.
    #[error("the controller {url} asks for its token, and BFGG_TOKEN is not set")]
    NoToken {
        /// Its API.
        url: String,
    },
    /// The controller does not answer, or broke off.
    #[error("no answer from the controller {url}: {cause}")]
    Unreachable {
        /// Its API.
        url: String,
        /// Why.
        cause: String,
    },
    /// The controller answered something that is not understood.
    #[error("{url} answered something else than a BFG-G controller would: {cause}")]
    NotUnderstood {
        /// What was asked.
        url: String,
        /// Why.
        cause: String,
    },
    /// The controller refused.
    #[error("{}", .0.message)]
    Refused(ApiError),
    /// Too few agents came in time.
    #[error("{free} of {wanted} agents are there after {waited_s} s{}", seen(.others))]
    TooFewAgents {
        /// How many are asked for.
        wanted: u32,
        /// How many can be used.
        free: u32,
        /// How long was waited, s.
        waited_s: u64,
        /// The others, and why each cannot be used.
        others: Vec<String>,
    },
    /// No agent or run, or several, are meant by what the user wrote.
    #[error("{0}")]
    Ambiguous(String),
    /// Something else in the input; the sentence says what to write.
    #[error("{0}")]
    Input(String),
    /// A file or folder.
    #[error("cannot {action} {}: {cause}", .path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// The system's reason.
        cause: std::io::Error,
    },
    /// The system gives no runtime, signals or port.
    #[error("cannot {action}: {cause}")]
    System {
        /// What was tried.
        action: &'static str,
        /// The system's reason.
        cause: std::io::Error,
    },
    /// Logs that cannot be used, or a result that cannot be written.
    #[error("{0}")]
    Report(#[from] ReportError),
    /// Logs that no report can be made of, or a report that cannot be written.
    #[error("{message}")]
    NoReport {
        /// What is wrong, with names of files.
        message: String,
        /// What to do; empty where the message says it.
        hint: &'static str,
        /// The process's exit code.
        code: u8,
    },
    /// A folder that cannot be sent.
    #[error("{0}")]
    Source(#[from] SourceError),
    /// A part of the demo did not come up.
    #[error("{what}{}", tail(.output))]
    Demo {
        /// What did not, and why.
        what: String,
        /// What to do.
        hint: String,
        /// The last lines of its output.
        output: String,
    },
    /// Ctrl-C before there was a run.
    #[error("stopped before the run began")]
    Interrupted,
}

fn seen(others: &[String]) -> String {
    match others {
        [] => String::new(),
        _ => format!(" (not usable: {})", others.join("; ")),
    }
}

fn tail(output: &str) -> String {
    match output.trim_end() {
        "" => String::new(),
        text => format!("; its last lines:\n{text}"),
    }
}

impl CliError {
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
        cause: std::io::Error,
    ) -> Self {
        Self::File {
            action,
            path: path.into(),
            cause,
        }
    }

    /// The sentence as it may go to a terminal: names and messages of others are in it.
    pub fn shown(&self) -> String {
        let text = self.to_string();
        match self {
            // The last lines of a program's output.
            Self::Demo { .. } => text.lines().map(printable).collect::<Vec<_>>().join("\n"),
            _ => printable(&text).into_owned(),
        }
    }

    /// What to do next; empty where the sentence says it.
    pub fn hint(&self) -> String {
        match self {
            Self::Config(_)
            | Self::Controller(_)
            | Self::Input(_)
            | Self::Report(_)
            | Self::Source(_)
            | Self::System { .. }
            | Self::Interrupted => String::new(),
            Self::Broken => "its last log lines say why; start it again".into(),
            Self::NoController { .. } => {
                "start one with `bfgg serve`, or name one with --controller URL (BFGG_CONTROLLER)".into()
            }
            Self::NoToken { .. } => {
                "set BFGG_TOKEN to the token that `bfgg serve` prints on that machine".into()
            }
            Self::Unreachable { .. } => {
                "is it running, and is the address the one it printed? A controller listens on loopback unless \
                 BFGG_HTTP says otherwise".into()
            }
            Self::NotUnderstood { .. } => {
                "check the address, and that `bfgg --version` is the same on both machines".into()
            }
            Self::Refused(error) => error.hint.clone(),
            Self::TooFewAgents { .. } => {
                "`bfgg token` prints the command that makes a machine join; --wait gives them longer".into()
            }
            Self::Ambiguous(_) => "use more characters of the id".into(),
            Self::File { .. } => "check that the path is right, may be written and has space left".into(),
            Self::NoReport { hint, .. } => (*hint).into(),
            Self::Demo { hint, .. } => hint.clone(),
        }
    }

    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Interrupted => exit::STOPPED,
            Self::NoReport { code, .. } => *code,
            _ => exit::COULD_NOT_RUN,
        }
    }
}

/// The exit codes of `bfgg`.
pub mod exit {
    /// All well.
    pub const OK: u8 = 0;
    /// It could not run.
    pub const COULD_NOT_RUN: u8 = 1;
    /// Assertions failed on the merged figures.
    pub const ASSERTIONS_FAILED: u8 = 2;
    /// An agent's data is missing, or the run was stopped by others.
    pub const INCOMPLETE: u8 = 3;
    /// All data is here, but the figures cannot be believed: the verdict is INVALID.
    pub const INVALID: u8 = 4;
    /// `bfgg report`: a file is not a Gatling log.
    pub const NOT_A_LOG: u8 = 10;
    /// `bfgg report`: a log is empty.
    pub const EMPTY_LOG: u8 = 11;
    /// `bfgg report`: a log has a header and no records.
    pub const NO_RECORDS: u8 = 12;
    /// `bfgg report`: no request in all logs.
    pub const NO_REQUESTS: u8 = 13;
    /// `bfgg report`: not one request succeeded.
    pub const ONLY_KO: u8 = 14;
    /// `bfgg report`: a folder has no simulation.log.
    pub const NO_LOGS: u8 = 15;
    /// `bfgg report`: logs of different simulations.
    pub const OTHER_SIMULATION: u8 = 16;
    /// `bfgg report`: logs of different Gatling versions.
    pub const OTHER_VERSION: u8 = 17;
    /// `bfgg report`: a log cannot be read.
    pub const UNREADABLE: u8 = 18;
    /// `bfgg report`, `bfgg merge`: the result cannot be written, or would overwrite a log.
    pub const NOT_WRITABLE: u8 = 19;
    /// Wrong usage of the command line.
    pub const USAGE: u8 = 64;
    /// Stopped from this terminal.
    pub const STOPPED: u8 = 130;
}
