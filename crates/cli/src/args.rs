//! The command line.

mod parse;
mod settings;

use std::path::PathBuf;
use std::time::Duration;

use bfgg_controller::api::types::{Parameter, StopRule};
use clap::{Args, Parser, Subcommand, ValueEnum};
use gatling_log::Version;

pub use settings::SettingsFlags;

const EXIT_CODES: &str = "Exit codes: 0 all well; 1 could not run; 2 assertions failed on the merged figures; \
3 the result is incomplete (an agent's data is missing, or the run was stopped by others, a stop rule or the loss of an agent); \
64 wrong usage; 130 stopped from this terminal.";

const REPORT_EXIT_CODES: &str = "Exit codes: 0 all well; 1 could not run; 2 assertions failed; 3 a log is damaged, cut or grew, or some of its \
records cannot be used, the others count; 10 a file is not a log of Gatling 3.0 or later; 11 a log is empty; 12 a log has a header and no records; 13 no request in \
all logs; 14 not one request succeeded; 15 a folder has no simulation.log; 16 logs of different simulations, and no --mixed; \
17 logs of different Gatling versions, and no --mixed; 18 a log cannot be read; 19 the report cannot be written, or would overwrite a log; 64 wrong usage. \
Where other logs can be used, they are reported all the same (but for 16 and 19). Of several codes the first of 18, 10, 11, 15, 12, 3, 2, 13, 14, 17 is given.";

const MERGE_EXIT_CODES: &str = "Exit codes: 0 all well; 1 could not run, or no log can be used; 3 a log or some of its records are \
missing in the merged log; 18 a folder or pipe cannot be read; 19 the merged log cannot be written, or would overwrite a log; 64 wrong usage.";

const DUMP_EXIT_CODES: &str = "Exit codes: 0 all well; 1 could not run, or it is not a log; 3 the log is damaged, cut or grew, or some of its \
records cannot be used, the others are shown; 18 a folder or pipe cannot be read; 64 wrong usage.";

/// Runs Gatling load tests on many machines at once and shows them as one test.
#[derive(Debug, Parser)]
#[command(name = "bfgg", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Cli {
    /// Settings that every command takes.
    #[command(flatten)]
    pub settings: SettingsFlags,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a controller until it is stopped
    Serve,
    /// Show the command that makes a machine join
    Token {
        /// Make a new token; agents that have joined stay
        #[arg(long)]
        rotate: bool,
    },
    /// Who may use the page and the API: login links, tokens that only read
    Access {
        /// What to do
        #[command(subcommand)]
        command: AccessCommand,
    },
    /// List the agents, or change one
    Agents {
        /// What to do with them; without it they are listed
        #[command(subcommand)]
        command: Option<AgentsCommand>,
    },
    /// Run a simulation on agents and show the merged result
    Run(Box<RunArgs>),
    /// List the saved tests, with the last run of each
    Tests,
    /// List the runs, or look at one
    Runs {
        /// What to do with them; without it they are listed
        #[command(subcommand)]
        command: Option<RunsCommand>,
    },
    /// Stop a run; what was logged is kept
    Stop(StopArgs),
    /// Show what builds and Gatling print on the agents of a run
    Logs(LogsArgs),
    /// Report on logs of any Gatling from 3.0 on: one page with all charts, JSON, CSV, JUnit
    Report(Box<ReportArgs>),
    /// Make one simulation.log of several, of any Gatling from 3.0 on
    Merge(MergeArgs),
    /// Look into a simulation.log
    Log {
        /// What to do with it
        #[command(subcommand)]
        command: LogCommand,
    },
    /// Print each setting, its value and where it came from
    Config,
    /// The controller's key
    Identity {
        /// What to do with it
        #[command(subcommand)]
        command: IdentityCommand,
    },
    /// A whole distributed run on this computer: target, controller, two agents, one result
    Demo(DemoArgs),
}

/// `bfgg access …`
#[derive(Debug, Subcommand)]
pub enum AccessCommand {
    /// Print a link that opens the page and lets that browser in: once, within 15 minutes
    Link {
        /// The browser may look, and change nothing
        #[arg(long)]
        read_only: bool,
    },
    /// List the tokens that only read
    Tokens,
    /// Make a token that only reads, for a dashboard on a wall
    Add {
        /// What it is for
        name: String,
    },
    /// Take a token back
    Remove {
        /// Its id, as `bfgg access tokens` lists it
        id: String,
    },
}

/// `bfgg agents …`. ID is a peer id, its last characters, or a name that only one agent has.
#[derive(Debug, Subcommand)]
pub enum AgentsCommand {
    /// Dial an agent that cannot dial this controller
    Add {
        /// Where it listens
        #[arg(value_name = "HOST[:PORT]")]
        address: String,
    },
    /// Admit an agent that waits for it
    Admit {
        /// The agent
        id: String,
    },
    /// Pair an agent that trusts no controller yet, by the code that it shows
    Pair {
        /// The agent
        id: String,
        /// The code, as 1234-5678
        code: String,
    },
    /// Leave an agent that waits out of those that are shown
    Ignore {
        /// The agent
        id: String,
        /// Show it again
        #[arg(long)]
        undo: bool,
    },
    /// Forget an agent
    Remove {
        /// The agent
        id: String,
    },
    /// Put an agent into a group
    Group {
        /// The agent
        id: String,
        /// The group; "" for none
        name: String,
    },
    /// Look at an agent's machine: JDKs, git, build tools, disk, clock
    Doctor {
        /// The agent
        id: String,
    },
}

