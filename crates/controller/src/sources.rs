//! Folders that were sent here, of which runs are made: the lists of their files, and their chunks by
//! hash, in the data folder. All of it blocks.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bfgg_protocol::version::{MAX_ASKED_CHUNKS, MAX_CHUNK};
use bfgg_protocol::{ContentHash, SourceAnswer, SourceRequest};
use bfgg_source::{ChunkFolder, Entry, Manifest, SourceError};
use tracing::{info, warn};

use crate::api::types::{Snapshot, SourceProgress, SourceState};
use crate::error::{Refused, RefusedKind};

/// How long a snapshot is kept that no run uses, and what all may take.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
const KEPT_BYTES: u64 = 10_000_000_000;
/// What is younger may be on its way to a run.
const YOUNG: Duration = Duration::from_secs(3600);
/// How often is cleared.
const CLEARED_EVERY: Duration = Duration::from_secs(600);

/// The snapshots of one data folder. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    manifests: PathBuf,
    chunks: ChunkFolder,
    /// Taken while snapshots come or go: what is said not to be missing must not be cleared meanwhile.
    turn: Arc<Mutex<Turn>>,
    /// The one that was read last. Locked for the moment it is looked up.
    read: Arc<Mutex<Option<Arc<Known>>>>,
}

#[derive(Debug, Default)]
struct Turn {
    cleared: Option<Instant>,
}

/// A list of files, as it was read.
#[derive(Debug)]
struct Known {
    id: ContentHash,
    bytes: Vec<u8>,
    manifest: Manifest,
    chunks: HashSet<ContentHash>,
}

impl Sources {
    /// Those below this folder; it is made when something is sent.
    pub(crate) fn at(folder: &Path) -> Self {
        Self {
            manifests: folder.join("manifests"),
            chunks: ChunkFolder::at(folder.join("chunks")),
            turn: Arc::default(),
            read: Arc::default(),
        }
    }

    /// Takes the list of a folder's files.
    pub(crate) fn offer(
        &self,
        entries: Vec<Entry>,
        in_use: &HashSet<ContentHash>,
    ) -> Result<SourceState, Refused> {
        let manifest = Manifest::new(entries).map_err(|error| refused(&error))?;
        if manifest.entries().is_empty() {
            let message = "The list of files is empty.";
            return Err(Refused::new(
                RefusedKind::BadInput,
                "bad-input",
                message,
                "",
            ));
        }
        let known = Known::of(manifest);
        let mut turn = self.turn();
        let path = self.path(known.id);
        write(&self.manifests, &path, &known.bytes).map_err(|cause| disk(&path, &cause))?;
        let is_due = |at: Instant| at.elapsed() >= CLEARED_EVERY;
        if turn.cleared.is_none_or(is_due) {
            turn.cleared = Some(Instant::now());
            self.clear(in_use);
        }
        let state = self.state_of(&known);
        *self.last_read() = Some(Arc::new(known));
        Ok(state)
    }

    /// What is here of a snapshot.
    pub(crate) fn state(&self, id: ContentHash) -> Result<SourceState, Refused> {
        let known = self.find(id).ok_or_else(|| Refused::no_source(id))?;
        Ok(self.state_of(&known))
    }

    /// Takes chunks, each with its length before it.
    pub(crate) fn take(&self, id: ContentHash, mut body: &[u8]) -> Result<SourceProgress, Refused> {
        let known = self.find(id).ok_or_else(|| Refused::no_source(id))?;
        let bad = |message: String| {
            let hint = "Each chunk is sent as it was cut, after its length as 4 bytes.";
            Refused::new(RefusedKind::BadInput, "bad-input", message, hint)
        };
        let mut taken = 0;
        while !body.is_empty() {
            let cut = body.split_first_chunk::<4>().and_then(|(length, rest)| {
                let length = u32::from_be_bytes(*length) as usize;
                (length <= MAX_CHUNK).then(|| rest.split_at_checked(length))?
            });
            let Some((chunk, rest)) = cut else {
                return Err(bad("A chunk is cut, or longer than 1 MiB.".into()));
            };
            let hash = ContentHash::of(chunk);
            if !known.chunks.contains(&hash) {
                return Err(bad(format!("The chunk {hash} is not of this snapshot.")));
            }
            self.chunks
                .write(&hash, chunk)
                .map_err(|error| refused(&error))?;
            taken += 1;
            body = rest;
        }
        let missing = known.chunks.iter().filter(|hash| !self.chunks.has(hash));
        Ok(SourceProgress {
            taken,
            missing: u32::try_from(missing.count()).unwrap_or(u32::MAX),
        })
    }

