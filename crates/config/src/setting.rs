//! The table of all settings.

use std::ffi::OsString;
use std::fmt;

/// Which program reads the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `bfgg` and the desktop app.
    Controller,
    /// `bfgg-agent`.
    Agent,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Controller => "bfgg",
            Self::Agent => "bfgg-agent",
        })
    }
}

/// Which program a setting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// `bfgg` and the desktop app alone.
    Controller,
    /// `bfgg-agent` alone.
    Agent,
    /// Both.
    Both,
}

/// What a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name of at most 64 characters.
    Name,
    /// A path; `~/` is the home folder; relative to the file's folder when it comes from the file.
    Path,
    /// Where libp2p listens: see [`crate::Listen`].
    Listen,
    /// Where HTTP listens: see [`crate::HttpListen`].
    Http,
    /// A loopback address with a port.
    Loopback,
    /// An `http://` address.
    Url,
    /// `on` or `off` (also true/false, yes/no, 1/0).
    Switch,
    /// A log level, or directives as `bfgg_net=debug,info`.
    Level,
    /// `text` or `json`.
    Format,
    /// The API's token.
    Token,
    /// Words separated by commas or blanks.
    Words,
    /// Percent from which on something is evidence, or `off`.
    Percent,
    /// A length of time from which on something is evidence, or `off`: `500ms`, `10s`, `2m`.
    Length,
    /// A whole number up to a million.
    Number,
}

/// What holds where no layer has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// Nothing.
    Unset,
    /// This.
    Is(&'static str),
    /// This for the controller, that for the agent.
    Per(&'static str, &'static str),
    /// The program's own data folder.
    DataFolder,
    /// For the agent a folder inside the data folder in force, for the controller nothing.
    InAgentData(&'static str),
    /// The machine's host name.
    HostName,
}

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name in the environment and in `.env`.
    pub key: &'static str,
    /// What its value must look like.
    pub kind: Kind,
    /// What holds where no layer has a value.
    pub fallback: Fallback,
    /// Whose it is.
    pub who: Who,
    /// Whether its value is never shown.
    pub secret: bool,
    /// What it is for.
    pub doc: &'static str,
}

impl Setting {
    /// The setting of this name.
    pub fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// The variables of this process's environment that are settings of our programs, but for those
    /// that say where a tool is: an agent that one of our programs starts for itself has settings of its
    /// own.
    pub fn inherited() -> Vec<OsString> {
        const TOOLS: [&str; 2] = ["JAVA_HOME", "BFGG_SBT_LAUNCH"];
        let ours = |key: &str| key.starts_with("BFGG_") || Self::find(key).is_some();
        std::env::vars_os()
            .map(|(key, _)| key)
            .filter(|key| {
                key.to_str()
                    .is_some_and(|key| ours(key) && !TOOLS.contains(&key))
            })
            .collect()
    }

    /// Its name in the TOML file.
    pub fn file_key(&self) -> String {
        self.key
            .strip_prefix("BFGG_")
            .unwrap_or(self.key)
            .to_ascii_lowercase()
    }

    /// Whether `program` has it.
    pub fn is_for(&self, program: Program) -> bool {
        match self.who {
            Who::Both => true,
            Who::Controller => program == Program::Controller,
            Who::Agent => program == Program::Agent,
        }
    }

    /// Whether it counts in `.env`. For the agent all its settings do. `bfgg` is often called in
    /// the folder of a project whose `.env` was written by others: it takes the names of
    /// the original BFG-G, the controller's address and the log format from there, nothing else.
    pub fn in_dotenv(&self, program: Program) -> bool {
        const STEERS_BFGG: [&str; 2] = ["BFGG_CONTROLLER", "BFGG_LOG_FORMAT"];
        self.is_for(program)
            && (program == Program::Agent
                || !self.key.starts_with("BFGG_")
                || STEERS_BFGG.contains(&self.key))
    }
}

const fn setting(
    key: &'static str,
    kind: Kind,
    who: Who,
    fallback: Fallback,
    doc: &'static str,
) -> Setting {
    Setting {
        key,
        kind,
        fallback,
        who,
        secret: false,
        doc,
    }
}

const fn secret(key: &'static str, kind: Kind, who: Who, doc: &'static str) -> Setting {
    Setting {
        key,
        kind,
        fallback: Fallback::Unset,
        who,
        secret: true,
        doc,
    }
}

