//! A run's folder: the interface between the agent and the run's supervisor.
//!
//! | File | Written by | Says |
//! |---|---|---|
//! | `run.json` | agent, before it starts the supervisor | [`RunSpec`]: what to run |
//! | `supervisor.json` | supervisor | [`Supervisor`]: who supervises, and how far it is |
//! | `control` | agent | [`Control`]: when to start, whether to stop, when the controller was last heard; the probe reads it too |
//! | `stop` | supervisor | that Gatling is to stop by itself: its being there says it to the probe |
//! | `probe.json` | probe, once a second and at news | [`ProbeReport`]: armed, released, heap |
//! | `console.json` | supervisor, once a second at most | Gatling's own counters |
//! | `output.log` | supervisor | what Gatling printed, capped, without secrets; `output.log.part-<position>` while it runs |
//! | `gatling/<name>/simulation.log` | Gatling | its log |
//! | `exit.json` | supervisor, last | [`Exit`]: how it ended |
//! | `secret.args` | agent, gone when Java is up | options of Java with secret values |
//! | `build.log` | agent | what git and the build printed, likewise |
//!
//! Every JSON file is written beside and renamed, so that a reader sees a whole one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bfgg_protocol::{LiveCounters, PeerId, RunExit, RunFile, RunId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::platform;
use crate::probe::ProbeReport;

/// What to run, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSpec {
    /// The run.
    pub run: RunId,
    /// The controller it belongs to.
    pub controller: PeerId,
    /// That controller's label.
    pub controller_name: String,
    /// Since when the agent is leased to the run, ms since 1970.
    pub since_ms: u64,
    /// The program.
    pub program: PathBuf,
    /// Its arguments, each as it is.
    pub arguments: Vec<String>,
    /// The folder it runs in.
    pub folder: PathBuf,
    /// Variables it gets besides those of the agent.
    pub environment: Vec<(String, String)>,
    /// Variables of the agent that it does not get.
    pub environment_removed: Vec<String>,
    /// It ends after this many seconds.
    pub max_duration_s: u32,
    /// Gatling has our probe in it, and is started at once: the probe holds it.
    #[serde(default)]
    pub probe: bool,
    /// Why it has none, as a sentence without its full stop.
    #[serde(default)]
    pub unprobed: String,
    /// Seconds for which the supervisor waits for a Gatling with a probe to be held.
    #[serde(default)]
    pub arm_limit_s: u32,
    /// Without a probe it is started this many ms before the instant at which its load is to begin.
    pub start_up_ms: u64,
    /// Seconds for which the supervisor waits for that instant to be named.
    pub armed_limit_s: u32,
    /// The dead man's limit: it ends where its controller was not heard for so many seconds.
    #[serde(default)]
    pub dead_man_s: Option<u32>,
    /// Bytes of output kept from its beginning, and as many from its end.
    pub output_limit: u64,
}

/// Who supervises a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervisor {
    /// The supervisor's process id.
    pub pid: u32,
    /// What tells it from other processes that get the same id (see `platform`).
    pub identity: String,
    /// How far it is.
    pub stage: Stage,
    /// When Gatling was started, ms since 1970; 0 before.
    pub started_ms: u64,
    /// What it does at that stage, in a few words; empty where there is nothing to say.
    #[serde(default)]
    pub doing: String,
}

impl Supervisor {
    /// Whether that very process is alive.
    pub fn is_alive(&self) -> bool {
        platform::process_identity(self.pid).as_deref() == Some(&self.identity)
    }
}

/// How far a supervisor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Gatling comes up.
    Starting,
    /// Gatling is held by the probe, or is still to be started; the start instant is waited for.
    Armed,
    /// Gatling runs.
    Running,
    /// Gatling's process tree is being ended.
    Stopping,
}

/// What the agent tells the supervisor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// When the load begins, in this machine's wall clock, ms since 1970.
    #[serde(default)]
    pub release_ms: Option<u64>,
    /// End the run.
    #[serde(default)]
    pub stop: bool,
    /// End it at once: KILL without TERM before.
    #[serde(default)]
    pub force: bool,
    /// When the controller was last heard, this machine's wall clock, ms since 1970: that it
    /// changes says that the controller is there.
    #[serde(default)]
    pub contact_ms: Option<u64>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// How Gatling ended.
    pub exit: RunExit,
    /// When Gatling was started, ms since 1970; 0 if never.
    pub started_ms: u64,
    /// When all of it had ended, ms since 1970.
    pub ended_ms: u64,
    /// Gatling's last counters.
    pub console: Option<LiveCounters>,
    /// Gatling had closed its log before it ended.
    pub log_complete: bool,
    /// The last lines of the output.
    pub last_lines: String,
    /// Why Gatling could not be started, if so.
    pub error: Option<String>,
    /// The supervisor stopped it: the controller was not heard for the dead man's limit.
    #[serde(default)]
    pub dead_man: bool,
}