    /// That a run can be made of it. It counts as used from now on.
    pub(crate) fn ready(&self, snapshot: &Snapshot) -> Result<(), Refused> {
        let _turn = self.turn();
        let known = self.find(snapshot.id).ok_or_else(|| {
            let (name, id) = (snapshot.name.escape_debug(), snapshot.id.short());
            let message = format!("The controller does not have the folder {name} any more, as it was then (snapshot {id}).");
            let hint = "Send it as it is now: bfgg run --source DIR.";
            Refused::new(RefusedKind::NotFound, "source-unknown", message, hint)
        })?;
        let missing = known.chunks.iter().filter(|hash| !self.chunks.has(hash));
        match missing.count() {
            0 => {
                let used = File::open(self.path(known.id));
                if let Err(cause) = used.and_then(|file| file.set_modified(SystemTime::now())) {
                    warn!(snapshot = %known.id, %cause, "cannot be marked as used");
                }
                Ok(())
            }
            count => {
                let message = format!(
                    "{count} chunks of snapshot {} are missing.",
                    known.id.short()
                );
                let hint = "Send them by POST /api/v1/sources/{id}/chunks; GET /api/v1/sources/{id} lists them.";
                Err(Refused::new(
                    RefusedKind::Conflict,
                    "source-incomplete",
                    message,
                    hint,
                ))
            }
        }
    }

    /// Answers an agent that may have the snapshot.
    pub(crate) fn answer(&self, request: &SourceRequest) -> SourceAnswer {
        let (SourceRequest::Manifest { snapshot, .. } | SourceRequest::Chunks { snapshot, .. }) =
            request;
        let Some(known) = self.find(*snapshot) else {
            return SourceAnswer::Missing(format!(
                "snapshot {} is not there any more.",
                snapshot.short()
            ));
        };
        match request {
            SourceRequest::Manifest { offset, .. } => {
                let from = usize::try_from(*offset).unwrap_or(usize::MAX);
                let rest = known.bytes.get(from..).unwrap_or_default();
                SourceAnswer::Manifest {
                    size: known.bytes.len() as u64,
                    bytes: rest[..rest.len().min(MAX_CHUNK)].to_vec(),
                }
            }
            SourceRequest::Chunks { chunks, .. } => self.read_chunks(&known, chunks),
        }
    }

    fn read_chunks(&self, known: &Known, wanted: &[ContentHash]) -> SourceAnswer {
        let (mut chunks, mut bytes) = (Vec::new(), 0);
        for hash in wanted.iter().take(MAX_ASKED_CHUNKS) {
            if !known.chunks.contains(hash) {
                return SourceAnswer::Missing("it has no such piece.".into());
            }
            // Known before it is read: what does not fit is asked for again.
            let size = self.chunks.size(hash).unwrap_or(0);
            if !chunks.is_empty() && bytes + size > MAX_CHUNK as u64 {
                break;
            }
            match self.chunks.read(hash) {
                Ok(chunk) => {
                    bytes += chunk.len() as u64;
                    chunks.push(chunk);
                }
                Err(error) => {
                    warn!(snapshot = %known.id, %error, "a piece of a folder cannot be read");
                    return SourceAnswer::Missing(format!("{error}."));
                }
            }
        }
        SourceAnswer::Chunks(chunks)
    }