/// All settings, in the order in which they are shown.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    setting("BFGG_DATA_DIR", Kind::Path, Who::Both, Fallback::DataFolder, "folder of everything that is kept"),
    setting("BFGG_NAME", Kind::Name, Who::Both, Fallback::HostName, "the label others see"),
    setting("BFGG_LISTEN", Kind::Listen, Who::Both, Fallback::Per("7410", "7412"), "port at which controller and agents meet; 127.0.0.1:PORT for this computer only, 0 for any free port"),
    setting("BFGG_DISCOVERY", Kind::Switch, Who::Both, Fallback::Is("on"), "find each other by mDNS"),
    setting("LOG_LEVEL", Kind::Level, Who::Both, Fallback::Is("info"), "error, warn, info, debug, trace or off"),
    setting("BFGG_LOG_FORMAT", Kind::Format, Who::Both, Fallback::Is("text"), "text or json"),
    setting("BFGG_HTTP", Kind::Http, Who::Controller, Fallback::Is("127.0.0.1:7411"), "address of the page and the API; port 0 picks a free one"),
    secret("BFGG_TOKEN", Kind::Token, Who::Controller, "token of the API; a new one is made where none is set"),
    setting("BFGG_IDENTITY_FILE", Kind::Path, Who::Controller, Fallback::Unset, "file with the controller's key, for a lasting identity in CI"),
    setting("BFGG_KEYCHAIN", Kind::Switch, Who::Controller, Fallback::Is("on"), "keep the controller's key in the system's keychain; off keeps it in a file"),
    setting("BFGG_ADVERTISE", Kind::Words, Who::Controller, Fallback::Unset, "host:port addresses for the join token, where this machine's own are not those to be used"),
    setting("BFGG_VERDICT_CPU", Kind::Percent, Who::Controller, Fallback::Is("85"), "a run is SUSPECT where the processors of an agent's machine are so busy for the window, percent"),
    setting("BFGG_VERDICT_WINDOW", Kind::Length, Who::Controller, Fallback::Is("10s"), "the window of the verdict's rules on processors and garbage collection"),
    setting("BFGG_VERDICT_GC", Kind::Percent, Who::Controller, Fallback::Is("5"), "SUSPECT where Gatling spends more of a window collecting garbage, percent"),
    setting("BFGG_VERDICT_GC_PAUSE", Kind::Length, Who::Controller, Fallback::Is("500ms"), "SUSPECT where one pause for garbage collection is longer"),
    setting("BFGG_VERDICT_FILES", Kind::Percent, Who::Controller, Fallback::Is("80"), "SUSPECT where so many of the files that Gatling may open are open, percent"),
    setting("BFGG_VERDICT_PORTS", Kind::Percent, Who::Controller, Fallback::Is("80"), "SUSPECT where so many of the local ports are in use, percent"),
    setting("BFGG_VERDICT_NETWORK", Kind::Percent, Who::Controller, Fallback::Is("90"), "SUSPECT where so much of what the network link carries is used, percent"),
    setting("BFGG_VERDICT_SPREAD", Kind::Length, Who::Controller, Fallback::Is("1s"), "SUSPECT where the agents' first users start further apart"),
    setting("BFGG_VERDICT_CLOCK_JUMP", Kind::Length, Who::Controller, Fallback::Is("100ms"), "SUSPECT where an agent's clock is set by more"),
    setting("BFGG_VERDICT_RATES", Kind::Percent, Who::Controller, Fallback::Is("5"), "SUSPECT where requests/s of the whole run and while all agents make load are further apart, percent"),
    setting("BFGG_CONTROLLER", Kind::Url, Who::Controller, Fallback::Unset, "address of a running controller's API, http://host:port"),
    secret("BFGG_JOIN", Kind::Words, Who::Agent, "join tokens of the controllers to obey"),
    setting("CONTROLLER_HOST", Kind::Words, Who::Agent, Fallback::Unset, "host[:port] of controllers to dial, where mDNS does not reach"),
    setting("BFGG_GROUP", Kind::Name, Who::Agent, Fallback::Unset, "group of this agent"),
    setting("BFGG_LABELS", Kind::Words, Who::Agent, Fallback::Unset, "labels of this agent"),
    setting("TESTS_LOCATION", Kind::Path, Who::Agent, Fallback::InAgentData("projects"), "folder the projects are cloned to"),
    setting("RESULTS_FOLDER", Kind::Path, Who::Both, Fallback::InAgentData("runs"), "folder of the runs; for bfgg: where `run` puts its results"),
    setting("GATLING_LOCATION", Kind::Path, Who::Agent, Fallback::Unset, "of the original BFG-G; without effect, Gatling comes with the project"),
    setting("JAVA_HOME", Kind::Path, Who::Agent, Fallback::Unset, "the JDK to use"),
    setting("BFGG_SBT_LAUNCH", Kind::Path, Who::Agent, Fallback::Unset, "sbt-launch.jar, where sbt is not installed"),
    setting("BFGG_HEALTH", Kind::Loopback, Who::Agent, Fallback::Unset, "loopback address of the health page"),
    setting("BFGG_ALLOW_FILE", Kind::Switch, Who::Agent, Fallback::Is("off"), "clone from file:// and plain paths too (for demos and tests)"),
    setting("BFGG_PROBE", Kind::Switch, Who::Agent, Fallback::Is("on"), "put our probe into Gatling's JVM, which holds starts and keeps live figures close"),
    setting("BFGG_KEEP_DAYS", Kind::Number, Who::Agent, Fallback::Is("7"), "days for which a run is kept once its controller has it"),
    setting("BFGG_KEEP_GB", Kind::Number, Who::Agent, Fallback::Is("20"), "GB that kept runs may take; the oldest go first, those no controller has yet never"),
    setting("BFGG_END_ALONE", Kind::Length, Who::Agent, Fallback::Is("off"), "end once no controller is there for so long and no run goes on"),
    setting("BFGG_EPHEMERAL", Kind::Switch, Who::Agent, Fallback::Is("off"), "be forgotten by the controller 10 minutes after the end"),
];
