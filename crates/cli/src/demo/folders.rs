//! The demo's folders.

use std::path::{Path, PathBuf};

use crate::error::CliError;

/// One folder for everything.
#[derive(Debug)]
pub(super) struct Folders {
    root: PathBuf,
}

impl Folders {
    /// The folder named, or a new one among the temporary folders. Either stays after the demo:
    /// the result is in it.
    pub(super) fn create(named: Option<&Path>) -> Result<Self, CliError> {
        let root = match named {
            Some(root) => {
                std::fs::create_dir_all(root).map_err(|e| CliError::file("create", root, e))?;
                std::path::absolute(root).map_err(|e| CliError::file("find", root, e))?
            }
            None => tempfile::Builder::new()
                .prefix("bfgg-demo-")
                .tempdir()
                .map_err(|e| CliError::file("create a folder in", std::env::temp_dir(), e))?
                .keep(),
        };
        let folders = Self { root };
        // A project or clone of an earlier demo in the same folder would be mixed with this one.
        folders.tidy();
        Ok(folders)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn controller(&self) -> PathBuf {
        self.root.join("controller")
    }

    pub(super) fn agent(&self, number: u32) -> PathBuf {
        self.root.join(format!("agent-{number}"))
    }

    pub(super) fn project(&self) -> PathBuf {
        self.root.join("project")
    }

    /// Where the agents clone and build: once for both, as agents of one machine may.
    pub(super) fn builds(&self) -> PathBuf {
        self.root.join("builds")
    }

    /// Removes what only the agents needed: clones and classes. What is left does no harm, so
    /// errors are passed over.
    pub(super) fn tidy(&self) {
        for folder in (1..=super::stage::AGENTS)
            .map(|n| self.agent(n))
            .chain([self.project(), self.builds()])
        {
            if let Err(error) = std::fs::remove_dir_all(&folder) {
                tracing::debug!(folder = %folder.display(), %error, "not removed");
            }
        }
    }
}
