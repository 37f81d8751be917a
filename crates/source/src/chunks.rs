//! Chunks in a folder, by their hashes: the controller's and the agents' store.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use bfgg_protocol::ContentHash;

use crate::{MAX_CHUNK, SourceError};

/// A folder of chunks. Several processes may use it at once.
#[derive(Debug, Clone)]
pub struct ChunkFolder(PathBuf);

/// What was cleared from a folder of chunks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Bytes that were freed.
    pub freed: u64,
    /// Bytes of the chunks that are there still.
    pub left: u64,
}

/// Tells apart what this process writes at the same time.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

impl ChunkFolder {
    /// The folder at this path; it is made when something is written.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn path(&self, hash: &ContentHash) -> PathBuf {
        let name = hash.to_string();
        self.0.join(&name[..2]).join(name)
    }

    /// Whether the chunk is there. Its bytes are checked when they are read.
    pub fn has(&self, hash: &ContentHash) -> bool {
        self.path(hash).is_file()
    }

    /// Its bytes; none if it is not there.
    pub fn size(&self, hash: &ContentHash) -> Option<u64> {
        std::fs::metadata(self.path(hash))
            .ok()
            .map(|meta| meta.len())
    }

    /// Reads a chunk. One whose bytes are damaged is removed, so that it can be had anew.
    ///
    /// # Errors
    /// [`SourceError::NoChunk`], [`SourceError::Damaged`], or the disk's.
    pub fn read(&self, hash: &ContentHash) -> Result<Vec<u8>, SourceError> {
        let path = self.path(hash);
        let file = match File::open(&path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                return Err(SourceError::NoChunk(*hash));
            }
            other => other.map_err(|cause| SourceError::file("read", &path, cause))?,
        };
        let mut bytes = Vec::new();
        file.take(MAX_CHUNK as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|cause| SourceError::file("read", &path, cause))?;
        if ContentHash::of(&bytes) != *hash {
            let _ = std::fs::remove_file(&path);
            return Err(SourceError::Damaged(*hash));
        }
        Ok(bytes)
    }

    /// Keeps a chunk, if its bytes are those of its hash: beside, then renamed, so that a reader sees
    /// all of it or nothing.
    ///
    /// # Errors
    /// [`SourceError::Damaged`] for other bytes or too many, or the disk's.
    pub fn write(&self, hash: &ContentHash, bytes: &[u8]) -> Result<(), SourceError> {
        if bytes.len() > MAX_CHUNK || ContentHash::of(bytes) != *hash {
            return Err(SourceError::Damaged(*hash));
        }
        let path = self.path(hash);
        if path.is_file() {
            return Ok(());
        }
        write_beside(&path, bytes).map_err(|cause| SourceError::file("write", &path, cause))
    }

    /// Removes chunks that are not to be kept and were written before `before`, and what a writer that
    /// was killed left behind.
    pub fn sweep(&self, keep: &HashSet<ContentHash>, before: SystemTime) -> Swept {
        let mut swept = Swept::default();
        let entries = |path: &Path| std::fs::read_dir(path).into_iter().flatten().flatten();
        for entry in entries(&self.0).flat_map(|folder| entries(&folder.path())) {
            let Ok(meta) = entry.metadata() else { continue };
            let name = entry.file_name();
            let hash = name.to_str().and_then(|name| name.parse().ok());
            let is_kept = hash.is_some_and(|hash| keep.contains(&hash));
            let is_old = meta.modified().is_ok_and(|written| written < before);
            if !is_kept && is_old && std::fs::remove_file(entry.path()).is_ok() {
                swept.freed += meta.len();
            } else {
                swept.left += meta.len();
            }
        }
        swept
    }
}

/// Writes a file that several may write at once: whoever is last wins, and all write the same.
fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{number}.new", std::process::id()));
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn chunks_are_kept_by_their_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let chunks = ChunkFolder::at(folder.path().join("chunks"));
        let [one, two] = [b"one", b"two"].map(|bytes| ContentHash::of(bytes));
        assert!(!chunks.has(&one));
        assert!(matches!(chunks.read(&one), Err(SourceError::NoChunk(_))));
        assert!(matches!(
            chunks.write(&one, b"two"),
            Err(SourceError::Damaged(_))
        ));
        let large = vec![0; MAX_CHUNK + 1];
        assert!(chunks.write(&ContentHash::of(&large), &large).is_err());
        for _ in 0..2 {
            chunks.write(&one, b"one").unwrap();
            chunks.write(&two, b"two").unwrap();
        }
        assert_eq!(chunks.read(&one).unwrap(), b"one");

        // One that the disk has damaged is asked for anew.
        std::fs::write(chunks.path(&one), "ne").unwrap();
        assert!(matches!(chunks.read(&one), Err(SourceError::Damaged(_))));
        assert!(!chunks.has(&one));
        chunks.write(&one, b"one").unwrap();

        let keep = HashSet::from([two]);
        let (past, future) = (
            SystemTime::UNIX_EPOCH,
            SystemTime::now() + Duration::from_secs(9),
        );
        assert_eq!(chunks.sweep(&keep, past), Swept { freed: 0, left: 6 });
        std::fs::write(chunks.path(&one).with_extension("7-1.new"), "half").unwrap();
        assert_eq!(chunks.sweep(&keep, future), Swept { freed: 7, left: 3 });
        assert!(!chunks.has(&one) && chunks.has(&two));
    }
}
