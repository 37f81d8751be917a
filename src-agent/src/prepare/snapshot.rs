//! The files of a folder that the controller has, in a folder of their own.
//!
//! All snapshots lie below one folder beside the repositories: their chunks by hash, so that of
//! an edited folder only what is new is fetched; the lists of their files; and each written out, as
//! a commit is checked out. A list is written before its chunks are fetched, and a snapshot is
//! written beside and renamed, so that what was cut is gone on with, and never used half done.

mod fetch;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bfgg_net::NetError;
use bfgg_protocol::{
    AgentPhase, ContentHash, Failure, FailureCode, RunId, SourceAnswer, SourceRequest,
};
use bfgg_source::{ChunkFolder, Manifest, SourceError, write_out};

use super::checkout::{self, Checkout};
use super::git::disk;
use super::log::BuildLog;
use super::{Places, space};
use crate::tool::Tools;
use fetch::Fetch;

const PHASE: &str = "fetch";
/// Chunks that the disk has damaged are fetched anew so often.
const ATTEMPTS: u32 = 3;

/// An answer of the run's controller, to come.
pub type Answering =
    std::pin::Pin<Box<dyn Future<Output = Result<SourceAnswer, NetError>> + Send + 'static>>;

/// Asks the run's controller for files.
pub type Ask = dyn Fn(SourceRequest) -> Answering + Send + Sync;

/// What hears the phase and what is being done.
type Progress<'a> = &'a (dyn Fn(AgentPhase, &str) + Send + Sync);

/// The snapshots below the projects' folder.
pub(super) struct Snapshots<'a> {
    pub(super) tools: &'a Tools,
    pub(super) places: &'a Places,
    pub(super) log: &'a BuildLog,
    pub(super) ask: &'a Ask,
    pub(super) progress: Progress<'a>,
}

fn home(projects: &Path) -> PathBuf {
    projects.join("snapshots")
}

fn manifests(home: &Path) -> PathBuf {
    home.join("manifests")
}

fn chunk_folder(home: &Path) -> ChunkFolder {
    ChunkFolder::at(home.join("chunks"))
}

