//! What fetching and building print: build.log of the run's folder, which can be followed.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bfgg_protocol::version::OUTPUT_KEPT;
use bfgg_protocol::{Failure, RunFile};

use super::git;
use crate::capped::CappedLog;
use crate::redact::Secrets;
use crate::run_folder::RunFolder;

/// The log of one Prepare. One of the same run before it stands above it.
pub(crate) struct BuildLog {
    secrets: Secrets,
    /// Locked for a moment by whoever prints.
    log: Mutex<CappedLog>,
}

impl BuildLog {
    pub(in crate::prepare) fn open(folder: &RunFolder) -> Result<Self, Failure> {
        let secrets = Secrets::of_environment();
        let path = folder.path().join(RunFile::BuildOutput.file_name());
        let log = folder
            .create()
            .and_then(|()| CappedLog::resume(&path, OUTPUT_KEPT, secrets.clone()))
            .map_err(|error| git::disk(folder.path(), &error))?;
        Ok(Self {
            secrets,
            log: Mutex::new(log),
        })
    }

    /// What is not to be printed.
    pub(in crate::prepare) fn secrets(&self) -> Secrets {
        self.secrets.clone()
    }

    /// A line of our own.
    pub(in crate::prepare) fn say(&self, text: &str) {
        self.lock().push_line(text);
    }

    /// What a program printed.
    pub(in crate::prepare) fn push(&self, bytes: &[u8]) {
        self.lock().push(bytes);
    }

    /// What an earlier build printed.
    pub(in crate::prepare) fn repeat(&self, path: &Path) {
        // It is for reading: where it is gone, the build counts all the same.
        if let Ok(text) = std::fs::read(path) {
            self.push(&text);
        }
    }

    /// Says how it ended, and closes the log. The failure comes back without secrets: it may quote
    /// what was printed.
    pub(in crate::prepare) fn finish<T>(&self, result: Result<T, Failure>) -> Result<T, Failure> {
        match &result {
            Ok(_) => self.say("ready"),
            Err(failure) => self.say(&format!("failed: {}", failure.message)),
        }
        self.lock().finish();
        result.map_err(|failure| Failure {
            message: self.secrets.mask(&failure.message),
            detail: self.secrets.mask(&failure.detail),
            ..failure
        })
    }

    fn lock(&self) -> MutexGuard<'_, CappedLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
