//! The logs that a command line names.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bfgg_report::LogInput;
use tempfile::NamedTempFile;

use crate::error::CliError;

const FILE: &str = "simulation.log";

/// Logs, in the order they were named.
#[derive(Debug)]
pub(crate) struct Logs {
    pub(crate) inputs: Vec<LogInput>,
    /// Folders that were named and have none.
    pub(crate) empty_folders: Vec<PathBuf>,
    /// What came by standard input: a text log is read twice.
    _standard_input: Option<NamedTempFile>,
}

impl Logs {
    /// Finds the logs: files, all of a folder, or standard input. Offsets go by a log's name as it
    /// is given or found, or by that of the folder it lies in. A folder without logs is an error.
    pub(crate) fn find(paths: &[PathBuf], offsets: &[(String, i64)]) -> Result<Self, CliError> {
        let logs = Self::find_some(paths, offsets)?;
        match logs.empty_folders.first() {
            Some(folder) => Err(CliError::Input(no_logs(folder))),
            None => Ok(logs),
        }
    }

    /// As [`find`](Self::find), but folders without logs are listed.
    pub(crate) fn find_some(
        paths: &[PathBuf],
        offsets: &[(String, i64)],
    ) -> Result<Self, CliError> {
        let mut inputs = Vec::new();
        let mut empty_folders = Vec::new();
        let mut standard_input = None;
        let mut add = |name: String, path: PathBuf| {
            inputs.push(LogInput {
                name,
                peer: String::new(),
                path,
                offset_ms: 0,
            });
        };
        for path in paths {
            if path == Path::new("-") {
                if standard_input.is_some() {
                    let message = "standard input (-) can be named once only".to_owned();
                    return Err(CliError::Input(message));
                }
                let file = spool()?;
                add("standard input".to_owned(), file.path().to_owned());
                standard_input = Some(file);
            } else if path.is_dir() {
                let found = below(path)?;
                if found.is_empty() {
                    empty_folders.push(path.clone());
                }
                for log in found {
                    add(log.display().to_string(), log);
                }
            } else {
                add(path.display().to_string(), path.clone());
            }
        }
        for (name, offset) in offsets {
            shift(&mut inputs, name, *offset)?;
        }
        Ok(Self {
            inputs,
            empty_folders,
            _standard_input: standard_input,
        })
    }

    /// Counts each log once, though it was named twice, and leaves out what an earlier report wrote
    /// into its folder, unless that was named. Gives a sentence on each.
    pub(crate) fn leave_out(&mut self, named: &[PathBuf], report: &Path) -> Vec<String> {
        let report = report.canonicalize().ok();
        let is_report = |path: &Path| {
            let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
            folder.is_some() && folder == report
        };
        let is_named = |path: &Path| {
            let folder = path.parent();
            named
                .iter()
                .any(|own| own == path || Some(own.as_path()) == folder)
        };
        let (mut known, mut left_out) = (HashSet::new(), Vec::new());
        self.inputs.retain(|log| {
            let name = &log.name;
            if is_report(&log.path) && !is_named(&log.path) {
                left_out.push(format!(
                    "{name} lies in the report's own folder and does not count"
                ));
                return false;
            }
            // What cannot be found is told later.
            let path = log.path.canonicalize().unwrap_or_else(|_| log.path.clone());
            let is_new = known.insert(path);
            if !is_new {
                left_out.push(format!("{name} was named twice and counts once"));
            }
            is_new
        });
        left_out
    }

    /// The log that a result at this place would overwrite.
    pub(crate) fn at(&self, path: &Path) -> Option<&LogInput> {
        let path = path.canonicalize().ok()?;
        let mut logs = self.inputs.iter();
        logs.find(|log| log.path.canonicalize().is_ok_and(|own| own == path))
    }
}

/// The sentence on a folder without logs.
pub(crate) fn no_logs(folder: &Path) -> String {
    format!(
        "there is no {FILE} in {} or below it; name the logs, or the folder they lie in",
        folder.display()
    )
}

/// Every simulation.log in a folder and below it, by its path.
fn below(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let failed = |cause| CliError::file("read", folder, cause);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // A link may lead back.
        if entry.file_type().map_err(failed)?.is_dir() {
            found.extend(below(&entry.path())?);
        } else if entry.file_name() == FILE {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn shift(inputs: &mut [LogInput], name: &str, offset: i64) -> Result<(), CliError> {
    let is_meant = |log: &LogInput| {
        let folder = log.path.parent().and_then(Path::file_name);
        log.name == name || folder.is_some_and(|folder| folder == name)
    };
    let meant: Vec<usize> = (0..inputs.len())
        .filter(|index| is_meant(&inputs[*index]))
        .collect();
    match meant[..] {
        [one] => {
            inputs[one].offset_ms = offset;
            Ok(())
        }
        _ => {
            let names: Vec<&str> = inputs.iter().map(|log| log.name.as_str()).collect();
            let which = if meant.is_empty() {
                "no log"
            } else {
                "more than one log"
            };
            Err(CliError::Input(format!(
                "--offset {name}: {which} has this name; the logs are {}",
                names.join(", ")
            )))
        }
    }
}

fn spool() -> Result<NamedTempFile, CliError> {
    let failed = |cause| CliError::System {
        action: "keep what comes by standard input",
        cause,
    };
    let mut file = NamedTempFile::new().map_err(failed)?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(failed)?;
    file.flush().map_err(failed)?;
    Ok(file)
}
