//! The settings of `bfgg-agent`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::value::{self, Hidden, Listen, LogSettings};
use crate::{ConfigError, Flags, Program, Resolved, Sources};

/// What an agent needs to know.
#[derive(Debug, Clone)]
pub struct AgentConfig {
    /// Folder of everything that is kept.
    pub data_folder: PathBuf,
    /// The label controllers show.
    pub name: String,
    /// Where controllers come in.
    pub listen: Listen,
    /// Whether mDNS runs.
    pub discovery: bool,
    /// Join tokens, unchecked: the agent parses them and names a damaged one.
    pub join: Vec<Hidden>,
    /// `host[:port]` of controllers to dial, as written.
    pub controller_hosts: Vec<String>,
    /// Its group; empty for none.
    pub group: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Folder the projects are cloned to.
    pub tests_location: PathBuf,
    /// Folder of the runs.
    pub results_folder: PathBuf,
    /// The JDK to use, if one is named.
    pub java_home: Option<PathBuf>,
    /// sbt-launch.jar, if one is named.
    pub sbt_launch: Option<PathBuf>,
    /// Loopback address of the health page; off if absent.
    pub health: Option<SocketAddr>,
    /// Whether `file://` and plain paths may be cloned.
    pub allow_file: bool,
    /// Whether Gatling gets our probe.
    pub probe: bool,
    /// Days for which a run is kept once its controller has it.
    pub keep_days: u32,
    /// GB that kept runs may take; the oldest that their controllers have go first.
    pub keep_gb: u32,
    /// It ends once no controller is there for so long and no run goes on; never if absent.
    pub end_alone: Option<Duration>,
    /// Whether the controller forgets this agent 10 minutes after it is lost.
    pub ephemeral: bool,
    /// What is logged, and how.
    pub log: LogSettings,
    /// What the user should know about the settings.
    pub notes: Vec<String>,
}

impl AgentConfig {
    /// Reads all layers. `file` is the one named by `--config`.
    pub fn load(flags: Flags, file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::new(&Resolved::new(&Sources::read(
            Program::Agent,
            flags,
            file,
        )?)?)
    }

    /// From settings already resolved.
    pub fn new(resolved: &Resolved) -> Result<Self, ConfigError> {
        let data_folder = resolved.data_folder()?;
        let folder = |key: &str, name: &str| -> Result<PathBuf, ConfigError> {
            Ok(resolved
                .path(key)?
                .unwrap_or_else(|| data_folder.join(name)))
        };
        Ok(Self {
            name: resolved.in_force("BFGG_NAME")?.unwrap_or_default(),
            listen: resolved.listen()?,
            discovery: resolved.switch("BFGG_DISCOVERY")?,
            join: resolved
                .words("BFGG_JOIN")?
                .into_iter()
                .map(Hidden::new)
                .collect(),
            controller_hosts: resolved.words("CONTROLLER_HOST")?,
            group: resolved.in_force("BFGG_GROUP")?.unwrap_or_default(),
            labels: resolved.words("BFGG_LABELS")?,
            tests_location: folder("TESTS_LOCATION", "projects")?,
            results_folder: folder("RESULTS_FOLDER", "runs")?,
            java_home: resolved.path("JAVA_HOME")?,
            sbt_launch: resolved.path("BFGG_SBT_LAUNCH")?,
            health: resolved.loopback("BFGG_HEALTH")?,
            allow_file: resolved.switch("BFGG_ALLOW_FILE")?,
            probe: resolved.switch("BFGG_PROBE")?,
            keep_days: resolved.number("BFGG_KEEP_DAYS")?,
            keep_gb: resolved.number("BFGG_KEEP_GB")?,
            end_alone: resolved
                .parsed("BFGG_END_ALONE", value::length_ms)?
                .filter(|ms| *ms < u64::MAX)
                .map(Duration::from_millis),
            ephemeral: resolved.switch("BFGG_EPHEMERAL")?,
            log: resolved.log()?,
            notes: resolved.notes().to_vec(),
            data_folder,
        })
    }
}