/// Which logs to report on, and how.
#[derive(Debug, Clone, Args)]
#[command(after_help = REPORT_EXIT_CODES)]
pub struct ReportArgs {
    /// The logs; a folder stands for every simulation.log in it, - for standard input
    #[arg(value_name = "LOG", required = true)]
    pub logs: Vec<PathBuf>,
    /// The folder for the report
    #[arg(short, long, value_name = "DIR", default_value = "bfgg-report")]
    pub out: PathBuf,
    /// What to write: report.html, summary.json, stats.csv, junit.xml; log is all logs as one
    /// simulation.log
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FORMAT,…",
        default_values_t = [ReportFormat::Html, ReportFormat::Json, ReportFormat::Csv, ReportFormat::Junit])]
    pub format: Vec<ReportFormat>,
    /// Add so many ms to the times of a log, whose machine's clock was behind; NAME is the log as
    /// named above or the folder it lies in; may be repeated for other logs
    #[arg(long = "offset", value_name = "NAME=MS", allow_hyphen_values = true, value_parser = parse::offset)]
    pub offsets: Vec<(String, i64)>,
    /// Bounds of the response time ranges, ms
    #[arg(long, value_name = "LOWER,HIGHER", default_value = "800,1200", value_parser = parse::bounds)]
    pub bounds: [u32; 2],
    /// The four percentiles to show
    #[arg(long, value_name = "P,P,P,P", default_value = "50,75,95,99", value_parser = parse::percentiles)]
    pub percentiles: [f64; 4],
    /// Requests and groups with rows of their own; further ones are counted together
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub names: u32,
    /// Report on logs of different simulations or Gatling versions together
    #[arg(long)]
    pub mixed: bool,
}

/// A file of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum ReportFormat {
    /// One page with tables and charts.
    Html,
    /// All figures of the tables.
    Json,
    /// The table of requests.
    Csv,
    /// The assertions.
    Junit,
    /// All logs as one.
    Log,
}

/// Which logs to merge, and where to.
#[derive(Debug, Clone, Args)]
#[command(after_help = MERGE_EXIT_CODES)]
pub struct MergeArgs {
    /// The logs; a folder stands for every simulation.log in it, - for standard input
    #[arg(value_name = "LOG", required = true)]
    pub logs: Vec<PathBuf>,
    /// The merged log; its folder is made if it is not there
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// Add so many ms to the times of a log, whose machine's clock was behind; NAME is the log as
    /// named above or the folder it lies in; may be repeated for other logs
    #[arg(long = "offset", value_name = "NAME=MS", allow_hyphen_values = true, value_parser = parse::offset)]
    pub offsets: Vec<(String, i64)>,
    /// The Gatling whose report is to read it, 3.13 to 3.16 in full, such as 3.16.0 [default: that
    /// of the first binary log]
    #[arg(long, value_name = "VERSION", value_parser = parse::binary_version)]
    pub gatling: Option<Version>,
}

/// `bfgg log …`
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Print each record as a line of JSON; times are ms after the start in the first line
    #[command(after_help = DUMP_EXIT_CODES)]
    Dump {
        /// The log; - for standard input
        #[arg(value_name = "LOG")]
        log: PathBuf,
    },
}

/// `bfgg runs …`. ID is a run's id, its beginning, or `last`.
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// List the runs, newest first
    List,
    /// Show a run and its merged table
    Show {
        /// The run
        #[arg(default_value = "last")]
        id: String,
    },
    /// Stop a run; what was logged is kept
    Stop(StopArgs),
}

/// Which run to stop, and how.
#[derive(Debug, Clone, Args)]
pub struct StopArgs {
    /// The run: its id, its beginning, or `last`
    #[arg(default_value = "last")]
    pub id: String,
    /// End Gatling at once, without its graceful stop, in which its after hook runs
    #[arg(long)]
    pub force: bool,
}

/// Which outputs to show. Without --build and --gatling both are.
#[derive(Debug, Clone, Args)]
pub struct LogsArgs {
    /// The run: its id, its beginning, or `last`
    #[arg(value_name = "RUN", default_value = "last")]
    pub run: String,
    /// Only this agent: its name, or the end of its id; may be repeated
    #[arg(long = "agent", value_name = "NAME")]
    pub agents: Vec<String>,
    /// Only what the builds print, git included
    #[arg(long)]
    pub build: bool,
    /// Only what Gatling prints
    #[arg(long)]
    pub gatling: bool,
    /// Go on until all outputs have ended; Ctrl-C leaves, and the run goes on
    #[arg(short, long)]
    pub follow: bool,
    /// So many lines before the end of each output, or all
    #[arg(short = 'n', long, value_name = "N|all", default_value = "50", value_parser = parse::last_lines)]
    pub lines: LastLines,
}