    fn state_of(&self, known: &Known) -> SourceState {
        let chunks = known.manifest.chunks().into_iter();
        SourceState {
            id: known.id,
            files: u32::try_from(known.manifest.entries().len()).unwrap_or(u32::MAX),
            bytes: known.manifest.bytes(),
            missing: chunks.filter(|hash| !self.chunks.has(hash)).collect(),
        }
    }

    fn path(&self, id: ContentHash) -> PathBuf {
        self.manifests.join(id.to_string())
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last_read(&self) -> MutexGuard<'_, Option<Arc<Known>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: ContentHash) -> Option<Arc<Known>> {
        let path = self.path(id);
        let last = self.last_read().clone();
        if let Some(known) = last.filter(|known| known.id == id && path.is_file()) {
            return Some(known);
        }
        let bytes = std::fs::read(path).ok()?;
        if ContentHash::of(&bytes) != id {
            warn!(snapshot = %id, "its list of files is damaged");
            return None;
        }
        let known = Arc::new(Known::of(Manifest::decode(&bytes).ok()?));
        *self.last_read() = Some(known.clone());
        Some(known)
    }

    /// Forgets what nobody has used for long, or is too much; never what is in use or young.
    fn clear(&self, in_use: &HashSet<ContentHash>) {
        let now = SystemTime::now();
        let entries = std::fs::read_dir(&self.manifests).into_iter().flatten();
        let mut snapshots: Vec<(SystemTime, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        snapshots.sort_by(|one, other| other.cmp(one));
        let (mut keep, mut bytes) = (HashSet::new(), 0u64);
        for (used, path) in snapshots {
            let age = now.duration_since(used).unwrap_or_default();
            let name = path.file_name().and_then(|name| name.to_str());
            let id = name.and_then(|name| name.parse::<ContentHash>().ok());
            let manifest = std::fs::read(&path).ok();
            let manifest = manifest.and_then(|bytes| Manifest::decode(&bytes).ok());
            let chunks = manifest
                .map(|manifest| manifest.chunks())
                .unwrap_or_default();
            let new = chunks.iter().filter(|hash| !keep.contains(*hash));
            let more: u64 = new.filter_map(|hash| self.chunks.size(hash)).sum();
            let fits = bytes.saturating_add(more) <= KEPT_BYTES && age < KEPT;
            if fits || age < YOUNG || id.is_some_and(|id| in_use.contains(&id)) {
                bytes = bytes.saturating_add(more);
                keep.extend(chunks);
            } else if let Err(cause) = std::fs::remove_file(&path) {
                warn!(path = %path.display(), %cause, "cannot be cleared");
                keep.extend(chunks);
            }
        }
        let swept = self.chunks.sweep(&keep, now - YOUNG);
        if swept.freed > 0 {
            info!(
                freed = swept.freed,
                left = swept.left,
                "cleared folders that were sent here"
            );
        }
    }
}

impl Known {
    fn of(manifest: Manifest) -> Self {
        let bytes = manifest.encode();
        Self {
            id: ContentHash::of(&bytes),
            chunks: manifest.chunks().into_iter().collect(),
            bytes,
            manifest,
        }
    }
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let beside = path.with_extension("new");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, path)
}

fn disk(path: &Path, cause: &io::Error) -> Refused {
    let message = format!("Cannot write {}: {cause}.", path.display());
    let hint = "Free some space or choose another data folder.";
    Refused::new(RefusedKind::Internal, "disk", message, hint)
}