/// A run's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// The folder of a run in the folder of all runs. Its name is the run's id, nothing else.
    pub fn of(results: &Path, run: RunId) -> Self {
        Self(results.join(run.to_string()))
    }

    /// A folder by its path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the folder, if there is none.
    pub fn create(&self) -> io::Result<()> {
        std::fs::create_dir_all(&self.0)
    }

    /// Where Gatling puts its results: the supervisor's alone, with one folder in it.
    pub fn results(&self) -> PathBuf {
        self.0.join("gatling")
    }

    /// Where Gatling's preferences are, so that it does not look for a newer version.
    pub fn preferences(&self) -> PathBuf {
        self.0.join("preferences")
    }

    /// Where a file of the run is; `None` for a log that is not there.
    pub fn file(&self, file: RunFile) -> Option<PathBuf> {
        match file {
            RunFile::SimulationLog => self.simulation_log(),
            RunFile::Output | RunFile::BuildOutput => Some(self.0.join(file.file_name())),
        }
    }

    /// Gatling's log: that of the only folder that has one. Links are not followed.
    pub fn simulation_log(&self) -> Option<PathBuf> {
        let folders = std::fs::read_dir(self.results()).ok()?.flatten();
        let mut logs = folders
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path().join(RunFile::SimulationLog.file_name()))
            .filter(|log| std::fs::symlink_metadata(log).is_ok_and(|meta| meta.is_file()));
        let log = logs.next()?;
        logs.next().is_none().then_some(log)
    }

    /// What to run.
    pub fn spec(&self) -> io::Result<Option<RunSpec>> {
        self.read("run.json")
    }

    /// Keeps what to run.
    pub fn write_spec(&self, spec: &RunSpec) -> io::Result<()> {
        self.write("run.json", spec)
    }

    /// Who supervises.
    pub fn supervisor(&self) -> io::Result<Option<Supervisor>> {
        self.read("supervisor.json")
    }

    pub(crate) fn write_supervisor(&self, supervisor: &Supervisor) -> io::Result<()> {
        self.write("supervisor.json", supervisor)
    }

    /// What the agent wants; the default where it has said nothing.
    pub fn control(&self) -> io::Result<Control> {
        Ok(self.read("control")?.unwrap_or_default())
    }

    /// Tells the supervisor. There is one writer: the agent.
    pub fn write_control(&self, control: &Control) -> io::Result<()> {
        self.write("control", control)
    }

    /// Gatling's counters.
    pub fn console(&self) -> io::Result<Option<LiveCounters>> {
        self.read("console.json")
    }

    pub(crate) fn write_console(&self, counters: &LiveCounters) -> io::Result<()> {
        // Once a second, and of no use after a power cut: not synced.
        let bytes = serde_json::to_vec(counters).map_err(io::Error::other)?;
        let beside = self.0.join("console.json.new");
        std::fs::write(&beside, bytes)?;
        std::fs::rename(beside, self.0.join("console.json"))
    }

    /// What the probe says; `None` before it has said anything.
    pub fn probe(&self) -> io::Result<Option<ProbeReport>> {
        self.read("probe.json")
    }

    /// Asks Gatling to stop by itself, by way of the probe.
    pub(crate) fn write_stop(&self) -> io::Result<()> {
        platform::open_private(&self.0.join("stop")).map(drop)
    }

    /// How the run ended; `None` while it has not.
    pub fn exit(&self) -> io::Result<Option<Exit>> {
        self.read("exit.json")
    }

    pub(crate) fn write_exit(&self, exit: &Exit) -> io::Result<()> {
        self.write("exit.json", exit)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        read_json(&self.0.join(name))
    }

    fn write<T: Serialize>(&self, name: &str, value: &T) -> io::Result<()> {
        write_json(&self.0.join(name), value)
    }
}

/// Reads a JSON file; `None` if it is not there.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(named(path, error)),
    };
    match serde_json::from_slice(&bytes) {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(named(
            path,
            io::Error::new(io::ErrorKind::InvalidData, error),
        )),
    }
}

/// Writes a JSON file that only this user can read: whole or not at all, a power cut included.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let bytes = serde_json::to_vec_pretty(value).map_err(io::Error::other)?;
    write_whole(path, &bytes).map_err(|error| named(path, error))
}

/// Writes a file that only this user can read: whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let mut file: File = platform::open_private(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    platform::replace(&beside, path)
}

fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
