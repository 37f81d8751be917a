//! The data folder: one owner, who writes controller.json.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{ControllerError, platform};

/// What controller.json says: every `bfgg` command finds the running controller by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The API's base URL ("http://127.0.0.1:7411").
    pub url: String,
    /// Its bearer token.
    pub token: String,
    /// The controller's process.
    pub pid: u32,
}

impl Endpoint {
    const FILE: &'static str = "controller.json";

    /// Reads controller.json of a data folder; `None` if no controller has written one.
    pub fn read(data_dir: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(data_dir.join(Self::FILE)).ok()?;
        serde_json::from_str(&text).ok()
    }
}

/// The data folder, locked for this process until dropped.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Creates the folder if need be and becomes its owner.
    pub(crate) fn open(path: &Path) -> Result<Self, ControllerError> {
        platform::create_private_dir(path).map_err(|e| failed("create", path, e))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(|e| failed("open", &lock_path, e))?;
        if lock.try_lock().is_err() {
            let other = Endpoint::read(path);
            return Err(ControllerError::InUse {
                folder: path.to_owned(),
                pid: other.as_ref().map_or(0, |o| o.pid),
                url: other.map_or_else(|| "not serving yet".into(), |o| o.url),
            });
        }
        let folder = Self {
            path: path.to_owned(),
            _lock: lock,
        };
        let runs = folder.runs();
        platform::create_private_dir(&runs).map_err(|e| failed("create", &runs, e))?;
        let sources = folder.sources();
        platform::create_private_dir(&sources).map_err(|e| failed("create", &sources, e))?;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn runs(&self) -> PathBuf {
        self.path.join("runs")
    }

    /// Of the folders that were sent here.
    pub(crate) fn sources(&self) -> PathBuf {
        self.path.join("sources")
    }

    pub(crate) fn write_endpoint(&self, endpoint: &Endpoint) -> Result<(), ControllerError> {
        let json = serde_json::to_vec_pretty(endpoint).unwrap_or_default();
        write_private(&self.path.join(Endpoint::FILE), &json)
    }

    pub(crate) fn remove_endpoint(&self) {
        let _ = std::fs::remove_file(self.path.join(Endpoint::FILE));
    }
}

/// Writes a file that only its owner can read: beside, then renamed, so that a reader sees the
/// old or the new one.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ControllerError> {
    let beside = path.with_extension("new");
    let _ = std::fs::remove_file(&beside);
    let write = || -> std::io::Result<()> {
        let mut file = platform::create_private_file(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(|e| failed("write", path, e))
}

pub(crate) fn failed(action: &'static str, path: &Path, cause: std::io::Error) -> ControllerError {
    ControllerError::Folder {
        action,
        path: path.to_owned(),
        cause,
    }
}