/// Lines before the end of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastLines {
    /// From its beginning.
    All,
    /// So many.
    Last(u32),
}

/// `bfgg identity …`
#[derive(Debug, Subcommand)]
pub enum IdentityCommand {
    /// Give the controller a new key at its next start, where the old one is locked or gone; all
    /// agents have to join again
    Move,
}

/// What a saved test has itself.
const OF_A_TEST: [&str; 14] = [
    "repo",
    "source",
    "reference",
    "folder",
    "simulation",
    "agents",
    "group",
    "divide",
    "java_options",
    "max_duration",
    "on_loss",
    "stop_if",
    "dead_man",
    "description",
];

/// What to run.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// Git repository of the project: https, http, ssh or user@host:path
    #[arg(
        long,
        value_name = "URL",
        allow_hyphen_values = true,
        required_unless_present_any = ["source", "test"]
    )]
    pub repo: Option<String>,
    /// A test that is saved on the controller, by its name; with --param other values this once
    #[arg(long, value_name = "NAME", conflicts_with_all = OF_A_TEST)]
    pub test: Option<String>,
    /// Folder of the project on this computer: what git does not ignore is sent to the agents, committed or
    /// not
    #[arg(long, value_name = "DIR", conflicts_with_all = ["repo", "reference"])]
    pub source: Option<PathBuf>,
    /// Branch, tag or commit [default: the repository's default branch]
    #[arg(long = "ref", value_name = "REF", allow_hyphen_values = true)]
    pub reference: Option<String>,
    /// Folder of the Gatling module inside the repository, or inside the folder that is sent
    #[arg(long, value_name = "DIR")]
    pub folder: Option<String>,
    /// Class of the simulation; not needed where the project has one only
    #[arg(long, value_name = "CLASS")]
    pub simulation: Option<String>,
    /// How many agents to use [default: all that are free]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub agents: Option<u32>,
    /// Use agents of this group only
    #[arg(long, value_name = "G")]
    pub group: Option<String>,
    /// A system property for the simulation; may be repeated
    #[arg(long = "param", value_name = "K=V", value_parser = parse::parameter)]
    pub parameters: Vec<Parameter>,
    /// Do not show or keep the value of this parameter: agents alone get it; may be repeated
    #[arg(long, value_name = "NAME")]
    pub secret: Vec<String>,
    /// Divide this integer parameter among the agents, sum kept; may be repeated
    #[arg(long, value_name = "NAME")]
    pub divide: Vec<String>,
    /// One option for Gatling's JVM (never split at blanks); may be repeated
    #[arg(long = "java-opts", value_name = "OPT", allow_hyphen_values = true)]
    pub java_options: Vec<String>,
    /// End the run after this time
    #[arg(long, value_name = "TIME", default_value = "4h", value_parser = parse::duration)]
    pub max_duration: Duration,
    /// What happens where an agent is lost or ends early: its share of the load is moved to nobody
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = LossPolicy::GoOn)]
    pub on_loss: LossPolicy,
    /// Stop the run as soon as this holds: 'errors > 5% for 30s', 'p95 > 800 ms for 10s', 'p95 of
    /// Search > 800 ms for 10s', 'cpu > 95% for 30s'; may be repeated
    #[arg(long, value_name = "RULE")]
    pub stop_if: Vec<StopRule>,
    /// Agents that have not heard the controller for this time end the run by themselves; off lets
    /// them go on [default: 2m where this command is the controller, else off]
    #[arg(long, value_name = "TIME|off", value_parser = parse::dead_man)]
    pub dead_man: Option<DeadMan>,
    /// Wait this long for the agents to be there
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse::duration)]
    pub wait: Duration,
    /// A word on what this run is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub description: String,
    /// Put the report (HTML, JSON, CSV, JUnit) and the agents' logs here
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// What happens where an agent is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LossPolicy {
    /// The others go on.
    GoOn,
    /// The others are stopped.
    Stop,
}

/// The dead man's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadMan {
    /// Agents go on without their controller.
    Off,
    /// They end the run after this time.
    After(Duration),
}

/// The demo's size.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Virtual users in all, divided between the agents
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub users: u32,
    /// Seconds over which they arrive
    #[arg(long, value_name = "S", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub duration: u32,
    /// Keep everything in this folder [default: a new folder among the temporary ones]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The agent's program [default: bfgg-agent beside this one]
    #[arg(long, value_name = "FILE")]
    pub agent_bin: Option<PathBuf>,
    /// Open this program (the desktop app) on the run
    #[arg(long, value_name = "FILE")]
    pub window: Option<PathBuf>,
    /// Stay until Ctrl-C (or until the window is closed), to look at the result
    #[arg(long)]
    pub keep_open: bool,
}

#[cfg(test)]
mod tests;
