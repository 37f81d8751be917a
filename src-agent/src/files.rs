//! Files of runs, described and read in chunks. A controller names a run and a kind of file,
//! never a path.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bfgg_protocol::version::MAX_CHUNK;
use bfgg_protocol::{FileAnswer, FileRequest, RunFile, RunId};
use sha2::{Digest, Sha256};

use crate::run_folder::RunFolder;

/// Hashes kept: a file that has not changed is not hashed again.
const HASHES: usize = 64;

#[derive(Debug, PartialEq)]
struct Known {
    size: u64,
    modified: Option<SystemTime>,
    sha256: [u8; 32],
}

/// The files of all runs below one folder.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    results: PathBuf,
    known: Arc<Mutex<HashMap<PathBuf, Known>>>,
}

impl Files {
    pub(crate) fn new(results: &Path) -> Self {
        Self {
            results: results.to_owned(),
            known: Arc::default(),
        }
    }

    /// Answers a request; reads the disk.
    pub(crate) fn answer(&self, request: &FileRequest) -> FileAnswer {
        let (run, file) = match request {
            FileRequest::Describe { run, file } | FileRequest::Read { run, file, .. } => {
                (run, file)
            }
        };
        let answer = self.find(*run, *file).and_then(|path| match request {
            FileRequest::Describe { .. } => self.describe(&path),
            FileRequest::Read { offset, length, .. } => read(&path, *offset, *length),
        });
        answer.unwrap_or_else(|error| {
            FileAnswer::Missing(format!("{} of run {run}: {error}", file.file_name()))
        })
    }

    fn find(&self, run: RunId, file: RunFile) -> io::Result<PathBuf> {
        let path = RunFolder::of(&self.results, run).file(file);
        let path = path.ok_or_else(|| io::Error::other("there is none here"))?;
        // Not a link: what Gatling's own code may have put there must not lead elsewhere.
        let meta = std::fs::symlink_metadata(&path)?;
        meta.is_file()
            .then_some(path)
            .ok_or_else(|| io::Error::other("it is no regular file"))
    }

    fn describe(&self, path: &Path) -> io::Result<FileAnswer> {
        let mut file = File::open(path)?;
        let meta = file.metadata()?;
        let (size, modified) = (meta.len(), meta.modified().ok());
        if let Some(known) = self.lock().get(path)
            && (known.size, known.modified) == (size, modified)
        {
            return Ok(FileAnswer::Description {
                size,
                sha256: known.sha256,
            });
        }
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        let mut hashed = 0;
        // A file that grows is described as it is now.
        while hashed < size {
            let length = file.read(&mut buffer)?;
            if length == 0 {
                return Err(io::Error::other("it became shorter while it was read"));
            }
            let length = length.min(usize::try_from(size - hashed).unwrap_or(usize::MAX));
            hash.update(&buffer[..length]);
            hashed += length as u64;
        }
        let sha256: [u8; 32] = hash.finalize().into();
        let mut known = self.lock();
        if known.len() >= HASHES {
            known.clear();
        }
        known.insert(
            path.to_owned(),
            Known {
                size,
                modified,
                sha256,
            },
        );
        Ok(FileAnswer::Description { size, sha256 })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path, offset: u64, length: u32) -> io::Result<FileAnswer> {
    let length = u64::from(length).min(MAX_CHUNK as u64);
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(length).read_to_end(&mut bytes)?;
    Ok(FileAnswer::Chunk(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_described_and_read_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        let run = RunId::new();
        let at = RunFolder::of(folder.path(), run);
        at.create().unwrap();
        let describe = |file| files.answer(&FileRequest::Describe { run, file });
        let read = |file, offset, length| {
            files.answer(&FileRequest::Read {
                run,
                file,
                offset,
                length,
            })
        };
        assert!(matches!(describe(RunFile::Output), FileAnswer::Missing(_)));
        assert!(matches!(
            describe(RunFile::SimulationLog),
            FileAnswer::Missing(_)
        ));
        std::fs::write(at.path().join("output.log"), "hello").unwrap();
        let sha256 = Sha256::digest("hello").into();
        for _ in 0..2 {
            assert_eq!(
                describe(RunFile::Output),
                FileAnswer::Description { size: 5, sha256 }
            );
        }
        std::fs::write(at.path().join("output.log"), "hello, all").unwrap();
        let sha256 = Sha256::digest("hello, all").into();
        assert_eq!(
            describe(RunFile::Output),
            FileAnswer::Description { size: 10, sha256 }
        );
        assert_eq!(
            read(RunFile::Output, 7, 100),
            FileAnswer::Chunk(b"all".to_vec())
        );
        assert_eq!(read(RunFile::Output, 10, 1), FileAnswer::Chunk(Vec::new()));
        assert_eq!(
            read(RunFile::Output, u64::from(u32::MAX) << 8, 1),
            FileAnswer::Chunk(Vec::new())
        );
        let log = at.results().join("shop-1");
        std::fs::create_dir_all(&log).unwrap();
        let log = log.join("simulation.log");
        std::fs::write(&log, vec![7; MAX_CHUNK + 5]).unwrap();
        let FileAnswer::Chunk(bytes) = read(RunFile::SimulationLog, 0, u32::MAX) else {
            panic!()
        };
        assert_eq!(bytes.len(), MAX_CHUNK);
        #[cfg(unix)]
        {
            let secret = folder.path().join("secret");
            std::fs::write(&secret, "x").unwrap();
            for link in [log, at.path().join("build.log")] {
                let _ = std::fs::remove_file(&link);
                std::os::unix::fs::symlink(&secret, link).unwrap();
            }
            assert!(matches!(
                describe(RunFile::SimulationLog),
                FileAnswer::Missing(_)
            ));
            assert!(matches!(
                describe(RunFile::BuildOutput),
                FileAnswer::Missing(_)
            ));
        }
    }
}