impl Snapshots<'_> {
    /// The files of one snapshot; fetches only what is not there.
    pub(super) async fn checkout(
        &self,
        run: RunId,
        snapshot: ContentHash,
    ) -> Result<Checkout, Failure> {
        let home = home(&self.places.projects);
        let commits = home.join("commits");
        for folder in [&manifests(&home), &commits] {
            std::fs::create_dir_all(folder).map_err(|error| disk(folder, &error))?;
        }
        let lock = checkout::lock(&home, self.tools, self.log, PHASE).await?;
        let folder = commits.join(snapshot.to_string());
        if !folder.is_dir() {
            self.materialise(&home, &folder, run, snapshot).await?;
        }
        Ok(Checkout::new(snapshot.to_string(), folder, lock))
    }

    async fn materialise(
        &self,
        home: &Path,
        folder: &Path,
        run: RunId,
        snapshot: ContentHash,
    ) -> Result<(), Failure> {
        let chunks = chunk_folder(home);
        let fetch = Fetch {
            run,
            snapshot,
            chunks: &chunks,
            ask: self.ask,
            cancel: &self.tools.cancel,
            progress: self.progress,
        };
        let list = manifests(home).join(snapshot.to_string());
        let manifest = match read_manifest(&list, snapshot) {
            Some(manifest) => manifest,
            None => {
                let manifest = fetch.manifest().await?;
                write(&list, &manifest.encode()).map_err(|error| disk(&list, &error))?;
                manifest
            }
        };
        // Chunks, and the files made of them.
        let room = manifest.bytes().saturating_mul(2);
        space::ensure_more(self.places, home, room, PHASE)?;
        let mut fetched = (0, 0);
        for _ in 0..ATTEMPTS {
            let missing: Vec<ContentHash> = manifest
                .chunks()
                .into_iter()
                .filter(|hash| !chunks.has(hash))
                .collect();
            let bytes = fetch.chunks(&missing).await?;
            fetched = (fetched.0 + missing.len(), fetched.1 + bytes);
            match written(&manifest, folder, &chunks).await? {
                Ok(()) => {
                    self.log.say(&format!(
                        "files: {}, {} bytes; fetched chunks: {}, {} bytes",
                        manifest.entries().len(),
                        manifest.bytes(),
                        fetched.0,
                        fetched.1
                    ));
                    return Ok(());
                }
                // It was removed, and is fetched anew.
                Err(SourceError::NoChunk(_) | SourceError::Damaged(_)) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        let message = "Files of the project are damaged on the agent's disk, again and again.";
        let hint = "Look at the agent's disk.";
        Err(Failure::new(FailureCode::Internal, PHASE, message, hint))
    }
}

/// Writes the files beside, and renames the folder.
async fn written(
    manifest: &Manifest,
    folder: &Path,
    chunks: &ChunkFolder,
) -> Result<Result<(), SourceError>, Failure> {
    let (manifest, chunks, folder) = (manifest.clone(), chunks.clone(), folder.to_owned());
    let writing = move || {
        let beside = folder.with_extension("new");
        let failed = |cause| SourceError::File {
            action: "write",
            path: beside.clone(),
            cause,
        };
        match std::fs::remove_dir_all(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        write_out(&manifest, &beside, &mut |hash| chunks.read(hash))?;
        std::fs::rename(&beside, &folder).map_err(failed)
    };
    tokio::task::spawn_blocking(writing)
        .await
        .map_err(|error| broken(&error))
}

fn read_manifest(list: &Path, snapshot: ContentHash) -> Option<Manifest> {
    let bytes = std::fs::read(list).ok()?;
    let is_whole = ContentHash::of(&bytes) == snapshot;
    is_whole.then(|| Manifest::decode(&bytes).ok()).flatten()
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, path)
}

/// What is wrong with files, as the user reads it.
fn failure(error: SourceError) -> Failure {
    match error {
        SourceError::File { path, cause, .. } => disk(&path, &cause),
        other => {
            let message = format!("The agent does not accept the folder's files: {other}.");
            let hint = "Update agent and controller to the same version, and send the folder anew.";
            Failure::new(FailureCode::BadInput, PHASE, message, hint)
        }
    }
}

fn broken(error: &tokio::task::JoinError) -> Failure {
    let message = format!("The folder's files could not be written: {error}.");
    Failure::new(
        FailureCode::Internal,
        PHASE,
        message,
        "See the agent's log.",
    )
}

/// Forgets snapshots that are not written out any more and were last fetched before `before`, with
/// the chunks that no other one has.
pub(super) fn sweep(projects: &Path, before: SystemTime) {
    let home = home(projects);
    let (mut keep, mut forgot) = (HashSet::new(), false);
    for entry in std::fs::read_dir(manifests(&home))
        .into_iter()
        .flatten()
        .flatten()
    {
        let is_written_out = home.join("commits").join(entry.file_name()).is_dir();
        let fetched = entry.metadata().and_then(|meta| meta.modified());
        if !is_written_out && fetched.is_ok_and(|at| at < before) {
            forgot |= std::fs::remove_file(entry.path()).is_ok();
        } else if let Ok(manifest) = std::fs::read(entry.path())
            && let Ok(manifest) = Manifest::decode(&manifest)
        {
            keep.extend(manifest.chunks());
        }
    }
    if forgot {
        chunk_folder(&home).sweep(&keep, before);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bfgg_source::Entry;

    use super::*;

    #[test]
    fn chunks_go_with_the_last_snapshot_that_has_them() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(folder.path());
        let chunks = chunk_folder(&home);
        let entry = |text: &str| Entry {
            path: text.into(),
            executable: false,
            size: text.len() as u64,
            chunks: vec![ContentHash::of(text.as_bytes())],
            link: None,
        };
        let fetch = |texts: &[&str]| {
            let manifest = Manifest::new(texts.iter().map(|text| entry(text)).collect()).unwrap();
            for text in texts {
                let hash = ContentHash::of(text.as_bytes());
                chunks.write(&hash, text.as_bytes()).unwrap();
            }
            std::fs::create_dir_all(manifests(&home)).unwrap();
            let name = manifest.id().to_string();
            write(&manifests(&home).join(&name), &manifest.encode()).unwrap();
            home.join("commits").join(name)
        };
        let (gone, stays) = (fetch(&["a", "b"]), fetch(&["a", "c"]));
        for path in [&gone, &stays] {
            std::fs::create_dir_all(path).unwrap();
        }
        let later = SystemTime::now() + Duration::from_secs(9);
        sweep(folder.path(), later);
        let there = || ["a", "b", "c"].map(|text| chunks.has(&ContentHash::of(text.as_bytes())));
        assert_eq!(there(), [true; 3], "both are written out");
        std::fs::remove_dir(&gone).unwrap();
        sweep(folder.path(), SystemTime::UNIX_EPOCH);
        assert_eq!(there(), [true; 3], "it may be on its way");
        sweep(folder.path(), later);
        assert_eq!(there(), [true, false, true]);
    }
}
