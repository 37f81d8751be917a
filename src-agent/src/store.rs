//! What the agent keeps in its data folder: `tasks.json` and `agent.json`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::warn;

use crate::AgentError;
use crate::life::{Kept, Ledger};
use crate::run_folder::{read_json, write_json};

/// The file whose presence ends an agent. A file, because not every system has signals, and who
/// wants the agent to end need not be who started it.
fn end_file(data: &Path) -> PathBuf {
    data.join("end")
}

/// Asks the agent of this data folder to end; it does within a second. Its run goes on.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn ask_to_end(data: &Path) -> Result<(), AgentError> {
    let end = end_file(data);
    std::fs::write(&end, "").map_err(AgentError::disk(&end))
}

/// The agent's own files.
#[derive(Debug)]
pub(crate) struct Store {
    tasks: PathBuf,
    agent: PathBuf,
    end: PathBuf,
    /// Held as long as the agent runs.
    _locks: Vec<File>,
}

impl Store {
    /// Makes the folders, and sees that no other agent uses them.
    pub(crate) fn open(data: &Path, results: &Path, projects: &Path) -> Result<Self, AgentError> {
        let mut locks = Vec::new();
        for folder in [data, results] {
            std::fs::create_dir_all(folder).map_err(AgentError::disk(folder))?;
            let path = folder.join("agent.lock");
            // Both may be the same folder.
            if locks.iter().any(|(known, _)| *known == path) {
                continue;
            }
            let file = File::create(&path).map_err(AgentError::disk(&path))?;
            match file.try_lock() {
                Ok(()) => locks.push((path, file)),
                Err(std::fs::TryLockError::WouldBlock) => {
                    return Err(AgentError::FolderInUse(folder.to_owned()));
                }
                Err(std::fs::TryLockError::Error(cause)) => {
                    return Err(AgentError::disk(path)(cause));
                }
            }
        }
        std::fs::create_dir_all(projects).map_err(AgentError::disk(projects))?;
        let end = end_file(data);
        // It was meant for an agent before this one.
        match std::fs::remove_file(&end) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return Err(AgentError::disk(end)(cause));
            }
            _ => {}
        }
        Ok(Self {
            end,
            tasks: data.join("tasks.json"),
            agent: data.join("agent.json"),
            _locks: locks.into_iter().map(|(_, file)| file).collect(),
        })
    }

    /// Whether this agent is to end.
    pub(crate) fn is_to_end(&self) -> bool {
        self.end.exists()
    }

    /// What was kept. A file that cannot be read is set aside: an agent must come up.
    pub(crate) fn load(&self) -> (Ledger, Kept) {
        (read(&self.tasks), read(&self.agent))
    }

    /// Keeps what has changed.
    pub(crate) fn save(&self, (ledger, kept): (Option<&Ledger>, Option<&Kept>)) {
        write(&self.tasks, ledger);
        write(&self.agent, kept);
    }
}

fn read<T: DeserializeOwned + Default>(path: &Path) -> T {
    match read_json(path) {
        Ok(found) => found.unwrap_or_default(),
        Err(error) => {
            let aside = path.with_extension("broken");
            let moved = std::fs::rename(path, &aside).map(|()| aside);
            warn!(%error, ?moved, "what was kept cannot be read; the agent begins without it");
            T::default()
        }
    }
}

fn write<T: Serialize>(path: &Path, changed: Option<&T>) {
    if let Some(value) = changed
        && let Err(error) = write_json(path, value)
    {
        let hint = if error.kind() == io::ErrorKind::StorageFull {
            "the disk is full"
        } else {
            ""
        };
        warn!(%error, hint, "cannot be kept: after a restart the agent would not know of it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_what_is_broken_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let (data, results) = (folder.path().join("data"), folder.path().join("runs"));
        let open = || Store::open(&data, &results, &data.join("projects"));
        let store = open().unwrap();
        assert!(matches!(open(), Err(AgentError::FolderInUse(_))));
        let other = Store::open(&folder.path().join("other"), &results, &data);
        assert!(matches!(other, Err(AgentError::FolderInUse(folder)) if folder == results));
        let kept = Kept {
            group: Some("night".into()),
            start_up_ms: Some(7),
            ..Kept::default()
        };
        store.save((None, Some(&kept)));
        drop(store);
        let store = open().unwrap();
        assert_eq!(store.load(), (Ledger::default(), kept));
        std::fs::write(data.join("agent.json"), "{").unwrap();
        assert_eq!(store.load().1, Kept::default());
        assert!(data.join("agent.broken").exists());
        drop(store);
        assert!(Store::open(&results, &results, &data).is_ok());
    }
}
