//! The logs that a command line names.

mod folder;
mod offset;
mod spool;

use std::path::{Path, PathBuf};

use bfgg_report::{FileIdentity, LogInput, Timing};
use tempfile::NamedTempFile;

use crate::error::{CliError, exit};
use crate::view::Screen;
use offset::shift;

const FILE: &str = "simulation.log";
/// Standard input, as it is named and as it is shown.
const DASH: &str = "-";
const STANDARD_INPUT: &str = "standard input";

/// Logs, in the order they were named, each once.
#[derive(Debug)]
pub(crate) struct Logs {
    pub(crate) inputs: Vec<LogInput>,
    /// Folders that were named and have none.
    pub(crate) empty_folders: Vec<PathBuf>,
    /// A sentence on each that was named or found, and does not count (again).
    pub(crate) left_out: Vec<String>,
    /// Those and what was left out, by their names.
    found: Vec<(FileIdentity, String)>,
    /// What came by pipes.
    _spools: Vec<NamedTempFile>,
}

/// One log.
#[derive(Debug)]
struct Log {
    offset_ms: i64,
    identity: Option<FileIdentity>,
    /// All it was named or found by; the first is the one that is shown.
    names: Vec<Name>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    /// [`DASH`] for standard input.
    path: PathBuf,
    /// The folder that was named, if the log was found in it.
    found_in: Option<PathBuf>,
}

impl Logs {
    /// Finds the logs: files, all of a folder, or standard input. Offsets go by a log's name as it
    /// is given or found, or by that of the folder it lies in. Folders without logs are listed.
    ///
    /// A log that is reached twice counts once, by whatever path or link. What is no file (a pipe) is
    /// read once, into a file: a log may be read twice. `report` is the folder of a report: what an
    /// earlier one wrote there is left out, unless it was named.
    pub(crate) fn find(
        paths: &[PathBuf],
        offsets: &[(String, i64)],
        report: Option<&Path>,
    ) -> Result<Self, CliError> {
        let mut left_out = Vec::new();
        let (mut logs, empty_folders) = find_all(paths, &mut left_out)?;
        let identified = |log: &Log| Some((log.identity.clone()?, log.shown()));
        let found = logs.iter().filter_map(identified).collect();
        if let Some(report) = report.and_then(FileIdentity::of) {
            logs.retain(|log| {
                let stays = !log.lies_in(&report) || log.names.iter().any(Name::was_named);
                if !stays {
                    let name = log.shown();
                    left_out.push(format!(
                        "{name} lies in the report's own folder and does not count"
                    ));
                }
                stays
            });
        }
        shift(&mut logs, offsets)?;
        let mut spools = Vec::new();
        let mut inputs = Vec::new();
        for log in &logs {
            let spool = log.spool()?;
            let path = match &spool {
                Some(file) => file.path(),
                None => log.path(),
            };
            let metadata = std::fs::metadata(path).ok();
            inputs.push(LogInput {
                name: log.shown(),
                peer: String::new(),
                path: path.to_owned(),
                offset_ms: log.offset_ms,
                // All that is made of it is made of the same records.
                length: metadata
                    .filter(std::fs::Metadata::is_file)
                    .map(|found| found.len()),
                timing: Timing::default(),
            });
            spools.extend(spool);
        }
        Ok(Self {
            inputs,
            empty_folders,
            left_out,
            found,
            _spools: spools,
        })
    }

    /// Folders without logs are an error where all have to be there.
    pub(crate) fn refuse_empty_folders(&self) -> Result<(), CliError> {
        match self.empty_folders.first() {
            Some(folder) => Err(CliError::Input(no_logs(folder))),
            None => Ok(()),
        }
    }

    /// Says what does not count.
    pub(crate) fn tell_left_out(&self, screen: &Screen) {
        for message in &self.left_out {
            screen.line(format!("note: {message}"));
        }
    }