fn refused(error: &SourceError) -> Refused {
    match error {
        SourceError::File { path, cause, .. } => disk(path, cause),
        other => {
            let message = format!("The folder's files are not accepted: {other}.");
            Refused::new(RefusedKind::BadInput, "bad-input", message, "")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, text: &str) -> Entry {
        Entry {
            path: path.into(),
            executable: false,
            size: text.len() as u64,
            chunks: vec![ContentHash::of(text.as_bytes())],
            link: None,
        }
    }

    fn framed(text: &str) -> Vec<u8> {
        let mut bytes = (text.len() as u32).to_be_bytes().to_vec();
        bytes.extend(text.as_bytes());
        bytes
    }

    #[test]
    fn what_nobody_uses_goes_and_what_is_shared_stays() {
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources::at(folder.path());
        let none = HashSet::new();
        let send = |texts: &[&str]| {
            let entries = texts.iter().map(|text| entry(text, text)).collect();
            let id = sources.offer(entries, &none).unwrap().id;
            let body: Vec<u8> = texts.iter().flat_map(|text| framed(text)).collect();
            assert_eq!(sources.take(id, &body).unwrap().missing, 0);
            id
        };
        let (old, used, new) = (send(&["a", "b"]), send(&["a", "c"]), send(&["a", "d"]));
        let then = SystemTime::now() - KEPT - YOUNG;
        let age = |path: &Path| File::open(path).unwrap().set_modified(then).unwrap();
        for id in [old, used] {
            age(&sources.path(id));
        }
        for text in ["a", "b", "c", "d"] {
            let name = ContentHash::of(text.as_bytes()).to_string();
            age(&folder.path().join("chunks").join(&name[..2]).join(name));
        }
        sources.clear(&HashSet::from([used]));
        assert!(sources.state(old).is_err());
        for id in [used, new] {
            assert_eq!(sources.state(id).unwrap().missing, []);
        }
        let there =
            ["a", "b", "c", "d"].map(|text| sources.chunks.has(&ContentHash::of(text.as_bytes())));
        assert_eq!(there, [true, false, true, true]);
    }

    #[test]
    fn an_agent_gets_what_is_of_its_snapshot_and_fits() {
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources::at(folder.path());
        let large = ["x", "y", "z"].map(|text| text.repeat(600_000));
        let entries = large
            .iter()
            .zip(["a", "b", "c"])
            .map(|(text, path)| entry(path, text));
        let id = sources
            .offer(entries.collect(), &HashSet::new())
            .unwrap()
            .id;
        for text in &large {
            sources.take(id, &framed(text)).unwrap();
        }
        let other = sources
            .offer(vec![entry("o", "o")], &HashSet::new())
            .unwrap()
            .id;
        sources.take(other, &framed("o")).unwrap();
        let run = bfgg_protocol::RunId::new();
        let ask = |snapshot, chunks: &[&str]| {
            let chunks = chunks
                .iter()
                .map(|text| ContentHash::of(text.as_bytes()))
                .collect();
            sources.answer(&SourceRequest::Chunks {
                run,
                snapshot,
                chunks,
            })
        };
        let [x, y, _] = &large;
        let one = SourceAnswer::Chunks(vec![x.clone().into_bytes()]);
        assert!(ask(id, &[x, y]) == one, "both are too much for an answer");
        assert!(matches!(ask(id, &["o"]), SourceAnswer::Missing(_)));
        assert!(ask(other, &["o"]) == SourceAnswer::Chunks(vec![b"o".to_vec()]));
        let unknown = ask(ContentHash::of(b"?"), &["o"]);
        assert!(matches!(unknown, SourceAnswer::Missing(_)));
        let list = |offset| {
            sources.answer(&SourceRequest::Manifest {
                run,
                snapshot: id,
                offset,
            })
        };
        let SourceAnswer::Manifest { size, bytes } = list(0) else {
            panic!()
        };
        assert_eq!((size, ContentHash::of(&bytes)), (bytes.len() as u64, id));
        for offset in [size, u64::MAX] {
            assert!(
                list(offset)
                    == SourceAnswer::Manifest {
                        size,
                        bytes: Vec::new()
                    }
            );
        }

        // A piece that the disk has damaged is not passed on, and is missing from then on.
        let name = ContentHash::of(b"o").to_string();
        std::fs::write(
            folder.path().join("chunks").join(&name[..2]).join(name),
            "0",
        )
        .unwrap();
        assert!(matches!(ask(other, &["o"]), SourceAnswer::Missing(_)));
        assert_eq!(sources.state(other).unwrap().missing.len(), 1);
    }
}
