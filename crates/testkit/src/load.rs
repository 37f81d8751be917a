//! What a fake Gatling does, and what it says it has done.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The run's parameter that has a [`Load`] as JSON.
pub const PARAMETER: &str = "load";
/// The variable of an agent whose fields replace those of the parameter.
pub const VARIABLE: &str = "FAKE_GATLING";

/// The load of one fake Gatling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Load {
    /// Requests each second.
    pub rate: u32,
    /// How long it runs, seconds.
    pub seconds: u32,
    /// Users, all of whom come at the start and go at the end.
    pub users: u32,
    /// Requests that fail, of a hundred.
    pub ko_percent: u32,
    /// From the start of the process until the load could begin, ms.
    pub start_up_ms: u64,
    /// The exit code at the end: 0, 2 where assertions failed, 1 for an error.
    pub status: u8,
    /// It does not stop when it is asked to.
    pub deaf: bool,
    /// It does not end by itself.
    pub endless: bool,
    /// What goes wrong, this long after the load began, ms.
    pub fault: Option<(u64, Fault)>,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            rate: 100,
            seconds: 3,
            users: 5,
            ko_percent: 10,
            start_up_ms: 100,
            status: 0,
            deaf: false,
            endless: false,
            fault: None,
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// It is ended by this signal.
    Die(i32),
    /// It writes half of a record and is killed.
    CutRecord,
    /// It says it is out of memory and exits with 1.
    OutOfMemory,
    /// It does nothing for so many ms.
    Stall(u64),
}

/// What a fake Gatling has written: `written.json` in the run's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Requests that went well.
    pub ok: u64,
    /// Requests that failed.
    pub ko: u64,
    /// Users that came.
    pub users: u64,
    /// Their response times added up, ms.
    pub sum_ms: u64,
    /// The longest response time, ms.
    pub max_ms: u64,
    /// Bytes of the log.
    pub bytes: u64,
    /// When the load began, ms since 1970.
    pub began_ms: u64,
    /// The fake Gatling's process.
    pub pid: u32,
    /// It has ended by itself.
    pub ended: bool,
}

impl Written {
    /// What the Gatling of a run's folder has written so far.
    ///
    /// # Errors
    /// It has not begun.
    pub fn read(run_folder: &Path) -> io::Result<Self> {
        let bytes = std::fs::read(run_folder.join("written.json"))?;
        serde_json::from_slice(&bytes).map_err(io::Error::other)
    }

    /// Keeps it, whole or not at all.
    ///
    /// # Errors
    /// The disk is full, say.
    pub fn keep(&self, run_folder: &Path) -> io::Result<()> {
        let beside = run_folder.join("written.json.new");
        std::fs::write(&beside, serde_json::to_vec(self)?)?;
        std::fs::rename(beside, run_folder.join("written.json"))
    }

    /// All requests.
    pub fn requests(&self) -> u64 {
        self.ok + self.ko
    }
}
