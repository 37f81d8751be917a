//! The part of a file that is here. What comes is written and hashed on threads that may wait for the
//! disk, while more is on its way.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::task::{JoinHandle, spawn_blocking};

/// After so many bytes the disk begins with them: it would have all to do at the end otherwise.
const BEGIN: u64 = 32 << 20;

/// A file that grows.
#[derive(Debug)]
pub(super) struct Part {
    file: Arc<File>,
    have: u64,
    hasher: Sha256,
    /// What was there when the disk was told to begin.
    begun: u64,
    disk: Option<JoinHandle<io::Result<()>>>,
}

impl Part {
    /// Opens it, or makes it; its folder, too. One that is larger than the file is begun anew.
    pub(super) async fn open(path: &Path, size: u64) -> io::Result<Self> {
        let path = path.to_owned();
        blocking(move || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let mut options = OpenOptions::new();
            let mut file = options.create(true).read(true).append(true).open(path)?;
            if file.metadata()?.len() > size {
                file.set_len(0)?;
            }
            let mut hasher = Sha256::new();
            let have = feed(&mut hasher, &mut file)?;
            Ok(Self {
                file: Arc::new(file),
                have,
                hasher,
                begun: have,
                disk: None,
            })
        })
        .await
    }

    /// Bytes that are in it.
    pub(super) fn have(&self) -> u64 {
        self.have
    }

    /// Puts a chunk at its end. After a failure it is of no more use.
    pub(super) async fn append(&mut self, chunk: Vec<u8>) -> io::Result<()> {
        let (file, mut hasher) = (self.file.clone(), std::mem::take(&mut self.hasher));
        let length = chunk.len() as u64;
        self.hasher = blocking(move || {
            (&*file).write_all(&chunk)?;
            hasher.update(&chunk);
            Ok(hasher)
        })
        .await?;
        self.have += length;
        if self.have - self.begun >= BEGIN && self.disk.as_ref().is_none_or(JoinHandle::is_finished)
        {
            self.disk_ended().await?;
            let file = self.file.clone();
            self.begun = self.have;
            self.disk = Some(spawn_blocking(move || file.sync_data()));
        }
        Ok(())
    }

    /// Has all of it on the disk; its hash.
    pub(super) async fn end(mut self) -> io::Result<[u8; 32]> {
        self.disk_ended().await?;
        let (file, hasher) = (self.file, self.hasher);
        blocking(move || {
            file.sync_all()?;
            Ok(hasher.finalize().into())
        })
        .await
    }

    /// A write that failed is told once, to whoever asks first.
    async fn disk_ended(&mut self) -> io::Result<()> {
        match self.disk.take() {
            Some(disk) => disk.await.map_err(io::Error::other)?,
            None => Ok(()),
        }
    }
}

/// The hash of a file.
pub(super) async fn hash(path: &Path) -> io::Result<[u8; 32]> {
    let path = path.to_owned();
    blocking(move || {
        let mut hasher = Sha256::new();
        feed(&mut hasher, &mut File::open(path)?)?;
        Ok(hasher.finalize().into())
    })
    .await
}

/// Hashes what is left of a file; its bytes.
fn feed(hasher: &mut Sha256, file: &mut File) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 18];
    let mut fed = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(fed),
            read => {
                hasher.update(&buffer[..read]);
                fed += read as u64;
            }
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn write(path: &Path, size: u64, chunks: &[&[u8]]) -> (u64, [u8; 32]) {
        let mut part = Part::open(path, size).await.unwrap();
        let had = part.have();
        for chunk in chunks {
            part.append(chunk.to_vec()).await.unwrap();
        }
        (had, part.end().await.unwrap())
    }

    #[tokio::test]
    async fn a_part_goes_on_where_it_was_and_is_hashed_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agents/0/simulation.log.part");
        let whole: [u8; 32] = Sha256::digest("one two three").into();
        write(&path, 13, &[b"one ", b"two"]).await;
        assert_eq!(write(&path, 13, &[b" three"]).await, (7, whole));
        assert_eq!(hash(&path).await.unwrap(), whole);
        // Nothing is missing; then it is larger than the file has become.
        assert_eq!(write(&path, 13, &[]).await, (13, whole));
        assert_eq!(write(&path, 3, &[b"one two", b" three"]).await, (0, whole));
    }
}
