//! Room on the agent's disk: a reserve that no run may touch, and what is cleared to keep it.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bfgg_protocol::{Failure, FailureCode};

use super::{Places, snapshot};
use crate::{keeping, platform};

/// Checkouts of one repository, with what was built of them, kept without need.
const KEPT: usize = 20;
/// What was used within this time may be in use.
const IN_USE: Duration = Duration::from_secs(24 * 3600);

/// Fails if less than the reserve is free where `path` is, after clearing what is not needed.
pub(crate) fn ensure(places: &Places, path: &Path, phase: &str) -> Result<(), Failure> {
    ensure_more(places, path, 0, phase)
}

/// As [`ensure`], with `more` bytes beside the reserve, which will be written.
pub(crate) fn ensure_more(
    places: &Places,
    path: &Path,
    more: u64,
    phase: &str,
) -> Result<(), Failure> {
    let free = || platform::free_space(path).unwrap_or(u64::MAX);
    let needed = places.reserve.saturating_add(more);
    if free() >= needed {
        return Ok(());
    }
    let runs = folders(&places.results).filter(|run| keeping::is_confirmed(run));
    let mut needless = old(runs, 0);
    needless.extend(checkouts(places, 0));
    needless.sort_by_key(|path| modified(path));
    for old in needless {
        remove(&old);
        if free() >= needed {
            return Ok(());
        }
    }
    snapshot::sweep(&places.projects, SystemTime::now() - IN_USE);
    if free() >= needed {
        return Ok(());
    }
    let wanted = match more {
        0 => String::new(),
        _ => format!(", and {} MiB are to be written", more >> 20),
    };
    let message = format!(
        "The disk of {} has {} MiB free; {} MiB must stay free{wanted}.",
        path.display(),
        free() >> 20,
        places.reserve >> 20
    );
    Err(Failure::new(
        FailureCode::DiskFull,
        phase,
        message,
        "Free some space on the agent's disk.",
    ))
}

/// Clears runs, checkouts and snapshots beyond those that are kept. Blocking.
pub(crate) fn tidy(places: &Places) {
    keeping::expire(&places.results, places.keep);
    checkouts(places, KEPT).iter().for_each(|old| remove(old));
    snapshot::sweep(&places.projects, SystemTime::now() - IN_USE);
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_dir_all(path) {
        tracing::warn!(path = %path.display(), %error, "could not be cleared");
    }
}

/// Checkouts, each with what was built of it, that nobody needs; the newest `kept` of each
/// repository stay.
fn checkouts(places: &Places, kept: usize) -> Vec<PathBuf> {
    let repositories = folders(&places.projects);
    // A checkout, and beside it what was built of it.
    let needless = repositories.map(|own| old(folders(&own.join("commits")), 2 * kept));
    needless.flatten().collect()
}

fn old(folders: impl Iterator<Item = PathBuf>, kept: usize) -> Vec<PathBuf> {
    let limit = SystemTime::now() - IN_USE;
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort_by_key(|path| std::cmp::Reverse(modified(path)));
    folders
        .into_iter()
        .skip(kept)
        .filter(|path| modified(path) < limit)
        .collect()
}

fn folders(path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
}

fn modified(path: &Path) -> SystemTime {
    std::fs::metadata(path)
        .and_then(|meta| meta.modified())
        .unwrap_or_else(|_| SystemTime::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged(path: PathBuf, days: u64) -> PathBuf {
        std::fs::create_dir_all(&path).unwrap();
        if path.parent().unwrap().ends_with("runs") {
            keeping::confirm(&path).unwrap();
        }
        let time = SystemTime::now() - Duration::from_secs(days * 24 * 3600 + 60);
        std::fs::File::open(&path)
            .unwrap()
            .set_modified(time)
            .unwrap();
        path
    }

    #[test]
    fn the_oldest_go_first_and_what_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let places = Places {
            projects: folder.path().join("projects"),
            results: folder.path().join("runs"),
            allow_file: false,
            reserve: u64::MAX,
            keep: keeping::Keep {
                age: Duration::MAX,
                bytes: u64::MAX,
            },
            named: Default::default(),
        };
        let newest = aged(places.results.join("newest"), 0);
        let run = aged(places.results.join("run"), 3);
        let oldest = aged(places.projects.join("x/commits/oldest"), 5);
        std::fs::create_dir(places.results.join("unconfirmed")).unwrap();
        assert_eq!(
            checkouts(&places, 1),
            [] as [PathBuf; 0],
            "the newest is kept"
        );
        std::fs::File::open(&newest)
            .unwrap()
            .set_modified(SystemTime::now())
            .unwrap();
        assert_eq!(checkouts(&places, 0), std::slice::from_ref(&oldest));
        let failure = ensure(&places, folder.path(), "build").unwrap_err();
        assert_eq!(
            (failure.code, failure.phase.as_str()),
            (FailureCode::DiskFull, "build")
        );
        assert!(!oldest.exists() && !run.exists() && newest.exists());
        assert!(places.results.join("unconfirmed").exists());
        assert!(
            ensure(
                &Places {
                    reserve: 1,
                    ..places
                },
                folder.path(),
                "build"
            )
            .is_ok()
        );
    }
}
