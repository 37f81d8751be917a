//! Runs that have ended and are kept: until their controller confirms that it has them, and some
//! time longer. What is not confirmed is never deleted here.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bfgg_protocol::RunId;

use crate::run_folder::RunFolder;

/// The file that says that a controller has all of a run.
const CONFIRMED: &str = "confirmed";

/// How long confirmed runs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Since they were confirmed.
    pub age: Duration,
    /// Bytes that all kept runs together may take; the oldest confirmed ones go first.
    pub bytes: u64,
}

/// Runs that are not confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Unconfirmed {
    /// How many.
    pub(crate) runs: u32,
    /// Bytes of their folders.
    pub(crate) bytes: u64,
}

/// Marks a run's folder: its controller has its files, so they may be deleted later.
pub(crate) fn confirm(run: &Path) -> std::io::Result<()> {
    if is_confirmed(run) {
        return Ok(());
    }
    std::fs::write(run.join(CONFIRMED), "")
}

/// Whether a controller has all of a run.
pub(crate) fn is_confirmed(run: &Path) -> bool {
    run.join(CONFIRMED).exists()
}

/// When a run was confirmed; `None` if it was not.
pub(crate) fn confirmed_at(run: &Path) -> Option<SystemTime> {
    let meta = std::fs::metadata(run.join(CONFIRMED)).ok()?;
    meta.modified().ok()
}

/// The runs that have ended and are not confirmed. Blocking.
pub(crate) fn unconfirmed(results: &Path) -> Unconfirmed {
    let mut found = Unconfirmed::default();
    for run in runs(results) {
        let folder = RunFolder::at(&run);
        if !is_confirmed(&run) && folder.exit().is_ok_and(|exit| exit.is_some()) {
            found.runs = found.runs.saturating_add(1);
            found.bytes = found.bytes.saturating_add(size(&run));
        }
    }
    found
}

/// Deletes confirmed runs that are older than they are kept, then the oldest ones until all that is
/// kept is within the bytes. Blocking.
pub(crate) fn expire(results: &Path, keep: Keep) {
    let now = SystemTime::now();
    let mut taken = 0_u64;
    let mut confirmed = Vec::new();
    for run in runs(results) {
        let bytes = size(&run);
        taken = taken.saturating_add(bytes);
        if let Some(at) = confirmed_at(&run) {
            confirmed.push((at, bytes, run));
        }
    }
    confirmed.sort();
    for (at, bytes, run) in confirmed {
        // A clock that was set back makes nothing older.
        let age = now.duration_since(at).unwrap_or_default();
        if age <= keep.age && taken <= keep.bytes {
            continue;
        }
        match std::fs::remove_dir_all(&run) {
            Ok(()) => taken = taken.saturating_sub(bytes),
            Err(error) => {
                tracing::warn!(path = %run.display(), %error, "a kept run could not be deleted");
            }
        }
    }
}

/// Folders of runs: what is named otherwise is not ours.
fn runs(results: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(results).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| {
            let name = entry.file_name();
            name.to_str()
                .is_some_and(|name| name.parse::<RunId>().is_ok())
        })
        .map(|entry| entry.path())
}

/// Bytes of all files below a folder. Links are not followed.
fn size(folder: &Path) -> u64 {
    let mut bytes = 0_u64;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(meta) if meta.is_dir() => folders.push(entry.path()),
                Ok(meta) if meta.is_file() => bytes = bytes.saturating_add(meta.len()),
                _ => {}
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use bfgg_protocol::RunExit;

    use super::*;
    use crate::run_folder::Exit;

    /// A run of 1000 bytes and some, confirmed so many days ago.
    fn run(results: &Path, days: Option<u64>) -> PathBuf {
        let folder = RunFolder::of(results, RunId::new());
        folder.create().unwrap();
        let exit = Exit {
            exit: RunExit::Success,
            started_ms: 1,
            ended_ms: 2,
            console: None,
            log_complete: true,
            last_lines: String::new(),
            error: None,
            dead_man: false,
        };
        folder.write_exit(&exit).unwrap();
        std::fs::write(folder.path().join("output.log"), vec![0; 1000]).unwrap();
        if let Some(days) = days {
            confirm(folder.path()).unwrap();
            let at = SystemTime::now() - Duration::from_secs(days * 24 * 3600 + 60);
            let file = std::fs::File::options()
                .write(true)
                .open(folder.path().join(CONFIRMED));
            file.unwrap().set_modified(at).unwrap();
            // Told again, it does not become younger.
            confirm(folder.path()).unwrap();
        }
        folder.path().to_owned()
    }

    const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

    #[test]
    fn confirmed_runs_go_by_age_and_by_size_and_others_never() {
        // Days since each was confirmed, the bytes that may be kept, which are left.
        type Case<'a> = (&'a [Option<u64>], u64, &'a [bool]);
        let cases: [Case<'_>; 4] = [
            (&[Some(8), Some(6), None], u64::MAX, &[false, true, true]),
            (&[Some(3), Some(2), Some(1)], 3000, &[false, true, true]),
            (&[Some(1), Some(3), None], 1500, &[false, false, true]),
            (&[None, None, None], 0, &[true, true, true]),
        ];
        for (days, bytes, left) in cases {
            let folder = tempfile::tempdir().unwrap();
            let runs: Vec<PathBuf> = days.iter().map(|days| run(folder.path(), *days)).collect();
            std::fs::create_dir(folder.path().join("something else")).unwrap();
            let open = days.iter().filter(|days| days.is_none()).count() as u32;
            let kept = unconfirmed(folder.path());
            assert_eq!(kept.runs, open);
            assert!(kept.bytes >= 1000 * u64::from(open));
            expire(folder.path(), Keep { age: WEEK, bytes });
            let there: Vec<bool> = runs.iter().map(|run| run.exists()).collect();
            assert_eq!(there, left, "{days:?} {bytes}");
            assert!(folder.path().join("something else").exists());
        }
    }
}
