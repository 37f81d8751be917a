//! The logs in a folder.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

use bfgg_report::FileIdentity;

use super::{FILE, unreadable};
use crate::error::CliError;

/// Every simulation.log in a folder and below it, by its path. Links are followed, each folder is looked
/// into once: a link may lead back.
pub(super) fn below(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let mut seen = HashSet::new();
    let (mut folders, mut linked) = (vec![folder.to_owned()], VecDeque::new());
    let mut found = Vec::new();
    // Links come last, so that a log that can be reached without one has that name.
    while let Some(folder) = folders.pop().or_else(|| linked.pop_front()) {
        let failed = |cause| unreadable(&folder.display().to_string(), &cause);
        if FileIdentity::of(&folder).is_some_and(|identity| !seen.insert(identity)) {
            continue;
        }
        let entries = std::fs::read_dir(&folder).map_err(failed)?;
        let entries: Result<Vec<_>, _> = entries.collect();
        let mut entries = entries.map_err(failed)?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_symlink() && path.is_dir() {
                linked.push_back(path);
            } else if entry.file_name() == FILE {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
