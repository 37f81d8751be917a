//! The settings of `bfgg` and the desktop app.

use std::path::{Path, PathBuf};

use url::Url;

use crate::value::{self, Hidden, HttpListen, Listen, LogSettings};
use crate::{ConfigError, Flags, Program, Resolved, Sources};

/// What a controller and the commands that talk to one need to know.
#[derive(Debug, Clone)]
pub struct ControllerConfig {
    /// Folder of everything that is kept.
    pub data_folder: PathBuf,
    /// The label agents see.
    pub name: String,
    /// Where agents come in.
    pub listen: Listen,
    /// Whether mDNS runs.
    pub discovery: bool,
    /// Where page and API listen.
    pub http: HttpListen,
    /// The API's token; a new one is made if absent.
    pub token: Option<Hidden>,
    /// A file with the controller's key.
    pub identity_file: Option<PathBuf>,
    /// Whether the key may be kept in the system's keychain.
    pub keychain: bool,
    /// `host:port` addresses for the join token, as written; this machine's own if empty.
    pub advertise: Vec<String>,
    /// The API of a controller that runs elsewhere.
    pub controller: Option<Url>,
    /// Where `run` puts its results.
    pub results_folder: Option<PathBuf>,
    /// From where on something speaks against a run's figures.
    pub verdict: VerdictLimits,
    /// What is logged, and how.
    pub log: LogSettings,
    /// What the user should know about the settings.
    pub notes: Vec<String>,
}

/// From where on something speaks against a run's figures. Where a rule is off its limit is infinite,
/// or the greatest number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VerdictLimits {
    /// Busy processors, percent.
    pub cpu_percent: f64,
    /// The window of the rules on processors and garbage collection, ms.
    pub window_ms: u64,
    /// Garbage collection in a window, percent.
    pub gc_percent: f64,
    /// A pause for garbage collection, ms.
    pub gc_pause_ms: u64,
    /// Open files, percent of those allowed.
    pub files_percent: f64,
    /// Local ports in use, percent.
    pub ports_percent: f64,
    /// The network link, percent.
    pub network_percent: f64,
    /// The agents' first users apart, ms.
    pub spread_ms: u64,
    /// A step of an agent's clock, ms.
    pub clock_jump_ms: u64,
    /// Requests/s of the whole run and of the steady time apart, percent.
    pub rates_percent: f64,
}

impl Default for VerdictLimits {
    fn default() -> Self {
        // The table has a value for each that its parser takes.
        let none = Sources {
            program: Program::Controller,
            flags: Flags::default(),
            environment: Vec::new(),
            dotenv: None,
            file: None,
        };
        let resolved = Resolved::new(&none).and_then(|resolved| Self::new(&resolved));
        resolved.unwrap_or(Self::OFF)
    }
}

impl VerdictLimits {
    /// No rule at all.
    pub const OFF: Self = Self {
        cpu_percent: f64::INFINITY,
        window_ms: u64::MAX,
        gc_percent: f64::INFINITY,
        gc_pause_ms: u64::MAX,
        files_percent: f64::INFINITY,
        ports_percent: f64::INFINITY,
        network_percent: f64::INFINITY,
        spread_ms: u64::MAX,
        clock_jump_ms: u64::MAX,
        rates_percent: f64::INFINITY,
    };

    fn new(resolved: &Resolved) -> Result<Self, ConfigError> {
        // Each has a default.
        let percent = |key| {
            let parsed = resolved.parsed(key, value::percent)?;
            Ok::<f64, ConfigError>(parsed.unwrap_or(f64::INFINITY))
        };
        let length = |key| {
            let parsed = resolved.parsed(key, value::length_ms)?;
            Ok::<u64, ConfigError>(parsed.unwrap_or(u64::MAX))
        };
        Ok(Self {
            cpu_percent: percent("BFGG_VERDICT_CPU")?,
            window_ms: length("BFGG_VERDICT_WINDOW")?,
            gc_percent: percent("BFGG_VERDICT_GC")?,
            gc_pause_ms: length("BFGG_VERDICT_GC_PAUSE")?,
            files_percent: percent("BFGG_VERDICT_FILES")?,
            ports_percent: percent("BFGG_VERDICT_PORTS")?,
            network_percent: percent("BFGG_VERDICT_NETWORK")?,
            spread_ms: length("BFGG_VERDICT_SPREAD")?,
            clock_jump_ms: length("BFGG_VERDICT_CLOCK_JUMP")?,
            rates_percent: percent("BFGG_VERDICT_RATES")?,
        })
    }
}

impl ControllerConfig {
    /// Reads all layers. `file` is the one named by `--config`.
    pub fn load(flags: Flags, file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::new(&Resolved::new(&Sources::read(
            Program::Controller,
            flags,
            file,
        )?)?)
    }

    /// From settings already resolved.
    pub fn new(resolved: &Resolved) -> Result<Self, ConfigError> {
        let default_http = ([127, 0, 0, 1], 7411).into();
        Ok(Self {
            data_folder: resolved.data_folder()?,
            name: resolved.in_force("BFGG_NAME")?.unwrap_or_default(),
            listen: resolved.listen()?,
            discovery: resolved.switch("BFGG_DISCOVERY")?,
            http: HttpListen {
                address: resolved
                    .parsed("BFGG_HTTP", value::http)?
                    .unwrap_or(default_http),
                named: resolved.is_named("BFGG_HTTP"),
            },
            token: resolved.in_force("BFGG_TOKEN")?.map(Hidden::new),
            identity_file: resolved.path("BFGG_IDENTITY_FILE")?,
            keychain: resolved.switch("BFGG_KEYCHAIN")?,
            advertise: resolved.words("BFGG_ADVERTISE")?,
            controller: resolved.parsed("BFGG_CONTROLLER", value::url)?,
            results_folder: resolved.path("RESULTS_FOLDER")?,
            verdict: VerdictLimits::new(resolved)?,
            log: resolved.log()?,
            notes: resolved.notes().to_vec(),
        })
    }
}