    /// Refuses to write over a log. The hint says what to name instead.
    pub(crate) fn spare(&self, path: &Path, hint: &'static str) -> Result<(), CliError> {
        // A terminal may be standard input and output.
        let is_file = std::fs::metadata(path).is_ok_and(|found| found.is_file());
        let identity = FileIdentity::of(path).filter(|_| is_file);
        let mut found = self.found.iter();
        match found.find(|(own, _)| Some(own) == identity.as_ref()) {
            Some((_, name)) => Err(CliError::NoReport {
                message: format!("{name} is one of the logs and would be overwritten"),
                hint,
                code: exit::NOT_WRITABLE,
            }),
            None => Ok(()),
        }
    }
}

impl Log {
    fn path(&self) -> &Path {
        self.names.first().map_or(Path::new(""), |name| &name.path)
    }

    fn shown(&self) -> String {
        self.names.first().map(Name::shown).unwrap_or_default()
    }

    fn lies_in(&self, folder: &FileIdentity) -> bool {
        let mut folders = self.names.iter().filter_map(Name::folder);
        folders.any(|own| FileIdentity::of(own).as_ref() == Some(folder))
    }
}

impl Name {
    fn is_standard_input(&self) -> bool {
        self.path == Path::new(DASH)
    }

    fn shown(&self) -> String {
        if self.is_standard_input() {
            STANDARD_INPUT.to_owned()
        } else {
            self.path.display().to_string()
        }
    }

    /// The folder it lies in.
    fn folder(&self) -> Option<&Path> {
        match self.path.parent() {
            _ if self.is_standard_input() => None,
            Some(folder) if folder == Path::new("") => Some(Path::new(".")),
            folder => folder,
        }
    }

    /// By itself, or by the very folder it lies in.
    fn was_named(&self) -> bool {
        match &self.found_in {
            Some(folder) => Some(folder.as_path()) == self.path.parent(),
            None => true,
        }
    }
}

/// The logs, and the folders that have none.
fn find_all(
    paths: &[PathBuf],
    left_out: &mut Vec<String>,
) -> Result<(Vec<Log>, Vec<PathBuf>), CliError> {
    let mut logs: Vec<Log> = Vec::new();
    let mut empty_folders = Vec::new();
    for path in paths {
        let mut add = |name| add(&mut logs, name, left_out);
        if path != Path::new(DASH) && path.is_dir() {
            let found = folder::below(path)?;
            if found.is_empty() {
                empty_folders.push(path.clone());
            }
            for log in found {
                add(Name {
                    path: log,
                    found_in: Some(path.clone()),
                });
            }
        } else {
            add(Name {
                path: path.clone(),
                found_in: None,
            });
        }
    }
    Ok((logs, empty_folders))
}

fn add(logs: &mut Vec<Log>, name: Name, left_out: &mut Vec<String>) {
    let identity = if name.is_standard_input() {
        FileIdentity::of_standard_input()
    } else {
        FileIdentity::of(&name.path)
    };
    let known = logs.iter_mut().find(|log| {
        (identity.is_some() && log.identity == identity)
            || log.names.iter().any(|own| own.path == name.path)
    });
    let Some(log) = known else {
        logs.push(Log {
            offset_ms: 0,
            identity,
            names: vec![name],
        });
        return;
    };
    let (first, again) = (log.shown(), name.shown());
    left_out.push(if first == again {
        format!("{again} was named twice and counts once")
    } else {
        format!("{again} is the same file as {first} and counts once")
    });
    log.names.push(name);
}

/// The sentence on a folder without logs.
pub(crate) fn no_logs(folder: &Path) -> String {
    format!(
        "there is no {FILE} in {} or below it; name the logs, or the folder they lie in",
        folder.display()
    )
}

/// What cannot be read though it is there.
fn unreadable(name: &str, cause: &std::io::Error) -> CliError {
    CliError::NoReport {
        message: format!("{name} cannot be read: {cause}"),
        hint: "check that the path is right and that it may be read",
        code: exit::UNREADABLE,
    }
}
