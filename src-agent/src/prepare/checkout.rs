//! Files of a project that are there to be built, held so that no other agent changes them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bfgg_protocol::Failure;

use super::git::disk;
use super::log::BuildLog;
use crate::tool::{Tools, stopped};

/// How often another agent's hold on the same folder is looked at.
const LOCK_TICK: Duration = Duration::from_millis(200);

/// A commit that was checked out, or a snapshot that was written out.
#[derive(Debug)]
pub(crate) struct Checkout {
    /// 40 hex digits of a commit, 64 of a snapshot.
    pub(crate) commit: String,
    /// Its files.
    pub(crate) folder: PathBuf,
    /// Held as long as the checkout is used, so that no other agent changes it.
    _lock: File,
}

impl Checkout {
    /// Marks that it is used now: what is old is cleared first.
    pub(super) fn new(commit: String, folder: PathBuf, lock: File) -> Self {
        let _ = File::open(&folder).and_then(|at| at.set_modified(SystemTime::now()));
        Self {
            commit,
            folder,
            _lock: lock,
        }
    }
}

/// Waits until no other agent uses this folder.
pub(super) async fn lock(
    folder: &Path,
    tools: &Tools,
    log: &BuildLog,
    phase: &str,
) -> Result<File, Failure> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(|error| disk(&path, &error))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => {
                if !std::mem::replace(&mut told, true) {
                    log.say("waiting for another agent of this machine that builds it");
                }
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(disk(&path, &error)),
        }
        tokio::select! {
            () = tools.cancel.cancelled() => return Err(stopped(phase)),
            () = tokio::time::sleep(LOCK_TICK) => {}
        }
    }
}
